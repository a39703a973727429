"""The arena: what the bots did against the same secrets, and every way to show it."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from justeprix.errors import BotError
from justeprix.game.secret import Answer, Bounds
from justeprix.results.report import Move
from justeprix.workshop.arena import games as arena
from justeprix.workshop.arena.bot import BotProcess, Proposal
from justeprix.workshop.arena.faults import BotFault, Kind
from justeprix.workshop.arena.games import draw, play
from justeprix.workshop.arena.outcome import Career, Results
from justeprix.workshop.arena.results import FORMATS
from justeprix.workshop.arena.results.spread import Bin, bins, optimal_share, share, within
from justeprix.workshop.arena.starts import start

FILES = ("csv", "json", "svg")
"""The formats that are the same, byte for byte, each time."""

JOUE = "def joue(bas, haut, historique):\n"

DICE = f"import random\n{JOUE}    return random.randint(bas, haut)\n"

BOTS = {
    "dichotomie.py": start("dichotomie"),
    "hasard.py": start("hasard"),
    "dés.py": DICE,
    "division.py": f"{DICE}    # jamais\n".replace("return", "1 // (haut - bas)\n    return"),
    "moitié.py": f"{JOUE}    return (bas + haut) / 2\n",
    "loin.py": f"import random\n{JOUE}    return random.randint(bas - 3, haut)\n",
    "bavard.py": start("hasard").replace("    for", "    print('là', bas, '\\ud800')\n    for"),
    "syntaxe.py": "def joue(\n",
    "clavier.py": f"n = input()\n{JOUE}    return n\n",
    "sortie.py": f"{JOUE}    exit()\n",
    "lui-même.py": f"{JOUE}    return [joue, object()]\n",
    "mort.py": "import os\n"
    + start("hasard").replace("return", "if random.random() < 0.3: os._exit(1)\n    return"),
}
"""Bots that play, and bots that do not: all are the same each time."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in BOTS.items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


def held(folder: Path, names: list[str], bounds: Bounds, games: int | None, **options: object):
    """Hold an arena of real bots."""
    limit = options.pop("limit", 10.0)
    seed = options.pop("seed", 7)
    bots = [(name, BotProcess(folder / name, limit=limit)) for name in names]
    count: list[int] = []
    secrets = draw(bounds, games, seed)
    outcome = play(bots, bounds, secrets, seed, at_once=2, on_game=count.append)
    assert sum(count) == len(bots) * len(secrets)
    return outcome


def career(outcome: Results, name: str) -> Career:
    return next(career for career in outcome.careers if career.name == name)


# Without processes: the arithmetic.


class Pure:
    """Stands for a BotProcess where only the numbers matter.

    `guess(low, high)` chooses from what fits.
    """

    said = ""

    def __init__(self, guess: Callable[[int, int], int]) -> None:
        self._guess = guess
        self.file = Path("pure.py")
        self.closed = False

    def load(self) -> None:
        pass

    def begin(self, bounds: Bounds, seed: str) -> Proposal:
        self._left = bounds
        return Proposal(self._guess(bounds.low, bounds.high), 1.0)

    def go_on(self, number: int, answer: str) -> Proposal:
        low, high = self._left.low, self._left.high
        self._left = Bounds(number + 1, high) if answer == "plus" else Bounds(low, number - 1)
        return Proposal(self._guess(self._left.low, self._left.high), 1.0)

    def close(self) -> None:
        self.closed = True


def middle(low: int, high: int) -> int:
    return (low + high) // 2


def lowest(low: int, high: int) -> int:
    return low


def pure(bounds: Bounds, *guesses: Callable[[int, int], int], games: int | None = None) -> Results:
    bots = [(f"{place}.py", Pure(guess)) for place, guess in enumerate(guesses)]
    secrets = draw(bounds, games, 7)
    outcome = play(bots, bounds, secrets, 7, at_once=1, on_game=lambda games: None)  # type: ignore[arg-type]
    assert all(bot.closed for _, bot in bots)
    return outcome


small = st.builds(
    lambda low, size: Bounds(low, low + size), st.integers(-50, 50), st.integers(0, 70)
)


@settings(max_examples=60)
@given(small)
def test_all_secrets_give_the_optimum_to_the_last_digit(bounds: Bounds) -> None:
    outcome = pure(bounds, middle, lowest)
    best = career(outcome, "0.py")
    assert (best.mean, best.worst) == (bounds.mean, bounds.worst)
    assert outcome.is_complete
    for bin in bins(outcome):
        assert share(best, bin) == optimal_share(bounds, bin)
    line = career(outcome, "1.py")
    assert line.counts == list(range(1, bounds.size + 1))
    assert all(len(career.counts) == bounds.size for career in outcome.careers)


