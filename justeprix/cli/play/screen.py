"""What a player at the keyboard knows: where the room is, the interval left, the guesses made."""

from __future__ import annotations

import threading
from typing import Any

from justeprix.cli.console import say
from justeprix.client import Client
from justeprix.errors import AllPlayed, ErrorCode, ProtocolError, Refused
from justeprix.french import counted, decimal
from justeprix.game.competition import Phase
from justeprix.game.secret import Bounds
from justeprix.protocol.commands import Ask, Guess, Name, Say, parse
from justeprix.protocol.replies import Chat, State, read
from justeprix.protocol.words import Word, printable

__all__ = ["PlayerScreen"]

PODIUM = 5
"""Players shown when the competition is over."""


class PlayerScreen:
    """Turns what is typed into questions, and what comes back into lines.

    A person is told when it is too early; a script (`patient`) waits for the next round instead,
    so that the numbers in a pipe are never lost. `heard` is called from the client's thread.
    """

    def __init__(self, *, patient: bool) -> None:
        self.over = False  # the competition is finished
        self._patient = patient
        self._lock = threading.Lock()
        self._phase: str = Phase.PRACTICE
        self._round = 0
        self._seconds: int | None = None
        self._found = False

    def join(self, client: Client) -> None:
        """Look around the room that the client has entered."""
        self._client = client
        self._bounds = Bounds(*client.bornes)
        self._reset()
        self.heard(client.demande(Word.SUIVRE))

    def prompt(self) -> str:
        """Return what stands before the next guess."""
        if self._waits:
            return "en attente > "
        where = f"manche {self._round}, " if self._phase == Phase.ROUND else ""
        left = "" if self._seconds is None else f", {self._seconds} s"
        return f"{where}coup {self._guesses + 1}, entre {self._low} et {self._high}{left} > "

    # What is typed.

    def answer(self, line: str) -> str:
        """Play or ask what was typed, and say what came of it. Rubbish never leaves the machine."""
        try:
            command = parse(line.encode("utf-8", "replace"))
            if isinstance(command, Guess):
                return self._guess(command.number)
            if command == Ask(Word.PRET):
                self._await_round()
                return ""
            if isinstance(command, Name):
                return self._take_name(line)
            if isinstance(command, Say | Ask):
                return self._client.demande(line)
        except (ProtocolError, Refused) as error:
            return f"Refusé : {error}."
        return "Tape un nombre, comme 50 (ou : nom Ada, scores, aide, FIN)."

    def _take_name(self, line: str) -> str:
        """Ask for a name, and look what has been played under it: it may be a seat."""
        told = self._client.demande(line)
        self.heard(self._client.demande(Word.SUIVRE))
        return told

    def _guess(self, number: int) -> str:
        if number not in self._bounds:
            low, high = self._bounds.low, self._bounds.high
            return f"{number} n'est pas entre {low} et {high} : ce coup ne compte pas."
        if self._patient and self._waits:
            self._await_round()
        before = self._guesses
        try:
            answer = self._client.propose(number)
        except Refused as error:
            if not self._patient or error.code != ErrorCode.ATTENTE:
                raise
            self._await_round()
            before = self._guesses
            answer = self._client.propose(number)
        return self._played(number, answer, before)

    def _await_round(self) -> None:
        """Wait until there is a round to play; raises SessionOver when there is none any more."""
        round = self._client.pret()
        if round is None:
            raise AllPlayed("la compétition est finie")
        if self._phase != Phase.PRACTICE:
            self._move(Phase.ROUND, round.numero)

    @property
    def _waits(self) -> bool:
        return self._phase != Phase.PRACTICE and (self._phase != Phase.ROUND or self._found)

    def _reset(self) -> None:
        self._low, self._high = self._bounds.low, self._bounds.high
        self._guesses = 0
        self._found = False

    def _played(self, number: int, answer: str, before: int) -> str:
        with self._lock:
            self._guesses = max(self._guesses, before + 1)  # a state may have told of it already
            count = counted(self._guesses, "coup")
            if answer == Word.PLUS:
                self._low = max(self._low, number + 1)
            elif answer == Word.MOINS:
                self._high = min(self._high, number - 1)
            else:
                return f"{number} : gagné en {count} ! {self._won()}"
            return f"{number} : {answer} — entre {self._low} et {self._high} ({count})"

    def _won(self) -> str:
        mean = decimal(self._bounds.mean, 1)
        optimum = f"La dichotomie en demande {self._bounds.worst} au pire, {mean} en moyenne."
        if self._phase == Phase.PRACTICE:
            self._reset()
            return f"{optimum}\nUn nouveau nombre t'attend."
        self._found = True
        return f"{optimum}\nAttends les autres."

    # What the room tells.

    def heard(self, line: str) -> None:
        """Take in an `etat` or a `message`; print what is new."""
        told = read(line)
        if isinstance(told, Chat):
            say(told.text)
        elif isinstance(told, State):
            with told.opened() as state:
                self._take_in(state)

    def _take_in(self, state: dict[str, Any]) -> None:
        number, seconds = state.get("manche", 0), state.get("secondes")
        self._seconds = None if seconds is None else int(seconds)
        if number >= self._round:  # else it was on its way when a round began
            self._move(state["phase"], number, state)
        if state["phase"] == Phase.ROUND and number == self._round:
            with self._lock:
                self._resume(state)  # a seat that we took may have guesses of its own

    def _move(self, phase: str, number: int, state: dict[str, Any] | None = None) -> None:
        with self._lock:
            if (phase, number) == (self._phase, self._round):
                return
            self._phase, self._round = phase, number
            if phase == Phase.ROUND:
                self._reset()
                self._resume(state or {})
        say("\n".join(map(printable, self._news(phase, state or {}).split("\n"))))
        self.over = phase == Phase.FINISHED

    def _resume(self, state: dict[str, Any]) -> None:
        """Go on from guesses that were made before we looked; an answer may be ahead of a state."""
        own = state.get("moi", {}).get("manche", {})
        self._guesses = max(self._guesses, own.get("coups", 0))
        self._found = self._found or own.get("trouve", False)

    def _news(self, phase: str, state: dict[str, Any]) -> str:
        low, high = self._bounds.low, self._bounds.high
        if phase == Phase.LOBBY:
            return "La compétition va commencer : attends le départ."
        if phase == Phase.ROUND:
            limit = state.get("secondes")
            time = f", {limit} secondes" if limit else ""
            return f"── Manche {self._round} : trouve le nombre entre {low} et {high}{time}."
        secret = state.get("secret")
        ended = f"── Manche {self._round} finie : le secret était {secret}. " if secret else "── "
        if phase == Phase.PAUSE:
            return f"{ended}{_place(state)}La suivante va venir."
        return f"{ended}La compétition est finie !\n{_podium(state)}{_place(state)}".rstrip()


def _place(state: dict[str, Any]) -> str:
    own = state.get("moi", {})
    rank = own.get("rang")
    return f"Tu es {rank}{'er' if rank == 1 else 'e'}. " if rank and own["trouves"] else ""


def _podium(state: dict[str, Any]) -> str:
    return "".join(
        f"{line['rang']:>3}. {line['nom']} : {line['trouves']} en {line['coups']} coups\n"
        for line in state["classement"][:PODIUM]
    )
