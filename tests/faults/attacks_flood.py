"""Floods: 1,000 guesses at once, and the check that 1,000 answers come back in order."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.attacks_aim import Aim
from tests.support.player import Lines

__all__ = ["Browser", "flood", "flood_websocket", "floods"]

FLOOD = 1_000
FLOODS = 8


class Flood:
    """1,000 numbered guesses sent at once; 1,000 answers must come back, in their order."""

    def __init__(self, speaker: Speaker | Browser) -> None:
        self.speaker = speaker
        self.speaker.say("session")
        self.seq = int(self.speaker.recv_line().split()[2])
        self.left = 0

    def send(self) -> None:
        self.low, self.high, self.left = 1, 100, FLOOD
        first = self.seq + 1
        # Upwards again and again: what the secret is told shows at once.
        self.speaker.say(*(f"#{first + n} {1 + n % 100}" for n in range(FLOOD)))

    def hear(self) -> None:
        """Take one answer."""
        self.seq += 1
        self.left -= 1
        word, seq, answer = self.speaker.recv_line().split()
        assert (word, int(seq)) == ("resultat", self.seq), (word, seq, self.seq)
        number = 1 + (FLOOD - self.left - 1) % 100
        if answer == "plus":
            self.low = max(self.low, number + 1)
        elif answer == "moins":
            self.high = min(self.high, number - 1)
        else:
            assert answer == "gagné"
            assert self.low <= number <= self.high, "won against what was answered before"
            self.low, self.high = 1, 100
        assert self.low <= self.high, "the answers fit no secret"


class Speaker(Lines):
    """Says lines, hears lines: on a plain socket."""

    def __init__(self, aim: Aim) -> None:
        super().__init__(aim.call())
        self.recv_line()  # the greeting


class Browser:
    """The same on a WebSocket (RFC 6455), no message longer than 125 bytes."""

    def __init__(self, aim: Aim) -> None:
        self._socket = aim.call(aim.web_port)
        self._socket.sendall(HANDSHAKE)
        self._file = self._socket.makefile("rb")
        assert b" 101 " in self._file.readline()
        while self._file.readline() != b"\r\n":
            pass
        self.recv_line()  # the greeting

    def recv_line(self) -> str:
        head = self._file.read(2)
        if len(head) < 2:
            raise EOFError
        assert head[0] == 0x81, head
        return self._file.read(head[1]).decode()

    def say(self, *lines: str) -> None:
        # Masked with zeros, which changes nothing.
        self._socket.sendall(
            b"".join(b"\x81%c\0\0\0\0%s" % (0x80 | len(line), line.encode()) for line in lines)
        )

    def close(self) -> None:
        self._file.close()
        self._socket.close()


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def _flood(aim: Aim, speakers: Sequence[Speaker | Browser]) -> None:
    """Flood until the time is over, and hear every answer."""
    floods = [Flood(speaker) for speaker in speakers]
    aim.start()
    while aim.lasts:
        for flood in floods:
            flood.send()
        for _ in range(FLOOD):
            for flood in floods:
                flood.hear()
        aim.done["answers"] += FLOOD * len(floods)
    for speaker in speakers:
        speaker.close()


def flood(aim: Aim) -> None:
    _flood(aim, [Speaker(aim)])


def floods(aim: Aim) -> None:
    _flood(aim, [Speaker(aim) for _ in range(FLOODS)])


def flood_websocket(aim: Aim) -> None:
    _flood(aim, [Browser(aim) for _ in range(FLOODS)])