def test_the_average_of_the_issue() -> None:
    assert pure(Bounds(1, 1000), middle).careers[0].mean == 8.987


@settings(max_examples=60)
@given(small, st.integers(1, 40))
def test_every_game_is_in_one_bin_and_every_bin_in_the_table(bounds: Bounds, games: int) -> None:
    outcome = pure(bounds, middle, lowest, games=games)
    found = bins(outcome)
    longest = max([bounds.worst, *(career.worst for career in outcome.careers)])
    assert [n for bin in found for n in range(bin.least, bin.most + 1)] == list(
        range(1, longest + 1)
    )
    for one in outcome.careers:
        shares = sum(share(one, bin) for bin in found)
        assert shares == pytest.approx(len(one.found) / len(one.counts))
        steps = list(within(one))
        assert [count for count, _ in steps] == sorted(set(one.found))
        assert steps[-1][1] == 1.0
    assert sum(optimal_share(bounds, bin) for bin in found) == pytest.approx(1)
    header = FORMATS["csv"](outcome).splitlines()[0]
    assert header.count(";") == 6 + len(found)


@settings(max_examples=40)
@given(small, st.integers(1, 20))
def test_the_worst_game_can_be_replayed(bounds: Bounds, games: int) -> None:
    outcome = pure(bounds, lowest, games=games)
    one = outcome.careers[0]
    assert len(one.longest) == one.worst
    secret = one.longest[-1].number
    assert secret in outcome.secrets
    for move in one.longest:
        assert move.number in bounds
        assert (move.number < secret) == (move.answer is Answer.HIGHER)
        assert (move.number == secret) == (move.answer is Answer.FOUND)
    text = FORMATS["table"](outcome)
    assert f"le secret était {secret}." in text
    assert f"en {len(one.longest)} coup" in text


@given(small, st.integers(1, 30), st.integers())
def test_secrets_are_drawn_from_the_bounds_and_the_seed(
    bounds: Bounds, games: int, seed: int
) -> None:
    secrets = draw(bounds, games, seed)
    assert len(secrets) == games
    assert all(secret in bounds for secret in secrets)
    assert secrets == draw(bounds, games, seed)


def test_every_number_may_be_drawn() -> None:
    assert set(draw(Bounds(3, 6), 200, 1)) == {3, 4, 5, 6}
    assert draw(Bounds(1, 10**9), 9, 1) != draw(Bounds(1, 10**9), 9, 2)


def test_who_wins_more_is_first_then_who_needs_less_and_ties_share_a_rank() -> None:
    def made(name: str, *counts: int | None) -> Career:
        return Career(name, list(counts))

    best, also = made("b", 3, 4), made("c", 4, 3)
    fewer, none, nobody = made("a", 1, None), made("e", None, None), made("d", None, None)
    given = [none, fewer, also, nobody, best]
    given.sort(key=lambda career: (*career.merit, career.name))
    outcome = Results(Bounds(1, 9), [1, 2], 7, given)
    assert [career.name for career in given] == ["b", "c", "a", "d", "e"]
    assert outcome.ranks == [1, 1, 3, 4, 4]


# With processes.


def test_a_real_bot_on_all_thousand_secrets(folder: Path) -> None:
    bounds = Bounds(1, 1000)
    outcome = held(folder, ["dichotomie.py"], bounds, None)
    one = outcome.careers[0]
    assert (one.mean, one.worst, len(one.found)) == (bounds.mean, bounds.worst, 1000)
    text = FORMATS["table"](outcome)
    assert re.search(r"1 +dichotomie\.py +1000 +8,987 +10 +0 +0 ", text)
    assert re.search(r"\(dichotomie\) +8,987 +10", text)
    spread = [line.split()[1:] for line in text.splitlines() if "48,9" in line]
    assert len(spread) == 2
    assert spread[0] == spread[1]


def test_the_same_seed_gives_the_same_files_and_whoever_else_plays(folder: Path) -> None:
    bounds = Bounds(1, 60)
    once, again = (held(folder, list(BOTS), bounds, 12) for _ in range(2))
    for format in FILES:
        assert FORMATS[format](once) == FORMATS[format](again), format
        FORMATS[format](once).encode()
    other = held(folder, list(BOTS), bounds, 12, seed=8)
    assert FORMATS["json"](other) != FORMATS["json"](once)
    for name in ("dés.py", "mort.py", "bavard.py"):
        alone = held(folder, [name], bounds, 12).careers[0]
        beside = career(once, name)
        assert (alone.counts, alone.faults, alone.said) == (
            beside.counts,
            beside.faults,
            beside.said,
        )


