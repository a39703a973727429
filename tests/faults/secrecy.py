"""What nobody may read before its time: in what clients got, in what the host printed.

Secrets can only be told from other numbers if they are long: play between bounds of twelve digits.
Shorter ones than DIGITS are not looked for.

Something may be told early in one way only, by its own sender: `ping`, a refused number. It may be
told in its time in three forms: `secret <n> <nonce>`, the fields of `etat`, and the line that the
host prints when a round is over. The time of a round's secret has not come as long as somebody is
still answered in that round.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tests.faults.evidence import Evidence, Session
from tests.faults.transcript import Page, state_of

__all__ = ["DIGITS", "codes", "secrets", "tokens"]

DIGITS = 9

_NUMBER = re.compile(rf"[0-9]{{{DIGITS},}}")
_HEX = re.compile(r"[0-9a-f]{32,}")
_WORD = re.compile(r"\w+")
_TOLD = re.compile(r"secret (-?[0-9]+) ([0-9a-f]{32})")
_PRINTED = re.compile(r"── Manche ([0-9]+) finie : le secret était (-?[0-9]+)")

FOREVER = float("inf")


def secrets(evidence: Evidence) -> Iterator[str]:
    hidden = _hidden(evidence)
    for page in evidence.pages:
        own = _first_said(page)
        for at, text in page.heard:
            for word in _words(text) & hidden.keys():
                echo = own.get(word, FOREVER) < at
                if not echo and not (_in_form(text, word) and hidden[word].may_tell(page, at)):
                    yield f"{page.link} was told {word} of {hidden[word]}: {text[:80]!r}"
    for at, who, text in evidence.book.output:
        for line in text.splitlines():
            told = _PRINTED.search(line)
            for word in _words(line) & hidden.keys():
                if not (told and told[2] == word and hidden[word].may_tell(None, at)):
                    yield f"{who} printed {word} of {hidden[word]}: {line[:80]!r}"


def tokens(evidence: Evidence) -> Iterator[str]:
    owners = defaultdict(set)
    for page in evidence.pages:
        for stint in page.stints:
            for back in stint.resumptions:
                owners[back.token].add(stint.who)
    for page in evidence.pages:
        own = _first_said(page)
        for at, text in page.heard:
            for word in _words(text) & owners.keys():
                if page.link.who not in owners[word] and own.get(word, FOREVER) >= at:
                    yield f"{page.link} was told the token of {sorted(owners[word])}"
    for who in owners.values():
        if len(who) > 1:
            yield f"{sorted(who)} have one token"
    for _, who, text in evidence.book.output:
        for token in _words(text) & owners.keys():
            yield f"{who} printed the token of {sorted(owners[token])}"


def codes(evidence: Evidence) -> Iterator[str]:
    """A host prints its code for the teacher: who notes its output leaves that out."""
    wanted = {code.lower() for code in evidence.codes}
    for page in evidence.pages if wanted else ():
        for _, text in page.heard:
            if wanted & set(_WORD.findall(text.lower())):
                yield f"{page.link} was told the code: {text[:80]!r}"
    for _, who, text in evidence.book.output if wanted else ():
        if wanted & set(_WORD.findall(text.lower())):
            yield f"{who} printed the code: {text[:80]!r}"


class Round(NamedTuple):
    """Whose secret it is; it was still running when the last of its guesses left."""

    name: str
    until: float

    def __str__(self) -> str:
        return self.name

    def may_tell(self, page: Page | None, at: float) -> bool:
        return at > self.until


class Own(NamedTuple):
    """The session whose secret it is; who has found it may be told."""

    session: Session
    secret: int

    def __str__(self) -> str:
        return str(self.session)

    def may_tell(self, page: Page | None, at: float) -> bool:
        stints = self.session.stints
        found = any(g.number == self.secret and g.sent_at < at for g in self.session.guesses)
        return found and any(stint.page is page for stint in stints)


def _hidden(evidence: Evidence) -> dict[str, Round | Own]:
    """Return each secret and each nonce with what it belongs to."""
    hidden: dict[str, Round | Own] = {}
    for round in evidence.rounds:
        owner = Round(round.label, _last_answer(evidence, round.id) if round.closed_at else FOREVER)
        hidden |= dict.fromkeys((str(abs(round.secret)), round.nonce), owner)
    for session in () if evidence.contest else evidence.sessions:
        for game in session.games:
            words = str(abs(game.secret)), game.nonce
            hidden |= dict.fromkeys(words, Own(session, game.secret))
    return {word: owner for word, owner in hidden.items() if len(word) >= DIGITS}


def _last_answer(evidence: Evidence, round: int) -> float:
    """Return when the last guess left that counted in a round."""
    last = 0.0
    for session in evidence.sessions:
        first: dict[int, float] = {}
        for guess in session.guesses:  # asked again, it may have counted the first time
            if guess.seq is not None:
                first[guess.seq] = min(guess.sent_at, first.get(guess.seq, guess.sent_at))
        counted = [
            first[row.seq] for row in session.stored if row.game.round == round and row.seq in first
        ]
        last = max([last, *counted])
    return last


def _in_form(text: str, word: str) -> bool:
    told = _TOLD.fullmatch(text)
    if told:
        return word in (told[1].lstrip("-"), told[2])
    state = state_of(text)
    return state is not None and word in (str(state.get("secret")), state.get("nonce"))


def _first_said(page: Page) -> dict[str, float]:
    """When a client first said something long itself."""
    said: dict[str, float] = {}
    for at, text in page.messages:
        for word in _words(text):
            said.setdefault(word, at)
    return said


def _words(text: str) -> set[str]:
    """Return what may be something hidden: long numbers, and hex digits wherever they stand."""
    text = text.lower()
    found = set(_NUMBER.findall(text))
    for run in _HEX.findall(text):
        found |= {run[start : start + 32] for start in range(len(run) - 31)}
    return found
