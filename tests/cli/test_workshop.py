"""`justeprix bot` and `justeprix arena`, started as pupils start them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from justeprix.game.competition import Phase
from justeprix.server.server import Server
from tests.support.foreign import Foreign, after_session, read_line
from tests.support.processes import Process, running, unused_port
from tests.support.room import Class

JOUE = "def joue(bas, haut, historique):\n"

HALF = """\
    for nombre, reponse in historique:
        bas, haut = (nombre + 1, haut) if reponse == "plus" else (bas, nombre - 1)
    return (bas + haut) // 2
"""

STARTS = ("dichotomie", "lineaire", "hasard")

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal, or name")

Write = Callable[..., Path]


@pytest.fixture
def bot(tmp_path: Path) -> Write:
    """`bot(body)` writes a bot with that `joue`, and returns its file."""

    def write(body: str = HALF, name: str = "mon_bot.py", before: str = "") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{before}{JOUE}{body}", encoding="utf-8")
        return file

    return write


@pytest.fixture
def room() -> Iterator[Class]:
    with Class() as room:
        yield room


def playing(room: Class, file: Path, *options: object) -> Process:
    port = room.server.address[1]
    return running("bot", file, "--server", f"127.0.0.1:{port}", *options)  # type: ignore[return-value]


def command(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, its streams as bytes."""
    return subprocess.run(
        [sys.executable, "-m", "justeprix", *map(str, arguments)],
        capture_output=True,
        timeout=60,
        check=False,
        **options,  # type: ignore[call-overload]
    )


# A start.


@pytest.mark.parametrize("name", STARTS)
def test_each_example_is_a_file_that_plays(tmp_path: Path, name: str) -> None:
    written = command("bot", "--exemple", name)
    assert (written.returncode, written.stderr) == (0, b"")
    assert written.stdout.startswith(b"# Un robot qui ")
    file = tmp_path / f"{name}.py"
    file.write_bytes(written.stdout)
    ended = command("arena", file, "--games", "all", "--max", 40, "--format", "json")
    (robot,) = json.loads(ended.stdout)["robots"]
    assert (robot["trouves"], robot["perdus"]) == (40, 0)
    assert robot["pire"] <= (6 if name == "dichotomie" else 40)


def test_no_file_and_no_such_file_and_no_such_example(tmp_path: Path) -> None:
    for arguments, code, word in [
        ((), 2, "--exemple dichotomie"),
        ((tmp_path / "rien.py",), 1, "rien.py : ce fichier n'existe pas"),
        (("--exemple", "magie"), 2, "dichotomie"),
    ]:
        with running("bot", *arguments, COLUMNS="200") as process:
            assert process.end() == code
            assert word in process.output


# Practice.


def test_practice_has_as_many_games_as_asked_for(bot: Write) -> None:
    with (
        Server(port=0, low=1, high=100, seed=7) as server,
        running(
            "bot", bot(), "--port", server.address[1], "--parties", 3, "--nom", "Léa"
        ) as player,
    ):
        assert player.end() == 0
    assert "Bienvenue, Léa !" in player.output
    told = [line for line in player.lines if line.startswith("Manche ")]
    assert [line.split(" : ")[0] for line in told] == [
        f"Manche {n}, entre 1 et 100" for n in (1, 2, 3)
    ]
    for line in told:
        moves = line.split(" : ")[1].removesuffix("s").removesuffix(" coup").rpartition(" en ")
        assert moves[0].startswith("50 ")
        assert moves[0].endswith("gagné")
        assert moves[0].count(",") + 1 == int(moves[2])


def test_a_long_game_is_told_by_its_end(bot: Write) -> None:
    with (
        Server(port=0, low=1, high=1000, seed=7) as server,
        running(
            "bot", bot("    return bas + len(historique)\n"), "--port", server.address[1],
            "--parties", 1,
        ) as player,
    ):  # fmt: skip
        assert player.end() == 0
    (line,) = (line for line in player.lines if line.startswith("Manche 1"))
    assert "1000 : …, " in line
    assert line.count(" plus") == 11


def test_what_it_prints_is_shown_where_it_was_printed(bot: Write) -> None:
    source = "    print('là', len(historique), '\\ud800')\n"
    with (
        Server(port=0, low=1, high=3, seed=7) as server,
        running("bot", bot(source + HALF), "--port", server.address[1], "--parties", 1) as player,
    ):
        player.wait_for("là 0")
        player.wait_for("Manche 1, entre 1 et 3 : 2 ")
        assert player.end() == 0


