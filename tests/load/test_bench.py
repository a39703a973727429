"""The benchmark: its servers play one game; its tables and its picture tell what was measured."""

import re
import socket
import sys
import xml.etree.ElementTree as ET
from argparse import Namespace
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

pytest.importorskip("resource")

from tests.bench.chart import NAMED, render
from tests.bench.comparison import run
from tests.bench.measure import PYTHON_LOAD, Measure, compile_load, measure, serving
from tests.bench.promises import DOUBT, PROMISES, promise_table
from tests.bench.report import LIMITED, value_table
from tests.bench.servers import GREETING, OURS, SERVERS, missing

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the benchmark needs Linux"
)

PATIENCE = 20

# The servers.


@pytest.fixture(params=SERVERS)
def player(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """Connect to each server in turn."""
    if reason := missing(request.param):
        pytest.skip(reason)
    with (
        serving(request.param) as (_, port),
        socket.create_connection(("127.0.0.1", port), PATIENCE) as sock,
    ):
        yield sock


def test_every_server_plays_the_same_game(player: socket.socket) -> None:
    with player.makefile("rb") as lines:
        assert lines.readline() == GREETING
        for outside in (b"0", b"101", b"999999999999", b" 101 \r"):
            assert asked(player, lines, outside).startswith("erreur bornes ")
        for rubbish in (b"abc", b"", b"5x", b"1234567890123", "５０".encode()):
            reply = asked(player, lines, rubbish)
            assert re.match("erreur (?!bornes)", reply), reply
        secrets = {find(player, lines) for _ in range(30)}
        assert len(secrets) > 1, "the same secret after each win"


def test_every_server_takes_a_line_in_pieces_and_several_at_once(player: socket.socket) -> None:
    with player.makefile("rb") as lines:
        assert lines.readline() == GREETING
        assert asked(player, lines, b"0\n10").startswith("erreur bornes ")
        player.sendall(b"1\n0\n50\n50\n")  # the 10 is read: what came with it is answered
        for _ in range(2):
            assert lines.readline().startswith(b"erreur bornes ")
        replies = [lines.readline().decode() for _ in range(2)]
        assert set(replies) <= {"plus\n", "moins\n", "gagné\n"}


def asked(player, lines, line):
    """Send a line, or a line and the start of the next; return the answer."""
    player.sendall(line if b"\n" in line else line + b"\n")
    return lines.readline().decode()


def find(player, lines):
    """Find the secret; whatever the answers, they must fit one."""
    low, high = 1, 100
    while low <= high:
        guess = (low + high) // 2
        reply = asked(player, lines, b"%d" % guess)
        if reply == "gagné\n":
            return guess
        assert reply in ("plus\n", "moins\n")
        low, high = (guess + 1, high) if reply == "plus\n" else (low, guess - 1)
    pytest.fail("the answers fit no secret")


# The measuring.


@pytest.mark.parametrize("language", ["C", "Python"])
def test_both_loads_play_and_count(language: str, tmp_path: Path) -> None:
    load = compile_load(tmp_path) if language == "C" else PYTHON_LOAD
    if load is None:
        pytest.skip("there is no C compiler")
    found = measure("asyncio-streams", load, players=5, seconds=0.1)
    assert found.rate > 0
    assert 0 < found.p50 <= found.p99 <= found.p999
    assert found.rss > 1
    assert 0 < found.load_cpu < 1.1


def test_who_gave_no_numbers_is_not_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    options = Namespace(players=[1], rounds=3, seconds=0.1)
    nobody = [sys.executable, "-c", ""]
    assert run(["threads"], nobody, options) == {(1, "threads"): [None, None, None]}
    told = capsys.readouterr().err
    assert told.count("failed") == 1
    assert told.count("not tried again") == 2


# The tables.


def taken(rate=1000.0, p99=2000.0, load=0.5, starved=0):
    """What one round gave."""
    return Measure(rate, p99 / 2, p99, p99 * 2, 10.0, 30.0, load, starved)


def test_a_row_that_the_load_limited_is_marked() -> None:
    free, bound = {(30, "uvloop"): [taken(load=0.89)]}, {(30, "uvloop"): [taken(load=0.91)]}
    assert LIMITED not in value_table(free)
    assert "uvloop *" not in value_table(free)
    assert LIMITED in value_table(bound)
    assert "uvloop *" in value_table(bound)


def row_of(table: str, sentence: str) -> list[str]:
    """The cells of the one row with that promise."""
    [row] = [line for line in table.splitlines() if sentence in line]
    return [cell.strip() for cell in row.strip("| ").split("|")]


def test_a_promise_is_judged_by_the_median_of_the_ratios_within_the_rounds() -> None:
    results = {
        (1000, OURS): [taken(200, p99=900), taken(120, p99=1100), None],
        (1000, "uvloop"): [taken(200, p99=1000), taken(80, p99=1000), taken(1)],
    }
    table = promise_table(results)
    fast = row_of(table, "guesses/s: justeprix / uvloop")
    assert fast == ["1,000", fast[1], "≥ 1.20", "1.25 (1.00–1.50)", "holds"]
    assert row_of(table, "p99 ms: justeprix / uvloop")[2:] == [
        "≤ 1.00",
        "1.00 (0.90–1.10)",
        "holds",
    ]
    assert len(table.splitlines()) == 4, "only what was to be measured"


def test_a_promise_that_does_not_hold_is_called_so() -> None:
    results = {(30, OURS): [taken(119)], (30, "uvloop"): [taken(100)]}
    assert row_of(promise_table(results), "uvloop")[3:] == ["1.19 (1.19–1.19)", "does not hold"]
    slow = {(30, OURS): [taken(100)], (10_000, OURS): [taken(79)]}
    table = promise_table(slow)
    assert row_of(table, "itself with 30")[3:] == ["0.79 (0.79–0.79)", "does not hold"]


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        (taken(110), taken(100, load=0.95), "does not hold"),  # theirs can do more: all the more
        (taken(110, load=0.95), taken(100), "does not hold" + DOUBT),
        (taken(130, load=0.95), taken(100), "holds"),
        (taken(130), taken(100, load=0.95), "holds" + DOUBT),
        (taken(100, load=0.95), taken(100, load=0.95), "does not hold" + DOUBT),
    ],
)
def test_whom_the_load_limited_may_be_better(ours: Measure, theirs: Measure, verdict: str) -> None:
    table = promise_table({(30, OURS): [ours], (30, "uvloop"): [theirs]})
    assert row_of(table, "uvloop")[-1] == verdict


