r"""Bytes into messages: both dialects, every cut, silence, late newlines, overlong messages."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from justeprix.errors import ProtocolError
from justeprix.framing import LINE_TIME, LONE_BYTE_SILENCE, SILENCE, Decoder, Dialect

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


def held(decoder):
    """The bytes of memory behind a decoder."""
    return sum(sys.getsizeof(getattr(decoder, slot)) for slot in decoder.__slots__)


def heard(segments, decoder=None, now=0.0):
    """The messages of segments that come without silence, to the end of the stream."""
    decoder = decoder or Decoder()
    messages = [message for segment in segments for message in decoder.receive(segment, now)]
    return messages + rest(decoder)


def rest(decoder):
    """What is pending, in either dialect."""
    pending, decoder.deadline = decoder._pending, None
    return [pending] if pending else []


def unframed(first=b"50"):
    """A decoder whose first message was ended by silence."""
    decoder = Decoder()
    assert decoder.receive(first, 0.0) == []
    assert decoder.expire() == [first]
    assert decoder.dialect is Dialect.UNFRAMED
    return decoder


def lines():
    decoder = Decoder()
    assert decoder.receive(b"1\n", 0.0) == [b"1"]
    assert decoder.dialect is Dialect.LINES
    return decoder


@given(streams, st.lists(st.integers(0), max_size=20))
@settings(deadline=None, max_examples=300)
def test_a_stream_gives_the_same_messages_wherever_it_is_cut(stream, places):
    decoder = Decoder()
    messages = []
    for segment in cut(stream, places):
        messages += decoder.receive(segment, 0.0)
        assert held(decoder) < 1500
    assert (decoder.dialect is Dialect.LINES) == (b"\n" in stream)
    assert messages + rest(decoder) == whole(stream)


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
@settings(deadline=None, max_examples=300)
def test_silences_anywhere_keep_every_bound(talk):
    decoder, now, messages = Decoder(), 0.0, []
    for silence, segment in talk:
        now += silence
        try:
            if decoder.deadline is not None and now >= decoder.deadline:
                messages += decoder.expire()
        except ProtocolError:  # too slow: the connection ends
            break
        was_lines = decoder.dialect is Dialect.LINES
        messages += decoder.receive(segment, now)
        assert held(decoder) < 1500
        assert decoder.deadline is None or decoder.deadline <= now + LINE_TIME
        assert (decoder.dialect is Dialect.LINES) == (was_lines or b"\n" in segment)
    stream = b"".join(segment for _, segment in talk)
    assert all(len(message) <= 513 and message in stream for message in messages)


def test_silence_ends_the_first_message_of_who_sends_no_newline():
    decoder = Decoder()
    assert decoder.receive(b"50", 10.0) == []
    assert decoder.deadline == 10.0 + SILENCE == 10.2
    assert decoder.expire() == [b"50"]
    assert (decoder.dialect, decoder.ending, decoder.deadline) == (Dialect.UNFRAMED, "", None)


def test_a_lone_byte_may_be_a_telnet_and_waits_longer():
    decoder = Decoder()
    decoder.receive(b"5", 10.0)
    assert decoder.deadline == 10.0 + LONE_BYTE_SILENCE == 11.0
    decoder.receive(b"0", 10.5)
    assert decoder.deadline == 11.5
    decoder.receive(b"12", 11.0)
    assert decoder.deadline == 11.2
    assert decoder.expire() == [b"5012"]


def test_a_newline_before_the_silence_settles_for_lines():
    decoder = Decoder()
    decoder.receive(b"50", 0.0)
    assert decoder.receive(b"\n", 0.1) == [b"50"]
    assert (decoder.dialect, decoder.ending, decoder.deadline) == (Dialect.LINES, "\n", None)


def test_unframed_each_segment_is_a_message_at_once():
    decoder = unframed()
    for segment in (b"5", b"60", b"nom Ada", b"x" * 512):
        assert decoder.receive(segment, 1.0) == [segment]
        assert (decoder.dialect, decoder.deadline) == (Dialect.UNFRAMED, None)


def test_the_first_newline_ever_switches_to_lines_for_good():
    decoder = unframed()
    assert decoder.receive(b"60\n7", 1.0) == [b"60"]
    assert (decoder.dialect, decoder.ending) == (Dialect.LINES, "\n")
    assert decoder.receive(b"0", 3.0) == []
    assert decoder.receive(b"\n", 5.9) == [b"70"]
    assert decoder.receive(b"80", 7.0) == []
    assert decoder.dialect is Dialect.LINES


LATE = [[b"\n"], [b"\r\n"], [b"\r", b"\n"]]


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("more", [[], [b"60"]])
def test_the_late_newline_of_a_message_already_taken_is_no_message(late, more):
    decoder = unframed()
    for segment in more:
        assert decoder.receive(segment, 1.0) == [segment]
    assert [decoder.receive(part, 2.0) for part in late] == [[]] * len(late)
    assert (decoder.dialect, decoder.deadline) == (Dialect.LINES, None)
    assert decoder.receive(b"\n", 3.0) == [b""]  # once: this one is an empty line
    assert decoder.receive(b"70\n", 3.0) == [b"70"]


@pytest.mark.parametrize("late", LATE)
def test_what_follows_a_late_newline_in_its_segment_is_kept(late):
    *before, last = late
    decoder = unframed()
    for part in before:
        assert decoder.receive(part, 1.0) == []
    assert decoder.receive(last + b"60\n7", 1.0) == [b"60"]
    assert decoder.deadline == 1.0 + LINE_TIME
    assert rest(decoder) == [b"7"]


def test_the_cr_that_silence_took_along_still_has_its_newline_swallowed():
    decoder = unframed(b"50\r")
    assert decoder.receive(b"\n60\n", 1.0) == [b"60"]


def test_an_empty_line_without_silence_is_a_message():
    assert lines().receive(b"\n", 1.0) == [b""]
    assert Decoder().receive(b"\r\n\n", 0.0) == [b"\r", b""]


@pytest.mark.parametrize("start", [Decoder, unframed, lines])
def test_an_overlong_message_is_reported_once_and_skipped_until_its_newline(start):
    decoder = start()
    assert decoder.receive(b"x" * 600, 1.0) == [LONG]
    assert decoder.receive(b"x" * 600, 1.1) == []
    assert decoder.receive(b"x50\n60\n", 1.2) == [b"60"]
    assert (decoder.dialect, decoder.deadline) == (Dialect.LINES, None)


@pytest.mark.parametrize("start", [Decoder, unframed])
def test_silence_too_ends_an_overlong_message(start):
    decoder = start()
    assert decoder.receive(b"x" * 600, 1.0) == [LONG]
    for tenth in range(60):  # longer than LINE_TIME: it is refused already
        assert decoder.receive(b"xx", 1.1 + tenth / 10) == []
    assert decoder.deadline == pytest.approx(7.0 + SILENCE)
    assert decoder.expire() == []
    assert decoder.dialect is Dialect.UNFRAMED
    assert decoder.receive(b"50", 8.0) == [b"50"]


def test_the_late_newline_of_an_overlong_message_is_no_message():
    decoder = Decoder()
    decoder.receive(b"x" * 600, 0.0)
    decoder.expire()
    assert decoder.receive(b"\n50\n", 1.0) == [b"50"]


@pytest.mark.parametrize("size", [511, 512])
def test_a_message_of_the_full_length_is_whole(size):
    assert heard([b"x" * size, b"\n"]) == heard([b"x" * size]) == [b"x" * size]


def test_a_started_line_must_end_however_slowly_it_drips():
    decoder = lines()
    for second in range(5):
        assert decoder.receive(b"5", 10.0 + second) == []
        assert decoder.deadline == 10.0 + LINE_TIME == 15.0
    with pytest.raises(ProtocolError) as caught:
        decoder.expire()
    assert caught.value.code == "delai"


def test_each_line_has_its_own_five_seconds():
    decoder = lines()
    decoder.receive(b"5", 10.0)
    assert decoder.receive(b"0\n6", 14.0) == [b"50"]
    assert decoder.deadline == 19.0


@pytest.mark.parametrize(("step", "drop"), [(0.5, b"5"), (0.1, b"50")])
def test_a_first_message_that_drips_without_silence_ends_too(step, drop):
    decoder, now = Decoder(), 0.0
    while now < LINE_TIME:
        decoder.receive(drop, now)
        assert decoder.deadline <= LINE_TIME
        now += step
    with pytest.raises(ProtocolError) as caught:
        decoder.expire()
    assert caught.value.code == "delai"


@pytest.mark.parametrize(("start", "messages"), [(Decoder, [b"FIN"]), (lines, [])])
def test_what_is_pending_at_the_end_is_a_message_but_no_line(start, messages):
    decoder = start()
    decoder.receive(b"FIN", 1.0)
    assert decoder.end() == messages
    assert decoder.deadline is None
    assert decoder.end() == []


def test_nothing_is_pending_after_an_overlong_report():
    decoder = Decoder()
    decoder.receive(b"x" * 600, 0.0)
    assert decoder.end() == []
