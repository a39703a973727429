"""The drawing of a round: valid, self-contained, and nobody in it looks like anybody else."""

import math
import re
import xml.etree.ElementTree as ET
from random import Random

import pytest

from justeprix.game.secret import Bounds
from justeprix.results import FORMATS, picture
from justeprix.results.captions import ENGLISH, FRENCH
from justeprix.results.sheet import SCREEN
from tests.support.reports import SMALL, STYLES, make_report, numbers, simulated

SVG = "{http://www.w3.org/2000/svg}"


def drawn(report, number=None):
    return ET.fromstring(FORMATS["svg"](report, number))


def texts(svg):
    return [element.text for element in svg.iter(f"{SVG}text")]


def curves(svg):
    """The two paths, line and markers, of each player, best player first."""
    groups = [group for group in svg.iter(f"{SVG}g") if len(list(group)) == 2]
    half = len(groups) // 2  # the second half is the legend
    return [tuple(path.attrib for path in group) for group in groups[:half]][::-1]


def points(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"-?[\d.]+ -?[\d.]+", path["d"])]


def test_the_last_closed_round_is_drawn_unless_another_is_asked_for():
    assert texts(drawn(SMALL))[0] == "Manche 2 : le secret était 7"
    assert texts(drawn(SMALL, 1))[0] == "Manche 1 : le secret était 512"


def test_the_words_on_it_are_all_there():
    words = texts(drawn(SMALL, 1))
    for word in ("coups joués", "nombre proposé", "secret", "512", "1", "1000"):
        assert word in words
    assert words[-3:] == ["1. -Zoé : 1 coup", "2. Ada : 3 coups", "3. 李 : 3 coups"]
    assert "Bob" not in str(words)  # excluded
    assert "2. 李 : 3 coups, pas trouvé" in texts(drawn(SMALL, 2))


def test_in_english_nothing_french_is_left():
    french = FORMATS["svg"](SMALL, 2)
    english = picture.render(SMALL, 2, "en")
    words = texts(ET.fromstring(english))
    assert words[0] == "Round 2: the secret was 7"
    assert "2. 李: 3 guesses, not found" in words
    left = {text for text in texts(ET.fromstring(french)) if not text.isdecimal()}
    assert left & set(words) == {"secret"}
    assert FRENCH.keys() == ENGLISH.keys()


def test_on_a_screen_only_the_best_are_named_and_all_are_drawn():
    svg = ET.fromstring(picture.render(simulated(1, 30, 1), None, "fr", SCREEN))
    _, _, width, height = map(float, svg.get("viewBox").split())
    assert width < 480  # so that type of 12 is large where it fills half a board
    assert len([text for text in texts(svg) if re.match(r"\d+\. ", text)]) == 6
    assert len(list(svg.iter(f"{SVG}g"))) == 30 + 6
    for text in svg.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) < width
        assert 0 <= float(text.get("y")) < height


def test_it_needs_nothing_from_outside():
    text = FORMATS["svg"](simulated(1, 30, 1), None)
    assert not re.search(r"<script|href|url\(|@import|<image|<foreignObject| on\w+=", text)
    assert text.count("http") == 1  # the name space
    assert re.search(r'<rect width="960" height="\d+" fill="#fff"', text)
    assert 'font-family="sans-serif"' in text


@pytest.mark.parametrize("name", ["<b>", "A&B", '"', "]]>", "D'Artagnan"])
def test_names_stay_text(name):
    assert f"1. {name} : 1 coup" in texts(drawn(make_report([5], {name: [[5]]})))


def test_thirty_players_differ_without_colour():
    looks = {
        (line["stroke-dasharray"], re.search("[0-9](m.*?)(M|$)", marks["d"])[1])
        for line, marks in curves(drawn(simulated(1, 30, 1)))
    }
    assert len(looks) == 30


