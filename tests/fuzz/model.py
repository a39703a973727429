"""What a player may conclude from the replies: one secret a game, one answer a number, one count.

It follows the replies alone and knows no session's inside; only where a seat is given on in a
competition does it ask who sits there now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from justeprix.protocol.commands import Code, parse

__all__ = ["Model"]

Interval = tuple[int, int]


@dataclass
class Record:
    """One session, as its replies tell it."""

    count: int = 0  # the number of the last guess
    played: int = 0  # in this game
    left: Interval = (1, 100)
    found: bool = False
    answers: dict[int, tuple[int, str]] = field(default_factory=dict)  # seq -> number, answer
    admitted: bool = True
    won: set[int] = field(default_factory=set)  # rounds of a competition


class Model:
    """Follows every actor; `sessions` by the id under which the room knows them."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.records: dict[int, Record] = {}
        self.seats: dict[int, Record] = {}  # by actor
        self.tokens: dict[str, Record] = {}
        self.rounds: dict[int, Interval] = {}  # of a competition: everybody's answers together

    def arrive(self, actor: int) -> None:
        self.seats[actor] = Record(admitted=self.host.unlocked)

    def leave(self, actor: int, session: Any) -> None:
        record = self.seats.pop(actor, None)
        if record is not None and session.id:
            self.records[session.id] = record

    def follow(self, actor: int, session: Any, said: list[tuple[bytes, str]]) -> None:
        """Take in what an actor said in one step, and what it was answered."""
        for message, reply in said:
            self._hear(actor, message, reply)
        record = self.seats[actor]
        if (
            any(reply.startswith("nom ") for _, reply in said)
            and record.count != session.identity.seq
        ):
            record = self.seats[actor] = self.records[session.id]  # a vacant seat was taken
            for token, known in list(self.tokens.items()):
                if known.count == 0 and token == session.identity.token:
                    self.tokens[token] = record
        counted = session.identity.seq
        assert record.count == counted, f"counted {counted}, answered {record.count}"
        self.records[session.id] = record

    def _hear(self, actor: int, message: bytes, reply: str) -> None:
        record = self.seats[actor]
        if reply in ("plus", "moins", "gagné"):
            self._play(record, record.count + 1, parse(message).number, reply)
        elif told := re.fullmatch(r"resultat (\d+) (plus|moins|gagné)", reply):
            seq, number = parse(message)
            assert seq == int(told[1])
            self._play(record, seq, number, told[2])
        elif told := re.fullmatch(r"session (\S+) (\d+) (\d+)", reply):
            record = self.seats[actor] = self.tokens.setdefault(told[1], record)
            record.admitted = True
            assert int(told[2]) == record.count
        elif reply == "ok" and isinstance(parse(message), Code):
            record.admitted = True
        elif told := re.fullmatch(r"secret (\d+) ([0-9a-f]+)", reply):
            low, high = self._interval(record)
            assert low <= int(told[1]) <= high, "the secret does not fit the answers"

    def _play(self, record: Record, seq: int, number: int, answer: str) -> None:
        """One guess was answered: the same as before, or the next one, which fits the others."""
        assert record.admitted, "played without the code"
        if seq <= record.count:
            assert record.answers[seq] == (number, answer), "another answer to the same guess"
            return
        assert seq == record.count + 1, "a number was skipped"
        record.count, record.answers[seq] = seq, (number, answer)
        assert self._round not in record.won, "played on after the win"
        low, high = self._interval(record, fresh=True)
        low = max(low, number + 1) if answer == "plus" else low
        high = min(high, number - 1) if answer == "moins" else high
        if answer == "gagné":
            assert low <= number <= high, "won with a number that was ruled out"
            low = high = number
            record.won |= {self._round} - {None}
        assert low <= high, "the answers fit no secret"
        self._keep(record, (low, high), found=answer == "gagné")

    @property
    def _round(self) -> int | None:
        contest = self.host.contest
        return contest and contest.current.number

    # One secret a game: of the session in practice, of the round in a competition.

    def _interval(self, record: Record, *, fresh: bool = False) -> Interval:
        if self.host.contest is not None:
            return self.rounds.get(self._round, (1, 100))
        if fresh and record.found:
            record.found, record.left = False, (1, 100)
        return record.left

    def _keep(self, record: Record, left: Interval, *, found: bool) -> None:
        if self.host.contest is not None:
            self.rounds[self._round] = left
        record.left, record.found = left, found
