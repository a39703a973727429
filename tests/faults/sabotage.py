"""What a faulty host could do, done to a sound book or file: each must be named by its check.

SABOTAGES maps a sentence to (the check that has to see it, the runs it fits, what is done).
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.faults.evidence import Evidence, Session
from tests.faults.recorder import Entry, Kind, Link, Recorder

__all__ = ["CODE", "SABOTAGES", "copied"]

CODE = "482193"

Sabotage = Callable[[Recorder, Path], None]
BOTH, PRACTICE, COMPETITION = ("practice", "competition"), ("practice",), ("competition",)


def copied(book: Recorder) -> Recorder:
    """Return a book that can be spoiled."""
    copy = Recorder()
    for link in book.links:
        copy.open(link.who, rubbish=link.rubbish).entries = list(link.entries)
    copy.said, copy.output = list(book.said), list(book.output)
    return copy


# Ways to spoil.


def sql(statement: str) -> Sabotage:
    """Change the file; `:ada` and `:bob` are their sessions."""

    def spoil(book: Recorder, db: Path) -> None:
        ids = {who: owned(book, db, who).id for who in ("Ada", "Bob")}
        with closing(sqlite3.connect(db, isolation_level=None)) as file:
            cursor = file.execute(statement, {"ada": ids["Ada"], "bob": ids["Bob"]})
            assert cursor.rowcount, "nothing was changed"

    return spoil


def owned(book: Recorder, db: Path, who: str) -> Session:
    sessions = Evidence(book, db).sessions
    return next(s for s in sessions if any(stint.who == who for stint in s.stints))


def page(book: Recorder, who: str, number: int = 0) -> Link:
    return [link for link in book.links if link.who == who][number]


def reword(who: str, pattern: str, words: str | Callable[[re.Match[str]], str]) -> Sabotage:
    """Change the last line of that kind that somebody got."""

    def spoil(book: Recorder, db: Path) -> None:
        for link in reversed([link for link in book.links if link.who == who]):
            for place in reversed(range(len(link.entries))):
                entry = link.entries[place]
                text = entry.data.decode()
                new = re.sub(pattern, words, text, count=1)
                if entry.kind is Kind.GOT and new != text:
                    link.entries[place] = entry._replace(data=new.encode())
                    return
        raise AssertionError(f"{who} never got {pattern}")

    return spoil


def hears(who: str, line: str, *, first: bool = False) -> Sabotage:
    """Have somebody get one line more; {secret}, {nonce}, {token} are Ada's."""

    def spoil(book: Recorder, db: Path) -> None:
        text = filled(line, book, db)
        link = page(book, who, -1)
        greeting = 1 + [e.kind for e in link.entries].index(Kind.GOT)
        place = greeting if first else len(link.entries)
        at = link.entries[place - 1].at
        link.entries.insert(place, Entry(at, Kind.GOT, f"{text}\n".encode()))

    return spoil


def asks(who: str, message: str, reply: str) -> Sabotage:
    """Have somebody's first link say and hear one more thing, at the very end."""

    def spoil(book: Recorder, db: Path) -> None:
        entries = page(book, who).entries
        while entries[-1].kind is Kind.ENDED:
            entries.pop()
        at = max(entry.at for link in book.links for entry in link.entries)
        for kind, text in ((Kind.SENT, message), (Kind.GOT, reply)):
            entries.append(Entry(at, kind, f"{filled(text, book, db)}\n".encode()))

    return spoil


def prints(line: str) -> Sabotage:
    """Have the host print one line, before anything has happened."""

    def spoil(book: Recorder, db: Path) -> None:
        book.printed("host", filled(line, book, db))
        book.output[-1] = book.output[-1]._replace(at=0.0)

    return spoil


def tells(number: int, answer: str) -> Sabotage:
    return lambda book, db: book.told("Ada", number, answer)


def filled(line: str, book: Recorder, db: Path) -> str:
    ada = owned(book, db, "Ada")
    token = next(stint.token for stint in ada.stints)
    game, row = ada.games[0], ada.stored[0]
    return line.format(
        secret=game.secret,
        nonce=game.nonce,
        token=token,
        number=row.number,
        next=len(ada.stored) + 1,
    )


def torn_file(book: Recorder, db: Path) -> None:
    """Overwrite Ada's entry in an index, as a bad disk would."""
    known = owned(book, db, "Ada").token_hash
    with closing(sqlite3.connect(db)) as file:
        (root,) = file.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_session_1'"
        ).fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    content = db.read_bytes()
    start, end = (root - 1) * size, root * size
    assert known
    assert known in content[start:end]
    torn = content[start:end].replace(known, bytes(len(known)))
    db.write_bytes(content[:start] + torn + content[end:])


