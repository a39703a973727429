"""What a server does for several clients at once."""

from __future__ import annotations

from justeprix.protocol.words import Word
from justeprix.workshop.check.finding import Fault, Transcript
from justeprix.workshop.check.server.playing import Contradiction, Search, independent, undecided
from justeprix.workshop.check.server.rough import DEPARTURES, NOTICE
from justeprix.workshop.check.server.visitor import Visitor, Visitors

__all__ = ["class_plays", "neighbours", "own_secrets", "second_client", "slow_thinker"]

CLASS = 30
"""Pupils who play at once."""

IN_A_ROW = 5
"""Messages of one while the other says nothing: a lock may let one of them through by chance."""

FEW = 6
"""Sessions whose secrets are compared; more if there are few numbers."""

OPENING = 3
"""Numbers that each of them plays first: then one in eight other secrets fits what it knows."""


def second_client(visitors: Visitors, transcript: Transcript) -> None:
    """Come second while the first is there."""
    first = visitors.welcome(transcript)
    second = visitors.connect(transcript)
    try:
        second.greet()
    except Fault:
        first.leave()
        raise _alone(second) from None


def _alone(second: Visitor) -> Fault:
    """Say what happens to the second client now that the first has left."""
    try:
        second.greet()
    except Fault:
        return Fault("le second client n'est pas accueilli tant que le premier est là")
    return Fault(
        "le second client n'est accueilli qu'après le départ du premier : ton serveur sert un"
        " client à la fois"
    )


def slow_thinker(visitors: Visitors, transcript: Transcript) -> None:
    """Play while another says nothing."""
    first, second = visitors.welcome(transcript), visitors.welcome(transcript)
    for player, thinker in ((second, first), (first, second)):
        try:
            for _ in range(IN_A_ROW):
                if player.ask(str(player.bounds.low)) == Word.GAGNE:
                    break  # the server may end it here
        except Fault as fault:
            raise Fault(
                f"{player.name} n'a pas de réponse tant que {thinker.name} réfléchit : ton serveur"
                " attend l'un avant de servir l'autre"
            ) from fault


def own_secrets(visitors: Visitors, transcript: Transcript) -> None:
    """Begin several games, win one after the other, and compare the secrets."""
    players = [visitors.welcome(transcript)]
    while len(players) < max(FEW, independent(players[0].bounds)):
        players.append(visitors.welcome(transcript))
    games = [Search(player) for player in players]
    try:
        for game in games:
            _begin(game)
        secrets = [game.finish() for game in games]
    except Contradiction as fault:
        raise Fault(f"un client gagne, et le secret des autres change : {fault}") from fault
    if len(set(secrets)) == 1:
        raise Fault(
            f"{len(secrets)} clients jouent à la fois et ont tous le même secret, {secrets[0]} :"
            " qui le trouve peut le souffler aux autres"
        )


def _begin(game: Search) -> None:
    """Learn enough to notice another secret, and too little to win, but for luck."""
    for _ in range(OPENING):
        if not game.found:
            game.play()


def class_plays(visitors: Visitors, transcript: Transcript) -> None:
    """Let a whole class play, each a whole game, all at the same time."""
    games = [Search(player) for player in _class(visitors, transcript)]
    while games:
        for game in games:
            game.player.say(str(game.middle))
        for game in games:
            game.hear()
        games = [game for game in games if not game.found]


def _class(visitors: Visitors, transcript: Transcript) -> list[Visitor]:
    players: list[Visitor] = []
    for place in range(1, CLASS + 1):
        try:
            players.append(visitors.welcome(transcript))
        except Fault as fault:
            raise Fault(f"{CLASS} clients viennent, et le {place}e n'est pas accueilli") from fault
    return players


def neighbours(visitors: Visitors, transcript: Transcript) -> None:
    """Play while others leave without a word."""
    games = [undecided(visitors, transcript) for _ in range(2)]
    for what, depart in DEPARTURES.items():
        depart(visitors.welcome(transcript))
        try:
            _undisturbed(games)
        except Fault as fault:
            raise Fault(f"{what}, et les autres s'en ressentent : {fault}") from fault


def _undisturbed(games: list[tuple[Visitor, int, str]]) -> None:
    """Give the server the time to notice who left, then play on."""
    first = games[0][0]
    if told := first.overhear(NOTICE):
        raise Fault(f"{first.name} reçoit « {told} » sans avoir rien demandé")
    for player, number, answer in games:
        again = player.guess(number)
        if again != answer:
            raise Fault(f"à {number}, {player.name} reçoit « {again} » après « {answer} »")
