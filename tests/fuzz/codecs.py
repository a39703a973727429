"""What cuts foreign bytes into messages, fuzzed: plain lines and WebSocket frames."""

from __future__ import annotations

import copy
import sys

from justeprix.errors import ProtocolError
from justeprix.protocol.codec import LINE_TIME
from justeprix.protocol.lines import Dialect, LineCodec
from justeprix.protocol.websocket import MAX_FRAGMENTS, MAX_MESSAGE, WebSocketCodec
from tests.fuzz.choices import Choices
from tests.support.browser import CLOSE, PONG, TEXT, decode_all

__all__ = ["lines", "websocket"]

SILENCES = (0.0, 0.0, 0.0, 0.1, 0.25, 0.9, 1.1, 4.0)

HELD = 1500
"""Bytes of memory that one connection's codec may hold."""


def lines(data: bytes) -> None:
    """Segments with silences between them: nothing raises but a late line, nothing grows.

    Once a connection speaks lines, it does not matter how they are cut.
    """
    choices, codec, now = Choices(data), LineCodec(), 0.0
    whole, since, heard = None, b"", []  # a copy made when lines began, and all since
    while choices:
        now += choices.pick(SILENCES)
        if codec.deadline is not None and now >= codec.deadline:
            try:
                _checked(codec.expire())
            except ProtocolError:
                break
        segment = choices.segment()
        if not segment:
            continue
        before = codec.dialect
        messages = _checked(codec.receive(segment, now))
        _check_bounds(codec, now)
        assert codec.dialect is (Dialect.LINES if b"\n" in segment else before)
        if whole is None and codec.dialect is Dialect.LINES:
            whole = copy.copy(codec)
        elif whole is not None:
            heard, since = heard + messages, since + segment
    if whole is not None and since:
        assert whole.receive(since, now) == heard
        assert whole.end() == [] == codec.end()


def _checked(messages: list[bytes]) -> list[bytes]:
    assert all(len(message) <= 513 for message in messages), "longer than the parser is promised"
    return messages


def _check_bounds(codec: LineCodec, now: float) -> None:
    held = sum(sys.getsizeof(getattr(codec, slot)) for slot in codec.__slots__)
    assert held < HELD, f"{held} bytes held"
    assert codec.deadline is None or now < codec.deadline <= now + LINE_TIME


def websocket(data: bytes) -> None:
    """Segments of frames, whole and broken: nothing raises, nothing grows, all is answered."""
    choices, codec, now, stream, heard = Choices(data), WebSocketCodec(), 0.0, b"", []
    while choices and not codec.ended:
        segment = choices.segment()
        if not segment:
            continue
        now, stream = now + 0.1, stream + segment
        messages = codec.receive(segment, now)
        heard += messages
        _check_frames(codec, messages)
        assert codec.deadline is None or now < codec.deadline <= now + LINE_TIME
    once = WebSocketCodec()
    if stream:
        assert once.receive(stream, now) == heard, "how it was cut changed the messages"
        assert once.ended == codec.ended
    assert codec.end() == []
    goes_on = not codec.ended
    assert [frame.opcode for frame in decode_all(codec.pack("plus"))] == [TEXT] * goes_on
    assert [frame.opcode for frame in decode_all(codec.farewell())] == [CLOSE] * goes_on
    assert codec.ended, "goodbye is said"


def _check_frames(codec: WebSocketCodec, messages: list[bytes]) -> None:
    assert all(len(message) <= MAX_MESSAGE for message in messages)
    assert len(codec._parts) <= MAX_FRAGMENTS
    assert sum(map(len, codec._parts)) <= MAX_MESSAGE
    assert len(codec._protocol.reader.buffer) <= MAX_MESSAGE + 14
    owed = decode_all(codec.take_owed())
    assert {frame.opcode for frame in owed} <= {PONG, CLOSE}
    assert codec.ended == any(frame.opcode == CLOSE for frame in owed)
    assert codec.extra or not owed, "an answer that costs its sender nothing"
