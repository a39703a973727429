"""The teacher's console: a word, what it does, one line that confirms it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from justeprix.cli.host.announcer import ranking
from justeprix.cli.results import export
from justeprix.errors import CompetitionError, JustePrixError
from justeprix.french import counted, decimal
from justeprix.game.competition import Phase

if TYPE_CHECKING:
    from justeprix.room.director import Listed, Progress
    from justeprix.server import Server

__all__ = ["COMMANDS", "Desk", "obey", "words"]

NO_ONE = "Personne pour l'instant."

LONGEST = 86400
"""Seconds by which a round may be made longer at once: a day, as for --time-limit."""


class Desk(NamedTuple):
    """What the teacher commands: the game, and the web port's link to the remote if it is open."""

    server: Server
    link: Callable[[], str] | None


def obey(desk: Desk, line: str) -> str | None:
    """Carry out one console line and return what to print; None: it closes the room."""
    word, _, argument = line.strip().partition(" ")
    if not word:
        return ""
    command = COMMANDS.get(word.lower())
    if command is None:
        near = difflib.get_close_matches(word.lower(), COMMANDS, n=1)
        hint = f"tu voulais dire {near[0]} ?" if near else "essaie aide"
        return f"Commande inconnue : {word[:40]} ({hint})"
    if bool(argument.strip()) != bool(command.argument):
        return f"Écris : {word.lower()} {command.argument}".rstrip()
    try:
        return command.act(desk, argument.strip())
    except JustePrixError as error:
        return f"Impossible : {error}."


def words(desk: Desk) -> list[str]:
    """Return what may be typed: the commands, and those about players with every name."""
    names = [player.name for player in desk.server.director.players() if not player.excluded]
    about = [word for word, command in COMMANDS.items() if command.argument.startswith("NOM")]
    return [*COMMANDS, *(f"{word} {name}" for word in about for name in names)]


# The competition.


def _start(desk: Desk, _: str) -> str:
    desk.server.director.start()
    return "C'est parti !"


def _next(desk: Desk, _: str) -> str:
    desk.server.director.next()
    return "La manche suivante commence."


def _stop(desk: Desk, _: str) -> str:
    desk.server.director.stop()
    return "La manche est arrêtée."


def _extend(desk: Desk, argument: str) -> str:
    digits = argument.isascii() and argument.isdecimal() and len(argument) <= 9
    seconds = int(argument) if digits else 0
    if not 0 < seconds <= LONGEST:
        raise CompetitionError("donne un nombre de secondes, comme : prolonge 30")
    left = desk.server.director.extend(seconds)
    return f"Manche prolongée : il reste {left} secondes."


def _rounds(desk: Desk, _: str) -> str:
    rounds = desk.server.director.rounds()
    return "\n".join(map(_round, rounds)) or "Pas de compétition ici : chacun joue pour soi."


def _round(progress: Progress) -> str:
    round, found, players = progress
    tally = f"{found} sur {players} ont trouvé"
    if round.opened_at is None:
        return f"Manche {round.number} : à venir"
    if round.closed_at is None:
        return f"Manche {round.number} : en cours, {tally}, sceau {round.seal}"
    return f"Manche {round.number} : le secret était {round.secret}, {tally}"


def _results(desk: Desk, file: str) -> str:
    export(desk.server.director.report(), None, Path(file))
    return f"Résultats des manches finies écrits dans {file}."


def _end(desk: Desk, _: str) -> None:
    """End the competition, if there is one; to answer nothing closes the room, for good."""
    if desk.server.room.phase not in (Phase.PRACTICE, Phase.FINISHED):
        desk.server.director.finish()
    desk.server.for_good = True


# The players.


def _players(desk: Desk, _: str) -> str:
    players = [player for player in desk.server.director.players() if not player.excluded]
    present = [p for p in players if p.present and not p.watches]
    absent = [p for p in players if not p.present and (p.returns or p.scored)]
    lines = [_names(present, "joueur")] if present else [NO_ONE]
    if absent:
        lines.append(_names(absent, "absent"))
    return "\n".join(lines)


