"""Whose conversation it is: a session's place in the room and in the store. Pure.

A seat outlives its link if it has a token: then another link may take it over, and the epoch
tells the two apart.
"""

from __future__ import annotations

from justeprix.game import Game
from justeprix.host import Host
from justeprix.news import Resumed
from justeprix.records import GameRow, GuessRow, SavedSession, SessionRow
from justeprix.roster import Player
from justeprix.step import Step

__all__ = ["Seat"]


class Seat:
    """One session as the store knows it; what it plays in practice."""

    __slots__ = (
        "_game_row_due",
        "_last",
        "_session_row_due",
        "_token",
        "_token_hash",
        "epoch",
        "finished",
        "game",
        "host",
        "id",
        "seq",
    )

    def __init__(self, id: int, host: Host) -> None:
        self.id = id
        self.host = host
        self.epoch = 1
        self.seq = 0
        self.game = self._first_game()
        self.finished = False  # the player said FIN: nobody can resume
        self._token = ""
        self._token_hash: bytes | None = None
        self._last: int | None = None  # the number guessed as `seq`
        # Nothing is stored before the first guess: an idle connection costs the store nothing.
        self._session_row_due = True
        self._game_row_due = True

    @property
    def competition(self) -> int | None:
        """The id of the competition it belongs to; None in practice."""
        return None

    @property
    def resumable(self) -> bool:
        """Whether the session has a token, and so outlives its connection."""
        return self._token_hash is not None

    @property
    def key(self) -> tuple[int, int]:
        """(id, epoch): what a store fences."""
        return self.id, self.epoch

    @property
    def _shown_name(self) -> str:
        return self.host.roster.name(self.id)

    # What it plays.

    def _first_game(self) -> Game:
        return self.host.deal(1)

    @property
    def _guesses_now(self) -> int:
        """How many guesses were made at the current secret."""
        return self.game.guesses

    # How it lasts.

    def _open(self, step: Step) -> None:
        """Store what must outlive the link; of the guesses so far, the last one."""
        self._store_session(step)
        before = max(0, self.game.guesses - 1)
        self._store_game(step, before)
        if self._last is not None:
            step.rows.guesses.append(
                GuessRow(self.game.id, self.seq, self._last, step.at, self.id, self.epoch)
            )

    def _resume(self, token: str, step: Step) -> None:
        saved = self.host.resume(token)
        self._token = token
        self._take_over(saved, step)

    def _take_over(self, saved: SavedSession, step: Step) -> None:
        """Go on as a stored session; the one this link had so far is given up."""
        roster = self.host.roster
        if saved.id != self.id:
            roster.leave(self.id, step.now, may_return=self.resumable)
        self._token_hash = saved.token_hash
        self.id, self.epoch = saved.id, saved.epoch
        self.seq, self._last = saved.seq, saved.last
        self._session_row_due = self._game_row_due = False
        player = roster.come_back(self.id, self.epoch, saved.name)
        self._restore(saved.game, player)
        step.news.append(Resumed(player.name))

    def _restore(self, game: Game | None, player: Player) -> None:
        """Take up the stored game, and the score that follows from it."""
        if game is None:
            raise ValueError("a practice session always has a game")
        self.game = game
        player.found = game.ordinal - (0 if game.found else 1)
        player.guesses = self.seq - (0 if game.found else game.guesses)
        player.scored = player.found > 0

    @property
    def _lasts(self) -> bool:
        """Whether others will ask for the name when the link is gone."""
        return self.resumable or self.competition is not None

    def _store_session(self, step: Step) -> None:
        name = self._shown_name if self._lasts else None
        step.rows.sessions.append(
            SessionRow(*self.key, self._token_hash, name, self.finished, step.at, self.competition)
        )
        self._session_row_due = False

    def _store_game(self, step: Step, before: int = 0) -> None:
        if self._session_row_due:
            self._store_session(step)
        game, bounds = self.game, self.game.bounds
        game.id = game.id or self.host.new_id()
        first_seq = self.seq - game.guesses + 1 + before
        step.rows.games.append(
            GameRow(
                game.id,
                game.ordinal,
                first_seq,
                bounds.low,
                bounds.high,
                game.secret,
                game.nonce,
                self.id,
                self.epoch,
                self._round,
                before,
            )
        )
        self._game_row_due = False

    @property
    def _round(self) -> int | None:
        """The id of the round that the game belongs to."""
        return None
