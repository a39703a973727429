"""`results`, `verify` and `replay`, started as a teacher starts them, on a real file."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from justeprix.cli.files import Format
from justeprix.results import FORMATS
from justeprix.results.verify import faults
from justeprix.store import open_store
from tests.support.reports import SMALL, keep, make_report, simulated


class Outcome(subprocess.CompletedProcess):
    """A command that ended: its exit code, and both streams as text."""

    @property
    def text(self):
        return self.stdout.decode()

    @property
    def complaint(self):
        """The one sentence of a command that failed."""
        lines = self.stderr.decode().splitlines()
        assert (self.returncode, self.text, len(lines)) == (1, "", 1), (self.text, lines)
        return lines[0]


def run(*arguments, stdin=b"", **environment):
    done = subprocess.run(
        [sys.executable, "-m", "justeprix", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1", "TZ": "Europe/Paris", **environment},
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Outcome(done.args, done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A file with two competitions: SMALL, then one that ended."""
    file = tmp_path_factory.mktemp("kept") / "parties.db"
    return file, keep(SMALL, file), keep(simulated(1, 30, 3), file)


def test_the_list_shows_the_newest_first(kept):
    file, first, second = kept
    lines = run("results", "--db", file).text.splitlines()
    assert lines[0].split() == ["n°", "date", "manches", "joueurs", "première", "place"]
    assert lines[1].split()[:5] == [str(second), "12/03/2026", "10:34", "3/3", "30"]
    assert "inachevée" not in lines[1]
    assert lines[2].split() == [
        *(str(first), "12/03/2026", "10:34", "2/5", "4", "inachevée", "Ada")
    ]


def test_many_winners_are_counted(tmp_path):
    file = tmp_path / "parties.db"
    tied = make_report([5], {name: [[5]] for name in "ABCD"})
    tied = dataclasses.replace(
        tied,
        players=tuple(
            dataclasses.replace(player, games=tied.players[0].games) for player in tied.players
        ),
    )
    keep(tied, file)
    assert run("results", "--db", file).text.splitlines()[1].endswith("4 à égalité")


def test_every_format_can_be_chosen():
    assert list(Format) == list(FORMATS)


@pytest.mark.parametrize("format", ["table", "csv", "json", "svg"])
def test_file_and_pipe_get_the_same_bytes(kept, tmp_path, format):
    file, id, _ = kept
    wanted = FORMATS[format](dataclasses.replace(SMALL, competition=id), None).encode()
    assert run("results", id, "--db", file, "--format", format).stdout == wanted
    written = tmp_path / "export"
    done = run("results", id, "--db", file, "--format", format, "-o", written)
    assert done.text == f"La compétition {id} est dans {written}.\n"
    assert written.read_bytes() == wanted


@pytest.mark.parametrize("name", ["a.csv", "a.JSON", "a.svg", "a.txt"])
def test_the_name_of_the_file_tells_the_format(kept, tmp_path, name):
    file, id, _ = kept
    report = dataclasses.replace(SMALL, competition=id)
    run("results", id, "--db", file, "-o", tmp_path / name)
    format = name[2:].lower().replace("txt", "table")
    assert (tmp_path / name).read_bytes() == FORMATS[format](report, None).encode()


