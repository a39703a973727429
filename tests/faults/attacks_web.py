"""Attacks on the web port: visits, visits that do not end, and WebSockets that say nothing."""

from __future__ import annotations

from collections import deque

from tests.faults.attacks_aim import Aim
from tests.faults.attacks_flood import Browser
from tests.faults.attacks_game import slow_drip

__all__ = ["drip_web", "silent_browsers", "visits", "visits_in_vain"]

VISITS = 64
SILENT = 300
BROWSERS = 100  # a second

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def drip_web(aim: Aim) -> None:
    """Slowloris on the pages: requests that do not end."""
    slow_drip(aim, aim.web_port, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"abcdefgh")


def _visit(aim: Aim, wanted: tuple[bytes, ...]) -> None:
    """Ask for a page 64 times at once; each answer is one of those wanted."""
    callers = []
    for _ in range(VISITS):
        callers.append(aim.call(aim.web_port))
        with aim.refusals():
            callers[-1].sendall(REQUEST)
    for sock in callers:
        with sock, aim.refusals(), sock.makefile("rb") as answer:
            status = answer.readline()[9:12]
            assert status in wanted, status
            aim.done[f"status {status.decode()}"] += 1
            answer.read()


def visits(aim: Aim) -> None:
    aim.start()
    while aim.lasts:
        _visit(aim, (b"200", b""))  # nothing at all: too many from one address


def visits_in_vain(aim: Aim) -> None:
    """Visit a host that has no thread for us; in the end it has."""
    aim.start()
    while aim.in_time:
        _visit(aim, (b"200", b"503", b""))
    for _ in range(100):  # until the host has what it needs again
        aim.done.pop("status 200", None)
        _visit(aim, (b"200", b"503", b""))
        if aim.done["status 200"] == VISITS:
            return
    raise AssertionError("no visit is answered any more")


def silent_browsers(aim: Aim) -> None:
    """Open WebSockets and say nothing; who was first is the first to go."""
    open_now = deque(Browser(aim) for _ in range(SILENT))
    aim.start()
    for _ in aim.paced(BROWSERS):
        open_now.popleft().close()
        open_now.append(Browser(aim))
    for browser in open_now:
        browser.close()
