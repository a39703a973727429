"""What the picture of a round says, in each language."""

from __future__ import annotations

__all__ = ["ENGLISH", "FRENCH", "WORDS"]

FRENCH = {
    "title": "Manche {number} : le secret était {secret}",
    "subtitle": "Compétition {competition}, un nombre entre {low} et {high}. Plus près du secret,"
    " l'échelle est plus large (logarithme).",
    "optimum": "La dichotomie : {worst} coup{s} au pire, {mean} en moyenne. En gris : à quelle"
    " distance du secret elle peut encore être.",
    "along": "coups joués",
    "up": "nombre proposé",
    "secret": "secret",
    "result": "{rank}. {name} : {count} coup{s}{end}",
    "unfound": ", pas trouvé",
    "cut": "L'axe s'arrête à {last} coups : les lignes qui touchent le bord droit continuent plus"
    " loin.",
    "best": "Seuls les {shown} premiers de la manche sont dessinés, sur {players} joueurs.",
}
ENGLISH = {
    "title": "Round {number}: the secret was {secret}",
    "subtitle": "Competition {competition}, a number between {low} and {high}. The scale is wider"
    " near the secret (logarithm).",
    "optimum": "Binary search: {worst} guess{es} at worst, {mean} on average. In grey: how far"
    " from the secret it can still be.",
    "along": "guesses made",
    "up": "number guessed",
    "secret": "secret",
    "result": "{rank}. {name}: {count} guess{es}{end}",
    "unfound": ", not found",
    "cut": "The axis ends at {last} guesses: lines that touch the right edge go on.",
    "best": "Only the {shown} best of the round are drawn, of {players} players.",
}
WORDS = {"fr": FRENCH, "en": ENGLISH}
