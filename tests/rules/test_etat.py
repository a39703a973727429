"""The clause of `rules.md` on the fields of `etat`: the table and the host know the same ones."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import RULES_MD
from tests.support.player import Player
from tests.support.room import Class, Room, eventually

RULES = RULES_MD.read_text(encoding="utf-8")

TABLE = {
    field: (when, "`null`" in meaning)
    for field, when, meaning in re.findall(
        r"^\| `([a-z.]+)` \| ([^|]+) \| ([^|]+) \|$", RULES, re.M
    )
}
"""When each field is there, and whether it may be null."""

WHEN = {"toujours", "sauf écran", "compétition", "compétition, sauf écran"}


def documented(state: dict[str, Any]) -> set[str]:
    """Return the fields that this state should have, by the table."""
    absent = set()
    if state["phase"] == "entrainement":
        absent |= {"compétition", "compétition, sauf écran"}
    if "moi" not in state:
        absent |= {"sauf écran", "compétition, sauf écran"}
    fields = {field for field, (when, _) in TABLE.items() if when not in absent}
    for table in ("classement", "trouveurs"):
        if not state.get(table):
            fields = {field for field in fields if not field.startswith(f"{table}.")}
    return fields


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field with its value; those of an object in a list or object as `outer.inner`."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from flat(inner, f"{path}.{field}" if path else field)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from list(flat(inner, path))[1:]


def state(room: Room, player: Player | None = None) -> dict[str, Any]:
    """Return what a player is told, or a screen."""
    with Player(room.server.address) if player is None else nullcontext(player) as who:
        return who.state_now()


def everything() -> Iterator[dict[str, Any]]:
    """Yield states of both modes, in every phase, as a screen, a newcomer and a player."""
    with Room(low=5, high=5) as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        yield state(room, ada)
        assert ada.ask("5") == "gagné"
        yield from (state(room, ada), state(room, bea))
    for time_limit in ({}, {"time_limit": 600}):
        with Class(**time_limit) as room:
            ada, bea = room.player("Ada"), room.player("Bea")
            director = room.director
            moves = [
                None,
                director.start,
                "play",
                director.stop,
                director.next,
                director.stop,
            ]
            for move in moves:
                if move == "play":
                    assert ada.ask(str(room.secret())) == "gagné"
                elif move is not None:
                    move()
                yield from (state(room), state(room, ada), state(room, bea))
            assert room.contest.phase.value == "finie"


def test_the_table_and_the_host_know_the_same_fields() -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    assert {when for when, _ in TABLE.values()} == WHEN
    seen: dict[str, list[Any]] = {}
    phases = set()
    for told in everything():
        fields = dict(flat(told))
        assert set(fields) == documented(told), told
        for field, value in flat(told):
            seen.setdefault(field, []).append(value)
        phases.add(told["phase"])
    assert phases == {"entrainement", "salle", "manche", "pause", "finie"}
    assert set(seen) == set(TABLE)
    for field, (_, may_be_null) in TABLE.items():
        assert (None in seen[field]) == may_be_null, field
        assert any(value is not None for value in seen[field]), field


def test_the_line_is_one() -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    with Class() as room:
        player = room.player("D'Artagnan")
        line = player.ask("suivre")
        assert line.startswith("etat {")
        assert line.endswith("}")
        player.sync()


def test_the_state_through_a_competition() -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    with Class(time_limit=600) as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        told = state(room, ada)
        assert told.pop("version") > 0
        assert told == {
            "phase": "salle",
            "bornes": [1, 100],
            "optimum": {"pire": 7, "moyenne": 5.8},
            "presents": 2,
            "ici": ["Ada", "Bea"],
            "parole": True,
            "retour": False,
            "manche": 0,
            "manches": 2,
            "secondes": None,
            "trouve": 0,
            "trouveurs": [],
            "etiquette": None,
            "sceau": None,
            "secret": None,
            "nonce": None,
            "classement": [],
            "moi": {
                "nom": "Ada",
                "rang": None,
                "trouves": 0,
                "coups": 0,
                "temps": 0,
                "manche": {"coups": 0, "trouve": False},
            },
        }
        room.director.start()
        assert ada.ask(str(room.wrong())) in ("plus", "moins")
        assert ada.ask(str(room.secret())) == "gagné"
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        told = state(room, ada)
        seal = told["sceau"]
        assert (told["phase"], told["manche"], told["parole"]) == ("manche", 1, False)
        assert (told["etiquette"], told["secret"], told["nonce"]) == (
            "manche 1",
            None,
            None,
        )
        assert told["secondes"] in (599, 600)
        assert (told["trouve"], told["ici"]) == (1, [])
        (finder,) = told["trouveurs"]
        assert finder == {"nom": "Ada", "coups": 2, "temps": told["classement"][0]["temps"]}
        first, second = told["classement"]
        assert [*first] == ["rang", "nom", "trouves", "coups", "temps"]
        assert [*first.values()][:4] == [1, "Ada", 1, 2]
        assert [*second.values()] == [2, "Bea", 0, 1, 0]
        assert told["moi"] == first | {"manche": {"coups": 2, "trouve": True}}
        room.director.stop()
        told = state(room, bea)
        assert (told["phase"], told["manche"], told["secondes"]) == ("pause", 1, None)
        assert (told["parole"], told["trouve"], told["sceau"]) == (True, 1, seal)
        assert (told["ici"], told["trouveurs"]) == (["Ada", "Bea"], [finder])
        assert told["secret"] == room.secret()
        assert told["moi"] == second | {"manche": {"coups": 1, "trouve": False}}
        room.director.next()
        told = state(room, ada)
        assert (told["manche"], told["trouve"], told["secret"]) == (2, 0, None)
        assert told["trouveurs"] == []
        assert told["moi"] == first | {"manche": {"coups": 0, "trouve": False}}


def test_fifty_are_shown_and_your_own_place() -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    with Room(low=5, high=5) as room:
        players = [room.player(f"Joueuse {n:02}") for n in range(60)]
        for player in players:
            assert player.ask("5") == "gagné"
        for player in players[:59]:
            assert player.ask("5") == "gagné"
        told = state(room, players[59])
        assert [entry["nom"] for entry in told["classement"]] == [
            f"Joueuse {n:02}" for n in range(50)
        ]
        assert (told["presents"], told["moi"]["rang"]) == (60, 60)


@pytest.mark.parametrize("screens", [False, True])
def test_screens_are_not_counted(screens: bool) -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    with Class() as room:
        player, other = room.player("Ada"), room.player()
        other.sync()
        assert player.follow()["presents"] == 1
        if screens:
            assert "moi" not in state(room, other)
            other.send(b"nom Bea\n")
        else:
            other.send(b"nom Bea\nsuivre\n")
        eventually(
            lambda: (told := state(room, other))["presents"] == 2 and "moi" in told,
            True,
        )


CHANGES = [
    "nom Bea",
    "FIN",
    "guess",
    "start",
    "stop",
    "quiet",
    "arrive",
    "exclude",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_version_grows_with_every_change(change: str) -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    with Class() as room:
        ada, follower = room.player("Ada"), room.player("Zoé")
        if change in ("guess", "stop"):
            room.director.start()
        before = follower.follow()
        if change in ("nom Bea", "FIN"):
            ada.ask(change)
        elif change == "guess":
            ada.ask(str(room.wrong()))
        elif change == "quiet":
            room.director.quiet(True)
        elif change == "arrive":
            room.player("Cid")
        elif change == "exclude":
            room.director.exclude("Ada")
        else:
            getattr(room.director, change)()
        while (after := follower.state())["version"] == before["version"]:  # comes unasked
            assert after == before
        assert after["version"] > before["version"]


def test_the_version_grows_over_a_restart(tmp_path: Path) -> None:
    """R60 — « Le JSON de `etat` tient sur une ligne et a les champs du tableau, tous et eux seuls.
    `version` grandit à chaque changement, même quand l'hôte est relancé entre-temps. »"""
    file = tmp_path / "partie.db"
    with Class(db=file) as room:
        id = room.contest.row.id
        with room.server.room.lock:  # as many changes in as short a time as can be
            for _ in range(1000):
                room.server.room.roster.version += 1
                room.server.room.snapshot()
        latest = state(room)["version"]
        assert latest <= time.time_ns() // 1_000  # µs: a host started this instant tells more
    with Room(competition=id, db=file) as room:
        assert state(room)["version"] > latest
