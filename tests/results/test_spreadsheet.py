"""The CSV: what a French Excel makes of it, and that no name becomes a formula."""

import csv
import io
import re

import pytest

from justeprix.game.secret import Bounds
from justeprix.results import FORMATS
from tests.support.reports import SMALL, make_report

render = FORMATS["csv"]


def cells_of(report, number=None):
    text = render(report, number)
    assert text[0] == "\ufeff"
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))


def test_excel_sees_utf8_semicolons_and_its_own_line_ends():
    data = render(SMALL, None).encode()
    assert data.startswith(b"\xef\xbb\xbfrang;nom;")
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r") == 8
    assert len({row.count(b";") for row in data.splitlines()}) == 1


def test_a_row_a_player_then_the_excluded_the_secrets_and_the_optimum():
    assert cells_of(SMALL) == [
        [
            *("rang", "nom", "manches trouvées", "coups", "temps (s)"),
            *("coups manche 1", "nombres manche 1", "coups manche 2", "nombres manche 2"),
        ],
        ["1", "Ada", "2", "5", "5,000", "3", "500 → 750 → 512", "2", "500 → 7"],
        ["2", "'-Zoé", "1", "1", "1,020", "1", "512", "", ""],
        ["3", "李", "1", "6", "3,030", "3", "500 → 600 → 512", "3", "1 → 2 → 3"],
        ["exclu", "Bob", "", "", "", "2", "500 → 501", "1", "7"],
        ["", "secret", "", "", "", "", "512", "", "7"],
        ["", "dichotomie, pire", "", "", "", "10", "", "10", ""],
        ["", "dichotomie, moyenne", "", "", "", "8,99", "", "8,99", ""],
    ]


def test_a_round_has_the_standings_of_that_round():
    rows = cells_of(SMALL, 1)
    assert [row[:4] for row in rows[1:3]] == [["1", "'-Zoé", "1", "1"], ["2", "Ada", "1", "3"]]
    assert rows[0][5:] == ["coups manche 1", "nombres manche 1"]


NAMES = [
    "=1+1",
    "+Ada",
    "-Ada",
    "@Ada",
    "\tAda",
    "\rAda",
    "'x",
    "7",
    "1-2",
    "1e5",
    "_",
    "Ada",
    "Éa",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_a_formula_a_number_or_a_date_and_each_can_be_read_back(name):
    cell = cells_of(make_report([5], {name: [[5]]}))[1][1]
    assert not re.match(r"[=+\-@\t\r\d]", cell)
    assert cell.removeprefix("'") == name


def test_two_names_never_become_one():
    rows = cells_of(make_report([5], {name: [[5]] for name in NAMES}))
    assert len({row[1] for row in rows[1 : len(NAMES) + 1]}) == len(NAMES)


def test_a_list_of_negative_numbers_is_text_and_a_lone_one_a_number():
    report = make_report([-5], {"Ada": [[-7, -5]], "Bo": [[-5]]}, bounds=Bounds(-9, 9))
    assert [row[6] for row in cells_of(report)[1:4]] == ["-5", "'-7 → -5", "-5"]
