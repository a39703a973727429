"""Whole games against a server under test."""

from __future__ import annotations

from justeprix.game.secret import Bounds
from justeprix.protocol.words import Word
from justeprix.workshop.check.finding import Fault, Transcript
from justeprix.workshop.check.server.visitor import Visitor, Visitors

__all__ = ["Contradiction", "Search", "independent", "play", "undecided"]

CHANCE = 1_000_000
"""One in so many sound servers may be blamed for what was chance."""


class Contradiction(Fault):
    """The answers of one game fit no secret."""


class Search:
    """A game that halves what is left, until the secret is found."""

    def __init__(self, player: Visitor) -> None:
        self.player = player
        self.found = False
        self._low, self._high = player.bounds.low, player.bounds.high

    @property
    def middle(self) -> int:
        """The number to play; once it is found, the secret."""
        return (self._low + self._high) // 2

    def play(self) -> None:
        """Play one number. Raises Contradiction if the answer leaves no other."""
        self.player.say(str(self.middle))
        self.hear()

    def hear(self) -> None:
        """Learn the answer to `middle`, which was sent."""
        guess = self.middle
        answer = self.player.answer_to(guess)
        if answer == Word.GAGNE:
            self.found, self._low, self._high = True, guess, guess
        elif answer == Word.PLUS:
            self._low = guess + 1
        else:
            self._high = guess - 1
        if self._low > self._high:
            raise Contradiction(
                f"après « {answer} » à {guess}, il ne reste aucun nombre possible : les réponses se"
                " contredisent"
            )

    def finish(self) -> int:
        """Play until `gagné`; return the secret."""
        while not self.found:
            self.play()
        return self.middle


def play(player: Visitor) -> int:
    """Play a whole game; return the secret."""
    return Search(player).finish()


def undecided(
    visitors: Visitors, transcript: Transcript, *, top: bool = False
) -> tuple[Visitor, int, str]:
    """Return one in mid-game, a number that it has played, and the answer, which is not `gagné`.

    The number is from the middle, where both answers are likely, or from the top.
    """
    visitor = visitors.welcome(transcript)
    bounds = visitor.bounds
    first = bounds.high if top else (bounds.low + bounds.high) // 2
    for step in range(independent(bounds)):
        number = bounds.low + (first - step - bounds.low) % bounds.size  # downwards, all around
        answer = visitor.guess(number)
        if answer != Word.GAGNE:
            return visitor, number, answer
        visitor.leave()
        visitor = visitors.welcome(transcript)
    raise Fault(f"tout nombre gagne, même {number} : ton serveur compare-t-il vraiment ?")


def independent(bounds: Bounds) -> int:
    """Return how many secrets, each drawn on its own, are never by chance all what one thinks."""
    count, odds = 1, bounds.size
    while odds < CHANCE:
        count, odds = count + 1, odds * bounds.size
    return count + 1
