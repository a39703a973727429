"""The codec of a WebSocket and its handshake: bytes in, messages out, no socket."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.errors import ProtocolError
from justeprix.protocol.codec import LINE_TIME
from justeprix.protocol.commands import parse
from justeprix.protocol.websocket import MAX_FRAGMENTS, MAX_MESSAGE, WebSocketCodec, shake_hands
from tests.support.browser import (
    ACCEPT,
    BINARY,
    CLOSE,
    CONT,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    Frame,
    decode_all,
    encode,
    parse_head,
)


def feed(codec: WebSocketCodec, *segments: bytes, now: float = 0.0) -> list[bytes]:
    """Feed segments; return the messages of them all."""
    return [message for data in segments for message in codec.receive(data, now)]


def repaid(codec: WebSocketCodec) -> list[Frame]:
    """Take what the codec owes, as a worker does."""
    return decode_all(codec.take_owed())


def close_code(frames: list[Frame]) -> int:
    (frame,) = frames
    assert frame.opcode == CLOSE
    return int.from_bytes(frame.data[:2], "big")


def fragments(message: bytes, cuts: list[int]) -> list[bytes]:
    """Return a message as frames, cut where it is told."""
    edges = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    parts = [message[a:b] for a, b in pairwise(edges)]
    return [
        encode(CONT if n else TEXT, part, fin=n == len(parts) - 1) for n, part in enumerate(parts)
    ]


# Messages.

messages = st.tuples(
    st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=MAX_FRAGMENTS - 1)
)
pings = st.one_of(st.none(), st.binary(max_size=125))


@given(st.lists(st.tuples(messages, pings), max_size=5), st.data())
def test_messages_are_the_same_however_they_are_cut(
    script: list[tuple[tuple[bytes, list[int]], bytes | None]], data: st.DataObject
) -> None:
    """In fragments with pings between them, in segments of any size."""
    stream, wanted, wanted_pongs = b"", [], []
    for (message, cuts), ping in script:
        frames = fragments(message, cuts)
        if ping is not None and sum(map(len, frames)) < 400:
            frames.insert(data.draw(st.integers(0, len(frames))), encode(PING, ping))
            wanted_pongs.append(ping)
        stream += b"".join(frames)
        wanted.append(message)
    codec, heard = WebSocketCodec(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        heard += feed(codec, stream[:size])
        stream = stream[size:]
    assert heard == wanted
    assert repaid(codec) == [Frame(PONG, ping) for ping in wanted_pongs]
    assert codec.deadline is None
    assert not codec.ended


def test_every_single_cut_gives_the_same_messages() -> None:
    stream = b"".join(
        (
            encode(TEXT, "nom Zoé".encode()),
            encode(PING, b"?"),
            *fragments(b"dire " + b"a" * 200, [3, 3, 100]),
            encode(TEXT, b""),
            encode(TEXT, b"50"),
        )
    )
    wanted = ["nom Zoé".encode(), b"dire " + b"a" * 200, b"", b"50"]
    for cut in range(1, len(stream)):
        codec = WebSocketCodec()
        assert feed(codec, stream[:cut], stream[cut:]) == wanted
        assert repaid(codec) == [Frame(PONG, b"?")]
    codec = WebSocketCodec()
    assert feed(codec, *(bytes([byte]) for byte in stream)) == wanted


@given(st.binary(max_size=3000))
def test_any_rubbish_is_survived_and_answered_by_frames_only(rubbish: bytes) -> None:
    codec = WebSocketCodec()
    feed(codec, *(rubbish[n : n + 7] for n in range(0, len(rubbish), 7)))
    frames = repaid(codec)
    assert {frame.opcode for frame in frames} <= {PONG, CLOSE}
    assert codec.ended == any(frame.opcode == CLOSE for frame in frames)
    assert not codec.ended or codec.pack("plus") == codec.farewell() == b""


def test_bytes_that_are_no_utf8_are_for_the_line_to_refuse() -> None:
    codec = WebSocketCodec()
    (message,) = feed(codec, encode(TEXT, b"caf\xe9"))
    assert not codec.ended
    with pytest.raises(ProtocolError) as caught:
        parse(message)
    assert caught.value.code == "utf8"


def test_a_letter_may_be_cut_between_two_fragments() -> None:
    codec = WebSocketCodec()
    assert feed(codec, *fragments("é".encode(), [1])) == ["é".encode()]


def test_a_message_has_so_many_bytes_at_most() -> None:
    assert MAX_MESSAGE == 1024
    codec = WebSocketCodec()
    assert feed(codec, encode(TEXT, b"x" * 1024)) == [b"x" * 1024]
    assert feed(codec, *fragments(b"y" * 1024, [1, 500])) == [b"y" * 1024]
    assert not codec.take_owed()


@pytest.mark.parametrize(
    "frames",
    [
        [encode(TEXT, b"x" * 1025)],
        fragments(b"x" * 1025, [1000]),
        [encode(TEXT, b"x" * 1025)[:4]],  # its head is enough
        [encode(TEXT, b"x" * 70000)[:10]],
    ],
    ids=["one frame", "two fragments", "its head", "a large head"],
)
def test_one_byte_more_ends_it(frames: list[bytes]) -> None:
    codec = WebSocketCodec()
    assert feed(codec, *frames) == []
    assert codec.ended
    assert close_code(repaid(codec)) == 1009


def test_a_message_has_so_many_fragments_at_most() -> None:
    assert MAX_FRAGMENTS == 16
    codec = WebSocketCodec()
    assert feed(codec, *fragments(b"dire salut", [0] * 15)) == [b"dire salut"]
    assert not codec.ended
    assert feed(codec, *fragments(b"dire salut", [0] * 16)) == []
    assert codec.ended
    assert close_code(repaid(codec)) == 1008


def test_empty_fragments_count_too() -> None:
    codec = WebSocketCodec()
    assert feed(codec, encode(TEXT, b"", fin=False), *[encode(CONT, b"", fin=False)] * 15) == []
    assert codec.ended


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (encode(BINARY, b"50"), 1003),
        (encode(BINARY, b"50", fin=False), 1003),
        (encode(CONT, b"50"), 1002),
        (encode(3, b"50"), 1002),
        (encode(11, b""), 1002),
        (encode(PING, b"", fin=False), 1002),
        (encode(PING, b"x" * 126), 1002),
        (b"\x81\x02" + b"50", 1002),
        (bytes([encode(TEXT, b"5")[0] | 0x40]) + encode(TEXT, b"5")[1:], 1002),
        (encode(CLOSE, b"\x00"), 1002),
        (encode(CLOSE, b"\x03\xe8\xff"), 1007),
        (encode(CLOSE, b"\x03\xed"), 1002),
    ],
    ids=[
        *("binary", "binary fragment", "nothing to continue", "unknown data", "unknown control"),
        *("ping in fragments", "long ping", "not masked", "reserved bit", "short close"),
        *("close not in UTF-8", "close with 1005"),
    ],
)
def test_what_is_no_text_ends_it(frame: bytes, code: int) -> None:
    codec = WebSocketCodec()
    assert feed(codec, frame) == []
    assert codec.ended
    assert close_code(repaid(codec)) == code
    assert feed(codec, encode(TEXT, b"50")) == []  # thrown away
    assert repaid(codec) == []


@pytest.mark.parametrize(
    "frames",
    [
        [encode(BINARY, b"50"), encode(TEXT, b"50")],
        [encode(BINARY, b"5", fin=False), encode(CONT, b"50")],
        [*fragments(b"dire salut", [0] * 16), encode(TEXT, b"50")],
    ],
    ids=["binary", "binary fragment", "fragments"],
)
def test_nothing_counts_behind_what_ended_it(frames: list[bytes]) -> None:
    codec = WebSocketCodec()
    assert feed(codec, b"".join(frames)) == []


def test_two_offences_in_one_segment_are_one_close() -> None:
    codec = WebSocketCodec()
    feed(codec, encode(BINARY, b"5") * 2 + encode(CLOSE))
    assert len(repaid(codec)) == 1
    assert codec.ended


# Time.


def test_a_message_that_came_at_once_has_no_deadline() -> None:
    codec = WebSocketCodec()
    assert codec.deadline is None
    feed(codec, encode(TEXT, b"50"), encode(PING), now=3.0)
    assert codec.deadline is None


def test_half_a_frame_has_a_deadline_until_it_is_whole() -> None:
    frame = encode(TEXT, b"50")
    for cut in range(1, len(frame)):
        codec = WebSocketCodec()
        feed(codec, frame[:cut], now=3.0)
        assert codec.deadline == 3.0 + LINE_TIME
        assert feed(codec, frame[cut:], now=4.0) == [b"50"]
        assert codec.deadline is None


def test_a_dribble_does_not_move_the_deadline() -> None:
    codec = WebSocketCodec()
    for second, byte in enumerate(encode(TEXT, b"x" * 20)[:-1]):
        feed(codec, bytes([byte]), now=float(second))
        assert codec.deadline == LINE_TIME


def test_neither_fragments_nor_pings_move_the_deadline() -> None:
    codec = WebSocketCodec()
    first, *others, last = fragments(b"dire salut", [1, 2, 3])
    feed(codec, first, now=1.0)
    for second, frame in enumerate((*others, encode(PING)), 2):
        feed(codec, frame, now=float(second))
        assert codec.deadline == 1.0 + LINE_TIME
    assert feed(codec, last, now=5.5) == [b"dire salut"]
    assert codec.deadline is None


@pytest.mark.parametrize("before", [encode(TEXT, b"50"), encode(PING)], ids=["message", "ping"])
def test_a_message_begun_behind_another_has_a_deadline(before: bytes) -> None:
    codec = WebSocketCodec()
    feed(codec, before + encode(TEXT, b"50")[:3], now=3.0)
    assert codec.deadline == 3.0 + LINE_TIME


def test_a_message_that_took_too_long_is_an_error() -> None:
    codec = WebSocketCodec()
    feed(codec, encode(TEXT, b"50")[:3])
    with pytest.raises(ProtocolError):
        codec.expire()


def test_half_a_message_is_none_at_the_end() -> None:
    for half in (encode(TEXT, b"50")[:-1], encode(TEXT, b"50", fin=False)):
        codec = WebSocketCodec()
        feed(codec, half)
        assert codec.end() == []
        assert codec.deadline is None


# Control frames.


@pytest.mark.parametrize("data", [b"", b"?", b"x" * 125, bytes(range(100))])
def test_a_ping_gets_its_pong(data: bytes) -> None:
    codec = WebSocketCodec()
    assert feed(codec, encode(PING, data)) == []
    assert repaid(codec) == [Frame(PONG, data)]
    assert not codec.ended


def test_a_pong_gets_nothing() -> None:
    codec = WebSocketCodec()
    assert feed(codec, encode(PONG, b"?") * 3) == []
    assert codec.take_owed() == b""


def test_what_is_owed_adds_up_until_it_is_taken() -> None:
    codec = WebSocketCodec()
    feed(codec, encode(PING, b"1"), encode(PING, b"2"))
    assert repaid(codec) == [Frame(PONG, b"1"), Frame(PONG, b"2")]
    assert codec.take_owed() == b""


@pytest.mark.parametrize("data", [b"", b"\x03\xe8", b"\x03\xe9" + "à bientôt".encode()])
def test_a_goodbye_is_echoed_and_then_there_is_silence(data: bytes) -> None:
    codec = WebSocketCodec()
    assert feed(codec, encode(CLOSE, data)) == []
    assert repaid(codec) == [Frame(CLOSE, data)]
    assert codec.ended
    assert codec.pack("plus") == codec.farewell() == b""
    assert feed(codec, encode(TEXT, b"50")) == []
    assert codec.take_owed() == b""


def test_a_message_before_the_goodbye_counts() -> None:
    codec = WebSocketCodec()
    assert feed(codec, encode(TEXT, b"FIN") + encode(CLOSE, b"\x03\xe8")) == [b"FIN"]
    assert codec.ended


def test_we_say_goodbye_once_and_nothing_behind_it() -> None:
    codec = WebSocketCodec()
    assert decode_all(codec.farewell()) == [Frame(CLOSE, b"\x03\xe8")]
    assert codec.farewell() == codec.pack("plus") == b""
    assert feed(codec, encode(CLOSE, b"\x03\xe8")) == []  # the other side agrees
    assert codec.take_owed() == b""


# Our replies.


@given(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=200))
def test_a_reply_is_one_text_frame_without_a_newline(line: str) -> None:
    assert decode_all(WebSocketCodec().pack(line)) == [Frame(TEXT, line.encode())]


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
def test_replies_of_every_length(length: int) -> None:
    (frame,) = decode_all(WebSocketCodec().pack("é" * (length // 2) + "x" * (length % 2)))
    assert len(frame.data) == length


# The handshake.

ORIGIN = "http://10.0.0.7:8000"


def shake(**changes: str | None) -> tuple[bool, int, list[tuple[str, str]]]:
    fields = HANDSHAKE | {name.replace("_", "-"): value for name, value in changes.items()}
    given = [(name, value) for name, value in fields.items() if value is not None]
    accepted, response = shake_hands("/ws", given, [ORIGIN])
    status, headers = parse_head(response.partition(b"\r\n\r\n")[0])
    return accepted, status, headers


def test_the_key_is_answered() -> None:
    accepted, status, headers = shake()
    assert (accepted, status) == (True, 101)
    fields = dict(headers)
    assert fields["sec-websocket-accept"] == ACCEPT
    assert fields["upgrade"] == "websocket"
    assert fields["connection"] == "Upgrade"


def test_no_extension_and_no_subprotocol_is_taken() -> None:
    _, status, headers = shake(
        Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits",
        Sec_WebSocket_Protocol="chat, superchat",
    )
    assert status == 101
    names = {name for name, _ in headers}
    assert not names & {"sec-websocket-extensions", "sec-websocket-protocol"}


@pytest.mark.parametrize("origin", [None, ORIGIN])
def test_who_may_come_in(origin: str | None) -> None:
    assert shake(Origin=origin)[:2] == (True, 101)


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://evil.example", "http://10.0.0.7", "https://10.0.0.7:8000"),
        *("http://10.0.0.7:8001", "http://10.0.0.7:8000.evil.example", f"{ORIGIN}/", "*"),
        "http://x@10.0.0.7:8000",
    ],
)
def test_a_page_from_elsewhere_may_not(origin: str) -> None:
    accepted, status, _ = shake(Origin=origin)
    assert (accepted, status) == (False, 403)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": None}, 426),
        ({"Connection": "close"}, 426),
        ({"Connection": "@"}, 400),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "court"}, 400),
        ({"Sec_WebSocket_Key": "é" * 24}, 400),
        ({"Sec_WebSocket_Version": None}, 400),
        ({"Sec_WebSocket_Version": "8"}, 400),
    ],
)
def test_what_is_no_handshake_is_told_so(changes: dict[str, str | None], status: int) -> None:
    accepted, told, headers = shake(**changes)
    assert (accepted, told) == (False, status)
    assert dict(headers)["connection"] == "close"


def twice(name: str) -> Callable[[], tuple[bool, bytes]]:
    fields = [*HANDSHAKE.items(), ("Origin", ORIGIN)]
    double = [field for field in fields if field[0] == name]
    return lambda: shake_hands("/ws", [*fields, *double], [ORIGIN])


@pytest.mark.parametrize("name", ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin"])
def test_a_header_that_comes_twice_is_refused(name: str) -> None:
    accepted, response = twice(name)()
    assert not accepted
    assert response.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("value", ["a\r\n b", "a\x01", "\x00"], ids=["folded", "control", "null"])
def test_a_header_that_cannot_be_is_refused(value: str) -> None:
    accepted, response = shake_hands("/ws", [*HANDSHAKE.items(), ("X-Rien", value)], [ORIGIN])
    assert not accepted
    assert response.startswith(b"HTTP/1.1 400 ")
