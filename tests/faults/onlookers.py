"""Who does not play: a screen that follows, and who asks at the end. All they hear is noted."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.faults.recorder import Noted, Recorder
from tests.support.player import Lines, connect

__all__ = ["Screen", "ask_at_the_end"]


class Screen:
    """Follows and says nothing: it must not be told anything that others may not know."""

    def __init__(self, address: tuple[str, int], book: Recorder, code: str = "") -> None:
        self.socket = Noted(connect(address), book.open("screen"))
        self._code = code
        self._thread = threading.Thread(target=self._read, name="screen")

    def __enter__(self) -> Screen:
        self.socket.settimeout(None)
        self.socket.sendall(b"".join([*_knock(self._code), b"suivre\n"]))
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.socket.close()

    def _read(self) -> None:
        with suppress(OSError):
            while self.socket.recv(65536):
                pass


def ask_at_the_end(address: tuple[str, int], book: Recorder, code: str = "") -> None:
    """Have the host say the standings when all have played."""
    with Lines(Noted(connect(address), book.open("asks"))) as asking:
        asking.recv_line()
        for question in (*_knock(code), b"suivre\n", b"scores\n"):
            asking.send(question)
            while asking.recv_line().startswith("etat ") and question == b"scores\n":
                pass


def _knock(code: str) -> list[bytes]:
    return [f"code {code}\n".encode()] if code else []
