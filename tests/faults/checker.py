"""What DESIGN promises in its section 4, as named checks of one run: its book against its file.

    found = check(book, db)             # {name of the check: what it found, a sentence each}
    assert not found, report(found)

`codes`: join codes, which nobody may be told. `restarted`: the host was started again meanwhile, so
that its practice standings may leave out who did not come back. For the standings, somebody has to
ask `suivre` or `scores` when all have played.

The rules are written here once more, from DESIGN and rules.md alone: what is compared with the host
must not come from the host.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.faults import ranking, secrecy
from tests.faults.evidence import Evidence, Game, Session, answer, seal
from tests.faults.recorder import Recorder
from tests.faults.transcript import Stint, state_of

__all__ = ["CHECKS", "Check", "Found", "check", "report"]

Check = Callable[[Evidence], Iterable[str]]
Found = dict[str, list[str]]


def check(book: Recorder, db: Path, *, codes: Iterable[str] = (), restarted: bool = False) -> Found:
    """Make all checks; return what they found, nothing of those that found nothing."""
    evidence = Evidence(book, db, codes=codes, restarted=restarted)
    found = {name: list(make(evidence)) for name, make in CHECKS.items()}
    return {name: sentences for name, sentences in found.items() if sentences}


def report(found: Found, most: int = 5) -> str:
    """Return what was found as a text, some sentences of each check."""
    lines = []
    for name, sentences in found.items():
        lines += [f"{name}: {len(sentences)}", *(f"    {line[:300]}" for line in sentences[:most])]
    return "\n".join(lines)


# 1. acknowledged ⊆ stored ⊆ sent; each (session, seq) has one number and one answer, for ever.


def acknowledged_in_stored(evidence: Evidence) -> Iterator[str]:
    for stint in evidence.homeless:
        yield f"{stint}: no session stores its {len(stint.answered)} answered guesses"
    for session in evidence.sessions:
        for guess in session.answered:
            row = session.rows.get(guess.seq or 0)
            if row is None or row.number != guess.number:
                yield f"{session}: not stored: {guess}"


def stored_in_sent(evidence: Evidence) -> Iterator[str]:
    for session in evidence.sessions:
        if session.rubbish is not None:
            continue
        numbered = {(guess.seq, guess.number) for guess in session.guesses}
        for row in session.stored:
            if not {(row.seq, row.number), (None, row.number)} & numbered:
                yield f"{session}: nobody sent what is stored: #{row.seq} {row.number}"


def one_number_one_answer(evidence: Evidence) -> Iterator[str]:
    for session in evidence.sessions:
        for seq, count in Counter(row.seq for row in session.stored).items():
            if count > 1:
                yield f"{session}: #{seq} is stored {count} times"
        told = defaultdict(set)
        for guess in session.answered:
            told[guess.seq].add((guess.number, guess.answer))
        for seq, answers in told.items():
            if len(answers) > 1:
                yield f"{session}: #{seq} was answered in several ways: {sorted(answers)}"


def told_in_stored(evidence: Evidence) -> Iterator[str]:
    """What a Client said to its caller is what is stored, in order; one more may be on its way."""
    told = defaultdict(list)
    for said in evidence.book.said:
        told[said.who].append((said.number, said.answer))
    for who, answers in told.items():
        sessions = [s for s in evidence.sessions if any(stint.who == who for stint in s.stints)]
        rows = [(r.number, answer(r.game.secret, r.number)) for s in sessions for r in s.stored]
        for place, (said, row) in enumerate(zip(answers, rows, strict=False), 1):
            if said != row:
                yield f"{who}: guess {place} was told as {said}, and is stored as {row}"
        if len(answers) > len(rows):
            yield f"{who}: told {len(answers)} answers, {len(rows)} are stored"
        if len(rows) > len(answers) + 1:
            yield f"{who}: told {len(answers)} answers, {len(rows)} are stored: counted twice"


def one_line_back(evidence: Evidence) -> Iterator[str]:
    for page in evidence.pages:
        for line in () if page.link.rubbish else page.strange:
            yield f"{page.link}: a line that answers nothing: {line.text[:60]!r}"


# 2. Every answer fits one secret that never changes; a resumed session keeps what it had.


def answers_fit_one_secret(evidence: Evidence) -> Iterator[str]:
    for session in evidence.sessions:
        for game in session.games:
            if not game.low <= game.secret <= game.high:
                yield f"{session}: secret {game.secret} is not in {game.low}..{game.high}"
        found = {row.game.id for row in session.stored if row.number == row.game.secret}
        for game in session.games[:-1]:
            if game.round is None and game.id not in found:
                yield f"{session}: secret {game.secret} was not found, and another one came"
        for guess in session.answered:
            row = session.rows.get(guess.seq or 0)
            if row and row.number == guess.number:
                expected = answer(row.game.secret, row.number)
                if guess.answer != expected:
                    yield f"{session}: {guess}, but {row.game.secret} asks for {expected}"


def nothing_hidden_changes(evidence: Evidence) -> Iterator[str]:
    """Secret, nonce and seal are those of the beginning, wherever they are told."""
    for session in evidence.sessions:
        yield from _copies(evidence, session)
        for stint in session.stints:
            yield from _seals(evidence, session, stint)
    for round in evidence.rounds:
        seals = {
            state["sceau"] for state in _states(evidence) if state["manche"] == round.number
        } - {seal(round.label, round.secret, round.nonce)}
        if seals:
            yield f"{round.label}: other seals were shown: {sorted(seals)}"


def _copies(evidence: Evidence, session: Session) -> Iterator[str]:
    """The games of a round have its secret."""
    rounds = {round.id: round for round in evidence.rounds}
    for game in session.games:
        round = rounds.get(game.round or 0)
        if round and (round.secret, round.nonce) != (game.secret, game.nonce):
            yield f"{session}: its game of {round.label} has another secret or nonce"


def _seals(evidence: Evidence, session: Session, stint: Stint) -> Iterator[str]:
    sealed: Iterable[Game] = evidence.rounds if evidence.contest else session.games  # type: ignore[assignment]
    known = {seal(game.label, game.secret, game.nonce) for game in sealed}
    opened = {(str(game.secret), game.nonce) for game in sealed}
    secrets = {str(row.game.secret) for row in session.stored}
    kept = session.token_hash or evidence.contest  # else the log has the secrets, and no nonce
    for exchange in stint.exchanges:
        word, *rest = (exchange.reply or "").split() or [""]
        if word == "secret" and (tuple(rest) not in opened if kept else rest[0] not in secrets):
            yield f"{stint}: an unknown secret was opened: {rest}"
        if word == "sceau" and rest[0] not in known and kept:
            yield f"{stint}: the seal of no stored secret: {rest[0]}"


def resumed_keeps_all(evidence: Evidence) -> Iterator[str]:
    """A resumed session has the guesses, the count and the name that it had; rounds go on."""
    for session in evidence.sessions:
        yield from _resumptions(session)
        rounds = [(game.first_seq, game.ordinal) for game in session.games]
        if rounds != sorted(rounds):
            yield f"{session}: it went back to an earlier game"
        names = [stint.name for stint in session.stints if stint.name]
        if names and session.name is not None and session.name != names[-1]:
            yield f"{session}: it was called {names[-1]}, and is stored as {session.name}"
        came_back = sum(r.again for stint in session.stints for r in stint.resumptions)
        if session.epoch <= came_back:
            yield f"{session}: it came back {came_back} times, its epoch is {session.epoch}"


def _resumptions(session: Session) -> Iterator[str]:
    last_stored = max(session.rows, default=0)
    for stint in session.stints:
        for back in stint.resumptions:
            known = [g.seq or 0 for g in session.answered if (g.got_at or 0) < back.sent_at]
            if not max(known, default=0) <= back.last <= last_stored:
                yield (
                    f"{stint}: it came back at #{back.last};"
                    f" #{max(known, default=0)} was answered, #{last_stored} is stored"
                )
            row = session.rows.get(back.last)
            counts = {0, row.seq - row.game.first_seq + 1 if row else 0}
            new_game = row is None or row.number == row.game.secret or row.game.round is not None
            if back.count not in counts or (back.count == 0 and not new_game):
                yield f"{stint}: it came back with {back.count} guesses at #{back.last}"


# 3. Nothing counts after the win, after the round closed, or from a socket that was fenced off.


def nothing_after_the_win(evidence: Evidence) -> Iterator[str]:
    for session in evidence.sessions:
        won: dict[int | None, int] = {}
        for row in session.stored:
            goal = row.game.round if row.game.round is not None else row.game.id
            if goal in won:
                yield f"{session}: #{row.seq} counts after the win with #{won[goal]}"
            if row.number == row.game.secret:
                won[goal] = row.seq


def nothing_after_the_end(evidence: Evidence) -> Iterator[str]:
    """Nothing counts outside the time of a round, nor is sent after a player saw it closed."""
    rounds = {round.id: round for round in evidence.rounds}
    closed = _closings(evidence)
    for session in evidence.sessions:
        for row in session.stored:
            round = rounds.get(row.game.round or 0)
            if round is None:
                continue
            ends = [at for at in (round.closes_at, round.closed_at) if at is not None]
            if round.opened_at is None or not round.opened_at <= row.at <= min([*ends, row.at]):
                yield f"{session}: #{row.seq} counts outside the time of {round.label}"
            sends = [g.sent_at for g in session.guesses if (g.seq, g.number) == row[:2]]
            if sends and min(sends) > closed.get(round.number, float("inf")):
                yield f"{session}: #{row.seq} was sent when all knew that {round.label} was over"


def _closings(evidence: Evidence) -> dict[int, float]:
    """When somebody was first told that a round is over."""
    closed: dict[int, float] = {}
    for page in evidence.pages:
        for at, text in page.heard:
            state = state_of(text)
            if state and state.get("secret") is not None:
                closed[state["manche"]] = min(at, closed.get(state["manche"], at))
    return closed


def nothing_from_a_fenced_socket(evidence: Evidence) -> Iterator[str]:
    """What a link sends once another one has its session is neither answered nor stored."""
    for session in evidence.sessions:
        late = defaultdict(list)
        for stint in session.stints:
            fence = _fence(session, stint)
            for exchange in stint.exchanges:
                if exchange.sent_at > fence and exchange.reply is not None:
                    yield f"{stint}: answered when another link had it: {exchange.message[:60]!r}"
            for guess in stint.guesses:
                late[guess.seq, guess.number].append(guess.sent_at > fence)
        for row in session.stored:
            sends = late.get(row[:2])
            if sends and all(sends):
                yield f"{session}: #{row.seq} is stored, and came from a link that had lost it"


def _fence(session: Session, stint: Stint) -> float:
    """When another link had the session for sure, after this one."""
    if not stint.resumptions:
        return float("inf")
    mine = stint.resumptions[-1].got_at
    others = (
        back.got_at
        for other in session.stints
        if other.page is not stint.page
        for back in other.resumptions
        if back.again and back.sent_at > mine
    )
    return min(others, default=float("inf"))


# The file itself.


def sound(evidence: Evidence) -> Iterator[str]:
    """SQLite finds nothing, and the numbers of a session's guesses have no gap."""
    yield from (line for line in evidence.sound if line != "ok")
    yield from (f"a row without its parent: {row}" for row in evidence.orphans)
    for session in evidence.sessions:
        numbers = sorted({row.seq for row in session.stored})
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{session}: its guesses are numbered {numbers}"
        for row in session.stored:
            if row.seq < row.game.first_seq:
                yield f"{session}: #{row.seq} stands before its game began"


def _states(evidence: Evidence) -> Iterator[dict]:
    for page in evidence.pages:
        for _, text in page.heard:
            state = state_of(text)
            if state is not None and state.get("manche"):
                yield state


CHECKS: dict[str, Check] = {
    "acknowledged in stored": acknowledged_in_stored,
    "stored in sent": stored_in_sent,
    "one number and one answer": one_number_one_answer,
    "told in stored": told_in_stored,
    "one line back for each line sent": one_line_back,
    "answers fit one secret": answers_fit_one_secret,
    "secret, nonce and seal never change": nothing_hidden_changes,
    "a resumed session keeps all": resumed_keeps_all,
    "nothing after the win": nothing_after_the_win,
    "nothing after the round closed": nothing_after_the_end,
    "nothing from a fenced socket": nothing_from_a_fenced_socket,
    "standings follow from what is stored": ranking.standings,
    "one state on every screen": ranking.one_state,
    "the file is sound": sound,
    "no secret before its time": secrecy.secrets,
    "no token but its owner's": secrecy.tokens,
    "no join code": secrecy.codes,
}
"""Every promise of section 4 that a run can break. A new one is a line here."""