def test_a_screen_that_cannot_show_accents_is_fine(bot: Write) -> None:
    with (
        Server(port=0, low=5, high=5) as server,
        running(
            *("bot", bot(), "--port", server.address[1], "--parties", 1),
            PYTHONUTF8="0",
            PYTHONIOENCODING="ascii",
        ) as player,
    ):
        player.wait_for("5 gagn? en 1 coup")
        assert player.end() == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    return haut + 1\n", "mon_bot.py, ligne 2 : joue a rendu 101"),
        ("    return bass\n", "mon_bot.py, ligne 2 : ce nom n'existe pas"),
        ("    while True: pass\n", "mon_bot.py, ligne 2 : toujours rien au bout de 0,3 s"),
        ("    return (\n", "mon_bot.py, ligne 2 : Python ne peut pas lire"),
    ],
)
def test_a_fault_in_practice_is_one_sentence(bot: Write, body: str, told: str) -> None:
    with (
        Server(port=0, low=1, high=100) as server,
        running("bot", bot(body), "--port", server.address[1], "--limit", 0.3) as player,
    ):
        assert player.end() == 1
    assert told in player.output


def test_a_bot_that_cannot_start_does_not_even_call(bot: Write) -> None:
    with running("bot", bot("    return (\n"), "--port", unused_port()) as player:
        assert player.end() == 1
        assert "connexion" not in player.output


def test_nobody_listens(bot: Write) -> None:
    with running("bot", bot(), "--server", f"127.0.0.1:{unused_port()}") as player:
        assert player.end() == 1
    assert "personne ne répond" in player.lines[-1]


def test_a_name_that_is_taken_is_told_and_the_game_goes_on(bot: Write, room: Class) -> None:
    with room.player("Ada"), playing(room, bot(), "--nom", "ada") as player:
        assert "déjà pris" in player.wait_for("Le nom ada est refusé")
        room.await_ready(1)


def test_the_host_that_closes_in_mid_game_ends_it_politely(bot: Write) -> None:
    def closes(sock: object) -> None:
        while (line := read_line(sock)) and not line.startswith(b"#"):  # type: ignore[arg-type]
            answers = {
                b"suivre\n": b'etat {"phase": "entrainement"}\n',
                b"bornes\n": b"bornes 1 100\n",
                b"pret\n": b"manche 1 entre 1 et 100\n",
            }
            sock.sendall(answers[line])  # type: ignore[attr-defined]
        sock.sendall("shutdown l'hôte a fermé la partie\n".encode())  # type: ignore[attr-defined]

    with Foreign(after_session(closes)) as host, running("bot", bot(), "--port", host.port) as one:
        one.wait_for("Manche 1, entre 1 et 100 : aucun coup")
        one.wait_for("Terminé : l'hôte a fermé la partie.")
        assert one.end() == 0


@pytest.mark.parametrize("state", ["", " {", " []", " {}", ' {"manche": 1}'])
def test_a_state_that_is_none_is_one_sentence(bot: Write, state: str) -> None:
    def sends(sock: object) -> None:
        read_line(sock)  # type: ignore[arg-type]
        sock.sendall(f"etat{state}\n".encode())  # type: ignore[attr-defined]
        read_line(sock)  # type: ignore[arg-type]

    with Foreign(after_session(sends)) as host, running("bot", bot(), "--port", host.port) as one:
        one.wait_for("l'état que l'hôte envoie est illisible")
        assert one.end() == 1


# A competition.


def test_a_whole_competition(bot: Write, room: Class) -> None:
    with playing(room, bot(), "--nom", "HAL", "--parties", 1) as hal:
        hal.wait_for("Bienvenue, HAL !")
        hal.wait_for("Le robot attend les manches.")
        room.await_ready(1)
        room.director.start()
        hal.wait_for("Manche 1, entre 1 et 100 : 50 ")
        room.await_phase(Phase.PAUSE)
        room.await_ready(1)
        room.director.next()
        hal.wait_for("Manche 2, entre 1 et 100 : 50 ")
        hal.wait_for("La compétition est finie.")
        assert hal.end() == 0
    ((rank, name, found, _),) = room.standings()
    assert (rank, name, found) == (1, "HAL", 2)


