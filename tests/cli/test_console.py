"""Lines from a pipe, a closed stdin, or an editor's shell; and words printed in one piece."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from justeprix.cli.console import Console, say
from tests.support.foreign import bounded


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[BinaryIO]:
    """What is written here is read from stdin."""
    before = set(threading.enumerate())
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with open(writing, "wb", buffering=0) as pipe:
            yield pipe
        for reader in set(threading.enumerate()) - before:
            reader.join(5)  # before its descriptor means something else


def lines(console: Console) -> list[str]:
    return list(console.lines(lambda: "> "))


def test_lines_end_as_they_like_and_pieces_fall_anywhere(pipe: BinaryIO) -> None:
    heard = Console().lines(lambda: "> ")
    accent = "é".encode()
    pipe.write(accent[:1])
    pipe.write(accent[1:] + b"t\xff\r\n\n  ab\nlast\n")
    assert [next(heard) for _ in range(4)] == ["ét\ufffd", "", "  ab", "last"]


def test_a_last_line_without_its_end_counts(pipe: BinaryIO) -> None:
    pipe.write(b"50\nfin")
    pipe.close()
    assert lines(Console()) == ["50", "fin"]


def test_what_follows_an_answer_is_not_lost(pipe: BinaryIO, capsys) -> None:
    console = Console()
    pipe.write(b"oui\ndepart\n")
    pipe.close()
    assert console.ask("La reprendre ? ") == "oui"
    assert capsys.readouterr().out == "La reprendre ? \n"
    assert lines(console) == ["depart"]
    assert console.ask("Encore ? ") is None


def test_end_does_not_wait_for_a_line(pipe: BinaryIO) -> None:
    console, heard = Console(), []
    reader = threading.Thread(target=lambda: heard.extend(lines(console)))
    reader.start()
    console.end()
    bounded(reader.join)
    assert heard == []


@pytest.mark.parametrize(("stdin", "wanted"), [(io.StringIO("50\nfin"), ["50", "fin"]), (None, [])])
def test_an_editors_shell_and_no_input_at_all(monkeypatch, stdin, wanted) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert lines(Console()) == wanted


def test_a_text_and_its_end_are_written_at_once(monkeypatch) -> None:
    class Screen(io.StringIO):
        written: list[str] = []  # noqa: RUF012

        def write(self, text: str) -> int:
            self.written.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Screen())
    say("── Manche 1")
    assert "── Manche 1\n" in Screen.written
