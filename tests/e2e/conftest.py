"""The pages in a real browser, against real hosts.

JUSTEPRIX_CHROMIUM=/usr/bin/chromium pytest tests/e2e
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.contest.contest import Stage

CHROMIUM = os.environ.get("JUSTEPRIX_CHROMIUM", "")
HERE = Path(__file__).parent

PATIENCE = 30_000
"""Milliseconds for what must happen on a page: a busy machine is slow."""

SWITCHES = (
    "--no-sandbox",  # in a container there is none to be had
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def missing() -> str:
    """Return why there is no browser here, empty if there is one."""
    for module, package in (
        ("pytest_playwright", "pytest-playwright"),
        ("axe_playwright_python", "axe-playwright-python"),
    ):
        if find_spec(module) is None:
            return f"the browser tests need {package}: pip install '.[e2e]'"
    if not CHROMIUM:
        return "the browser tests need JUSTEPRIX_CHROMIUM, the path of a Chromium"
    if not Path(CHROMIUM).is_file():
        return f"there is no Chromium at JUSTEPRIX_CHROMIUM={CHROMIUM}"
    return ""


MISSING = missing()


class SkippedModule(pytest.Module):
    """A file that could not even be imported without a browser."""

    def collect(self) -> list[pytest.Item]:
        pytest.skip(MISSING, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> object:
    if MISSING and module_path.name.startswith("test_"):
        return SkippedModule.from_parent(parent, path=module_path)
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Come last: from its first test on the browser stays open until the end of the session."""
    items.sort(key=lambda item: HERE in item.path.parents)


if not MISSING:
    from playwright.sync_api import BrowserContext, expect

    from tests.e2e.actors import WebHost
    from tests.e2e.guard import Guard

    @pytest.fixture(scope="session", autouse=True)
    def patience() -> None:
        expect.set_options(timeout=PATIENCE)

    @pytest.fixture(scope="session")
    def base_url() -> None:
        """Stand in for pytest-playwright's own, a method, of which pytest 9.2 warns."""

    @pytest.fixture(scope="session")
    def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
        return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(SWITCHES)}

    @pytest.fixture
    def guard() -> Iterator[Guard]:
        """What no page may do; looked at when all is over."""
        guard = Guard()
        yield guard
        guard.check()

    @pytest.fixture
    def stage(guard: Guard) -> Iterator[Stage]:
        """Where the processes are; the pages leave it first."""
        with Stage() as stage:
            yield stage

    @pytest.fixture
    def new_context(
        guard: Guard, stage: Stage, new_context: Callable[..., BrowserContext]
    ) -> Callable[..., BrowserContext]:
        """A browser of somebody's own, whose pages are watched."""

        def make(**options: object) -> BrowserContext:
            context = new_context(**options)
            context.set_default_timeout(PATIENCE)
            guard.watch(context)
            return context

        return make

    @pytest.fixture
    def open_host(stage: Stage, guard: Guard, tmp_path: Path) -> Callable[..., WebHost]:
        """`open_host(*options)` starts a host in a process of its own."""

        def start(*options: object) -> WebHost:
            host = WebHost(stage, tmp_path / "game.db", *options)
            guard.homes.add(host.origin)
            host.start()
            return host

        return start
