"""Each check of servers sees what it is there for, and what is allowed it lets pass."""

from __future__ import annotations

import time

import pytest

from justeprix.errors import CheckError
from justeprix.net.target import find_server
from justeprix.workshop.check.finding import Finding, Outcome, Transcript
from justeprix.workshop.check.inspection import inspect
from justeprix.workshop.check.server.checks import SERVER_CHECKS
from justeprix.workshop.check.server.visitor import Cut, Visitors
from tests.workshop import quirks
from tests.workshop.quirky import Game, Quirky

QUICK = 8.0
"""Seconds in which even a server is checked whose messages have no visible end."""


def checked(server: type[Quirky], *names: str) -> list[Finding]:
    """Run the named checks, or all."""
    checks = [check for check in SERVER_CHECKS if not names or check.name in names]
    with server() as running:
        return list(inspect(checks, Visitors(find_server(running.address, mine=False))))


# What may be.


@pytest.mark.parametrize("server", [quirks.Terse, quirks.Polite, quirks.CarriageReturns])
def test_what_is_allowed_passes(server: type[Quirky]) -> None:
    assert {finding.outcome for finding in checked(server)} == {Outcome.PASSED}


class LowestFirst(quirks.Terse):
    """Its secret is the first number that anybody tries, and it closes after `gagné`."""

    def draw(self) -> int:
        return 1


def test_who_wins_at_once_is_not_taken_for_one_that_waits() -> None:
    (finding,) = checked(LowestFirst, "reflexion")
    assert finding.outcome is Outcome.PASSED


# What may not be.


FAULTS = [
    (quirks.Mute, "accueil", "attend l'accueil, et rien ne vient"),
    (quirks.Welcome, "accueil", "« Bienvenue ! » : on n'y trouve pas les bornes"),
    (quirks.Full, "accueil", "ton serveur refuse client 1 : « erreur complet"),
    (quirks.OneNumber, "accueil", "entre 5 et 5 il n'y a rien à deviner"),
    (quirks.HangsUp, "accueil", "attend l'accueil, et ton serveur ferme la connexion"),
    (quirks.NoNewlineInAnswers, "lignes", "la réponse « plus » n'a pas de fin de ligne"),
    (quirks.Prompt, "reponse", "vient encore « Ton nombre ? »"),
    (quirks.Chatty, "reponse", "« plus », puis encore « encore ? »"),
    (quirks.BlankLines, "reponse", r"« plus », puis encore « \n »"),
    (quirks.FinWithoutAnswer, "fin", "ferme sans répondre FIN"),
    (quirks.FinIgnored, "fin", "ne répond rien"),
    (quirks.FinWithoutEnd, "fin", "ne ferme pas"),
    (quirks.OwnWords, "sens", "à 1, qui est entre les bornes, ton serveur répond « Trop petit ! »"),
    (
        quirks.SecretTooHigh,
        "sens",
        "à 1 comme à 100, ton serveur répond « plus » : son secret n'est",
    ),
    (
        quirks.SecretTooLow,
        "sens",
        "à 1 comme à 100, ton serveur répond « moins » : son secret n'est",
    ),
    (quirks.NoAccent, "secret", "répond « gagne », et pas plus, moins ou gagné"),
    (quirks.NeverFound, "secret", "les réponses se contredisent"),
    (quirks.SameAgain, "encore", "le secret est encore "),
    (quirks.StopsAtTheWin, "encore", "après « gagné », 1 reste sans réponse"),
    (quirks.ComplainsAfterTheWin, "encore", "la partie ne recommence pas"),
    (quirks.OnlyOneWinner, "encore", "les réponses se contredisent"),
    (quirks.OnlyOne, "deux", "n'est pas accueilli tant que le premier est là"),
    (quirks.RedrawnForAll, "partage", "un client gagne, et le secret des autres change"),
    (quirks.SmallRoom, "trente", "30 clients viennent, et le 13e n'est pas accueilli"),
    (quirks.AlwaysRight, "constant", "tout nombre gagne, même 47 :"),
    (quirks.TakesHalfLines, "moitie", "répond « plus » à 1 sans attendre la suite"),
    (quirks.DropsHalfLines, "moitie", "100 reçoit « moins » en un morceau, et « erreur "),
    (
        quirks.ForgetsTheRest,
        "collees",
        "3 coups arrivent ensemble, et ton serveur n'envoie que 1 réponse",
    ),
    (quirks.ClosesOnWords, "mots", "après « abc », ton serveur ferme"),
    (quirks.SkipsEmptyLines, "mots", "une ligne vide reste sans réponse"),
    (
        quirks.TakesWordsForNumbers,
        "mots",
        "« abc » n'est pas un nombre, et ton serveur répond « plus »",
    ),
    (quirks.StartsAnew, "mots", "après « abc », « "),
    (
        quirks.CutsTheOthers,
        "voisins",
        "s'en ressentent : client 1 attend la réponse à « 50 », et ton serveur ferme",
    ),
    (quirks.DiesAlone, "coupure", "un client part sans dire FIN, et ton serveur ne sert plus"),
    (quirks.Gossip, "voisins", "client 1 reçoit « un joueur est parti »"),
    (
        quirks.RedrawsForTheOthers,
        "voisins",
        "un client part sans dire FIN, et les autres s'en ressentent : à 50, client 1",
    ),
]


