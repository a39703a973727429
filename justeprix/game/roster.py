"""Who is here, and under which name. Pure: time comes in as an argument.

In practice a name belongs to its session while it is connected, and for NAME_KEPT seconds after;
then it is free, and who comes back later to find it taken gets a new one. In a competition a name
is a seat: it lasts, with what was played on it, and is given on only when it is `vacant`; once the
competition is over, the names of those who played in it are history.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from justeprix.errors import CompetitionError, ErrorCode, ProtocolError
from justeprix.game.names import clean_name, same_name
from justeprix.game.records import SavedPlayer

__all__ = ["GRACE", "NAME_KEPT", "Player", "Roster"]

NAME_KEPT = 600.0
"""Seconds for which the name of an absent player is kept in practice."""

GRACE = 15.0
"""Seconds for which a round waits for a player whose link broke: clients try for some 12 s."""

FINAL = "la compétition est finie : son classement garde ses noms"

MAX_ABSENT = 1000
"""Players who left and are still listed in practice; the store remembers the others."""


Undo = list[Callable[[], None]]
"""What takes changes back, the last one first."""


@dataclass(slots=True)
class Player:
    """One session, as the others see it."""

    session: int
    name: str
    epoch: int = 1
    present: bool = True
    returns: bool = False  # absent, with a token: may come back unasked
    absent_since: float = 0.0
    missed_until: float = 0.0  # absent, and a round does not end without them before
    watches: bool = False  # has done nothing that players do: mute, or a screen
    ready: bool = False  # waits for the next round
    scored: bool = False  # stays in the books after leaving
    address: str = ""  # that the seat is, or was, held from
    kept: bool = False  # the name is not the player's to change
    freed: bool = False  # the teacher gives the seat to whoever asks next
    excluded: bool = False
    found: int = 0  # in practice; a competition keeps its own books
    guesses: int = 0  # in the games that were found


class Roster:
    """Everyone who came since the host started.

    Not thread-safe: the room's lock guards it, but `may_play` and `name` are callable without.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self.version = 0  # grows with every change that others can see
        self._lasting = lasting
        self._final = False
        self._barred: set[str] = set()  # addresses from which somebody was excluded
        self._players: dict[int, Player] = {}
        self._holders: dict[str, Player] = {}  # by what names of one player share
        self._absent: dict[int, Player] = {}  # who left first stands first
        self._arrivals = 0

    def __getitem__(self, session: int) -> Player:
        return self._players[session]

    def is_current(self, session: int, epoch: int) -> bool:
        """Whether nobody has resumed or given up that session since it had this epoch."""
        player = self._players.get(session)
        return player is not None and player.epoch == epoch

    def may_play(self, session: int, epoch: int) -> bool:
        """Whether what is said for a session counts: it is current, and not thrown out.

        Without the lock its epoch may be of a moment ago: then the store refuses the row.
        """
        player = self._players.get(session)
        return player is not None and player.epoch == epoch and not player.excluded

    def name(self, session: int) -> str:
        """Return a player's name, empty if they are forgotten."""
        player = self._players.get(session)
        return "" if player is None else player.name

    def __iter__(self) -> Iterator[Player]:
        return iter(self._players.values())

    @property
    def present(self) -> list[Player]:
        """The players who are connected, in the order they came; screens are none."""
        return [p for p in self if p.present and not p.watches and not p.excluded]

    def missed(self, now: float) -> list[Player]:
        """Return the players who just lost their link: a round waits for them."""
        return [p for p in self if now < p.missed_until and not p.present and not p.excluded]

    def unready(self) -> None:
        """Note that nobody waits for a round any more: it has begun."""
        for player in self:
            player.ready = False

    def exclude(self, player: Player) -> None:
        """Count a player out for good; from their address no seat is taken any more."""
        player.excluded = True
        self._barred.add(player.address)
        self.version += 1

    def conclude(self) -> None:
        """Fix the names of those who played: the competition is over."""
        self._final = True

    def is_final(self, player: Player) -> bool:
        """Whether nothing about a player can change any more: they are in the final standings."""
        return self._final and player.scored

    def check_free(self, player: Player) -> None:
        """Raise ProtocolError(pris) if a player must keep the name they have."""
        if player.kept:
            raise ProtocolError(ErrorCode.PRIS, "tu gardes ce nom : l'animateur peut le changer")

    def find(self, name: str) -> Player:
        """Return the player of that name; raises CompetitionError with the nearest names."""
        player = self._holders.get(same_name(name.strip()))
        if player is None:
            near = difflib.get_close_matches(name, [p.name for p in self._holders.values()])
            hint = f" : {' ou '.join(near)} ?" if near else ", joueurs dit qui est là"
            raise CompetitionError(f"personne ne s'appelle {name.strip()[:40] or '…'}{hint}")
        return player

    def free_name(self) -> str:
        """Return a name of ours that nobody has."""
        while True:
            self._arrivals += 1
            name = f"Joueur {self._arrivals}"
            if same_name(name) not in self._holders:
                return name

    def arrive(self, session: int, *, address: str = "", watches: bool = False) -> Player:
        """Seat a newcomer under a free name of ours."""
        player = Player(session, self.free_name(), address=address, watches=watches)
        self._seat(player)
        return player

    def expect(self, saved: SavedPlayer, now: float) -> None:
        """Keep the seat of a player who was here before the host restarted.

        If its name is free: older hosts told names apart that are the same now. But all that was
        played in a competition stays in its standings.
        """
        if same_name(saved.name) in self._holders and not saved.results:
            return
        player = Player(
            saved.session,
            saved.name,
            address=saved.address or "",
            kept=saved.kept,
            freed=saved.freed,
            scored=bool(saved.results),
        )
        if saved.excluded:
            self.exclude(player)
        self._seat(player)
        self.leave(saved.session, now, may_return=saved.resumable)
        player.missed_until = now + GRACE

    def come_back(
        self, session: int, epoch: int, name: str, *, address: str = "", kept: bool = False
    ) -> Player:
        """Seat a resumed session again, with its name if nobody has taken it since."""
        player = self._players.get(session)
        if player is None:
            taken = same_name(name) in self._holders
            player = Player(session, self.free_name() if taken else name)
            self._seat(player)
        self._absent.pop(session, None)
        player.present, player.epoch, player.address = True, epoch, address
        player.kept = kept
        player.freed = player.ready = False
        self.version += 1
        return player

    def rename(self, session: int, wanted: str, now: float, undo: Undo | None = None) -> str:
        """Give a player the name they ask for, and return it as it is shown.

        `undo` gets what takes it back. Raises ProtocolError(finie) or (pris) if theirs is not
        theirs to change, else what `allowed` raises.
        """
        name, player = self.allowed(session, wanted, now), self._players[session]
        if name != player.name and self.is_final(player):
            raise ProtocolError(ErrorCode.FINIE, FINAL)
        if same_name(name) != same_name(player.name):
            self.check_free(player)
        take_back = self.give(session, name)
        if undo is not None:
            undo.append(take_back)
        return name

    def give(self, session: int, name: str) -> Callable[[], None]:
        """Give a player a name that is `allowed`; return what takes it back."""
        player, holder = self._players[session], self._holders.get(same_name(name))
        before = [(player, player.name)]
        if holder is not None and holder is not player:
            before.append((holder, holder.name))
            self._hold(holder, self.free_name())
        self._hold(player, name)

        def take_back() -> None:
            for each in before:  # the player first: the holder's old name is theirs now
                self._hold(*each)

        return take_back

    def allowed(self, session: int, wanted: str, now: float) -> str:
        """Return a name as it will be shown, if nobody has it.

        Raises ProtocolError(nom), (pris), (exclu), or (finie) if it is in the final standings.
        """
        name = clean_name(wanted)
        holder = self._holders.get(same_name(name))
        if holder is not None and holder.session != session:
            if holder.excluded:
                raise ProtocolError(ErrorCode.EXCLU, "ce nom est exclu : choisis-en un autre")
            kept = self._lasting or now < holder.absent_since + NAME_KEPT
            if self.is_final(holder) and not holder.present:
                raise ProtocolError(ErrorCode.FINIE, FINAL)
            if holder.present or kept:
                raise ProtocolError(ErrorCode.PRIS, "ce nom est déjà pris : choisis-en un autre")
        return name

    def vacant(self, wanted: str, address: str) -> Player | None:
        """Return the seat of that name if who asks from that address may take it.

        Nobody may while somebody sits on it or can come back to it unasked, nor once the
        competition is over: only who held it from there, or anybody if the teacher has freed it.
        In practice there are no seats. Raises ProtocolError(nom).
        """
        holder = self._holders.get(same_name(clean_name(wanted)))
        if holder is None or holder.present or holder.excluded or not self._lasting or self._final:
            return None
        if holder.freed:
            return holder
        held_there = holder.address == address and address not in self._barred
        return holder if held_there and not holder.returns else None

    def take_part(self, session: int) -> None:
        """Note that somebody has begun to play: from now on the others wait for them."""
        player = self._players[session]
        if player.watches:
            player.watches = False
            self.version += 1

    def leave(self, session: int, now: float, *, may_return: bool) -> None:
        """Mark a player absent; who can't return and has no score is forgotten."""
        player = self._players.get(session)
        if player is None:
            return
        player.present, player.absent_since = False, now
        player.returns, player.ready = may_return, False
        player.missed_until = now + GRACE if may_return and not player.watches else 0.0
        self._absent[session] = player
        self.version += 1
        if not may_return:
            if not self._lasting and not player.excluded:
                self._release(player)
            if not player.scored and not player.excluded:
                self._forget(session)
        if len(self._absent) > MAX_ABSENT and not self._lasting:
            self._forget(next(p.session for p in self._absent.values() if not p.excluded))

    def won(self, session: int, epoch: int, guesses: int) -> None:
        """Count a secret found in so many guesses, in practice.

        Not if the session was resumed since: what it came back with has that win already.
        """
        player = self._players.get(session)
        if player is None or player.epoch != epoch:
            return
        player.found += 1
        player.guesses += guesses
        player.scored = True
        self.version += 1

    def _seat(self, player: Player) -> None:
        self._players[player.session] = player
        self._holders.setdefault(same_name(player.name), player)
        self.version += 1

    def _hold(self, player: Player, name: str) -> None:
        self._release(player)
        player.name = name
        self._holders[same_name(name)] = player
        self.version += 1

    def _forget(self, session: int) -> None:
        player = self._players.pop(session)
        del self._absent[session]
        self._release(player)

    def _release(self, player: Player) -> None:
        """Free a player's name, unless somebody else holds it by now."""
        if self._holders.get(same_name(player.name)) is player:
            del self._holders[same_name(player.name)]
