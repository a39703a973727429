"""What `verify` refuses: every altered value, also with a mended fingerprint, and all rubbish."""

import copy
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from justeprix.errors import ResultsError
from justeprix.game.secret import Bounds
from justeprix.results.document import fingerprint, render
from justeprix.results.verify import faults
from tests.support.reports import SMALL, make_report, simulated

EXPORT = render(SMALL)


def paths(value, path=()):
    """The place of every value in a JSON document, lists and objects included."""
    yield path
    children = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield from paths(child, (*path, key))


def at(content, path):
    for key in path:
        content = content[key]
    return content


PATHS = [path for path in paths(json.loads(EXPORT)) if path]
LEAVES = [path for path in PATHS if not isinstance(at(json.loads(EXPORT), path), list | dict)]


def put(path, value, *, mend=False):
    """The export with another value at that place; `mend` makes its fingerprint right again."""
    content = json.loads(EXPORT)
    at(content, path[:-1])[path[-1]] = value
    return written(content, mend=mend)


def written(content, *, mend):
    if mend:
        content["empreinte"] = fingerprint(content)
    return json.dumps(content)


def other(value):
    """A value of the same kind."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else value[:-1] + "é0"[value[-1] != "0"]


def found_out(text):
    try:
        return faults(text)
    except ResultsError as error:
        return [str(error)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bounds", [Bounds(1, 1000), Bounds(-999999999999, 999999999999)])
def test_an_export_is_accepted(seed, bounds):
    assert faults(render(simulated(seed, 10, 3, bounds))) == []


@pytest.mark.parametrize(
    "report", [SMALL, make_report([], {}), make_report([5], {}, bounds=Bounds(5, 5))]
)
def test_an_unfinished_or_empty_competition_is_accepted(report):
    assert faults(render(report)) == []


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_each_altered_value_is_refused(path):
    assert found_out(put(path, other(at(json.loads(EXPORT), path))))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_each_removed_value_is_refused(path):
    content = json.loads(EXPORT)
    del at(content, path[:-1])[path[-1]]
    assert found_out(json.dumps(content))


def test_a_guess_that_still_fits_its_answer_breaks_the_fingerprint():
    (fault,) = faults(put(("joueurs", 0, "parties", 0, "coups", 0, "nombre"), 499))
    assert "empreinte" in fault


COUPS = ("joueurs", 0, "parties", 0, "coups")
"""Ada's first round: 500 plus, 750 moins, 512 gagné."""


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("bornes",), [1, 500], "Manche 1 : le secret 512 est hors des bornes."),
        (("bornes",), [1, 2000], "L'optimum est faux"),
        (("manches_prevues",), 1, "Il y a 2 manches, mais 1 étaient prévues."),
        (("optimum", "pire"), 9, "L'optimum est faux"),
        (("optimum", "moyenne"), 8.9, "L'optimum est faux"),
        (("manches", 1, "numero"), 3, "La manche 2 porte le numéro 3."),
        (("manches", 1, "etiquette"), "manche 1", "Manche 2 : l'étiquette est fausse"),
        (("manches", 0, "secret"), 513, "Manche 1 : le sceau n'est pas celui du secret 513"),
        (("manches", 0, "nonce"), "0" * 32, "Manche 1 : le sceau n'est pas celui du secret 512"),
        (("manches", 0, "sceau"), "0" * 64, "Manche 1 : le sceau n'est pas celui du secret 512"),
        (("manches", 0, "duree"), 1500, "Manche 1, Ada, coup 2 : le temps 2000 n'est pas entre"),
        (("joueurs", 1, "nom"), "aDA", "Plusieurs joueurs s'appellent Ada."),
        (("joueurs", 1, "nom"), "Eve", "Classement : il manque la ligne « 3. Eve, 1 manche en"),
        (("joueurs", 1, "parties", 1, "manche"), 1, "李 joue 2 fois la manche 1."),
        (("joueurs", 1, "parties", 1, "manche"), 3, "Manche 3, 李 : cette manche n'existe pas."),
        (("joueurs", 1, "parties", 1, "coups"), [], "Manche 2, 李 : il n'y a aucun coup."),
        (("joueurs", 1, "parties"), [], "李 n'a joué aucune manche."),
        (("joueurs", 0, "exclu"), True, "Classement : la ligne « 1. Ada, 2 manches en 5 coups"),
        (
            ("joueurs", 3, "exclu"),
            False,
            "Classement : il manque la ligne « 3. Bob, 1 manche en 3 coups",
        ),
        (
            (*COUPS, 0, "reponse"),
            "moins",
            "Manche 1, Ada, coup 1 : 500 a reçu « moins », attendu « plus » car le secret est 512.",
        ),
        ((*COUPS, 1, "nombre"), 1001, "Manche 1, Ada, coup 2 : 1001 est hors des bornes."),
        ((*COUPS, 1, "nombre"), 512, "Manche 1, Ada, coup 3 : le secret était déjà trouvé."),
        ((*COUPS, 2, "nombre"), 511, "Manche 1, Ada, coup 3 : 511 a reçu « gagné »"),
        ((*COUPS, 1, "temps"), 999, "Manche 1, Ada, coup 2 : le temps 999 n'est pas entre 1000"),
        ((*COUPS, 2, "temps"), 4000, "Manche 1, Ada, coup 3 : le temps 4000 n'est pas entre 2000"),
        (("classement", 0, "rang"), 2, "attendu « 1. Ada, 2 manches en 5 coups et 5000 ms », trou"),
        (("classement", 0, "coups"), 4, "trouvé « 1. Ada, 2 manches en 4 coups"),
        (("classement", 0, "trouves"), 1, "trouvé « 1. Ada, 1 manche en 5 coups"),
        (("classement", 0, "temps"), 4999, "5 coups et 4999 ms »."),
        (("classement", 0, "nom"), "Bob", "5000 ms » est de trop, Bob est exclu."),
        (("classement", 0, "nom"), "Eve", "5000 ms » est de trop, Eve n'a pas joué."),
        (("classement", 0, "nom"), "-Zoé", "Classement : -Zoé y est 2 fois."),
        (("classement",), [], "Classement : il manque la ligne « 2. -Zoé, 1 manche en 1 coup"),
    ],
)
def test_who_mends_the_fingerprint_is_found_out_all_the_same(path, value, sentence):
    told = faults(put(path, value, mend=True))
    assert any(sentence in fault for fault in told), told
    assert not any("empreinte" in fault for fault in told)


