r"""Bytes into messages: both dialects, every cut, silence, late newlines, overlong messages."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from justeprix.errors import ProtocolError
from justeprix.protocol.codec import LINE_TIME
from justeprix.protocol.lines import LONE_BYTE_SILENCE, SILENCE, Dialect, LineCodec

LONG = b"x" * 513  # what the parser sees of an overlong message

pieces = st.sampled_from(
    [b"50", b"#7 50", b"\n", b"\r\n", b"\r", b"\n\n", b"y" * 511, b"z" * 512, LONG, b"t" * 1500]
)
streams = st.lists(pieces | st.binary(max_size=8), max_size=12).map(b"".join)


def whole(stream):
    """The messages of a stream without silences, by the shortest road."""
    *lines, rest = stream.split(b"\n")
    return [line[:513] for line in lines] + [rest[:513]] * bool(rest)


def cut(stream, places):
    """The stream in segments; none is empty."""
    ends = sorted({place % len(stream) for place in places} - {0}) if stream else []
    segments = (stream[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True))
    return [segment for segment in segments if segment]


def held(codec):
    """The bytes of memory behind a codec."""
    return sum(sys.getsizeof(getattr(codec, slot)) for slot in codec.__slots__)


def heard(segments, codec=None, now=0.0):
    """The messages of segments that come without silence, to the end of the stream."""
    codec = codec or LineCodec()
    messages = [message for segment in segments for message in codec.receive(segment, now)]
    return messages + rest(codec)


def rest(codec):
    """What is pending, in either dialect."""
    pending, codec.deadline = codec._pending, None
    return [pending] if pending else []


def unframed(first=b"50"):
    """A codec whose first message was ended by silence."""
    codec = LineCodec()
    assert codec.receive(first, 0.0) == []
    assert codec.expire() == [first]
    assert codec.dialect is Dialect.UNFRAMED
    return codec


def lines():
    codec = LineCodec()
    assert codec.receive(b"1\n", 0.0) == [b"1"]
    assert codec.dialect is Dialect.LINES
    return codec


@given(streams, st.lists(st.integers(0), max_size=20))
@settings(max_examples=300)
def test_a_stream_gives_the_same_messages_wherever_it_is_cut(stream, places):
    codec = LineCodec()
    messages = []
    for segment in cut(stream, places):
        messages += codec.receive(segment, 0.0)
        assert held(codec) < 1500
    assert (codec.dialect is Dialect.LINES) == (b"\n" in stream)
    assert messages + rest(codec) == whole(stream)


@pytest.mark.parametrize(
    "stream", [b"50\r\n#7 60\n\n\r\nFIN", b"50", b"\n50", LONG + b"\n50\n" + LONG, "é\né".encode()]
)
def test_a_stream_may_be_cut_at_every_byte(stream):
    for place in range(1, len(stream)):
        assert heard([stream[:place], stream[place:]]) == whole(stream)
    assert heard([stream[at : at + 1] for at in range(len(stream))]) == whole(stream)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.1, 0.3, 0.9, 1.1, 6.0]),
            (pieces | st.binary(max_size=3)).filter(bool),
        ),
        max_size=20,
    )
)
@settings(max_examples=300)
def test_silences_anywhere_keep_every_bound(talk):
    codec, now, messages = LineCodec(), 0.0, []
    for silence, segment in talk:
        now += silence
        try:
            if codec.deadline is not None and now >= codec.deadline:
                messages += codec.expire()
        except ProtocolError:  # too slow: the connection ends
            break
        was_lines = codec.dialect is Dialect.LINES
        messages += codec.receive(segment, now)
        assert held(codec) < 1500
        assert codec.deadline is None or codec.deadline <= now + LINE_TIME
        assert (codec.dialect is Dialect.LINES) == (was_lines or b"\n" in segment)
    stream = b"".join(segment for _, segment in talk)
    assert all(len(message) <= 513 and message in stream for message in messages)


def test_silence_ends_the_first_message_of_who_sends_no_newline():
    codec = LineCodec()
    assert codec.receive(b"50", 10.0) == []
    assert codec.deadline == 10.0 + SILENCE == 10.2
    assert codec.expire() == [b"50"]
    assert (codec.dialect, codec.pack(""), codec.deadline) == (Dialect.UNFRAMED, b"", None)


def test_a_lone_byte_may_be_a_telnet_and_waits_longer():
    codec = LineCodec()
    codec.receive(b"5", 10.0)
    assert codec.deadline == 10.0 + LONE_BYTE_SILENCE == 11.0
    codec.receive(b"0", 10.5)
    assert codec.deadline == 11.5
    codec.receive(b"12", 11.0)
    assert codec.deadline == 11.2
    assert codec.expire() == [b"5012"]


def test_a_newline_before_the_silence_settles_for_lines():
    codec = LineCodec()
    codec.receive(b"50", 0.0)
    assert codec.receive(b"\n", 0.1) == [b"50"]
    assert (codec.dialect, codec.pack(""), codec.deadline) == (Dialect.LINES, b"\n", None)


def test_unframed_each_segment_is_a_message_at_once():
    codec = unframed()
    for segment in (b"5", b"60", b"nom Ada", b"x" * 512):
        assert codec.receive(segment, 1.0) == [segment]
        assert (codec.dialect, codec.deadline) == (Dialect.UNFRAMED, None)


def test_the_first_newline_ever_switches_to_lines_for_good():
    codec = unframed()
    assert codec.receive(b"60\n7", 1.0) == [b"60"]
    assert (codec.dialect, codec.pack("")) == (Dialect.LINES, b"\n")
    assert codec.receive(b"0", 3.0) == []
    assert codec.receive(b"\n", 5.9) == [b"70"]
    assert codec.receive(b"80", 7.0) == []
    assert codec.dialect is Dialect.LINES


LATE = [[b"\n"], [b"\r\n"], [b"\r", b"\n"]]


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("more", [[], [b"60"]])
def test_the_late_newline_of_a_message_already_taken_is_no_message(late, more):
    codec = unframed()
    for segment in more:
        assert codec.receive(segment, 1.0) == [segment]
    assert [codec.receive(part, 2.0) for part in late] == [[]] * len(late)
    assert (codec.dialect, codec.deadline) == (Dialect.LINES, None)
    assert codec.receive(b"\n", 3.0) == [b""]  # once: this one is an empty line
    assert codec.receive(b"70\n", 3.0) == [b"70"]


@pytest.mark.parametrize("late", LATE)
def test_what_follows_a_late_newline_in_its_segment_is_kept(late):
    *before, last = late
    codec = unframed()
    for part in before:
        assert codec.receive(part, 1.0) == []
    assert codec.receive(last + b"60\n7", 1.0) == [b"60"]
    assert codec.deadline == 1.0 + LINE_TIME
    assert rest(codec) == [b"7"]


def test_the_cr_that_silence_took_along_still_has_its_newline_swallowed():
    codec = unframed(b"50\r")
    assert codec.receive(b"\n60\n", 1.0) == [b"60"]


def test_an_empty_line_without_silence_is_a_message():
    assert lines().receive(b"\n", 1.0) == [b""]
    assert LineCodec().receive(b"\r\n\n", 0.0) == [b"\r", b""]


@pytest.mark.parametrize("start", [LineCodec, unframed, lines])
def test_an_overlong_message_is_reported_once_and_skipped_until_its_newline(start):
    codec = start()
    assert codec.receive(b"x" * 600, 1.0) == [LONG]
    assert codec.receive(b"x" * 600, 1.1) == []
    assert codec.receive(b"x50\n60\n", 1.2) == [b"60"]
    assert (codec.dialect, codec.deadline) == (Dialect.LINES, None)


@pytest.mark.parametrize("start", [LineCodec, unframed])
def test_silence_too_ends_an_overlong_message(start):
    codec = start()
    assert codec.receive(b"x" * 600, 1.0) == [LONG]
    for tenth in range(60):  # longer than LINE_TIME: it is refused already
        assert codec.receive(b"xx", 1.1 + tenth / 10) == []
    assert codec.deadline == pytest.approx(7.0 + SILENCE)
    assert codec.expire() == []
    assert codec.dialect is Dialect.UNFRAMED
    assert codec.receive(b"50", 8.0) == [b"50"]


def test_the_late_newline_of_an_overlong_message_is_no_message():
    codec = LineCodec()
    codec.receive(b"x" * 600, 0.0)
    codec.expire()
    assert codec.receive(b"\n50\n", 1.0) == [b"50"]


@pytest.mark.parametrize("size", [511, 512])
def test_a_message_of_the_full_length_is_whole(size):
    assert heard([b"x" * size, b"\n"]) == heard([b"x" * size]) == [b"x" * size]


def test_a_started_line_must_end_however_slowly_it_drips():
    codec = lines()
    for second in range(5):
        assert codec.receive(b"5", 10.0 + second) == []
        assert codec.deadline == 10.0 + LINE_TIME == 15.0
    with pytest.raises(ProtocolError) as caught:
        codec.expire()
    assert caught.value.code == "delai"


def test_each_line_has_its_own_five_seconds():
    codec = lines()
    codec.receive(b"5", 10.0)
    assert codec.receive(b"0\n6", 14.0) == [b"50"]
    assert codec.deadline == 19.0


@pytest.mark.parametrize(("step", "drop"), [(0.5, b"5"), (0.1, b"50")])
def test_a_first_message_that_drips_without_silence_ends_too(step, drop):
    codec, now = LineCodec(), 0.0
    while now < LINE_TIME:
        codec.receive(drop, now)
        assert codec.deadline <= LINE_TIME
        now += step
    with pytest.raises(ProtocolError) as caught:
        codec.expire()
    assert caught.value.code == "delai"


@pytest.mark.parametrize(("start", "messages"), [(LineCodec, [b"FIN"]), (lines, [])])
def test_what_is_pending_at_the_end_is_a_message_but_no_line(start, messages):
    codec = start()
    codec.receive(b"FIN", 1.0)
    assert codec.end() == messages
    assert codec.deadline is None
    assert codec.end() == []


def test_nothing_is_pending_after_an_overlong_report():
    codec = LineCodec()
    codec.receive(b"x" * 600, 0.0)
    assert codec.end() == []
