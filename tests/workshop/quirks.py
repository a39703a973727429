"""Servers with one quirk each: what the rules allow, what they do not, what could be better."""

from __future__ import annotations

from tests.workshop.quirky import REFUSAL, Game, Quirky

# What may be.


class Terse(Quirky):
    """Closes after `gagné`."""

    def closes_after(self, answer: str) -> bool:
        return answer in ("FIN\n", "gagné\n")


class Polite(Quirky):
    """Says FIN to the first message after `gagné`."""

    def answer(self, game: Game, message: str) -> str | None:
        return "FIN\n" if game.wins else super().answer(game, message)


class CarriageReturns(Quirky):
    greeting = "hello justeprix/1 entre 1 et 100\r\n"
    gagne = "gagné\r\n"


# What may not be.


class Mute(Quirky):
    greeting = ""


class Welcome(Quirky):
    greeting = "Bienvenue !\n"


class Full(Quirky):
    greeting = "erreur complet reviens plus tard\n"


class OneNumber(Quirky):
    greeting = "hello justeprix/1 entre 5 et 5\n"


class HangsUp(Quirky):
    def greet(self, game: Game) -> None:
        return None


class Prompt(Quirky):
    greeting = "hello justeprix/1 entre 1 et 100\nTon nombre ?\n"


class Chatty(Quirky):
    def compare(self, game: Game, number: int) -> str | None:
        return f"{super().compare(game, number)}encore ?\n"


class BlankLines(Quirky):
    def compare(self, game: Game, number: int) -> str | None:
        return f"{super().compare(game, number)}\n"


class NoNewlineInAnswers(Quirky):
    def compare(self, game: Game, number: int) -> str:
        return str(super().compare(game, number)).strip()


class FinWithoutAnswer(Quirky):
    def fin(self, game: Game, message: str) -> str | None:
        return None


class FinIgnored(Quirky):
    def fin(self, game: Game, message: str) -> str | None:
        return ""


class FinWithoutEnd(Quirky):
    def closes_after(self, answer: str) -> bool:
        return False


class OwnWords(Quirky):
    def compare(self, game: Game, number: int) -> str | None:
        return "Trop petit !\n" if number < game.secret else super().compare(game, number)


class SecretTooHigh(Quirky):
    def draw(self) -> int:
        return 500


class SecretTooLow(Quirky):
    def draw(self) -> int:
        return 0


class NoAccent(Quirky):
    gagne = "gagne\n"


class NeverFound(Quirky):
    def compare(self, game: Game, number: int) -> str:
        return "plus\n" if number < game.secret else "moins\n"


class SameAgain(Quirky):
    def win(self, game: Game) -> None:
        game.wins += 1


class StopsAtTheWin(Quirky):
    def answer(self, game: Game, message: str) -> str | None:
        return "" if game.wins else super().answer(game, message)


class ComplainsAfterTheWin(Quirky):
    def answer(self, game: Game, message: str) -> str | None:
        return "erreur fini tu as gagné\n" if game.wins else super().answer(game, message)


class OnlyOneWinner(Quirky):
    """The first win was the last: who comes later never hears `gagné`."""

    def compare(self, game: Game, number: int) -> str | None:
        if number == game.secret and any(other.wins for other in self.games if other is not game):
            return "moins\n"
        return super().compare(game, number)


class OnlyOne(Quirky):
    def greet(self, game: Game) -> str | None:
        return None if game.number else self.greeting


class RedrawnForAll(Quirky):
    """Each its own secret, until somebody wins."""

    def win(self, game: Game) -> None:
        for other in self.games:
            other.secret = self.draw()


class SmallRoom(Quirky):
    def greet(self, game: Game) -> str | None:
        return self.greeting if game.number < 12 else None


class ForgetsTheRest(Quirky):
    """Takes the first line of what has come, and throws away what follows."""

    def lines(self, received: bytes) -> list[bytes]:
        line, newline, _ = received.partition(b"\n")
        return [line, b""] if newline else [received]


class DropsHalfLines(Quirky):
    """Throws away what does not end with a newline."""

    def lines(self, received: bytes) -> list[bytes]:
        return super().lines(received) if received.endswith(b"\n") else [b""]


class TakesHalfLines(Quirky):
    """Takes each piece for a line, whether its newline has come or not."""

    def lines(self, received: bytes) -> list[bytes]:
        return [received.strip(), b""]


class AlwaysRight(Quirky):
    def compare(self, game: Game, number: int) -> str:
        return "gagné\n"


class ClosesOnWords(Quirky):
    def rubbish(self, game: Game, message: str) -> str | None:
        return None if message == "abc" else REFUSAL


class SkipsEmptyLines(Quirky):
    def rubbish(self, game: Game, message: str) -> str:
        return REFUSAL if message else ""


class TakesWordsForNumbers(Quirky):
    def rubbish(self, game: Game, message: str) -> str:
        return "plus\n"


class StartsAnew(Quirky):
    """Rubbish costs the game: the other answer for ever after."""

    def rubbish(self, game: Game, message: str) -> str:
        game.secret = 2 if game.secret > 50 else 99
        return REFUSAL


class DiesAlone(Quirky):
    """Who leaves without FIN was the last."""

    dead = False

    def gone(self, game: Game, *, politely: bool) -> None:
        self.dead = self.dead or not politely

    def greet(self, game: Game) -> str | None:
        return None if self.dead else self.greeting

    def answer(self, game: Game, message: str) -> str | None:
        return None if self.dead else super().answer(game, message)


class CutsTheOthers(Quirky):
    """Who leaves without FIN takes the others along."""

    def gone(self, game: Game, *, politely: bool) -> None:
        if not politely:
            for other in self.games:
                other.secret = 0

    def answer(self, game: Game, message: str) -> str | None:
        return super().answer(game, message) if game.secret else None


class RedrawsForTheOthers(Quirky):
    def gone(self, game: Game, *, politely: bool) -> None:
        if not politely:
            for other in self.games:
                other.secret = 2 if other.secret > 50 else 99


class Gossip(Quirky):
    """Tells the others who has left."""

    def gone(self, game: Game, *, politely: bool) -> None:
        self.send_to_all("un joueur est parti\n")


# What could be better.


class OtherGame(Quirky):
    greeting = "bonjour, choisis entre 1 et 100\n"


class CapitalsOnly(Quirky):
    def fin(self, game: Game, message: str) -> str:
        return "FIN\n" if message == "FIN" else REFUSAL


class NoBounds(Quirky):
    def answer(self, game: Game, message: str) -> str | None:
        return "plus\n" if message == "0" else super().answer(game, message)


class OwnRefusal(Quirky):
    def rubbish(self, game: Game, message: str) -> str:
        return "je ne comprends pas\n"