def drifting_log(book: Recorder, db: Path) -> None:
    """Have Bob's second guess stand at another secret, which asks for the same answer."""
    with closing(sqlite3.connect(db, isolation_level=None)) as file:
        id, guesses = file.execute("SELECT id, guesses FROM log LIMIT 1 OFFSET 1").fetchone()
        session, seq, secret, number = struct.unpack("<4q", guesses)
        row = struct.pack("<4q", session, seq, secret + 1, number)
        file.execute("UPDATE log SET guesses = ? WHERE id = ?", (row, id))


def one_more(match: re.Match[str]) -> str:
    return f"{match[1]}{int(match[2]) + 1}"


def another_state(book: Recorder, db: Path) -> None:
    """Show somebody else the last state with another number of players in it."""
    heard = b"".join(e.data for e in page(book, "asks").entries if e.kind is Kind.GOT).decode()
    state = json.loads(next(x for x in heard.splitlines() if x.startswith("etat "))[5:])
    state["presents"] += 1
    hears("screen", "etat " + json.dumps(state).replace("{", "{{").replace("}", "}}"))(book, db)


LAST = "seq = (SELECT max(seq) FROM guess JOIN game g ON g.id = game WHERE session = :ada)"
OF_ADA = "game IN (SELECT id FROM game WHERE session = :ada)"
WON = (
    "SELECT game.id FROM game JOIN guess ON game = game.id AND number = secret WHERE session = :ada"
)

TELLING = (
    'etat {{"version": 1, "manche": 1, "secret": {secret}, "nonce": "", "sceau": "",'
    ' "classement": []}}'
)
"""A state that opens the first round."""

