"""What goes wrong with a pupil's bot, in the words of a good teacher. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from justeprix.errors import BotError

__all__ = ["BotFault", "Kind"]


class Kind(StrEnum):
    """The ways in which a bot loses a game."""

    SYNTAX = "syntax"
    MISSING = "missing"
    KEYBOARD = "keyboard"
    EXIT = "exit"
    MEMORY = "memory"
    TYPE = "type"
    BOUNDS = "bounds"
    EXCEPTION = "exception"
    STALLED = "stalled"
    GONE = "gone"
    ENDLESS = "endless"
    WITHDRAWN = "withdrawn"


INVALID = (Kind.TYPE, Kind.BOUNDS)
"""The bot runs, but what it gave is no guess."""


class BotFault(BotError):
    """Why a bot lost a game: `line` is that of its file, 0 if it is in none."""

    def __init__(self, name: str, kind: Kind, details: Mapping[str, Any]) -> None:
        self.kind = kind
        self.line = int(details.get("line", 0))
        self.reason = SENTENCES[kind].format_map(
            {"error": "", "text": "", **details, "advice": _advice(kind, details)}
        )
        where = f"{name}, ligne {self.line}" if self.line else name
        super().__init__(f"{where} : {self.reason}")

    @property
    def is_invalid(self) -> bool:
        """Whether the bot runs, but gave no number between the bounds."""
        return self.kind in INVALID


SENTENCES = {
    Kind.SYNTAX: "Python ne peut pas lire cette ligne ou la précédente : {advice} ({text})",
    Kind.MISSING: "il manque la fonction joue : écris def joue(bas, haut, historique)",
    Kind.KEYBOARD: "input() attend quelqu'un au clavier, mais un robot joue seul : enlève-le, ou"
    ' mets-le sous if __name__ == "__main__"',
    Kind.EXIT: "le programme s'arrête lui-même (exit) : un robot rend son nombre avec return",
    Kind.MEMORY: "trop de mémoire demandée : une liste grandit sans fin, ou elle est bien trop"
    " grande",
    Kind.TYPE: "joue doit rendre un nombre entier avec return, pas {text} ({error}){advice}",
    Kind.BOUNDS: "joue a rendu {text}, qui n'est pas entre les bornes {low} et {high}",
    Kind.EXCEPTION: "{advice} ({error} : {text})",
    Kind.STALLED: "toujours rien au bout de {limit} s : cherche une boucle qui ne finit pas"
    " (while ?), ou un calcul trop long",
    Kind.GONE: "le robot s'est éteint d'un coup (code {code}) : os._exit, ou un plantage de"
    " Python lui-même",
    Kind.WITHDRAWN: "{deaths} arrêts de suite : l'arène ne le relance plus",
    Kind.ENDLESS: "{limit} coups sans trouver : tient-il compte de l'historique ?",
}

EXCEPTIONS = {
    "ZeroDivisionError": "une division par zéro",
    "NameError": "ce nom n'existe pas ici : vérifie l'orthographe, ou donne-lui d'abord une valeur",
    "UnboundLocalError": "cette variable n'a pas encore de valeur dans la fonction : donne-lui en"
    " une au début, ou déclare-la global",
    "IndexError": "cette place n'existe pas dans la liste : au premier coup, historique est vide",
    "KeyError": "cette clé n'existe pas dans le dictionnaire : essaie .get(clé)",
    "AttributeError": "cet objet n'a rien de ce nom : vérifie l'orthographe et le type",
    "TypeError": "ces types ne vont pas ensemble : un élément de l'historique est un couple"
    " (nombre, réponse)",
    "ValueError": "cette valeur ne convient pas",
    "RecursionError": "la fonction s'appelle elle-même sans fin : il manque le cas qui arrête",
    "ModuleNotFoundError": "ce module n'est pas installé ici, ou son nom est mal écrit",
    "AssertionError": "un assert de ton programme n'est pas vrai",
}

SYNTAX = {
    r"expected ':'": "il manque « : » à la fin",
    r"expected an indented block": "ce qui suit « : » doit être décalé de quatre espaces",
    r"unexpected indent": "cette ligne est trop décalée vers la droite",
    r"unindent does not match": "ce décalage ne correspond à aucun bloc au-dessus",
    r"inconsistent use of tabs": "n'utilise que des espaces pour décaler, pas de tabulations",
    r"was never closed": "une parenthèse ou un crochet n'est jamais fermé",
    r"unmatched|does not match": "une parenthèse ou un crochet est de trop",
    r"unterminated": "il manque un guillemet à la fin d'un texte",
    r"forgot a comma": "il manque peut-être une virgule",
    r"Maybe you meant '=='": "pour comparer, écris ==",
    r"outside function": "return n'a de sens que dans une fonction : décale-le",
    r"codec can't decode|Non-UTF-8|null byte": "enregistre le fichier en UTF-8",
}

TYPES = {
    "NoneType": " : as-tu oublié return ?",
    "float": " : pour diviser, écris // et non /",
    "str": " : écris int(…)",
    "bool": " : rends le nombre, pas une comparaison",
}


def _advice(kind: Kind, details: Mapping[str, Any]) -> str:
    error, text = str(details.get("error", "")), str(details.get("text", ""))
    if kind is Kind.TYPE:
        return TYPES.get(error, "")
    if kind is Kind.SYNTAX:
        found = (advice for sign, advice in SYNTAX.items() if re.search(sign, text))
        return next(found, "un signe manque ou est de trop")
    if error == "TypeError" and text.startswith("joue()"):
        return "écris les trois paramètres : def joue(bas, haut, historique)"
    return EXCEPTIONS.get(error, "une erreur pendant le calcul")