def test_a_death_in_between_changes_no_other_game(folder: Path) -> None:
    outcome = held(folder, ["mort.py", "hasard.py"], Bounds(1, 60), 20)
    dying, living = career(outcome, "mort.py"), career(outcome, "hasard.py")
    assert None in dying.counts
    assert None not in living.counts
    first = next(place for place, count in enumerate(dying.counts) if count is None)
    assert first < len(dying.counts) - 1
    # It draws twice as often, so its games are its own: but each is the same whatever died before.
    assert held(folder, ["mort.py"], Bounds(1, 60), 20).careers[0].counts == dying.counts


def test_who_crashes_stalls_or_dies_loses_its_game_and_all_go_on(folder: Path) -> None:
    moody = f"import os, random\n{JOUE}    mood = random.random()\n"
    for name, fails in {"plante.py": "1 // 0", "boucle.py": "while True: bas = bas", "meurt.py":
                        "os._exit(1)"}.items():  # fmt: skip
        body = f"    if mood < 0.2 and not historique: {fails}\n"
        if name == "boucle.py":
            body = "    while mood < 0.2 and not historique:\n        bas = bas\n"
        rest = start("dichotomie").partition(JOUE)[2]
        (folder / name).write_text(moody + body + rest, encoding="utf-8")
    names = ["plante.py", "boucle.py", "meurt.py", "dichotomie.py"]
    outcome = held(folder, names, Bounds(1, 50), 15, limit=0.5)
    plain = career(outcome, "dichotomie.py")
    assert outcome.careers[0] is plain
    for name in names[:3]:
        one = career(outcome, name)
        lost = [place for place, count in enumerate(one.counts) if count is None]
        assert 0 < len(lost) < 15
        assert sum(one.faults.values()) == len(lost)
        kept = [n for n, p in zip(one.counts, plain.counts, strict=True) if n is not None]
        assert kept == [p for n, p in zip(one.counts, plain.counts, strict=True) if n is not None]
    assert len({tuple(one.faults) for one in outcome.careers}) == 4


def test_totals_add_up_and_invalid_moves_are_counted_apart(folder: Path) -> None:
    names = ["loin.py", "moitié.py", "division.py", "clavier.py", "lui-même.py"]
    outcome = held(folder, names, Bounds(5, 5), 6)
    for one in outcome.careers:
        assert len(one.counts) == 6
        assert len(one.found) + sum(one.faults.values()) == 6
        invalid = sum(n for text, n in one.faults.items() if re.search("joue (doit|a) rend", text))
        assert one.invalid == invalid, one.name
    assert career(outcome, "moitié.py").invalid == 6
    assert len(career(outcome, "lui-même.py").faults) == 1
    text = FORMATS["table"](outcome)
    assert "6 parties perdues : moitié.py, ligne 2 : joue doit rendre" in text
    assert re.search(r"moitié\.py +0 +- +- +6 +6 +-", text)


@pytest.mark.parametrize("games", [1, 3, 50])
def test_three_deaths_in_a_row_end_it(folder: Path, games: int) -> None:
    log = folder / "vies"
    source = f"import os\nopen({str(log)!r}, 'a').write('.')\n{JOUE}    os._exit(2)\n"
    (folder / "mort.py").write_text(source)
    one = held(folder, ["mort.py"], Bounds(1, 50), games).careers[0]
    assert one.counts == [None] * games
    assert sum(one.faults.values()) == games
    assert len(log.read_text()) <= 2 * arena.DEATHS  # each life runs it to load it, and to play


def test_deaths_that_are_not_in_a_row_do_not(folder: Path) -> None:
    source = f"import os\n{JOUE}    if not historique: return 2\n    os._exit(2)\n"
    (folder / "mort.py").write_text(source)
    bounds, secrets = Bounds(1, 3), [1, 3, 2] * 4
    bot = BotProcess(folder / "mort.py")
    outcome = play([("mort.py", bot)], bounds, secrets, 7, at_once=1, on_game=lambda games: None)
    assert outcome.careers[0].counts == [None, None, 1] * 4


def test_a_bot_whose_file_goes_away_loses_and_the_others_go_on(folder: Path) -> None:
    source = f"import os\n{JOUE}    os.remove(__file__)\n    os._exit(1)\n"
    (folder / "fuite.py").write_text(source)
    outcome = held(folder, ["fuite.py", "dichotomie.py"], Bounds(1, 50), 5)
    assert career(outcome, "fuite.py").counts == [None] * 5
    assert len(career(outcome, "dichotomie.py").found) == 5


def test_an_interrupt_closes_every_bot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena, "wait", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        held(folder, ["dichotomie.py", "hasard.py", "dés.py"], Bounds(1, 1000), 10**5)
    # The fixture that watches over leaks sees to the rest.


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


