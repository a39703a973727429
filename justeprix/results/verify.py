"""Checks an exported competition: nothing in it is believed that can be worked out again. Pure.

First the shape, so that the rest may rely on it; then the fingerprint and what the host promised:
seals, answers, times, optimum, standings. Who alters a value breaks the fingerprint; who mends the
fingerprint too still has to answer for the seals and the answers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from justeprix.errors import ResultsError
from justeprix.french import counted
from justeprix.game.names import same_name
from justeprix.game.secret import Bounds, compare, round_label, seal
from justeprix.game.standings import Result, Standing, rank, total
from justeprix.protocol.replies import ANSWERS
from justeprix.results import document
from justeprix.results.json_shape import Shape, misfits, shown

__all__ = ["faults"]

Content = dict[str, Any]

MOST = 20
"""Faults of shape that are told; a file of another kind would give thousands."""


def faults(text: str) -> list[str]:
    """Return what does not fit, a French sentence each; nothing if all does.

    Raises ResultsError if the text is no export of a competition.
    """
    content = _load(text)
    shape = list(misfits(content, SHAPE))
    if shape:
        return shape[:MOST]
    return [fault for check in CHECKS for fault in check(content)]


HINT = "vérifie un fichier fait par justeprix results ID --format json -o FICHIER"


def _load(text: str) -> Content:
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = f"ligne {error.lineno}, colonne {error.colno}"
        raise ResultsError(f"ce n'est pas du json ({place}) : {HINT}") from error
    except (ValueError, RecursionError) as error:  # thousands of digits, or of brackets
        raise ResultsError(f"ce json n'est pas un export de justeprix : {HINT}") from error
    if not isinstance(content, dict) or content.get("format") != document.FORMAT:
        raise ResultsError(f"ce json n'est pas un export de justeprix : {HINT}")
    return content


def _object(pairs: list[tuple[str, Any]]) -> Content:
    content = dict(pairs)
    if len(content) < len(pairs):  # another program might read the other one
        raise ResultsError(f"dans ce json, un champ est écrit deux fois : {HINT}")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ResultsError(f"dans ce json, {constant} n'est pas un nombre : {HINT}")


# The shape: what stands where.


def _whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 10**15


def _natural(value: Any) -> bool:
    return _whole(value) and value >= 0


def _name(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _answer(value: Any) -> bool:
    return isinstance(value, str) and value in ANSWERS.values()


def _bounds(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_whole, value))
        and value[0] <= value[1]
    )


def _of(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _like(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


SHAPE: Shape = {
    "format": _of(str),
    "competition": _natural,
    "date": _like(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+00:00"),
    "bornes": _bounds,
    "manches_prevues": _natural,
    "finie": _of(bool),
    "optimum": {"pire": _natural, "moyenne": _of(float)},
    "manches": [
        {
            "numero": _natural,
            "etiquette": _name,
            "sceau": _like("[0-9a-f]{64}"),
            "secret": _whole,
            "nonce": _like("[0-9a-f]{32}"),
            "duree": _natural,
        }
    ],
    "joueurs": [
        {
            "nom": _name,
            "exclu": _of(bool),
            "parties": [
                {
                    "manche": _natural,
                    "coups": [{"nombre": _whole, "reponse": _answer, "temps": _natural}],
                }
            ],
        }
    ],
    "classement": [
        {"rang": _natural, "nom": _name, "trouves": _natural, "coups": _natural, "temps": _natural}
    ],
    "empreinte": _like("[0-9a-f]{64}"),
}


# What the values have to do with each other.


def _fingerprint(content: Content) -> Iterator[str]:
    expected = document.fingerprint(content)
    if content["empreinte"] != expected:
        yield (
            f"L'empreinte ne correspond pas, le fichier a été modifié : attendu {expected},"
            f" trouvé {content['empreinte']}."
        )


def _optimum(content: Content) -> Iterator[str]:
    expected = document.optimum(Bounds(*content["bornes"]))
    if content["optimum"] != expected:
        yield f"L'optimum est faux : attendu {expected}, trouvé {content['optimum']}."


def _rounds(content: Content) -> Iterator[str]:
    bounds = Bounds(*content["bornes"])
    planned = content["manches_prevues"]
    if len(content["manches"]) > planned:
        yield f"Il y a {len(content['manches'])} manches, mais {planned} étaient prévues."
    for number, played in enumerate(content["manches"], start=1):
        if played["numero"] != number:
            yield f"La manche {number} porte le numéro {played['numero']}."
        if played["etiquette"] != round_label(number):
            yield f"Manche {number} : l'étiquette est fausse : {shown(played['etiquette'])}."
        if played["secret"] not in bounds:
            yield f"Manche {number} : le secret {played['secret']} est hors des bornes."
        expected = seal(played["etiquette"], played["secret"], played["nonce"])
        if played["sceau"] != expected:
            yield (
                f"Manche {number} : le sceau n'est pas celui du secret {played['secret']} :"
                f" attendu {expected}, trouvé {played['sceau']}."
            )


def _names(content: Content) -> Iterator[str]:
    names = Counter(same_name(player["nom"]) for player in content["joueurs"])
    for player in content["joueurs"]:
        if names.pop(same_name(player["nom"]), 1) > 1:
            yield f"Plusieurs joueurs s'appellent {player['nom']}."


def _games(content: Content) -> Iterator[str]:
    rounds = {played["numero"]: played for played in content["manches"]}
    bounds = Bounds(*content["bornes"])
    for player in content["joueurs"]:
        name = player["nom"]
        numbers = Counter(game["manche"] for game in player["parties"])
        if not numbers:
            yield f"{name} n'a joué aucune manche."
        yield from (f"{name} joue {n} fois la manche {m}." for m, n in numbers.items() if n > 1)
        for game in player["parties"]:
            where = f"Manche {game['manche']}, {name}"
            if game["manche"] not in rounds:
                yield f"{where} : cette manche n'existe pas."
            elif not game["coups"]:
                yield f"{where} : il n'y a aucun coup."
            else:
                for fault in _moves(game["coups"], rounds[game["manche"]], bounds):
                    yield f"{where}, {fault}"


def _moves(moves: list[Content], played: Content, bounds: Bounds) -> Iterator[str]:
    secret, before, found = played["secret"], 0, False
    for count, move in enumerate(moves, start=1):
        number, answer, time = move["nombre"], move["reponse"], move["temps"]
        expected = ANSWERS[compare(secret, number)]
        if found:
            yield f"coup {count} : le secret était déjà trouvé."
        if number not in bounds:
            yield f"coup {count} : {number} est hors des bornes."
        if answer != expected:
            yield (
                f"coup {count} : {number} a reçu « {answer} », attendu « {expected} » car le"
                f" secret est {secret}."
            )
        if not before <= time <= played["duree"]:
            yield (
                f"coup {count} : le temps {time} n'est pas entre {before} (le coup d'avant) et"
                f" {played['duree']} (la fin de la manche)."
            )
        before, found = time, found or number == secret


def _standings(content: Content) -> Iterator[str]:
    expected = [document.standing_line(standing) for standing in _ranked(content)]
    told = content["classement"]
    if told == expected:
        return
    excluded = {player["nom"] for player in content["joueurs"] if player["exclu"]}
    lines = {line["nom"]: line for line in told}
    for line in expected:
        found = lines.pop(line["nom"], None)
        if found is None:
            yield f"Classement : il manque la ligne « {_line(line)} »."
        elif found != line:
            yield f"Classement : attendu « {_line(line)} », trouvé « {_line(found)} »."
    for name, line in lines.items():
        why = f"{name} est exclu" if name in excluded else f"{name} n'a pas joué"
        yield f"Classement : la ligne « {_line(line)} » est de trop, {why}."
    names = [line["nom"] for line in told]
    yield from (f"Classement : {n} y est {c} fois." for n, c in Counter(names).items() if c > 1)
    order = [line["nom"] for line in expected]
    if names != order and sorted(names) == sorted(order):
        yield f"Classement : l'ordre est faux, attendu {', '.join(order)}."


def _ranked(content: Content) -> list[Standing]:
    """Rank the players again, from their numbers and the secrets alone."""
    secrets = {played["numero"]: played["secret"] for played in content["manches"]}
    return rank(
        (player["nom"], total([_result(game, secrets) for game in player["parties"]]))
        for player in content["joueurs"]
        if not player["exclu"]
    )


def _result(game: Content, secrets: dict[int, int]) -> Result:
    moves = game["coups"]
    found = bool(moves) and moves[-1]["nombre"] == secrets.get(game["manche"])
    return Result(len(moves), found, moves[-1]["temps"] if found else 0)


def _line(line: Content) -> str:
    return (
        f"{line['rang']}. {line['nom']}, {counted(line['trouves'], 'manche')} en"
        f" {counted(line['coups'], 'coup')} et {line['temps']} ms"
    )


CHECKS: tuple[Callable[[Content], Iterator[str]], ...] = (
    _fingerprint,
    _optimum,
    _rounds,
    _names,
    _games,
    _standings,
)
