"""The terminal's table: what it says, and that its columns stand under each other."""

import pytest

from justeprix.errors import ResultsError
from justeprix.french import cells
from justeprix.results import FORMATS
from tests.support.reports import SMALL, make_report, simulated

render = FORMATS["table"]


def test_the_whole_competition_is_shown():
    assert render(SMALL, None).splitlines() == [
        "Compétition 3 : 2 manches sur 5, un nombre entre 1 et 1000 (inachevée)",
        "",
        "rang  nom   trouvées  coups  temps (s)  m. 1  m. 2",
        "   1  Ada          2      5        5,0     3     2",
        "   2  -Zoé         1      1        1,0     1     -",
        "   3  李           1      6        3,0     3   (3)",
        "",
        "La dichotomie : 10 coups au pire, 8,99 en moyenne.",
        "Entre parenthèses : le secret n'a pas été trouvé.",
        "Hors classement (exclus) : Bob (3 coups).",
    ]


def test_a_round_is_a_competition_of_its_own_with_its_guesses():
    assert render(SMALL, 1).splitlines() == [
        "Compétition 3, manche 1 : un nombre entre 1 et 1000, le secret était 512",
        "",
        "rang  nom   trouvées  coups  temps (s)  m. 1",
        "   1  -Zoé         1      1        1,0     1",
        "   2  Ada          1      3        3,0     3",
        "   3  李           1      3        3,0     3",
        "",
        "-Zoé : 512",
        "Ada : 500 750 512",
        "李 : 500 600 512",
        "Bob : 500 501",
        "",
        "La dichotomie : 10 coups au pire, 8,99 en moyenne.",
        "Entre parenthèses : le secret n'a pas été trouvé.",
        "Hors classement (exclus) : Bob (2 coups).",
    ]


@pytest.mark.parametrize(
    ("text", "width"), [("Ada", 3), ("Léa", 3), ("Le\u0301a", 3), ("李", 2), ("नमस्ते", 4), ("", 0)]
)
def test_a_letter_takes_the_cells_that_a_terminal_gives_it(text, width):
    assert cells(text) == width


def test_a_long_game_is_folded():
    text = render(make_report([300], {"Lent": [list(range(1, 301))]}), 1)
    assert max(map(len, text.splitlines())) <= 80
    assert " 299 300" in text


def test_nobody_and_no_round_are_a_table_too():
    assert "Personne n'est classé." in render(make_report([], {}), None)
    assert "le secret était 5" in render(make_report([5], {}), 1)


@pytest.mark.parametrize("format", ["table", "csv", "svg"])
@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_round_that_is_not_there_is_one_sentence(format, number):
    with pytest.raises(ResultsError, match=f"la manche {number} n'est pas .* il y a 1, 2"):
        FORMATS[format](SMALL, number)


@pytest.mark.parametrize("format", ["table", "csv", "svg"])
def test_without_a_closed_round_there_is_none_to_show(format):
    with pytest.raises(ResultsError, match="n'a encore aucune manche finie"):
        FORMATS[format](make_report([], {}, planned=3), 1)


def test_a_class_fits_the_screen():
    lines = render(simulated(1, 30, 5), None).splitlines()
    assert len([line for line in lines if "Joueur" in line]) == 30
    assert max(map(len, lines)) <= 80