def test_a_promise_without_numbers_is_not_called_kept() -> None:
    results = {(30, OURS): [taken()], (30, "uvloop"): [None]}
    assert row_of(promise_table(results), "uvloop")[3:] == ["—", "not measured"]


def test_there_is_no_table_of_promises_when_none_was_measured() -> None:
    assert promise_table({(1, OURS): [taken()]}) == ""


def test_what_is_promised_can_be_measured() -> None:
    sides = {side for promise in PROMISES for side in (promise.ours, promise.theirs)}
    assert sides <= set(product((1, 30, 1000, 10_000), SERVERS))


# The picture.

SVG = "{http://www.w3.org/2000/svg}"


def drawn(results) -> tuple[ET.Element, list[str]]:
    """The picture, and its texts."""
    picture = ET.fromstring(render(results, "une machine"))
    return picture, [element.text or "" for element in picture.iter(f"{SVG}text")]


def test_the_picture_names_every_server_and_its_rate() -> None:
    sizes = (1, 30, 1000, 10_000)
    results = {(n, s): [taken(123_456)] for n, s in product(sizes, SERVERS)}
    picture, texts = drawn(results)
    for name in SERVERS:
        assert texts.count(NAMED.get(name, name)) == 4
    assert texts.count("123\u202f000") == 4 * len(SERVERS)
    assert {"1 joueur", "30 joueurs", "10\u202f000 joueurs", "une machine"} <= set(texts)
    width, height = (int(picture.get(side, "0")) for side in ("width", "height"))
    for element in picture.iter(f"{SVG}text"):
        assert 0 < float(element.get("x", 0)) < width
        assert 0 < float(element.get("y", 0)) < height


def test_a_bar_is_the_median_and_its_line_the_spread() -> None:
    results = {(30, OURS): [taken(100), taken(400), taken(200)], (30, "x"): [taken(100)]}
    picture, texts = drawn(results)
    assert {"200", "100"} <= set(texts)
    assert "400" not in texts
    _, ours, other = picture.iter(f"{SVG}rect")  # the paper first
    width, left = float(ours.get("width", 0)), float(ours.get("x", 0))
    assert width == pytest.approx(2 * float(other.get("width", 0)), abs=0.2)
    [line] = [path for path in picture.iter(f"{SVG}path") if path.get("class") == "spread"]
    ends = re.fullmatch(r"M([\d.]+) .*H([\d.]+)m.*", line.get("d", ""))
    assert ends is not None
    low, high = (float(end) - left for end in ends.groups())
    assert low == pytest.approx(width / 2, abs=0.2)
    assert high == pytest.approx(width * 2, abs=0.2)


def test_the_picture_hides_neither_a_failure_nor_a_limit_nor_who_got_nothing() -> None:
    _, texts = drawn({(30, "threads"): [None], (30, "x"): [taken(500, load=0.95, starved=3)]})
    assert "pas de mesure" in texts
    assert "500 * †" in texts
    assert any("charge" in text and "aucune réponse" in text for text in texts)
    _, texts = drawn({(30, "x"): [taken(500)]})
    assert "500" in texts
    assert not any("charge" in text or "†" in text for text in texts)
