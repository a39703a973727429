"""The shape of the package: the core is pure, arrows point down only, and only cli prints."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import justeprix

PACKAGE = Path(justeprix.__file__).parent

PURE = (
    *(
        "game",
        "commands",
        "replies",
        "words",
        "framing",
        "names",
        "roster",
        "session",
        "handlers",
        "speaker",
        "guesses",
        "identity",
        "part",
        "practice",
        "host",
        "records",
        "step",
        "news",
    ),
    *("competition", "competitor", "standings", "state", "report", "hints", "web.websocket"),
    *("admission", "shows"),
    *("bench.histogram", "bench.tally", "bench.player", "bench.verdict"),
)

IMPURE = {
    *("socket", "selectors", "ssl", "threading", "asyncio", "time", "datetime"),
    *("random", "secrets", "os", "sqlite3"),
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
        for outer in (name.partition(".")[0] for name in imports_of(modules[module]))
        if outer in IMPURE
    }


def printers(modules):
    """The modules that call print, or write to the standard streams."""
    return {name for name, tree in modules.items() if any(map(_prints, ast.walk(tree)))}


def _prints(node):
    if isinstance(node, ast.Attribute):
        return node.attr in {"stdout", "stderr"} and ast.unparse(node.value) == "sys"
    return isinstance(node, ast.Name) and node.id == "print"


MODULES = modules_of(PACKAGE)


@pytest.mark.parametrize("name", PURE)
def test_the_core_brings_no_socket_thread_clock_chance_or_file(name):
    assert impurities(f"justeprix.{name}", MODULES) == set()


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
    "source", ["import time", "from os.path import join", "def f():\n    import asyncio.events"]
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
