"""The shape of the package: the core is pure, arrows point down only, and only cli prints."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import justeprix

PACKAGE = Path(justeprix.__file__).parent
ROOT = PACKAGE.parent

FLOORS = (
    ("errors", "french", "private", "programs"),
    ("game",),
    ("protocol",),
    ("session", "results", "net"),
    ("store", "client"),
    ("room",),
    ("server",),
    ("web", "workshop"),
    ("bench",),
    ("cli",),
)
"""From the ground up: a folder, or a file beside them, imports only what lies below it."""

FACE = ("__init__", "__main__", "py.typed", "README.md", "docs")
"""What `import justeprix` gives, and what people read."""

IMPURE = {
    *("socket", "selectors", "ssl", "threading", "asyncio", "time", "datetime"),
    *("random", "secrets", "uuid", "os", "sqlite3", "multiprocessing", "ctypes"),
    *("open", "input", "pathlib", "subprocess", "tempfile", "shutil", "glob", "importlib"),
}


ALLOWED = {
    # Encryption between two buffers in memory: no socket is touched.
    ("justeprix.protocol.tls", "ssl"),
    # A time that is told is written as a date: no clock is read.
    ("justeprix.results.document", "datetime"),
}


def modules_of(package):
    """Every module of a package by its dotted name, parsed."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return modules


def imports_of(tree):
    """The dotted names that a module may import, wherever it does; `from a import b`: a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import, line {node.lineno}"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows(modules):
    """Which modules of the package each of them imports.

    `from package import module` is an arrow to the module, not to the package's `__init__`.
    """
    return {name: set(_inner(tree, modules)) - {name} for name, tree in modules.items()}


def _inner(tree, modules):
    wanted = {name for name in imports_of(tree) if name in modules}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and all(
            f"{node.module}.{alias.name}" in modules for alias in node.names
        ):
            wanted.discard(node.module)
    return wanted


def reachable(name, graph):
    """A module and all that it brings along."""
    seen, todo = set(), [name]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += graph[here]
    return seen


def impurities(name, modules):
    """(module, what it imports) for all that a pure module must not bring along."""
    return {
        (module, outer)
        for module in reachable(name, arrows(modules))
        for outer in (
            *(name.partition(".")[0] for name in imports_of(modules[module])),
            *openers(modules[module]),
        )
        if outer in IMPURE
    }


def openers(tree):
    """The built-in ways to a file or a keyboard that a module takes."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & {"open", "input"}


def printers(modules):
    """The modules that call print, or write to the standard streams."""
    return {name for name, tree in modules.items() if any(map(_prints, ast.walk(tree)))}


def _prints(node):
    if isinstance(node, ast.Attribute):
        return node.attr in {"stdout", "stderr"} and ast.unparse(node.value) == "sys"
    return isinstance(node, ast.Name) and node.id == "print"


MODULES = modules_of(PACKAGE)


FOLDERS = {name: tree for name, tree in MODULES.items() if (ROOT / name.replace(".", "/")).is_dir()}


def says_pure(tree):
    """Whether the head of a module claims to be pure; a folder claims it for all in it."""
    head, _, _ = (ast.get_docstring(tree) or "").partition("\n\n")
    return re.search(r"\bPure\b", head) is not None


def pure_modules(modules, folders):
    """The modules that claim to be pure, or lie in a folder that does."""
    pure = [name for name, tree in folders.items() if says_pure(tree)]
    return sorted(
        name
        for name, tree in modules.items()
        if says_pure(tree) or any(name.startswith(f"{folder}.") for folder in pure)
    )


def test_whole_floors_are_pure():
    pure = {name.split(".")[1] for name, tree in FOLDERS.items() if says_pure(tree)}
    assert pure >= {"game", "protocol", "session", "results"}


@pytest.mark.parametrize("name", pure_modules(MODULES, FOLDERS))
def test_what_says_pure_brings_no_socket_thread_clock_chance_or_file(name):
    assert impurities(name, MODULES) <= ALLOWED


def test_what_is_allowed_is_needed():
    found = set().union(*(impurities(name, MODULES) for name in pure_modules(MODULES, FOLDERS)))
    assert found == ALLOWED


