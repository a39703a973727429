"""What tests share has one name, so that a class of theirs is one class in the whole run."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from hypothesis import settings

TESTS = Path(__file__).parents[1]
OURS = {path.stem for path in TESTS.rglob("*.py")} - {"__init__", "__main__"}


def imported(file: Path) -> Iterator[str]:
    """Yield the names of the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def is_short(name: str) -> bool:
    """Whether a module of that name can only be one of ours, without its packages."""
    return name.partition(".")[0] in OURS - sys.stdlib_module_names


def test_what_is_ours_is_imported_by_its_full_name() -> None:
    short = {
        str(file.relative_to(TESTS)): bad
        for file in sorted(TESTS.rglob("*.py"))
        if (bad := [name for name in imported(file) if name.startswith(".") or is_short(name)])
    }
    assert not short, "from tests.support.x import …"


def test_no_module_of_ours_has_two_names() -> None:
    names = defaultdict(set)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and TESTS in Path(file).parents and name != "__main__":
            names[file].add(name)
    assert names
    assert all(len(known) == 1 and min(known).startswith("tests") for known in names.values())


def test_no_property_depends_on_how_fast_the_machine_is() -> None:
    assert settings().deadline is None
