"""Who a session is: id, token and name; how that is stored, and its place in the roster. Pure.

An identity outlives its link if it has a token: then another link may take it over, and the
epoch tells the two apart.
"""

from __future__ import annotations

from functools import partial

from justeprix.game.records import GameRow, SavedSession, SessionRow
from justeprix.game.roster import Player
from justeprix.game.secret import Game
from justeprix.session.host import Host
from justeprix.session.step import Step

__all__ = ["Identity"]


class Identity:
    """One session as the store and the roster know it.

    `competition` is the id of the one it belongs to, None in practice.
    """

    __slots__ = (
        "address",
        "competition",
        "epoch",
        "finished",
        "host",
        "id",
        "is_player",
        "is_stored",
        "last",
        "seq",
        "token",
        "token_hash",
    )

    def __init__(self, id: int, host: Host, address: str = "") -> None:
        self.id = id
        self.address = address  # of the link that speaks for it now
        self.host = host
        self.epoch = 1
        self.competition: int | None = None
        self.token = ""
        self.token_hash: bytes | None = None
        self.seq = 0  # guesses that counted
        self.last: int | None = None  # the number guessed as `seq`, if that was in this game
        self.finished = False  # the player said FIN: nobody can resume
        self.is_player = False  # did something that only players do
        # Nothing is stored before the first guess: an idle connection costs the store nothing.
        self.is_stored = False

    @property
    def key(self) -> tuple[int, int]:
        """(id, epoch): what a store fences."""
        return self.id, self.epoch

    @property
    def name(self) -> str:
        """The name that the others see."""
        return self.host.roster.name(self.id)

    @property
    def resumable(self) -> bool:
        """Whether it has a token, and so outlives its connection."""
        return self.token_hash is not None

    @property
    def may_return(self) -> bool:
        """Whether it will be resumed if its connection ends now."""
        return self.resumable and not self.finished

    @property
    def lasts(self) -> bool:
        """Whether others will ask for the name when the link is gone."""
        return self.resumable or self.competition is not None

    def outlive(self, token: str, hash: bytes, step: Step) -> None:
        """Have a token from now on."""
        self.token, self.token_hash = token, hash
        step.undo.append(partial(setattr, self, "token_hash", None))

    def finish(self, step: Step) -> None:
        """Be over: nobody can resume it."""
        self.finished = True
        step.undo.append(partial(setattr, self, "finished", False))

    # What is stored of it.

    def store(self, step: Step) -> None:
        """Store the session as it stands."""
        step.rows.sessions.append(self.row(step.at))
        self.is_stored = True

    def row(self, at: int) -> SessionRow:
        """Return the session as it is stored."""
        kept = self.host.roster[self.id].kept
        name = self.name if self.lasts or kept else None
        hash, done = self.token_hash, self.finished
        return SessionRow(
            *self.key, hash, name, done, at, self.competition, self.address or None, kept
        )

    def store_game(
        self, game: Game, step: Step, *, round: int | None = None, before: int = 0
    ) -> None:
        """Store a game that has no row yet; of its guesses, the first `before` are only logged."""
        if not self.is_stored:
            self.store(step)
        game.id = self.host.new_id()
        step.rows.games.append(
            GameRow(
                game.id,
                game.ordinal,
                self.seq - game.guesses + 1 + before,
                game.bounds.low,
                game.bounds.high,
                game.secret,
                game.nonce,
                self.id,
                self.epoch,
                round,
                before,
            )
        )

    # Its place in the roster. All that a session changes there, and before the step is stored.

    def take_part(self) -> None:
        """Note that this is a player: who is mute, or only follows, is none."""
        self.is_player = True
        self.host.roster.take_part(self.id)

    def rename(self, wanted: str, step: Step) -> str:
        """Take a name, and return it as it is shown; raises what `Roster.rename` raises."""
        return self.host.roster.rename(self.id, wanted, step.now, step.undo)

    def await_round(self) -> None:
        """Be among those who are ready for the next round."""
        self.host.roster[self.id].ready = True

    def take_over(self, saved: SavedSession, now: float, *, may_return: bool) -> Player:
        """Go on as a stored session; `may_return`: whether what this was so far may be resumed."""
        roster = self.host.roster
        if saved.id != self.id:
            roster.leave(self.id, now, may_return=may_return)
        self.id, self.epoch, self.token_hash = saved.id, saved.epoch, saved.token_hash
        self.seq, self.last = saved.seq, saved.last
        self.is_stored = True
        player = roster.come_back(
            self.id, self.epoch, saved.name, address=self.address, kept=saved.kept
        )
        self.is_player = not player.watches
        return player
