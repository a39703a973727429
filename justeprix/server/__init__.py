"""Threads and sockets: accept, read, decide, commit, send.

`from justeprix.server import Server` is the way in; it is loaded when it is asked for, so that who
needs one file of this folder does not load all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from justeprix.server.server import Server

__all__ = ["Server"]


def __getattr__(name: str) -> object:
    if name == "Server":
        from justeprix.server.server import Server

        return Server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