def test_a_bot_that_fails_leaves_and_plays_on_once_it_is_mended(bot: Write, room: Class) -> None:
    first = "    if not historique:\n        return 1\n"
    with playing(room, bot(f"{first}    return 'x'\n"), "--nom", "HAL") as hal:
        room.await_ready(1)
        room.director.start()
        hal.wait_for("Manche 1, entre 1 et 100 : 1 plus")
        hal.wait_for("mon_bot.py, ligne 4 : joue doit rendre un nombre entier")
        assert hal.end() == 1
    with playing(room, bot(), "--nom", "HAL") as hal:
        hal.wait_for("Bienvenue, HAL !")
        hal.wait_for("Manche 1, entre 1 et 100 : 50 ")
        room.await_phase(Phase.PAUSE)
        room.await_ready(1)
        room.director.next()
        hal.wait_for("La compétition est finie.")
        assert hal.end() == 0
    ((rank, name, found, guesses),) = room.standings()
    assert (rank, name, found) == (1, "HAL", 2)
    told = sum(int(line.split()[-2]) for line in hal.lines if line.startswith("Manche"))
    assert guesses == told + 1  # the one before the fault counts as well


def test_a_round_that_ends_while_it_thinks_is_told_as_such(
    bot: Write, room: Class, tmp_path: Path
) -> None:
    fifo = tmp_path / "attend"
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no FIFO")
    os.mkfifo(fifo)
    waits = f"    if not historique and haut == 100: open({str(fifo)!r}).read()\n"
    with playing(room, bot(waits + HALF), "--limit", 30) as hal:
        room.await_ready(1)
        room.director.start()
        with fifo.open("w"):  # it thinks until this is closed
            room.director.stop()
            room.await_phase(Phase.PAUSE)
        hal.wait_for("Manche 1, entre 1 et 100 : aucun coup ; aucune manche n'est en cours")
        room.await_ready(1)
        room.director.finish()
        hal.wait_for("La compétition est finie.")
        assert hal.end() == 0


@posix
def test_ctrl_c_while_it_waits_for_a_round(bot: Write, room: Class) -> None:
    with playing(room, bot()) as hal:
        hal.wait_for("Ctrl-C arrête.")
        room.await_ready(1)
        hal.send(signal.SIGINT)
        assert hal.end() == 0


# The arena.


def test_the_table_is_printed_and_nothing_else_through_a_pipe(bot: Write) -> None:
    ended = command("arena", bot(), bot(name="là/mon_bot.py"), "--games", 20, "--seed", 7)
    assert ended.returncode == 0
    assert ended.stderr.strip() == b""
    text = ended.stdout.decode()
    assert text.startswith("Arène : 20 parties entre 1 et 1000, graine 7\n")
    assert "là" in text  # two of the same name are told apart
    assert text.count("mon_bot.py ") >= 2


def test_the_seed_that_was_drawn_is_told_and_gives_the_same(bot: Write) -> None:
    file = bot("    import random\n    return random.randint(bas, haut)\n")
    options = ("--games", 5, "--max", 20, "--format", "json")
    first = command("arena", file, *options).stdout
    seed = json.loads(first)["graine"]
    assert command("arena", file, *options, "--seed", seed).stdout == first


def test_a_file_for_each_ending(bot: Write, tmp_path: Path) -> None:
    bot(name="=1+1.py")
    readers: dict[str, Callable[[str], object]] = {
        "csv": lambda text: list(csv.reader(io.StringIO(text), delimiter=";")),
        "json": json.loads,
        "svg": ET.fromstring,
        "txt": str,
    }
    for ending, read in readers.items():
        file = tmp_path / f"arène.{ending}"
        ended = command("arena", "=1+1.py", "--games", 5, "-o", file, cwd=tmp_path)
        assert ended.returncode == 0
        assert f"L'arène est dans {file}.".encode() in ended.stdout
        text = file.read_text(encoding="utf-8")
        assert "=1+1.py" in text
        read(text)