def test_the_order_of_the_standings_counts():
    content = json.loads(EXPORT)
    content["classement"].reverse()
    assert faults(written(content, mend=True)) == [
        "Classement : l'ordre est faux, attendu Ada, -Zoé, 李."
    ]


def test_an_added_round_has_to_be_planned_and_sealed():
    content = json.loads(EXPORT)
    content["manches"].append({**content["manches"][0], "numero": 3, "etiquette": "manche 3"})
    (fault,) = faults(written(content, mend=True))
    assert fault.startswith("Manche 3 : le sceau n'est pas celui du secret 512")


# Rubbish.


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", "1", '"justeprix/1"', "{", EXPORT[:-10], EXPORT + "x"),
        *('{"format": "justeprix/2"}', '{"format": NaN}', '{"format": ["justeprix/1"]}'),
        *("[" * 100_000, "9" * 5000, "rang;nom\r\n1;Ada\r\n", "\ufeff" + EXPORT),
        EXPORT.replace('"competition": 3', '"competition": 4, "competition": 3'),
    ],
)
def test_what_is_no_export_is_one_sentence(text):
    with pytest.raises(ResultsError) as caught:
        faults(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize(
    "value",
    [None, -1, 1.5, 10**15, int("9" * 4300), "", "\ud800", "\x1b[2J", [], {}, [[]]],
    ids=lambda value: repr(value)[:9],
)
def test_a_value_that_cannot_be_is_named(path, value):
    told = found_out(put(path, value))
    assert told
    assert all(fault.isprintable() for fault in told)


def test_a_yes_is_not_the_number_one():
    assert faults(put(("classement", 0, "rang"), True, mend=True)) == [
        "classement[1].rang : cette valeur n'est pas possible : true."
    ]


def test_numbers_too_long_to_be_written_are_refused():
    content = json.loads(EXPORT)
    huge = int("9" * 4300)  # two of them have a sum that Python does not write
    for game in content["joueurs"][0]["parties"]:
        game["coups"][-1]["temps"] = huge
    for played in content["manches"]:
        played["duree"] = huge
    assert len(faults(written(content, mend=True))) == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_any_json_gets_sentences_never_a_traceback(value):
    assert found_out(json.dumps(value))


@given(st.sampled_from(PATHS), JSON | st.sampled_from(PATHS), st.booleans())
@settings(max_examples=500)
def test_any_altered_export_gets_sentences_never_a_traceback(path, value, mend):
    content = json.loads(EXPORT)
    if isinstance(value, tuple):  # a part of the export in another's place
        value = copy.deepcopy(at(content, value))
    before = at(content, path)
    told = found_out(put(path, value) if not mend else _mended(path, value))
    assert told or mend or json.dumps(before) == json.dumps(value)


def _mended(path, value):
    try:
        return put(path, value, mend=True)
    except UnicodeEncodeError:  # a lone surrogate has no fingerprint
        return put(path, value)


def test_the_checks_name_every_fault_not_only_the_first():
    content = json.loads(EXPORT)
    for played in content["manches"]:
        played["secret"] += 1
    told = faults(written(content, mend=True))
    assert sum("sceau" in fault for fault in told) == 2
    assert all(before != after for before, after in pairwise(told))
