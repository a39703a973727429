"""What reads one foreign text, fuzzed: a message, a name, an announcement, an export."""

from __future__ import annotations

import json
import re
from typing import Any

from justeprix.errors import ProtocolError, ResultsError
from justeprix.game.names import MAX_NAME, clean_name
from justeprix.protocol.commands import Finish, Guess, NumberedGuess, parse
from justeprix.protocol.replies import BoundsTold, Greeting, RoundAnnounced, error_line, read
from justeprix.protocol.words import MAX_LINE, printable
from justeprix.results.document import fingerprint, render
from justeprix.results.verify import faults
from tests.support.reports import SMALL

__all__ = ["EXPORT", "announcement", "export", "message", "name"]

CODES = {"longueur", "utf8", "vide", "sequence", "nombre", "commande"}
"""What a message alone can be refused for."""

EXPORT = render(SMALL)


def message(data: bytes) -> None:
    """A message is a command, or one clear line; a number is what `rules.md` calls one."""
    parse.cache_clear()
    try:
        command = parse(data)
    except ProtocolError as error:
        _check_refused(data, error)
        return
    assert len(data) <= MAX_LINE
    text = data.decode().strip()
    if isinstance(command, Guess):
        assert re.fullmatch(r"[+-]?[0-9]{1,12}", text)
        assert command.number == int(text)
    elif isinstance(command, NumberedGuess):
        told = re.fullmatch(r"#([0-9]{1,12}) +([+-]?[0-9]{1,12})", " ".join(text.split()))
        assert told
        assert command == (int(told[1]), int(told[2]))
    elif isinstance(command, Finish):
        assert text.lower() == "fin"


def _check_refused(data: bytes, error: ProtocolError) -> None:
    assert error.code in CODES
    assert error_line(error).isprintable()
    assert not re.fullmatch(rb"[+-]?[0-9]{1,12}", data)


def name(data: bytes) -> None:
    """A name is short, printable, and stays what it is when asked for again."""
    try:
        cleaned = clean_name(data.decode("utf-8", "replace"))
    except ProtocolError:
        return
    assert 1 <= len(cleaned) <= MAX_NAME
    assert printable(cleaned) == cleaned == cleaned.strip()
    assert clean_name(cleaned) == cleaned


def announcement(data: bytes) -> None:
    """What a host says is read whole, or is `Other`; a second reading tells the same."""
    told = read(data.decode("utf-8", "replace"))
    if isinstance(told, Greeting | RoundAnnounced | BoundsTold):
        assert told.bounds.low <= told.bounds.high
    again = read(str(told))
    assert (type(again), again) == (type(told), told)


def export(data: bytes) -> None:
    """An export that somebody altered gives sentences, or ResultsError, whatever it became.

    `{…}` is a whole file; anything else is edits of a good one, a line each: `<place> <json>`,
    and `mend`, which makes the fingerprint right again.
    """
    text = data.decode("utf-8", "replace")
    if not text.startswith(("{", "[")):
        text = _edited(text)
    try:
        told = faults(text)
    except ResultsError as error:
        told = [str(error)]
    assert all(type(fault) is str and fault for fault in told)
    for fault in told:
        assert printable(fault) == fault, f"not fit for a terminal: {fault!r}"
    if not told:
        content = json.loads(text)
        assert content["empreinte"] == fingerprint(content)


def _edited(text: str) -> str:
    content: Any = json.loads(EXPORT)
    for line in text.splitlines():
        place, _, value = line.partition(" ")
        if place == "mend":
            content["empreinte"] = _mended(content)
        elif place.isdecimal():
            _put(content, int(place[:4]), value)
    return json.dumps(content)


def _mended(content: Any) -> str:
    try:
        return fingerprint(content)
    except UnicodeEncodeError:  # half a surrogate pair: no file can hold it
        return ""


def _put(content: Any, place: int, text: str) -> None:
    """Replace the value at a place, counted through the whole document; no value takes it away."""
    spots = list(_spots(content))
    if not spots:
        return  # nothing is left of it
    owner, key = spots[place % len(spots)]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        del owner[key]
    else:
        owner[key] = value


def _spots(value: Any) -> Any:
    """Yield (owner, key) of every value in a JSON document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(pairs):
        yield value, key
        if isinstance(child, dict | list):
            yield from _spots(child)
