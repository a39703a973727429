"""Decides and stores: the part of a worker's step between reading and sending.

    play every guess -> decide all else -> one durable commit -> then, and only then, answer
    '--- turn -----------------------------------------------'
                        '--- the room's lock ---------------'

Nothing in here reads or writes a socket.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.records import SavedSession
from justeprix.game.secret import Game
from justeprix.protocol.lines import LineCodec
from justeprix.protocol.replies import Chat
from justeprix.room.room import Room, hash_token
from justeprix.room.snapshot import score_line
from justeprix.server.connection import Connection
from justeprix.session.competitor import Competitor
from justeprix.session.events import Arrived, Gone, Hint, Noticed, Said
from justeprix.session.handlers import announces
from justeprix.session.hints import hints
from justeprix.session.identity import Identity
from justeprix.session.practice import Practice
from justeprix.session.session import Session
from justeprix.session.step import Step

__all__ = ["Answers", "Heard", "Referee"]

Heard = list[tuple[Connection, list[bytes]]]
"""The connections that said something, each with its messages in order."""

Answers = list[tuple[Connection, bytes | None]]
"""What to send to each; None: its session goes on elsewhere, it must be cut."""


class Referee:
    """Serves one worker; also the `Host` of its sessions, for it knows the step they speak in.

    `publish` sends a line to all who follow, those of other workers too.
    """

    def __init__(self, room: Room, publish: Callable[[str], None]) -> None:
        self.room = room
        self.roster = room.roster
        self._publish = publish
        self._turn = room.new_turn()
        self._step = Step(0.0, 0)
        self._speaker: Connection  # who is being answered
        self._fenced: frozenset[tuple[int, int]] = frozenset()
        self._heard: Heard = []
        self._said: list[Said] = []  # for those who follow, once it is stored

    def welcome(self, address: str, *, local: bool) -> Session:
        """Open a session for a newcomer; `dismiss` ends it.

        Raises CommitError if the store fails, ProtocolError if the address has too many.
        """
        with self.room.lock:
            id, contest = self.room.books.new_id(), self.room.competition
            identity = Identity(id, self, address)
            plays = Practice(identity) if contest is None else Competitor(identity, contest)
            session = Session(identity, plays)
            self.room.door.come(address, local=local)  # who comes must go: nothing below fails
            self.roster.arrive(session.id, address=address, watches=True)
            return session

    def judge(self, heard: Heard, now: float) -> tuple[Answers, Heard]:
        """Decide all messages and store what counts; return the answers, and who said more.

        Who only guessed, as nearly always, is as before but for the count. Raises CommitError
        if nothing could be stored: then nobody may be answered.
        """
        step = self._step = Step(now, 0)
        self._fenced, self._heard, self._said = frozenset(), heard, []
        with self._turn:  # no round opens or closes before all is stored
            step.at = self.room.time_at(now)
            answers, others = self._play(heard, step)
            with self.room.lock:
                try:
                    for connection, messages in others:
                        answers.append((connection, self._decide(connection, messages, step)))
                    self._store_so_far()
                except BaseException:  # nothing has changed that is not stored
                    step.take_back()
                    raise
        for item in self._said:
            self._publish(str(Chat(f"{item.name} : {item.text}")))
        fenced = self._fenced
        if fenced:
            answers = [(c, None if c.session.key in fenced else answer) for c, answer in answers]
        return answers, others

    def dismiss(self, connection: Connection) -> None:
        """Note that a connection has ended."""
        session = connection.session
        with self.room.lock:
            self.room.door.go(connection.address)
            if self.room.carriers.get(session.id) is connection:
                del self.room.carriers[session.id]
            if not self.roster.is_current(*session.key):
                return  # the session goes on elsewhere, or has ended there
            player = self.roster[session.id]
            name, may_return = player.name, session.identity.may_return and not player.excluded
            self.roster.leave(session.id, self.room.clock.running(), may_return=may_return)
            if connection.announced:
                if _forgot_fin(connection):
                    self.room.tell(Noticed(Hint.NO_FIN, name, connection.address))
                self.room.tell(Gone(name, may_return))

    def _play(self, heard: Heard, step: Step) -> tuple[Answers, Heard]:
        """Answer those who only guess in their open game; return these answers, and the others."""
        answers: Answers = []
        others: Heard = []
        for connection, messages in heard:
            session = connection.session
            reply = ""
            if len(messages) == 1 and connection.announced:  # who is not, is announced first
                reply = session.play(messages[0], step)  # in vain if its row is fenced
            if reply:
                answers.append((connection, connection.codec.pack(reply)))
            else:
                others.append((connection, messages))
        return answers, others

    def _decide(self, connection: Connection, messages: list[bytes], step: Step) -> bytes | None:
        """Let the session answer each message; return the bytes to send, None if it is fenced."""
        self._speaker = connection
        session = connection.session
        if not self.roster.is_current(*session.key):
            return None  # it goes on elsewhere, or has ended there: nothing from here counts
        if self.roster[session.id].excluded:
            return b""  # thrown out: the last line is on its way
        newcomer = not connection.announced
        codec = connection.codec
        replies = b""
        for message in messages:
            if newcomer:
                self._announce(connection, message, step)
            reply = session.handle(message, step)
            if reply:
                replies += codec.pack(reply)
            if session.over:
                replies += codec.farewell()
                break
        if newcomer or session.rejected is not None:
            self._notice(connection, messages[0], step)
        if session.resumable and connection.carries != session.id:
            self._carry(connection)
        return replies

    def _announce(self, connection: Connection, first: bytes, step: Step) -> None:
        """Tell of a newcomer with its first message, unless that may bring back a session.

        Screens come and go untold, until they play; so does who does not know the code.
        """
        session = connection.session
        unseen = not session.admitted or (session.follows and not session.identity.is_player)
        if connection.announced or unseen or not announces(first):
            return
        player = self.roster[session.id]
        self._note_announced(connection)
        step.news.append(Arrived(player.name, connection.address))

    def _note_announced(self, connection: Connection) -> None:
        """Note that all hear of a connection, if the step is stored: then of its end too."""
        self._step.undo.append(partial(setattr, connection, "announced", connection.announced))
        connection.announced = True

    def _notice(self, connection: Connection, first: bytes, step: Step) -> None:
        """Tell what was noticed of a client, once; of a screen, nothing."""
        session = connection.session
        rejected, session.rejected = session.rejected, None
        if not connection.announced:
            return
        for hint, sent in hints(connection.codec, first, rejected, session.plays.game.bounds):
            if hint not in connection.noticed:
                connection.noticed |= {hint}
                name = self.roster[session.id].name
                step.news.append(Noticed(hint, name, connection.address, sent))

    def _carry(self, connection: Connection) -> None:
        """Let all know that the session of a connection goes on here."""
        carriers, session = self.room.carriers, connection.session.id
        if connection.carries is not None:
            carriers.pop(connection.carries, None)
        connection.carries = session
        carriers[session] = connection

    # What a session may ask of its host.

    @property
    def unlocked(self) -> bool:
        """Whether everybody may come in, without a code."""
        return self.room.door.open

    @property
    def muted(self) -> str:
        """Why nobody may chat now."""
        return self.room.muted

    def new_id(self) -> int:
        """Return a fresh id, for a game that is stored."""
        return self.room.books.new_id()

    def deal(self, ordinal: int) -> Game:
        """Draw a new secret, or take that of the round."""
        return self.room.deal(ordinal)

    def scores(self) -> str:
        """Return the `scores` line."""
        return score_line(self.room.standings())

    def snapshot(self, session: int) -> str:
        """Return the `etat` line for a session."""
        return self.room.snapshot().line(session)

    def new_token(self) -> tuple[str, bytes]:
        """Return a fresh token and its hash."""
        return self.room.new_token()

    def enter(self, code: str) -> None:
        """Let the speaker in who says the code; who has said too many hears nothing of it."""
        door, who = self.room.door, self._speaker.address
        unheard = door.wrong_codes.too_many(who, self._step.now)
        if door.admits(code, who, self._step.now):
            return
        if unheard:
            self._speaker.session.over = True
            raise ProtocolError(
                ErrorCode.CODE, "trop d'essais depuis ton adresse : attends une minute"
            )
        raise ProtocolError(
            ErrorCode.CODE, "ce n'est pas le code : lis-le sur le tableau de la classe"
        )

    def resume(self, token: str) -> SavedSession:
        """Fence and load a session; what was decided before is stored first."""
        self._store_so_far()
        contest = self.room.competition
        competition = None if contest is None else contest.row.id
        with self.room.books as store:
            saved = store.resume(hash_token(token), competition, self._speaker.address)
        if saved is None:
            wrong, who = self.room.door.wrong_tokens, self._speaker.address
            self._speaker.session.over = wrong.too_many(who, self._step.now)
            wrong.add(who, self._step.now)
            raise ProtocolError(
                ErrorCode.JETON, "jeton inconnu : demande une session neuve avec session"
            )
        before = self.room.carriers.get(saved.id)
        if before is not None and before is not self._speaker:
            before.end()  # now: the same step may go on as yet another session
        self._note_announced(self._speaker)  # the news that it is back will do
        return saved

    def adopt(self, session: int, token_hash: bytes | None, heir: int) -> SavedSession:
        """Give a vacant session to the owner of another one; what was decided is stored first."""
        self._store_so_far()
        with self.room.books as store:
            return store.adopt(session, token_hash, heir, self._speaker.address)

    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, secret it was compared with)."""
        self._store_so_far()
        with self.room.books as store:
            return store.recall(session, seq)

    def _store_so_far(self) -> None:
        """Store what the step has decided; then it is true for all, and told.

        At its end, and before: when a session goes on as another, or asks what was stored.
        """
        room, step = self.room, self._step
        self._fenced |= room.books.commit(step)
        step.undo.clear()
        if step.news:
            news, step.news = step.news, []
            room.settle(news, self._fenced)
            self._said += [item for item in news if type(item) is Said]
        room.record((c.session for c, _ in self._heard), step.at, self._fenced)


def _forgot_fin(connection: Connection) -> bool:
    """Whether a client on a plain socket has just left, and should have said so."""
    session = connection.session
    plain = isinstance(connection.codec, LineCodec) and not session.resumable
    return plain and connection.left is True and not session.over
