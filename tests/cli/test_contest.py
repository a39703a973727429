"""The teacher's side of a competition: options, console, taking it up again. Real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.player import Player
from tests.support.processes import HOST, Process, port_of, running

CONTEST = ("--rounds", 2, "--min", 1, "--max", 1000)


@contextmanager
def hosting(db: Path, *options: object, port: int = 0) -> Iterator[tuple[Process, int]]:
    arguments = (
        "host",
        "--port",
        port,
        "--web-port",
        0,
        "--bind",
        "127.0.0.1",
        "--db",
        db,
        *options,
    )
    with running(*arguments) as host:
        yield host, port_of(host)


def at(port: int, name: str) -> Player:
    player = Player(("127.0.0.1", port))
    assert player.ask(f"nom {name}") == f"nom {name}"
    return player


def say(host: Process, command: str, answer: str) -> str:
    host.type(command)
    return host.wait_for(answer)


def test_every_command_confirms_in_one_line(tmp_path: Path) -> None:
    limit = ("--time-limit", 600)
    with (
        hosting(tmp_path / "game.db", *CONTEST, *limit) as (host, port),
        at(port, "Ada") as ada,
        at(port, "Bob l'Ours") as bob,
        at(port, "Eve") as eve,
    ):
        say(host, "suivante", "Impossible : la compétition n'a pas commencé : depart l'ouvre.")
        say(host, "stop", "Impossible : aucune manche n'est en cours")
        say(host, "joueurs", "3 joueurs : Ada, Bob l'Ours, Eve")
        say(host, "renomme bob l'ours Le Grand Bob", "s'appelle maintenant Le Grand Bob.")
        say(host, "renomme Ada le grand bob", "Impossible : ce nom est déjà pris")
        say(host, "exclure Eev", "Impossible : personne ne s'appelle Eev : Eve ?")
        say(
            host,
            "exclure Eve",
            "Eve est exclu : son lien est coupé, son nom et sa place restent fermés.",
        )
        assert eve.rest() == b"FIN\n"
        ada.send(b"pret\n")
        say(host, "DEPART", "C'est parti !")
        assert ada.recv_line() == "manche 1 entre 1 et 1000"
        say(host, "depart", "Impossible : une manche est en cours : stop d'abord.")
        say(host, "prolonge", "Écris : prolonge SECONDES")
        say(host, "prolonge vite", "Impossible : donne un nombre de secondes")
        for late in ("86401", "000000001" + "9" * 5000, "9" * 5000):
            say(host, f"prolonge {late}", "Impossible : donne un nombre de secondes")
        assert "il reste 6" in say(host, "prolonge 60", "Manche prolongée")
        ada.win()
        say(host, "scores", "1. Ada")
        host.wait_for("La dichotomie demande 9,0 coups par nombre en moyenne, 10 au pire.")
        say(host, "manches", "Manche 1 : en cours, 1 sur 1 ont trouvé, sceau ")
        host.wait_for("Manche 2 : à venir")
        say(host, "stop", "La manche est arrêtée.")
        say(host, "muet", "La parole est coupée.")
        assert bob.ask("dire bonjour").startswith("erreur muet ")
        say(host, "parole", "La parole est rendue")
        assert bob.ask("dire bonjour") == "ok"
        say(host, "suivant", "Commande inconnue : suivant (tu voulais dire suivante ?)")
        say(host, "suivante", "La manche suivante commence.")
        say(host, "libere ada", "Ada est libre")
        assert ada.rest() == b""
        say(host, "resultats rien.pdf", "Impossible : quel format")
        for ending in ("csv", "json", "svg", "txt"):
            file = tmp_path / f"fin.{ending}"
            say(host, f"resultats {file}", f"écrits dans {file}.")
            assert file.stat().st_size
        say(host, "aide now", "Écris : aide")
        say(host, "aide", "Commandes :")
        host.type("fin")
        assert host.end() == 0
    assert "── La compétition est finie" in host.output
    assert "Les résultats : justeprix results 1 --db " in host.output


def test_practice_says_that_it_is_no_competition(tmp_path: Path) -> None:
    with hosting(tmp_path / "game.db") as (host, _):
        say(host, "depart", "Impossible : pas de compétition ici : relance avec --rounds 5")
        say(host, "manches", "Pas de compétition ici")
        say(host, "resultats a.csv", "Impossible : pas de compétition ici")


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--time-limit", 5), "--rounds"),
        (("--start", "auto"), "--rounds"),
        (("--rounds", 2, "--start", "auto"), "--players"),
        (("--rounds", 2, "--resume", "--new"), "--resume"),
        (("--rounds", 0), "--rounds"),
    ],
)
def test_options_that_do_not_go_together(options: tuple[object, ...], hint: str) -> None:
    with running(*HOST, "--db", ":memory:", *options) as host:
        assert host.end() == 2
        assert hint in host.output


def test_nothing_to_resume_is_one_sentence(tmp_path: Path) -> None:
    with running(*HOST, "--db", tmp_path / "game.db", "--resume") as host:
        assert host.end() == 1
        assert "n'a pas de compétition à reprendre" in host.output


def test_two_bots_and_the_clock_play_a_whole_competition(tmp_path: Path) -> None:
    auto = ("--rounds", 2, "--max", 3, "--players", 2, "--bots", 2, "--pause", 0)
    with hosting(tmp_path / "game.db", *auto) as (host, _):
        host.wait_for("── Manche 1 sur 2")
        host.wait_for("── Manche 1 finie")
        host.wait_for("── Manche 2 sur 2")
        host.wait_for("── La compétition est finie")
        assert "1. Robot" in host.wait_for("2 trouvés en")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL to send")
class TestTakingUpAgain:
    """The host died in a round; what a plain start on the same file does."""

    @pytest.fixture
    def db(self, tmp_path: Path) -> Path:
        db = tmp_path / "game.db"
        with hosting(db, *CONTEST) as (host, port), at(port, "Ada") as ada:
            say(host, "depart", "C'est parti !")
            assert ada.ask("500") in ("plus", "moins")
            host.send(signal.SIGKILL)
            assert host.end() == -signal.SIGKILL
        return db

    @pytest.mark.parametrize("answer", ["oui", "O", "quoi ?\noui", ""])
    def test_it_asks_and_no_input_at_all_means_yes(self, db: Path, answer: str) -> None:
        with running(*HOST, "--db", db) as host:
            if answer:
                host.type(answer)
            else:
                host.end_input()
            host.wait_for("Compétition 1 reprise, en 2 manches : un nombre entre 1 et 1000.")
            host.wait_for("La manche 1 continue.")

    def test_commands_behind_the_answer_are_obeyed(self, db: Path) -> None:
        with running(*HOST, "--db", db) as host:
            host.type("oui\nmanches")  # in one piece
            host.wait_for("Manche 1 : en cours")

    def test_it_asks_and_no_closes_the_old_one(self, db: Path) -> None:
        with running(*HOST, "--db", db) as host:
            host.type("non")
            host.wait_for("Le juste prix est ouvert")
            host.type("fin")
            assert host.end() == 0
        with running(*HOST, "--db", db, "--resume") as host:
            assert host.end() == 1

    def test_new_does_not_ask(self, db: Path) -> None:
        with hosting(db, *CONTEST, "--new") as (host, _):
            assert "Compétition 2, en 2 manches" in host.output

    def test_a_competition_that_another_host_runs_is_left_alone(self, db: Path) -> None:
        with hosting(db, "--resume") as (first, _), hosting(db) as (second, _):
            assert "Le juste prix est ouvert" in second.output  # it did not ask
            with running(*HOST, "--db", db, "--resume") as third:
                assert third.end() == 1
            say(first, "manches", "Manche 1 : en cours")

    def test_ctrl_c_leaves_it_to_be_resumed(self, db: Path) -> None:
        with running(*HOST, "--db", db, "--resume", stdin=subprocess.DEVNULL) as host:
            host.wait_for("La manche 1 continue.")
            host.send(signal.SIGINT)
            assert host.end() == 0
            assert "Pour reprendre la compétition : justeprix host --resume --port " in host.output
        with hosting(db, "--resume") as (host, port), Player(("127.0.0.1", port)) as ada:
            assert ada.ask("nom Ada") == "nom Ada"  # the seat, with its guess
            assert ada.ask("scores") == "scores 1. Ada 0/1"


def test_a_host_says_that_the_chat_is_still_closed(tmp_path: Path) -> None:
    with hosting(tmp_path / "game.db") as (host, _):
        say(host, "muet", "La parole est coupée.")
    with hosting(tmp_path / "game.db") as (host, _):
        host.wait_for("La parole est restée coupée : parole la rend.")