def _names(players: list[Listed], noun: str) -> str:
    names = ", ".join(player.name for player in players)
    return f"{counted(len(players), noun)} : {names}"


def _scores(desk: Desk, _: str) -> str:
    standings = desk.server.director.scores()
    bounds = desk.server.room.bounds
    mean = decimal(bounds.mean, 1)
    optimum = f"La dichotomie demande {mean} coups par nombre en moyenne, {bounds.worst} au pire."
    return f"{ranking(standings)}\n{optimum}" if standings else "Personne n'a encore trouvé."


def _exclude(desk: Desk, name: str) -> str:
    name = desk.server.director.exclude(name)
    over = desk.server.room.phase is Phase.FINISHED
    kept = " Le classement final ne change pas." if over else ""
    return f"{name} est exclu : son lien est coupé, son nom et sa place restent fermés.{kept}"


def _rename(desk: Desk, argument: str) -> str:
    before, after = _two_names(desk, argument)
    return f"{before} s'appelle maintenant {desk.server.director.rename(before, after)}."


def _two_names(desk: Desk, argument: str) -> tuple[str, str]:
    """Cut `Ada Zoé`: at a colon, which no name has, or where the left part is somebody's name."""
    before, colon, after = argument.partition(":")
    if colon:
        return before.strip(), after.strip()
    parts = argument.split()
    cuts = [(" ".join(parts[:n]), " ".join(parts[n:])) for n in range(1, len(parts))]
    if not cuts:
        raise CompetitionError("donne les deux noms, comme : renomme Bob Ada")
    taken = {player.name.casefold() for player in desk.server.director.players()}
    known = [cut for cut in cuts if cut[0].casefold() in taken]
    return known[-1] if known else cuts[0]


def _free(desk: Desk, name: str) -> str:
    freed, instead = desk.server.director.free(name)
    if instead:
        return f"{freed} est libre : qui le portait s'appelle maintenant {instead}."
    return (
        f"{freed} est libre : le premier qui demande ce nom prend sa place, avec ses coups ; qui"
        " revient avec son jeton avant lui la garde."
    )


def _mute(desk: Desk, _: str) -> str:
    desk.server.director.quiet(True)
    return "La parole est coupée."


def _unmute(desk: Desk, _: str) -> str:
    desk.server.director.quiet(False)
    return "La parole est rendue (hors des manches)."


def _open_remote(desk: Desk, _: str) -> str:
    if desk.link is None:
        raise CompetitionError("pas de page web ici : relance sans --no-web")
    return f"Télécommande, bon pour une fois : {desk.link()}"


def _help(desk: Desk, _: str) -> str:
    lines = [
        f"  {f'{word} {command.argument}':<18} {command.what}" for word, command in COMMANDS.items()
    ]
    return "Commandes :\n" + "\n".join(lines)


class Command(NamedTuple):
    """What a word does, with what argument, said in a few words."""

    act: Callable[[Desk, str], str | None]
    argument: str
    what: str


COMMANDS = {
    "depart": Command(_start, "", "ouvre la première manche"),
    "suivante": Command(_next, "", "ouvre la manche suivante"),
    "stop": Command(_stop, "", "ferme la manche en cours"),
    "prolonge": Command(_extend, "SECONDES", "donne du temps à la manche en cours"),
    "joueurs": Command(_players, "", "qui est là"),
    "scores": Command(_scores, "", "le classement"),
    "manches": Command(_rounds, "", "où en sont les manches"),
    "exclure": Command(_exclude, "NOM", "renvoie un joueur, ferme son nom"),
    "renomme": Command(_rename, "NOM NOUVEAU", "donne un autre nom à un joueur"),
    "libere": Command(_free, "NOM", "rend un nom à qui a perdu sa place"),
    "muet": Command(_mute, "", "coupe la parole"),
    "parole": Command(_unmute, "", "rend la parole"),
    "resultats": Command(_results, "FICHIER", "écrit les résultats (.csv, .json, .svg, .txt)"),
    "animateur": Command(_open_remote, "", "un lien pour la télécommande, sur un téléphone"),
    "fin": Command(_end, "", "termine la compétition et ferme la partie"),
    "aide": Command(_help, "", "ces lignes"),
}