def test_pure_is_said_in_the_head_of_a_module():
    for name, tree in MODULES.items():
        said = re.search(r"\bPure\b", ast.get_docstring(tree) or "")
        assert not said or says_pure(tree) or name == "justeprix.bench", name


def test_every_entry_of_the_house_has_its_floor():
    entries = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert entries == {*FACE, *(name for floor in FLOORS for name in floor)}


def test_the_house_can_be_seen_at_a_glance():
    entries = [path for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len([path for path in entries if path.is_dir() or path.suffix == ".py"]) <= 20
    assert len([path for path in entries if path.is_file()]) <= 8


def test_arrows_between_folders_point_down():
    level = {name: height for height, floor in enumerate(FLOORS) for name in floor}
    up = {
        f"{name} -> {wanted}"
        for name, all_wanted in arrows(MODULES).items()
        for wanted in all_wanted
        if (here := room_of(name)) != (there := room_of(wanted))
        and here in level
        and not (there in level and level[there] < level[here])
    }
    assert up - {f"{name} -> justeprix" for name in MODULES} == set()


def room_of(name):
    """The folder, or the file beside the folders, in which a module lies."""
    return name.split(".")[1] if "." in name else "justeprix"


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_says_first_what_it_is(name):
    sentence = (ast.get_docstring(FOLDERS[name]) or "").split("\n\n")[0]
    assert re.match(r"\S.{10,}", sentence), f"{name} has no first sentence"


def test_arrows_between_modules_have_no_cycle():
    order = list(TopologicalSorter(arrows(MODULES)).static_order())
    assert set(order) == set(MODULES)


def test_only_cli_prints():
    # The runner is another process: it takes the streams away from the bot it runs.
    allowed = ("justeprix.cli", "justeprix.workshop.arena.runner")
    assert {name for name in printers(MODULES) if not name.startswith(allowed)} == set()


def test_only_the_store_knows_its_engines():
    for name, tree in MODULES.items():
        if not name.startswith("justeprix.store"):
            inner = {other for other in imports_of(tree) if other.startswith("justeprix.store.")}
            assert inner <= {"justeprix.store.Store", "justeprix.store.open_store"}, name


@pytest.mark.parametrize("name", MODULES)
def test_a_file_that_is_named_is_there(name):
    """Moved files leave no names behind in what is said of them; `mon_….py` is a pupil's."""
    said = " ".join(
        ast.get_docstring(node) or "" for node in ast.walk(MODULES[name]) if has_doc(node)
    )
    named = set(re.findall(r"(?<![`\w])(?!mon_)(\w+\.py)\b", said))
    assert named <= {path.name for path in PACKAGE.rglob("*.py")}


def has_doc(node):
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)


# The checks themselves can fail.


@pytest.fixture
def build(tmp_path):
    """Make a package `p` of the given files; return its modules."""

    def build(**sources):
        package = tmp_path / "p"
        package.mkdir()
        for name, source in {"__init__": "", **sources}.items():
            (package / f"{name}.py").write_text(source, encoding="utf-8")
        return modules_of(package)

    return build


@pytest.mark.parametrize(
    "source",
    [
        *("import time", "from os.path import join", "def f():\n    import asyncio.events"),
        *("from pathlib import Path", "import subprocess", "open('x')", "f = input"),
    ],
)
def test_an_impure_import_is_seen_through_another_module(build, source):
    modules = build(game="from p.clock import tick", clock=source)
    assert {module for module, _ in impurities("p.game", modules)} == {"p.clock"}


def test_a_module_imported_from_the_package_is_seen(build):
    assert impurities("p.game", build(game="from p import clock", clock="import time"))


@pytest.mark.parametrize("back", ["import p.a", "from p import a", "from p.a import x"])
def test_a_cycle_is_seen(build, back):
    modules = build(a="from p.b import y", b=back)
    with pytest.raises(CycleError):
        list(TopologicalSorter(arrows(modules)).static_order())


@pytest.mark.parametrize(
    "source", ["print(1)", "f = print", "import sys\nsys.stdout.write('1')", "f(file=sys.stderr)"]
)
def test_a_print_is_seen(build, source):
    assert printers(build(quiet="'''print(1)'''", loud=source)) == {"p.loud"}