def test_the_best_lie_on_top():
    svg = drawn(SMALL, 1)
    widths = [group.get("stroke-width") for group in svg.iter(f"{SVG}g")]
    assert widths == ["1.1", "1.1", "2.2", "2.2", "1.1", "1.1"]  # lines, then the legend


def test_each_line_ends_on_the_secret():
    svg = drawn(SMALL, 1)
    (secret,) = (e for e in svg.iter(f"{SVG}text") if e.text == "512")
    ends = [points(line)[-1][1] for line, _ in curves(svg)]
    assert len(ends) == 3
    assert max(ends) - min(ends) < 0.2
    assert math.isclose(ends[0], float(secret.get("y")) - 11, abs_tol=0.2)


def test_greater_guesses_stand_higher_and_later_ones_further_right():
    ((line, _),) = curves(drawn(make_report([500], {"Ada": [[100, 900, 501, 499, 500]]})))
    places = points(line)
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    heights = [-y for _, y in places]
    assert heights[1] > heights[2] > heights[4] > heights[3] > heights[0]


def test_near_the_secret_there_is_more_room():
    ((line, _),) = curves(drawn(make_report([500], {"Ada": [[900, 600, 510, 501, 500]]})))
    heights = [y for _, y in points(line)]
    assert heights[4] - heights[2] > 60  # 10 of 1000 numbers: 4 px on a plain scale
    assert heights[1] - heights[0] < 60


@pytest.mark.parametrize("secret", [1, 2, 311, 500, 512, 1000])
def test_binary_search_stays_in_the_shaded_wedge(secret):
    bounds = Bounds(1, 1000)
    halving = list(numbers(STYLES[0], Random(1), bounds, secret))
    svg = drawn(make_report([secret], {"Ada": [halving]}, bounds=bounds))
    wedge = points(next(e.attrib for e in svg.iter(f"{SVG}path") if e.get("fill") == "#e4e4e4"))
    upper, lower = wedge[: len(wedge) // 2], wedge[: len(wedge) // 2 - 1 : -1]
    ((line, _),) = curves(svg)
    for (x, y), (x_of_both, top), (_, bottom) in zip(
        points(line), upper[1:], lower[1:], strict=False
    ):
        assert x == x_of_both
        assert top - 0.1 <= y <= bottom + 0.1
    assert upper[10] == lower[10]  # ten guesses find every number


def test_a_game_without_end_leaves_room_for_the_others():
    slow = list(range(1, 301))
    svg = drawn(make_report([300], {"Lent": [slow], "Ada": [[500, 250, 300]]}))
    assert any("L'axe s'arrête à 10 coups" in word for word in texts(svg))
    assert "2. Lent : 300 coups" in texts(svg)
    ada, lent = (points(line) for line, _ in curves(svg))
    assert len(ada) == 3
    assert len(lent) == 11
    assert ada[2][0] - ada[1][0] > 60


def test_more_than_thirty_are_not_drawn_but_counted():
    svg = drawn(simulated(1, 40, 1))
    assert len(curves(svg)) == 30
    assert "Seuls les 30 premiers de la manche sont dessinés, sur 40 joueurs." in texts(svg)


@pytest.mark.parametrize(
    "report",
    [
        make_report([5], {}),
        make_report([5], {}, bounds=Bounds(5, 5)),
        make_report([5], {"Ada": [[5]]}, bounds=Bounds(5, 5)),
        make_report([1], {"Ada": [[2, 1]]}, bounds=Bounds(1, 2)),
        simulated(1, 40, 1, Bounds(-999999999999, 999999999999)),
        simulated(1, 3, 1, Bounds(-999999999999, -999999999990)),
    ],
)
def test_everything_stays_in_the_picture(report):
    svg = drawn(report)
    height = float(svg.get("height"))
    for path in svg.iter(f"{SVG}path"):
        for x, y in points({"d": re.sub("m[^M]*", "", path.get("d"))}):
            assert 0 <= x <= 960
            assert 0 <= y <= height