@pytest.mark.parametrize(
    ("server", "check", "words"), FAULTS, ids=[server.__name__ for server, _, _ in FAULTS]
)
def test_a_check_names_what_it_is_there_for(server: type[Quirky], check: str, words: str) -> None:
    (finding,) = checked(server, check)
    assert finding.outcome is Outcome.FAILED
    assert words in finding.problem


# What could be better.


ADVICE = [
    (quirks.OtherGame, "accueil", "n'y reconnaissent pas"),
    (quirks.CapitalsOnly, "fin", "pas fin en minuscules"),
    (quirks.NoBounds, "hors-bornes", "0 est hors des bornes"),
    (quirks.OwnRefusal, "mots", "« je ne comprends pas » ne commence pas par erreur"),
]


@pytest.mark.parametrize(
    ("server", "check", "words"), ADVICE, ids=[server.__name__ for server, _, _ in ADVICE]
)
def test_advice_stops_nothing(server: type[Quirky], check: str, words: str) -> None:
    findings = {finding.name: finding for finding in checked(server)}
    finding = findings.pop(check)
    assert finding.outcome is Outcome.ADVICE
    assert words in finding.problem
    assert {other.outcome for other in findings.values()} == {Outcome.PASSED}


# One message is one message, wherever it is cut.


def test_a_server_without_newlines_is_heard_in_full() -> None:
    class Bare(Quirky):
        greeting = "hello justeprix/1 entre 1 et 100"

        def answer(self, game: Game, message: str) -> str | None:
            answer = super().answer(game, message)
            return answer and answer.strip()

        def closes_after(self, answer: str) -> bool:
            return answer == "FIN"

    started = time.monotonic()
    failed = [finding for finding in checked(Bare) if finding.outcome is Outcome.FAILED]
    assert time.monotonic() - started < QUICK
    assert [finding.name for finding in failed] == ["lignes"]
    assert "collés" in failed[0].problem


NOWHERE = ("255.255.255.255", 2300)
"""Where no system lets anybody connect to, for other reasons than that nobody listens."""


def test_why_a_connection_fails_is_told_as_it_is() -> None:
    with pytest.raises(CheckError, match="impossible de se connecter à 255"):
        Visitors(NOWHERE).connect(Transcript())
    with quirks.Terse() as server:
        visitors = Visitors(find_server(server.address, mine=False))
        visitors.welcome(Transcript())
    with pytest.raises(Cut, match="plus personne n'écoute"):
        visitors.connect(Transcript())
    visitors._address = NOWHERE
    transcript = Transcript()
    with pytest.raises(Cut, match="client 2 se connecte, et n'y arrive pas : "):
        visitors.connect(transcript)
    assert "n'y arrive pas" in str(transcript.exchanges[-1])
    visitors.lost()