# The files.


@pytest.fixture(scope="module")
def outcome() -> Results:
    """Three careers made by hand: one that Excel would run, one without a win."""
    moves = tuple(Move(number, Answer.HIGHER, 0) for number in range(1, 40))
    line = Career("=1+1.py", [40, 1, None], longest=(*moves, Move(40, Answer.FOUND, 0)))
    line.lose(BotFault("=1+1.py", Kind.BOUNDS, {"text": "0", "low": 1, "high": 40}), 0)
    line.said = "\x1b[2J là\nlà" + "x" * 100
    nobody = Career("é <&>.py", [None] * 3)
    nobody.faults["é <&>.py : rien"] = 3
    best = Career("b;\"c'.py", [5, 5, 5], longest=(Move(20, Answer.FOUND, 0),))
    return Results(Bounds(1, 40), [40, 1, 2], 7, [best, line, nobody])


def test_csv_is_read_by_a_spreadsheet_and_runs_nothing(outcome: Results) -> None:
    text = FORMATS["csv"](outcome)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert [row[:2] for row in rows[1:]] == [
        ["1", "b;\"c'.py"],
        ["2", "'=1+1.py"],
        ["3", "é <&>.py"],
        ["", "dichotomie"],
    ]
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)
    shares = [sum(float(cell.replace(",", ".")) for cell in row[7:]) for row in rows[1:]]
    assert shares == pytest.approx([100, 200 / 3, 0, 100], abs=0.06)


def test_json_has_every_count(outcome: Results) -> None:
    content = json.loads(FORMATS["json"](outcome))
    assert content["format"] == "justeprix-arena/1"
    assert (content["bornes"], content["graine"]) == ([1, 40], 7)
    assert content["secrets"] == [40, 1, 2]
    assert [robot["coups"] for robot in content["robots"]] == [[5, 5, 5], [40, 1, None], [None] * 3]
    assert content["robots"][1]["pire_partie"][-1] == [40, "gagné"]
    assert content["robots"][2]["moyenne"] is None


def test_svg_is_well_formed_and_has_a_line_for_each_winner(outcome: Results) -> None:
    svg = ET.fromstring(FORMATS["svg"](outcome))
    text = "\n".join(svg.itertext())
    assert "1. b;\"c'.py : 5,000 coups en moyenne, 5 au pire" in text
    assert "2. =1+1.py : 20,500 coups en moyenne, 40 au pire, 1 perdue" in text
    assert "3. é <&>.py : 3 perdues" in text
    groups = [one for one in svg if one.tag.endswith("g") and one.attrib.get("stroke")]
    assert len(groups) == 2 + 3  # lines, and samples beside the names
    width, height = (float(svg.attrib[key]) for key in ("width", "height"))
    for path in svg.iter("{http://www.w3.org/2000/svg}path"):
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.attrib["d"]):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


@pytest.mark.parametrize("high", [1, 2, 7, 1000, 10**12 - 1])
def test_svg_of_any_bounds(high: int) -> None:
    ET.fromstring(FORMATS["svg"](pure(Bounds(1, high), middle, games=3)))


def test_the_table_says_what_went_wrong_and_hides_what_a_terminal_would_obey(
    outcome: Results,
) -> None:
    text = FORMATS["table"](outcome)
    assert text.startswith("Arène : 3 parties entre 1 et 40, graine 7\n")
    assert "3 parties perdues : é <&>.py : rien" in text
    assert "=1+1.py affiche du texte (print)" in text
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert " 10 à 10 " not in text  # the middle of a long game is left out
    lines = text.splitlines()
    head = next(line for line in lines if line.startswith("en coups"))
    table = lines[lines.index(head) : lines.index(head) + 5]
    assert len({len(line) for line in table}) == 1


def test_the_table_tells_the_seed_also_when_all_secrets_were_played() -> None:
    assert "graine 7" in FORMATS["table"](pure(Bounds(1, 9), middle))


def test_each_bin_is_named_as_it_counts() -> None:
    assert [str(Bin(1, 1)), str(Bin(5, 8))] == ["1", "5-8"]


def test_a_bot_error_is_no_surprise_to_the_arena() -> None:
    class Missing(Pure):
        def load(self) -> None:
            raise BotError("rien.py : ce fichier n'existe pas")

    bots = [("rien.py", Missing(middle)), ("a.py", Pure(middle))]
    found = play(bots, Bounds(1, 3), [1, 2, 3], 7, at_once=2, on_game=lambda games: None)  # type: ignore[arg-type]
    assert [len(career.found) for career in found.careers] == [3, 0]
