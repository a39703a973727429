"""Who is here, under which name, and how well they do. Pure: time comes in as an argument.

A name belongs to its session. While the session is connected, and for NAME_KEPT seconds after,
nobody else gets it; then it is free, and who comes back later to find it taken gets a new one.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from justeprix.errors import ProtocolError
from justeprix.game import Bounds
from justeprix.protocol import Word

__all__ = ["MAX_NAME", "NAME_KEPT", "Player", "Roster", "Standing", "clean_name"]

MAX_NAME = 20
"""Characters of a name, after NFKC."""

NAME_KEPT = 600.0
"""Seconds for which the name of an absent player is kept."""

MAX_ABSENT = 1000
"""Players who left and are still listed; a resumed one comes back from the store anyway."""

SHOWN = 50
"""Standings in one snapshot: more would not fit a slow reader's outbox."""

_SIGNS = " -_'"

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0").union(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
"""Letters and marks that nobody sees (Unicode's Default_Ignorable_Code_Point)."""


def clean_name(text: str) -> str:
    """Return the name as it is shown (NFKC, single spaces).

    Raises ProtocolError(nom) unless it has 1 to 20 letters, digits, spaces or `-_'`.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").split())
    if not 1 <= len(name) <= MAX_NAME:
        raise ProtocolError("nom", f"choisis un nom de 1 à {MAX_NAME} caractères, comme : nom Ada")
    if not all(_allowed(sign) for sign in name) or not any(map(str.isalnum, name)):
        raise ProtocolError("nom", "un nom n'a que des lettres, des chiffres, des espaces et - _ '")
    return name


def _allowed(sign: str) -> bool:
    if sign in _INVISIBLE:
        return False
    return sign in _SIGNS or unicodedata.category(sign)[0] in "LM" or sign.isdecimal()


@dataclass(slots=True)
class Player:
    """One session, as the others see it."""

    session: int
    name: str
    epoch: int = 1
    present: bool = True
    absent_since: float = 0.0
    found: int = 0
    guesses: int = 0  # in the games that were found


class Standing(NamedTuple):
    """One line of the standings; equal players share a rank."""

    rank: int
    name: str
    found: int
    guesses: int


class Roster:
    """Everyone who came since the host started. Not thread-safe: the server's lock guards it."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.version = 0  # grows with every change that others can see
        self._players: dict[int, Player] = {}
        self._holders: dict[str, Player] = {}  # by casefolded name
        self._absent: dict[int, Player] = {}  # who left first stands first
        self._arrivals = 0

    def __getitem__(self, session: int) -> Player:
        return self._players[session]

    @property
    def present(self) -> list[Player]:
        """The players who are connected, in the order they came."""
        return [player for player in self._players.values() if player.present]

    def arrive(self, session: int) -> Player:
        """Seat a newcomer under a free name of ours."""
        player = Player(session, self._free_name())
        self._seat(player)
        return player

    def expect(self, session: int, name: str, now: float) -> None:
        """Keep the name of a player who was here before the host restarted."""
        if name.casefold() not in self._holders:
            self._seat(Player(session, name))
            self.leave(session, now, may_return=True)

    def come_back(self, session: int, epoch: int, name: str, found: int, guesses: int) -> Player:
        """Seat a resumed session again, with its name if nobody has taken it since."""
        player = self._players.get(session)
        if player is None:
            taken = name.casefold() in self._holders
            player = Player(session, self._free_name() if taken else name)
            self._seat(player)
        self._absent.pop(session, None)
        player.present, player.epoch = True, epoch
        player.found, player.guesses = found, guesses
        self.version += 1
        return player

    def rename(self, session: int, wanted: str, now: float) -> str:
        """Give a player the name they ask for, and return it as it is shown.

        Raises ProtocolError(nom) or ProtocolError(pris).
        """
        name = clean_name(wanted)
        player = self._players[session]
        holder = self._holders.get(name.casefold())
        if holder is not None and holder is not player:
            if holder.present or now < holder.absent_since + NAME_KEPT:
                raise ProtocolError("pris", "ce nom est déjà pris : choisis-en un autre")
            self._hold(holder, self._free_name())
        self._hold(player, name)
        return name

    def leave(self, session: int, now: float, *, may_return: bool) -> None:
        """Mark a player absent; who can't return and has no score is forgotten."""
        player = self._players.get(session)
        if player is None:
            return
        player.present, player.absent_since = False, now
        self._absent[session] = player
        self.version += 1
        if not may_return:
            self._release(player)
            if not player.found:
                self._forget(session)
        if len(self._absent) > MAX_ABSENT:
            self._forget(next(iter(self._absent)))

    def won(self, session: int, epoch: int, guesses: int) -> None:
        """Count a secret found in so many guesses.

        Not if the session was resumed since: what it came back with has that win already.
        """
        player = self._players.get(session)
        if player is None or player.epoch != epoch:
            return
        player.found += 1
        player.guesses += guesses
        self.version += 1

    def standings(self) -> list[Standing]:
        """Best first: more secrets found, then fewer guesses; equal players share a rank."""
        scored = sorted((-p.found, p.guesses, p.name) for p in self._players.values() if p.found)
        standings: list[Standing] = []
        for place, (minus_found, guesses, name) in enumerate(scored, start=1):
            before = standings[-1] if standings else None
            tie = before is not None and (before.found, before.guesses) == (-minus_found, guesses)
            rank = before.rank if before is not None and tie else place
            standings.append(Standing(rank, name, -minus_found, guesses))
        return standings

    def score_line(self) -> str:
        """Return the `scores` line, cut after as many players as fit 512 bytes."""
        line = f"{Word.SCORES}"
        for standing in self.standings():
            entry = f" {standing.rank}. {standing.name} {standing.found}/{standing.guesses}"
            if len((line + entry).encode()) > 500:
                return line + " …"
            line += entry + ","
        return line.rstrip(",")

    def snapshot(self) -> str:
        """Return the `etat` line: the whole state, never a delta."""
        state = {
            "version": self.version,
            "phase": "entrainement",
            "bornes": [self.bounds.low, self.bounds.high],
            "presents": len(self.present),
            "classement": [
                {"rang": rank, "nom": name, "trouves": found, "coups": guesses}
                for rank, name, found, guesses in self.standings()[:SHOWN]
            ],
        }
        return f"{Word.ETAT} {json.dumps(state, ensure_ascii=False, separators=(',', ':'))}"

    def _seat(self, player: Player) -> None:
        self._players[player.session] = player
        self._holders[player.name.casefold()] = player
        self.version += 1

    def _hold(self, player: Player, name: str) -> None:
        self._release(player)
        player.name = name
        self._holders[name.casefold()] = player
        self.version += 1

    def _forget(self, session: int) -> None:
        player = self._players.pop(session)
        del self._absent[session]
        self._release(player)

    def _release(self, player: Player) -> None:
        """Free a player's name, unless somebody else holds it by now."""
        if self._holders.get(player.name.casefold()) is player:
            del self._holders[player.name.casefold()]

    def _free_name(self) -> str:
        while True:
            self._arrivals += 1
            name = f"Joueur {self._arrivals}"
            if name.casefold() not in self._holders:
                return name
