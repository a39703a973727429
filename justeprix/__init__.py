"""The juste prix in class: a host, a client, a number to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from justeprix.client import Client, Manche
from justeprix.errors import Refused

if TYPE_CHECKING:
    from justeprix.server.server import Server

__all__ = ["Client", "Manche", "Refused", "Server", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the server only for those who open a room: players start twice as fast without."""
    if name == "Server":
        from justeprix.server.server import Server

        return Server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