WRONG = {
    "no bot": ((), 2, "ROBOT"),
    "no file": (("rien.py",), 1, "rien.py : ce fichier n'existe pas"),
    "a folder": ((".",), 1, "ce fichier n'existe pas"),
    "twice": (("mon_bot.py", "./mon_bot.py"), 2, "le même robot deux fois"),
    "an ending": (("mon_bot.py", "-o", "x.pdf"), 1, "quel format pour x.pdf ?"),
    "a format": (("mon_bot.py", "--format", "pdf"), 2, "csv"),
    "bounds": (("mon_bot.py", "--min", 5, "--max", 4), 2, "--min 5 est plus grand que --max 4"),
    "digits": (("mon_bot.py", "--max", 10**12), 2, "12 chiffres"),
    "no games": (("mon_bot.py", "--games", 0), 2, "de 1 à 1000000"),
    "some games": (("mon_bot.py", "--games", "dix"), 2, "ou all"),
    "more games": (("mon_bot.py", "--games", "9" * 5000), 2, "ou all"),
    "all of many": (("mon_bot.py", "--games", "all", "--max", 10**7), 2, "1000000 secrets"),
    "no limit": (("mon_bot.py", "--limit", "nan"), 2, "limit"),
    "nowhere": (("mon_bot.py", "--games", 1, "-o", "là/x.csv"), 1, "impossible d'écrire"),
}


@pytest.mark.parametrize(("arguments", "code", "word"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_one_sentence(
    bot: Write, tmp_path: Path, arguments: tuple[object, ...], code: int, word: str
) -> None:
    bot()
    ended = command("arena", *arguments, cwd=tmp_path, env={**os.environ, "COLUMNS": "200"})
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert word in ended.stderr.decode()
    assert b"Traceback" not in ended.stderr


@posix
@pytest.mark.parametrize("format", ["table", "csv", "json", "svg"])
def test_whatever_a_bot_is_called_or_prints_can_be_written(bot: Write, format: str) -> None:
    if sys.platform == "darwin":
        pytest.skip("macOS knows no such names")
    file = bot(f"    print('\\ud800\\x1b[2J')\n    if haut > 9: return '\\ud800'\n{HALF}")
    odd = os.fsencode(file.parent) + b"/a\xe9\x01\n.py"
    os.rename(file, odd)
    for high in (9, 10):
        ended = command("arena", os.fsdecode(odd), "--games", 3, "--max", high, "--format", format)
        assert (ended.returncode, ended.stderr.strip()) == (0, b"")
        text = ended.stdout.decode("utf-8-sig")
        assert all(sign.isprintable() or sign in "\r\n" for sign in text)
        if format == "svg":
            ET.fromstring(text)


@posix
def test_ctrl_c_ends_it_and_its_bots(bot: Write, tmp_path: Path) -> None:
    fifos = [tmp_path / name for name in ("un", "deux")]
    for fifo in fifos:
        os.mkfifo(fifo)
    files = []
    for number, fifo in enumerate(fifos):
        thinks = f"    hold = open({str(fifo)!r}, 'w')\n    threading.Event().wait()\n"
        files.append(bot(thinks, f"{number}.py", "import threading\n"))
    with running("arena", *files, "--limit", 60) as process:
        lines = [fifo.open() for fifo in fifos]  # both bots think
        process.send(signal.SIGINT)
        assert process.end() == 130
        for line in lines:
            with line:
                line.read()  # to its end: nobody holds the other side
        assert process.output.strip() == ""


def test_bots_that_fail_in_every_way_do_not_stop_the_others(bot: Write) -> None:
    files = [
        bot("    return (\n", "syntaxe.py"),
        bot(name="clavier.py", before="input()\n"),
        bot("    while True: pass\n", "boucle.py"),
        bot("    return [0] * 10**10\n", "mémoire.py"),
        bot("    sys.exit()\n", "sortie.py", "import sys\n"),
        bot("    print('coucou')\n" + HALF, "bavard.py"),
        bot("    os._exit(1)\n", "mort.py", "import os\n"),
        bot(name="bon.py"),
    ]
    with running("arena", *files, "--games", 5, "--seed", 7, "--limit", 0.3) as process:
        assert process.end() == 0
    text = process.output
    for line in [
        "5 parties perdues : syntaxe.py, ligne 2 : Python ne peut pas lire",
        "5 parties perdues : clavier.py, ligne 1 : input() attend quelqu'un",
        "boucle.py, ligne 2 : toujours rien au bout de 0,3 s",
        "5 parties perdues : sortie.py, ligne 3 : le programme s'arrête lui-même",
        "bavard.py affiche du texte (print), que l'arène ne montre pas : « coucou ",
        "mort.py : le robot s'est éteint d'un coup (code 1)",
        "La pire partie de bon.py",
    ]:
        assert line in text
    if sys.platform == "linux":
        assert "5 parties perdues : mémoire.py, ligne 2 : trop de mémoire demandée" in text