def test_an_export_is_the_same_on_a_screen_that_cannot_show_it(kept):
    file, id, _ = kept
    arguments = ("results", id, "--db", file, "--format", "csv")
    poor = run(*arguments, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert poor.stdout == run(*arguments).stdout
    assert b"?" in run(*arguments[:4], PYTHONUTF8="0", PYTHONIOENCODING="ascii").stdout


def test_a_round_alone_is_shown(kept):
    file, id, _ = kept
    assert "Ada : 500 750 512" in run("results", id, "--db", file, "--round", 1).text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((99_999,), "la compétition 99999 n'est pas dans ce fichier"),
        ((10**30,), "n'est pas dans ce fichier"),
        (("--format", "csv"), "quelle compétition ?"),
        (("ID", "--round", 9), "la manche 9 n'est pas dans les résultats : il y a 1, 2"),
        (("ID", "--round", 1, "--format", "json"), "retire --round"),
        (("ID", "-o", "a.pdf"), "quel format pour a.pdf ?"),
        (("ID", "-o", "sans_fin"), "quel format pour sans_fin ?"),
        (("ID", "-o", "absent/a.csv"), "impossible d'écrire absent/a.csv : ce chemin n'existe pas"),
        (("ID", "-o", "dossier.csv"), "impossible d'écrire dossier.csv : c'est un dossier"),
        (("ID", "-o", "parties.db/a.csv"), "impossible d'écrire parties.db/a.csv : un dossier"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(kept, monkeypatch, arguments, sentence):
    file, id, _ = kept
    monkeypatch.chdir(file.parent)
    Path("dossier.csv").mkdir(exist_ok=True)
    words = [id if word == "ID" else word for word in arguments]
    assert sentence in run("results", *words, "--db", file).complaint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_sentence(kept):
    file, id, _ = kept
    done = run("results", id, "--db", file, "--format", "csv", "-o", "/dev/full")
    assert "impossible d'écrire /dev/full" in done.complaint


@pytest.mark.parametrize("command", [("results",), ("replay", 1, "--nom", "Ada")])
def test_looking_does_not_make_a_file(tmp_path, command):
    file = tmp_path / "absent.db"
    assert "aucune partie n'est gardée dans" in run(*command, "--db", file).complaint
    assert not file.exists()


def test_without_db_the_file_of_the_user_is_read(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert "justeprix.db" in run("results", **home).complaint


def test_a_file_of_another_kind_is_one_sentence(tmp_path):
    (tmp_path / "a.db").write_text("pas une base" * 100)
    assert (
        "n'est pas un fichier de justeprix" in run("results", "--db", tmp_path / "a.db").complaint
    )


def test_an_empty_file_of_games_has_no_list(tmp_path):
    open_store(tmp_path / "a.db").close()
    assert run("results", "--db", tmp_path / "a.db").text.startswith("Aucune compétition")


# verify.


@pytest.fixture
def export(kept, tmp_path):
    file, id, _ = kept
    run("results", id, "--db", file, "-o", tmp_path / "export.json")
    return tmp_path / "export.json"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_what_was_not_altered_is_confirmed(export, bom):
    data = bom + export.read_bytes()
    export.write_bytes(data)
    done = run("verify", export)
    lines = done.text.splitlines()
    assert lines[0] == "Tout concorde : 2 manches, 4 joueurs, 15 coups."
    assert lines[1] == f"Empreinte : {json.loads(export.read_text('utf-8-sig'))['empreinte']}"
    assert (done.returncode, len(lines)) == (0, 2)
    assert run("verify", "-", stdin=data).text == done.text


def test_each_fault_is_a_line(export):
    text = export.read_text("utf-8").replace('"gagné"', '"moins"')
    export.write_text(text, encoding="utf-8")
    done = run("verify", export)
    assert done.returncode == 1
    assert done.text.splitlines() == faults(text)
    assert len(faults(text)) > 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "impossible de lire"),
        (b"", "ce n'est pas du json"),
        ("rang;nom\r\n1;Ada\r\n".encode("utf-8-sig"), "ce n'est pas du json"),
        (b"{}", "ce json n'est pas un export"),
        ('{"é": 1}'.encode("utf-16"), "n'est pas un texte en UTF-8"),
    ],
)
def test_what_is_no_export_is_one_sentence(tmp_path, content, sentence):
    file = tmp_path / "export.json"
    if content is not None:
        file.write_bytes(content)
    assert sentence in run("verify", file).complaint


def test_a_folder_is_no_export(tmp_path):
    assert "impossible de lire" in run("verify", tmp_path).complaint


# replay.

GUESSES = [500, 250, 400, 400, 300, 311]
"""Against 311: the second 400 teaches nothing."""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    file = tmp_path_factory.mktemp("replayed") / "parties.db"
    games = {"Éva": [[1], GUESSES], "Bob": [[2, 3], []]}
    return file, keep(make_report([1, 311], games), file)


def replay(replayed, *arguments):
    file, id = replayed
    return run("replay", id, "--db", file, *arguments)


def test_each_guess_tells_what_is_left_and_what_it_was_worth(replayed):
    lines = replay(replayed, "--round", 2, "--nom", "éVA").text.splitlines()
    assert "Éva, manche 2" in lines[0]
    assert lines[2].split() == ["coup", "nombre", "réponse", "il", "reste", "combien", "bits"]
    assert lines[3].split() == [
        *("1", "500", "moins", "1", "à", "499", "499"),
        *(f"[{'=' * 19}|{'.' * 20}]", "1,00"),
    ]
    assert lines[5].split()[-3:] == ["149", f"[{'.' * 10}=====|{'.' * 24}]", "0,74"]
    assert lines[6].split()[-2:] == ["0,00", "perdu"]
    assert lines[8].split()[:7] == ["6", "311", "gagné", "311", "à", "311", "1"]
    assert lines[10:] == [
        "Trouvé : 9,97 bits en 6 coups, dont 1 perdu.",
        "La dichotomie : 10 coups au pire, 8,99 en moyenne.",
    ]


def test_without_a_round_the_last_is_replayed(replayed):
    assert "manche 2" in replay(replayed, "--nom", "Éva").text


def test_who_did_not_find_is_told(replayed):
    assert "Pas trouvé : " in replay(replayed, "--round", 1, "--nom", "Bob").text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--nom", "Eva"), "qui est « Eva » ? Avec --nom : tu voulais dire Éva ?"),
        (("--nom", "Zoé"), "qui est « Zoé » ? Avec --nom : il y a Éva, Bob"),
        ((), "qui rejouer ? Avec --nom : il y a Éva, Bob"),
        (("--nom", "Éva", "--round", 3), "la manche 3 n'est pas dans les résultats : il y a 1, 2"),
        (("--nom", "Bob", "--round", 2), "Bob n'a pas joué la manche 2, mais : 1"),
    ],
)
def test_who_or_what_is_not_there_is_one_sentence(replayed, arguments, sentence):
    assert sentence in replay(replayed, *arguments).complaint


def test_a_competition_that_is_not_there_is_one_sentence(replayed):
    assert "n'est pas dans ce fichier" in run("replay", 777, "--db", replayed[0]).complaint