SABOTAGES: dict[str, tuple[str, tuple[str, ...], Sabotage]] = {
    "an answered guess is lost": (
        "acknowledged in stored", BOTH, sql(f"DELETE FROM guess WHERE {LAST} AND {OF_ADA}"),
    ),
    "all of a nameless session is lost": (
        "acknowledged in stored", PRACTICE,
        sql("DELETE FROM log"),
    ),
    "a session with a token is lost": (
        "acknowledged in stored", BOTH,
        sql("UPDATE session SET token_hash = x'00' WHERE id = :ada"),
    ),
    "a guess is stored that nobody sent": (
        "stored in sent", BOTH,
        sql(
            "INSERT INTO guess SELECT game, seq + 1, number + 1, at FROM guess"
            f" WHERE {LAST} AND {OF_ADA}"
        ),
    ),
    "another number is stored than was sent": (
        "stored in sent", BOTH,
        sql(f"UPDATE guess SET number = number + 1 WHERE {LAST} AND {OF_ADA}"),
    ),
    "a guess is stored twice": (
        "one number and one answer", BOTH,
        sql(
            "INSERT INTO guess SELECT (SELECT max(id) FROM game WHERE session = :ada), 1, number,"
            f" at FROM guess WHERE seq = 1 AND {OF_ADA}"
        ),
    ),
    "a guess is answered again in another way": (
        "one number and one answer", BOTH, asks("Ada", "#1 {number}", "resultat 1 gagné"),
    ),
    "a caller is told what is not stored": (
        "told in stored", BOTH, tells(1, "plus"),
    ),
    "a line comes unasked": ("one line back for each line sent", BOTH, hears("Bob", "plus")),
    "an answer is wrong": (
        "answers fit one secret", BOTH, reword("Ada", "(resultat [0-9]+ )plus", r"\1moins"),
    ),
    "an answer to the nameless is wrong": (
        "acknowledged in stored", PRACTICE, reword("Bob", "plus", "moins"),
    ),
    "an answer to one without a token is wrong": (
        "answers fit one secret", COMPETITION, reword("Bob", "plus", "moins"),
    ),
    "the secret changes": (
        "answers fit one secret", BOTH,
        sql("UPDATE game SET secret = secret + 1 WHERE ordinal = 1 AND session = :ada"),
    ),
    "the secret changes between two guesses": ("answers fit one secret", PRACTICE, drifting_log),
    "the nonce changes": (
        "secret, nonce and seal never change", BOTH,
        sql("UPDATE game SET nonce = 'ff' WHERE session = :ada"),
    ),
    "the seal changes": (
        "secret, nonce and seal never change", BOTH,
        reword("Ada", "sceau [0-9a-f]{4}", "sceau beef"),
    ),
    "another secret is opened": (
        "secret, nonce and seal never change", BOTH, reword("Bob", "secret [0-9]", "secret 0"),
    ),
    "a screen shows another seal": (
        "secret, nonce and seal never change", COMPETITION,
        reword("screen", '"sceau":"....', '"sceau":"beef'),
    ),
    "a session comes back with another count": (
        "a resumed session keeps all", BOTH,
        reword("Ada", "(session [0-9a-f]+ 5 )([0-9]+)", one_more),
    ),
    "a session comes back behind its last guess": (
        "a resumed session keeps all", BOTH, reword("Ada", "(session [0-9a-f]+ )5", r"\g<1>4"),
    ),
    "a session comes back under another name": (
        "a resumed session keeps all", BOTH, sql("UPDATE session SET name = 'Eve' WHERE id = :ada"),
    ),
    "a session comes back without a new epoch": (
        "a resumed session keeps all", BOTH, sql("UPDATE session SET epoch = 1 WHERE id = :ada"),
    ),
    "a guess counts after the win": (
        "nothing after the win", BOTH,
        sql(
            f"INSERT INTO guess SELECT ({WON}), max(seq) + 1, 5, max(at) FROM guess"
            f" WHERE {OF_ADA}"
        ),
    ),
    "a guess counts after the round": (
        "nothing after the round closed", COMPETITION,
        sql(f"UPDATE guess SET at = at + 3600000 WHERE {LAST} AND {OF_ADA}"),
    ),
    "a guess counts before the round": (
        "nothing after the round closed", COMPETITION,
        sql(f"UPDATE guess SET at = 0 WHERE seq = 1 AND {OF_ADA}"),
    ),
    "a guess counts that was sent when the round was over": (
        "nothing after the round closed", COMPETITION,
        hears("screen", TELLING, first=True),
    ),
    "a fenced link is answered": (
        "nothing from a fenced socket", BOTH, asks("Ada", "#{next} 5", "resultat {next} plus"),
    ),
    "a fenced link's question is answered": (
        "nothing from a fenced socket", BOTH, asks("Ada", "ping", "pong"),
    ),
    "the standings count a guess too many": (
        "standings follow from what is stored", BOTH,
        reword("asks", "(scores 1. .*? [0-9]/)([0-9]+)", one_more),
    ),
    "the standings have another time": (
        "standings follow from what is stored", COMPETITION,
        reword("asks", r'("classement":\[\{[^}]*"temps":)([0-9]+)', one_more),
    ),
    "the standings forget somebody": (
        "standings follow from what is stored", BOTH, reword("asks", "scores .*", "scores"),
    ),
    "the standings have a wrong rank": (
        "standings follow from what is stored", BOTH, reword("asks", '("rang":)(1)', one_more),
    ),
    "two screens differ": ("one state on every screen", BOTH, another_state),
    "a guess is missing in the middle": (
        "the file is sound", BOTH, sql(f"DELETE FROM guess WHERE seq = 3 AND {OF_ADA}"),
    ),
    "a guess has lost its game": (
        "the file is sound", BOTH, sql("DELETE FROM game WHERE ordinal = 1 AND session = :ada"),
    ),
    "the file is torn": ("the file is sound", BOTH, torn_file),
    "a secret is told in an error": (
        "no secret before its time", BOTH, hears("Bob", "erreur commande {secret} ?", first=True),
    ),
    "a secret is told as it may be, but too early": (
        "no secret before its time", BOTH, hears("Bob", "secret {secret} {nonce}", first=True),
    ),
    "a nonce is told in longer digits": (
        "no secret before its time", BOTH, hears("Bob", "pong ab{nonce}cd", first=True),
    ),
    "a screen shows the secret while the round runs": (
        "no secret before its time", COMPETITION,
        hears("screen", TELLING, first=True),
    ),
    "the host prints a secret": (
        "no secret before its time", BOTH, prints("DEBUG game secret={secret}"),
    ),
    "the host tells the secret while the round runs": (
        "no secret before its time", COMPETITION,
        prints("── Manche 1 finie : le secret était {secret}, 1 sur 2 ont trouvé"),
    ),
    "another one is told a token": ("no token but its owner's", BOTH, hears("Bob", "pong {token}")),
    "the host prints a token": ("no token but its owner's", BOTH, prints("resumed {token}")),
    "a join code is told": ("no join code", BOTH, hears("Bob", f"erreur code {CODE} attendu")),
    "the host logs a join code": ("no join code", BOTH, prints(f"DEBUG code={CODE}")),
}  # fmt: skip
