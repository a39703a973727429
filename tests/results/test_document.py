"""The JSON export: every field, and a fingerprint that five lines of another program can check."""

import hashlib
import json

import pytest

from justeprix.errors import ResultsError
from justeprix.results import FORMATS
from tests.support.reports import SMALL

TEXT = FORMATS["json"](SMALL, None)
CONTENT = json.loads(TEXT)


def test_each_field_stands_where_it_should():
    assert list(CONTENT) == [
        *("format", "competition", "date", "bornes", "manches_prevues", "finie", "optimum"),
        *("manches", "joueurs", "classement", "empreinte"),
    ]
    assert (CONTENT["format"], CONTENT["competition"]) == ("justeprix/1", 3)
    assert CONTENT["date"] == "2026-03-12T09:34:56.789+00:00"
    assert (CONTENT["bornes"], CONTENT["manches_prevues"]) == ([1, 1000], 5)
    assert CONTENT["finie"] is False
    assert CONTENT["optimum"] == {"pire": 10, "moyenne": 8.987}


def test_a_round_tells_its_seal_and_what_opens_it():
    played = CONTENT["manches"][0]
    text = f"{played['etiquette']}:{played['secret']}:{played['nonce']}"
    assert played == {
        "numero": 1,
        "etiquette": "manche 1",
        "sceau": hashlib.sha256(text.encode()).hexdigest(),
        "secret": 512,
        "nonce": f"{1:032x}",
        "duree": 3030,
    }


def test_guesses_have_the_answers_of_the_wire():
    bob = CONTENT["joueurs"][3]
    assert (bob["nom"], bob["exclu"]) == ("Bob", True)
    assert bob["parties"][1] == {
        "manche": 2,
        "coups": [{"nombre": 7, "reponse": "gagné", "temps": 1030}],
    }
    assert [move["reponse"] for move in bob["parties"][0]["coups"]] == ["plus", "plus"]


def test_the_standings_leave_out_the_excluded():
    assert [line["nom"] for line in CONTENT["classement"]] == ["Ada", "-Zoé", "李"]
    ada = {"rang": 1, "nom": "Ada", "trouves": 2, "coups": 5, "temps": 5000}
    assert CONTENT["classement"][0] == ada


def test_the_fingerprint_covers_all_the_rest():
    rest = {key: value for key, value in CONTENT.items() if key != "empreinte"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert CONTENT["empreinte"] == hashlib.sha256(text.encode()).hexdigest()


def test_it_is_readable_text_with_one_line_end():
    assert TEXT.endswith("}\n")
    assert not TEXT.endswith("\n\n")
    assert "\n" in TEXT[:-1]
    assert "李" in TEXT


def test_a_part_of_a_competition_is_not_exported():
    with pytest.raises(ResultsError, match="retire --round"):
        FORMATS["json"](SMALL, 1)
