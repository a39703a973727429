"""The figures of a measure, and the sentences that say how far to trust them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from justeprix.bench.histogram import floor, quantile
from justeprix.bench.tally import PlayerFault, Round, Tally
from justeprix.errors import ErrorCode
from justeprix.french import counted, decimal
from justeprix.room.limits import Limits

__all__ = ["Measurement", "advice", "as_json", "faults", "rows", "spread"]

BUSY = 0.85
"""The share of its time a process may be at work. Measured, with a load slowed on purpose: up to
0.8 an answer lies waiting for us a tenth of the time it took, above 0.9 a third of it and more."""

NEAR = 0.1
"""How near to the host's own limit a player must be to have met it."""

MILLISECOND = 1_000_000

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured. `round`: the one that was open when we came, 0 if none was."""

    tally: Tally
    players: int  # that were to come
    contest: bool
    round: int
    seconds: float  # of play
    shares: Sequence[float]  # of its time that each process worked
    shared: int  # processors that the load and the host share, 0 if they do not

    @property
    def rate(self) -> float:
        """Answers to guesses a second."""
        return self.tally.guesses / self.seconds if self.seconds else 0.0

    @property
    def skews(self) -> list[float]:
        """Milliseconds from the first `manche` to the last, of each round that all waited for."""
        return [
            (seen.last - seen.first) / MILLISECOND
            for number, seen in sorted(self.tally.rounds.items())
            if self._is_awaited(number, seen)
        ]

    def _is_awaited(self, number: int, seen: Round) -> bool:
        return number > self.round and seen.asked <= seen.first

    @property
    def is_slowed(self) -> bool:
        """Whether the host slowed the players down: as fast as one may be, and by fits and starts.

        Who is too fast gets some answers at once, and then none for a while.
        """
        limit = Limits().rate
        each = self.rate / (self.tally.came or 1)
        stop_and_go = quantile(self.tally.waits, 0.99) > 10 * quantile(self.tally.waits, 0.5)
        return not self.contest and abs(each - limit) < NEAR * limit and stop_and_go

    @property
    def is_ours(self) -> bool:
        """Whether the load was at its end before the host was."""
        return max(self.shares, default=0.0) > BUSY


# The figures.


def rows(measured: Measurement) -> Rows:
    """Return the figures, each with its name."""
    tally = measured.tally
    figures = [
        ("joueurs", f"{tally.came} sur {measured.players}"),
        ("secondes mesurées", decimal(measured.seconds, 1)),
        ("coups par seconde", grouped(measured.rate)),
        *((f"attente {name} (ms)", _ms(tally, share)) for name, share in SHARES.items()),
        ("secrets trouvés", grouped(tally.found)),
    ]
    if measured.contest:
        figures += _skew_rows(measured)
    figures.append(("erreurs", grouped(sum(tally.faults.values()))))
    figures.append(("occupation de la charge", ", ".join(map(percent, measured.shares))))
    return figures


SHARES = {"p50": 0.5, "p99": 0.99, "p99,9": 0.999}
"""Shares of all answers that were there in time, each as it is called."""


def _ms(tally: Tally, share: float) -> str:
    return decimal(quantile(tally.waits, share) / MILLISECOND, 3)


def _skew_rows(measured: Measurement) -> Rows:
    skews = measured.skews
    if not skews:
        return [("écart au départ (ms)", "—")]
    return [
        ("manches vues dès le départ", f"{len(skews)} sur {len(measured.tally.rounds)}"),
        ("écart au départ, médian (ms)", decimal(median(skews), 2)),
        ("écart au départ, pire (ms)", decimal(max(skews), 2)),
    ]


def grouped(number: float) -> str:
    """Return a whole number as one reads it: 98 737."""
    return f"{number:,.0f}".replace(",", " ")


def percent(share: float) -> str:
    """Return a share as one reads it: 85 %."""
    return f"{100 * share:.0f} %"


def spread(measured: Measurement) -> Rows:
    """Return how many answers took how long, a row for each doubling of the wait."""
    doublings: Counter[int] = Counter()
    for index, count in measured.tally.waits.items():
        doublings[floor(index).bit_length()] += count
    total = measured.tally.guesses
    return [
        (decimal((1 << power) / MILLISECOND, 3), f"{decimal(100 * doublings[power] / total, 2)} %")
        for power in sorted(doublings)
    ]


def as_json(measured: Measurement) -> dict[str, Any]:
    """Return all of it for programs; waits and skews in ms."""
    tally = measured.tally
    waits = {
        name.replace(",", "."): quantile(tally.waits, share) / MILLISECOND
        for name, share in SHARES.items()
    }
    return {
        "joueurs": measured.players,
        "entres": tally.came,
        "competition": measured.contest,
        "secondes": measured.seconds,
        "coups": tally.guesses,
        "coups_par_seconde": measured.rate,
        "attente_ms": waits,
        "trouves": tally.found,
        "trop_tard": tally.late,
        "ecarts_ms": measured.skews,
        "occupation": list(measured.shares),
        "defauts": dict(tally.faults),
        "erreurs": dict(tally.errors),
        "reserves": [*advice(measured), *faults(measured)],
    }


# The sentences.


def advice(measured: Measurement) -> Iterator[str]:
    """Yield what to know before one believes the figures."""
    if measured.is_ours:
        yield (
            f"La charge était la limite, et non l'hôte (occupée à {percent(max(measured.shares))})"
            " : joue depuis une machine plus rapide, ou depuis plusieurs à la fois."
        )
    if measured.is_slowed:
        yield (
            f"Chaque joueur a joué près de {Limits().rate:.0f} coups par seconde : c'est la limite"
            " que l'hôte donne à chacun, et non sa vitesse. Relance-le avec --rate 0, ou mesure"
            " avec plus de joueurs."
        )
    if measured.shared:
        yield (
            f"L'hôte et la charge se partagent {counted(measured.shared, 'processeur')} : pour ne"
            " mesurer que l'hôte, lance la charge sur une autre machine."
        )
    missed = len(measured.tally.rounds) - len(measured.skews)
    if missed:
        yield (
            f"Écart au départ : {counted(missed, 'manche')} à part, tous n'y attendaient pas le"
            " départ."
        )
    if measured.tally.late:
        yield (
            f"{counted(measured.tally.late, 'coup')} après la fin d'une manche : rien d'anormal,"
            " ils ne comptent pas."
        )


SENTENCES = {
    PlayerFault.UNREACHED: ("Connexion impossible", "Vérifie que l'hôte tourne encore."),
    PlayerFault.UNTRIED: ("Arrivées abandonnées après cela", "Recommence quand l'hôte répond."),
    PlayerFault.UNHEARD: (
        "Lien fermé avant l'accueil",
        "Un hôte reçoit d'une adresse 1000 arrivées d'un coup, puis 100 par seconde : attends dix"
        " secondes.",
    ),
    PlayerFault.FULL: (
        "Refus, salle ou adresse au complet",
        "Relance l'hôte avec --max-players, et --per-address s'il est sur une autre machine.",
    ),
    PlayerFault.REFUSED: ("Partie finie par une erreur", "Lis son code dans rules.md."),
    PlayerFault.CUT: ("Lien coupé en pleine partie", "L'hôte s'est arrêté, ou le réseau."),
    PlayerFault.CLOSED: (
        "Partie fermée par l'hôte",
        "Laisse-le ouvert plus longtemps que la mesure.",
    ),
    PlayerFault.MUTE: ("Réponse toujours attendue à la fin", "L'hôte est bloqué, ou noyé."),
    PlayerFault.MISFIT: (
        "Réponses qu'aucun secret ne donne",
        "Le serveur se trompe : essaie check.",
    ),
    PlayerFault.FOREIGN: ("Ligne qui ne répond à rien", "Est-ce bien un hôte justeprix ?"),
}
"""What each fault is called, and what to do about it."""


def faults(measured: Measurement) -> Iterator[str]:
    """Yield what went wrong, and how often."""
    tally = measured.tally
    details = {
        PlayerFault.UNREACHED: tally.reasons,
        PlayerFault.REFUSED: {
            code: n for code, n in tally.errors.items() if code != ErrorCode.COMPLET
        },
    }
    for fault, (name, remedy) in SENTENCES.items():
        if count := tally.faults[fault]:
            told = ", ".join(details.get(fault, ()))
            yield f"{name}{f' ({told})' * bool(told)} : {counted(count, 'joueur')}. {remedy}"
    if not tally.guesses:
        yield "Aucun coup n'a reçu de réponse : il n'y a rien à mesurer."
