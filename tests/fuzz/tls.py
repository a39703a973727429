r"""A link inside TLS, fuzzed: a real client that shakes hands, and what else may come instead.

The script is a row of choices: what the client does, and how its bytes are cut on the way.
"""

from __future__ import annotations

import ssl
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from justeprix.errors import ProtocolError
from justeprix.net.certificate import own_certificate, server_context
from justeprix.protocol.codec import LINE_TIME
from justeprix.protocol.lines import LineCodec
from justeprix.protocol.tls import Channel, TlsCodec
from tests.fuzz.choices import Choices

__all__ = ["tls"]

WAITS = (0.0, 0.0, 0.0, 0.1, 1.0, 3.0)


def tls(data: bytes) -> None:
    """Nothing raises but a message that is late; what arrives whole is what was said."""
    Link(Choices(data)).run()


class Link:
    """A client, the host's codec, and a network between them that may garble."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.now = 0.0
        self.codec = TlsCodec(LineCodec(), Channel(_host_context()), self.now)
        self.plain = LineCodec()  # the same without TLS
        self._to_client, self._from_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = _client_context().wrap_bio(self._to_client, self._from_client)
        self.honest = True  # nothing was garbled so far
        self.late = False  # it took too long to end a message, or to shake hands
        self.read = b""  # by the client
        self.due = b""  # what it must have read

    @property
    def over(self) -> bool:
        return self.late or self.codec.ended

    def run(self) -> None:
        deeds = (self.shake, self.shake, self.speak, self.speak, self.answer, self.garble)
        deeds += (self.flip, self.leave, self.wait)
        while self.choices and not self.over:
            self.choices.pick(deeds)()
        if self.honest:
            with suppress(ssl.SSLError):
                self._hear(self.codec.farewell())
            due = self.due if self.codec._channel.open else b""  # else it waits for hands
            assert self.read == due, "the client read something else"

    def shake(self) -> None:
        for _ in range(3):
            with suppress(ssl.SSLError):
                self.client.do_handshake()
            self._carry(self._from_client.read())

    def speak(self) -> None:
        said = self.choices.segment()
        with suppress(ssl.SSLError):  # hands are not shaken yet, or it is over
            self.client.write(said)
            self._carry(self._from_client.read(), said)

    def answer(self) -> None:
        line = "plus" * (1 + self.choices.below(3))
        packed = self.codec.pack(line)
        self.due += self.plain.pack(line)
        self._hear(packed)

    def garble(self) -> None:
        self.honest = False
        self._carry(self.choices.segment())

    def flip(self) -> None:
        with suppress(ssl.SSLError):
            self.client.write(b"50\n")
        data = bytearray(self._from_client.read())
        if data:
            self.honest = False
            data[self.choices.below(len(data))] ^= 1 + self.choices.below(255)
            self._carry(bytes(data))

    def leave(self) -> None:
        with suppress(ssl.SSLError, ValueError):
            self.client.unwrap()
        self._carry(self._from_client.read(), last=True)

    def wait(self) -> None:
        self.now += self.choices.pick(WAITS)
        if self.codec.deadline is not None and self.now >= self.codec.deadline:
            try:
                messages = self.codec.expire()
            except ProtocolError:
                self.late = True  # the worker ends it, once that is said
                self.honest = False
                return
            if self.honest:
                assert messages == self.plain.expire()

    def _carry(self, data: bytes, said: bytes = b"", *, last: bool = False) -> None:
        """Bring bytes to the host, cut in two; it must hear what was said, and answer at once."""
        cut = self.choices.below(256)
        heard = []
        for segment in filter(None, (data[:cut], data[cut:])):
            if self.over:
                return
            heard += self.codec.receive(segment, self.now)
            owed = self.codec.take_owed()
            assert self.codec.extra or not owed
            assert self.codec.deadline is None or self.codec.deadline <= self.now + LINE_TIME
            self._hear(owed)
        assert all(len(message) <= 513 for message in heard)
        if self.honest and not self.over:
            told = self.plain.receive(said, self.now) if said else []
            assert heard == (self.plain.end() if last and data else told)

    def _hear(self, data: bytes) -> None:
        self._to_client.write(data)
        with suppress(ssl.SSLError):
            self.client.do_handshake()
            self._carry_silently()
            while part := self.client.read(4096):
                self.read += part

    def _carry_silently(self) -> None:
        """The client's last word of the handshake."""
        rest = self._from_client.read()
        if rest and not self.over:
            self.codec.receive(rest, self.now)
            self._to_client.write(self.codec.take_owed())


@cache
def _host_context() -> ssl.SSLContext:
    with tempfile.TemporaryDirectory() as folder:
        file = own_certificate(Path(folder) / "host.pem", ["127.0.0.1"])
        return server_context(file, file)


@cache
def _client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
