"""`justeprix check client`: faulty clients are named by their fault, sound ones pass.

Real processes against a real host. Each client of faulty_clients/ goes through all checks, some of
them at a time: they mostly wait.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from justeprix.errors import CheckError
from justeprix.game.secret import Bounds
from justeprix.protocol.replies import Greeting
from justeprix.workshop.check.client import mischief, program, relay, runs, verdict
from justeprix.workshop.check.client.checks import CLIENT_CHECKS
from justeprix.workshop.check.client.crash import find_crash
from justeprix.workshop.check.client.played import PlayedGuess
from justeprix.workshop.check.client.subject import Subject, Trial
from justeprix.workshop.check.client.typist import Typist
from justeprix.workshop.check.client.wire import Wire
from justeprix.workshop.check.finding import Finding, Outcome, Transcript
from justeprix.workshop.check.inspection import inspect
from tests.support.places import EXAMPLES, FAULTY_CLIENTS, PUPILS
from tests.support.processes import running, unused_port

FAULTS = {
    "sans_accueil": ("accueil", ["« 50 »", "avant d'avoir reçu l'accueil"]),
    "un_recv_un_message": ("coupee", ["la moitié de son message", "« 50 »"]),
    "tampon_entier": ("collees", ["l'hôte a dit FIN", "tourne encore"]),
    "ascii": ("gagne", ["après « gagné »", "ligne 13 de ascii.py", "UnicodeDecodeError: 'ascii'"]),
    "impatient": ("retard", ["2,5 s plus tard", "il envoie « 75 » sans l'attendre"]),
    "sourd_a_la_fermeture": ("fermeture", ["l'hôte a fermé le lien", "tourne encore"]),
    "sourd_a_fin": ("fin", ["l'hôte a dit FIN", "il propose encore 75"]),
    "dichotomie_sans_fin": ("secret", ["quand le secret est 100", "99 encore et encore"]),
    "plus_et_moins_inverses": ("secret", ["après « plus » à 50 il propose 25", "plus grand"]),
    "sans_strip": ("gagne", ["« gagné » à 72", "il propose encore 72"]),
}
"""Of each faulty client, the one check that fails, and what its sentence says."""

SOUND = ("sain", "sain_au_clavier", "sain_a_threads", "sain_avec_client")

COPIED = [path.stem for path in sorted(EXAMPLES.glob("[2-5]_*.py"))]
"""Those that pupils are told to copy; the first example has no lines, the last is a server."""

AT_ONCE = 7


def command(file: Path) -> list[str]:
    return [sys.executable, str(file), *["{hote}"] * (file.parent == EXAMPLES), "{port}"]


def findings_of(file: Path, only: Sequence[str] = (), saisie: Sequence[str] = ()) -> list[Finding]:
    checks = [check for check in CLIENT_CHECKS if not only or check.name in only]
    with Subject(command(file), 0, saisie) as subject:
        return list(inspect(checks, subject))


@pytest.fixture(scope="module")
def findings(request: pytest.FixtureRequest) -> dict[str, list[Finding]]:
    """What all checks find in each client that a test of this session is about."""
    wanted = {
        item.callspec.params["client"]: None  # in order, each once
        for item in request.session.items
        if item.path == request.path and "findings" in getattr(item, "fixturenames", ())
    }

    def all_findings(client: str) -> list[Finding]:
        saisie = ["Ada"] if client == "sain_a_threads" else []
        folder = EXAMPLES if client in COPIED else FAULTY_CLIENTS
        return findings_of(folder / f"{client}.py", saisie=saisie)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(all_findings, wanted), strict=True))


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """`script(source)` is a client in a file of its own."""

    def write(source: str) -> Path:
        file = tmp_path / "client.py"
        file.write_text(source, encoding="utf-8")
        return file

    return write


Script = Callable[[str], Path]

CONNECT = """
import socket, sys
hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lignes = hote.makefile(encoding="utf-8")
accueil = lignes.readline()
"""


@contextmanager
def trial(
    file: Path, trick: mischief.Mischief = mischief.faithful, **options: object
) -> Iterator[tuple[Trial, Transcript]]:
    transcript = Transcript()
    with (
        Subject(command(file), 0, []) as subject,
        subject.run(transcript, trick, **options) as started,
    ):
        yield started, transcript


# The ten faults, and the sound ones.


@pytest.mark.parametrize("client", FAULTS)
def test_a_fault_is_named_by_its_check_and_by_no_other(
    client: str, findings: dict[str, list[Finding]]
) -> None:
    name, words = FAULTS[client]
    found = {finding.name: finding for finding in findings[client]}
    failed = {
        finding.name
        for finding in findings[client]
        if finding.outcome in (Outcome.FAILED, Outcome.ADVICE)
    }
    assert failed == {name}
    for word in words:
        assert word in found[name].problem
    assert found[name].outcome is Outcome.FAILED
    assert found[name].exchanges
    assert found[name].look_for


@pytest.mark.parametrize(
    ("client", "last"), [("plus_et_moins_inverses", "'25\\n'"), ("sans_strip", "'72\\n'")]
)
def test_what_is_shown_ends_where_it_went_wrong(
    client: str, last: str, findings: dict[str, list[Finding]]
) -> None:
    (finding,) = [item for item in findings[client] if item.outcome is Outcome.FAILED]
    assert finding.exchanges[-1] == ("ton client", last)


@pytest.mark.parametrize("client", [*SOUND, *COPIED])
def test_a_sound_client_passes_them_all(client: str, findings: dict[str, list[Finding]]) -> None:
    problems = {finding.name: finding.problem for finding in findings[client] if finding.problem}
    assert problems == {}
    assert [finding.name for finding in findings[client]] == [check.name for check in CLIENT_CHECKS]


def test_there_are_ten_faulty_clients_and_none_is_forgotten() -> None:
    assert len(FAULTS) >= 10
    assert {path.stem for path in FAULTY_CLIENTS.glob("*.py")} == {*FAULTS, *SOUND}


def test_a_client_without_line_endings_is_advised_and_halves_are_its_undoing() -> None:
    file = PUPILS / "sans_fin_de_ligne.py"
    found = findings_of(file, ["secret", "gagne", "coupee", "fin-de-ligne", "collees"])
    outcomes = {finding.name: finding.outcome for finding in found}
    assert outcomes == {
        "secret": Outcome.PASSED,
        "gagne": Outcome.PASSED,
        "coupee": Outcome.FAILED,
        "collees": Outcome.ADVICE,
        "fin-de-ligne": Outcome.ADVICE,
    }


@pytest.mark.parametrize("style", ["telnet", "touche_par_touche", "tout_d_un_coup"])
def test_other_ways_of_sending_are_understood(style: str) -> None:
    found = findings_of(PUPILS / f"{style}.py", ["accueil", "secret", "gagne", "coupee"])
    assert [finding.problem for finding in found if finding.problem] == []


# Single checks: what else they have to say.


def problem_of(file: Path, check: str) -> tuple[Outcome, str]:
    (finding,) = findings_of(file, [check])
    return finding.outcome, finding.problem


def test_bounds_taken_for_granted_are_an_advice(script: Script) -> None:
    file = script(CONNECT + "hote.sendall(b'50\\n')\nlignes.readline()")
    assert problem_of(file, "bornes") == (
        Outcome.ADVICE,
        "l'accueil dit « entre 501 et 1500 », et il propose 50",
    )


def test_who_never_connects_is_told_where_and_how(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CONNECT", 0.3)
    outcome, problem = problem_of(script("input('Adresse ? ')"), "accueil")
    assert outcome is Outcome.FAILED
    for word in ("127.0.0.1, port ", "{port}", "--saisie"):
        assert word in problem


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("print('à demain')", ["sans s'être connecté", "code 0", "à demain"]),
        ("x = (", ["ligne 1 de client.py : SyntaxError"]),
        ("import socket\n\nsocket.create_connection(('127.0.0.1', 1))", ["ligne 3 de client.py"]),
        (CONNECT, ["sans avoir rien proposé"]),
        (CONNECT + "int('hello')", ["à l'accueil", "ligne 6 de client.py : ValueError"]),
    ],
)
def test_who_ends_too_early_is_told_why(source: str, words: list[str], script: Script) -> None:
    outcome, problem = problem_of(script(source), "accueil")
    assert outcome is Outcome.FAILED
    for word in words:
        assert word in problem


SEARCH = """
bas, haut, reponse = 1, 100, "?"
while {condition}:
    essai = (bas + haut) // 2
    hote.sendall(b"%d\\n" % essai)
    reponse = lignes.readline().strip()
    {then}
    if reponse == "plus":
        bas = essai + 1
    else:
        haut = essai - 1
"""


def search(condition: str = "reponse not in ('gagné', 'FIN', '')", then: str = "pass") -> str:
    return CONNECT + SEARCH.format(condition=condition, then=then)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (search("bas < haut"), ["quand le secret est", "sans avoir trouvé"]),
        (CONNECT + "hote.sendall(b'0\\n')\nlignes.readline()", ["0, qui n'est pas entre 1 et 100"]),
        (CONNECT + "hote.sendall(b'essai 50\\n')\nlignes.readline()", ["« essai 50 »", "erreur "]),
        (search(then="int(reponse)"), ["avant d'avoir trouvé", "ligne 12", "ValueError"]),
    ],
)
def test_who_does_not_find_is_told_why(source: str, words: list[str], script: Script) -> None:
    outcome, problem = problem_of(script(source), "secret")
    assert outcome is Outcome.FAILED
    for word in words:
        assert word in problem


def test_a_link_for_each_guess_is_no_contradiction() -> None:
    turns = [PlayedGuess(75, 1, 0, "plus"), PlayedGuess(50, 2, 0, "plus")]
    assert verdict.contradiction(turns) is None
    turns[1].link = 1
    assert verdict.contradiction(turns) is not None


def test_a_program_on_the_command_line_may_be_long() -> None:
    source = f"print('{'à demain ' * 100}')"
    with Subject([sys.executable, "-c", source], 0, []) as subject:
        (finding,) = inspect([CLIENT_CHECKS[0]], subject)
    assert "sans s'être connecté" in finding.problem


def test_who_falls_silent_is_told_so(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "QUIET", 0.5)
    file = script(search(then="import time; time.sleep(60)"))
    assert problem_of(file, "secret")[1].endswith("après « plus » à 50 il ne propose plus rien")
    file = script(search() + "import time; time.sleep(60)")
    assert problem_of(file, "gagne")[1].startswith("après « gagné » il ne fait plus rien")


@pytest.mark.parametrize(
    "after_the_win",
    [
        "hote.sendall(b'FIN\\n')\nlignes.readline()",  # says FIN
        SEARCH.format(condition="reponse != 'gagné'", then="pass"),  # plays on
    ],
)
def test_after_the_win_one_may_say_fin_or_play_on(after_the_win: str, script: Script) -> None:
    found = problem_of(script(search("reponse != 'gagné'") + after_the_win), "gagne")
    assert found == (Outcome.PASSED, "")


def test_who_says_fin_must_end_too(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "END", 0.5)
    source = search() + "hote.sendall(b'FIN\\n')\nlignes.readline()\nimport time; time.sleep(60)"
    assert "il a dit FIN, l'hôte aussi" in problem_of(script(source), "gagne")[1]


def test_a_crash_in_a_thread_is_seen_though_the_program_goes_on(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CLOSED", 1.0)
    source = CONNECT + (
        "import threading, time\n"
        "def recois():\n"
        "    while True:\n"
        "        ligne = lignes.readline()\n"
        "        hote.sendall(b'51\\n' if ligne[0] == 'p' else b'50\\n')\n"
        "threading.Thread(target=recois).start()\n"
        "hote.sendall(b'50\\n')\n"
        "time.sleep(60)\n"
    )
    outcome, problem = problem_of(script(source), "fermeture")
    assert outcome is Outcome.FAILED
    assert "ligne 10 de client.py : IndexError" in problem


def test_who_writes_on_into_a_closed_link_is_told_so(script: Script) -> None:
    outcome, problem = problem_of(script(search("reponse not in ('gagné', 'FIN')")), "fermeture")
    assert (outcome, problem) == (
        Outcome.FAILED,
        "l'hôte a fermé le lien, et ton client continue d'y envoyer",
    )


def test_an_error_line_that_leads_astray_is_an_advice_and_a_crash_a_failure(
    script: Script,
) -> None:
    # It takes what is not plus for moins; and the refused guess is the wrong one for that.
    astray = search().replace('if reponse == "plus"', 'if reponse in ("plus", mischief)')
    astray = astray.replace("bas, haut,", f"mischief = {mischief.REFUSAL!r}\nbas, haut,")
    assert problem_of(script(astray), "erreur")[0] is Outcome.ADVICE
    crash = search(then="{'plus': 1, 'moins': 2, 'gagné': 3}[reponse]")
    outcome, problem = problem_of(script(crash), "erreur")
    assert outcome is Outcome.FAILED
    assert "après une ligne « erreur … »" in problem


def test_the_client_class_without_except_ends_with_a_clear_word_which_is_an_advice(
    script: Script,
) -> None:
    source = (
        "import sys\nfrom justeprix import Client\n"
        "with Client(port=sys.argv[1]) as client:\n"
        "    for essai in range(1, 101):\n"
        "        client.propose(essai)\n"
    )
    outcome, problem = problem_of(script(source), "fin")
    assert outcome is Outcome.ADVICE
    assert "ligne 5 de client.py : AllPlayed" in problem


@pytest.mark.parametrize("check", ["retard", "fin", "collees", "fermeture", "fin-de-ligne"])
def test_a_check_that_cannot_be_made_does_not_pass(check: str, script: Script) -> None:
    assert problem_of(script("pass"), check)[0] is Outcome.FAILED


# What a run leaves behind, and what it costs.


def test_the_secrets_are_those_that_the_check_wants(script: Script) -> None:
    source = search("True", "bas, haut = (1, 100) if reponse == 'gagné' else (bas, haut)")
    source = source.replace("    else:", "    elif reponse == 'moins':")
    with trial(script(source), secrets=[range(72, 73), range(10, 40)]) as (started, _):
        assert started.wait(lambda: len(started.wire.wins) > 1, 10.0)
        first, second = [started.wire.answered[place].number for place in started.wire.wins[:2]]
    assert first == 72
    assert second in range(10, 40)


def test_what_a_program_has_started_ends_with_it(script: Script) -> None:
    # It holds the pipe: were it left, the thread that reads it would be too, and conftest fails.
    source = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    )
    with Subject(command(script(source + CONNECT)), 0, []) as subject:
        for _ in range(2):
            with subject.run(Transcript()) as started:
                assert started.ends(10.0)
            assert not [t for t in threading.enumerate() if t.name == "client output"]


def test_without_process_groups_the_program_is_killed_all_the_same(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "killpg", raising=False)  # as on Windows
    with program.Program([sys.executable, str(script("import time; time.sleep(60)"))]) as started:
        assert started.code is None
    assert started.code not in (None, 0)


def test_one_that_prints_and_sends_without_end_fills_nothing(script: Script) -> None:
    source = CONNECT + "while True:\n    print('x' * 5000)\n    hote.sendall(b'50\\n' * 1000)\n"
    with trial(script(source)) as (started, transcript):
        assert started.wait(lambda: started.wire.links == 1 and not started.wire.open, 20.0)
        assert not started.ended  # it is the link that was given up
        assert started.wire.messages <= relay.MOST // 3
        assert len(transcript.exchanges) <= 1000


def test_of_its_output_the_end_is_kept(script: Script) -> None:
    with trial(script("print('x' * 200_000 + 'fin', end='')")) as (started, _):
        assert started.ends(10.0)
        last = started.program.last_line
    assert len(last) == program.KEPT
    assert last.endswith("fin")


def test_a_host_that_answers_before_the_silence_is_over_has_understood() -> None:
    # The relay cuts the client's bytes as the host does, but may be late with it.
    wire = Wire(Transcript())
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        socket.create_server(("127.0.0.1", 0)) as host,
        relay.Relay(door, host.getsockname(), wire, mischief.faithful) as between,
    ):
        between.start()
        with socket.create_connection(door.getsockname(), 10.0) as client:
            server, _ = host.accept()
            with server:
                server.settimeout(10.0)
                server.sendall(b"hello justeprix/1 entre 1 et 100\n")
                assert client.recv(100).startswith(b"hello")
                client.sendall(b"50")
                assert server.recv(100) == b"50"
                server.sendall(b"plus")
                assert client.recv(100) == b"plus"
    assert [(turn.number, turn.answer) for turn in wire.guesses] == [(50, "plus")]
    assert not wire.framed


def test_one_that_connects_again_and_again_is_let_in_a_hundred_times(script: Script) -> None:
    source = (
        "import socket, sys\nwhile True:\n"
        "    socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()\n"
    )
    with trial(script(source)) as (started, _):
        assert not started.wait(lambda: started.wire.links > relay.MOST_LINKS, 2.0)
        assert started.wire.links == relay.MOST_LINKS


def test_who_waited_at_the_door_since_the_run_before_is_turned_away(script: Script) -> None:
    port = unused_port()
    with (
        Subject(command(script("import time; time.sleep(60)")), port, []) as subject,
        socket.create_connection(("127.0.0.1", port)) as stale,
        subject.run(Transcript()) as started,
    ):
        stale.settimeout(10.0)
        assert stale.recv(100) == b""
        assert not started.wait(lambda: started.wire.links > 0, 0.2)


def test_our_own_end_of_a_run_is_not_written_down(script: Script) -> None:
    source = CONNECT + "hote.sendall(b'50\\n')\nimport time; time.sleep(60)"
    with trial(script(source)) as (started, transcript):
        assert started.wait(lambda: bool(started.wire.answered), 10.0)
    assert transcript.exchanges[-1].who == "l'hôte"


# The pure parts.


def told(*lines: bytes) -> list[list[mischief.Delivery]]:
    return [
        list(mischief.halve(mischief.HostMessage(line, place))) for place, line in enumerate(lines)
    ]


def test_messages_are_cut_in_two_and_gagne_inside_its_accent() -> None:
    hello = str(Greeting(Bounds(1, 100))).encode() + b"\n"
    cut = told(hello, b"plus\n", "gagné\n".encode(), "resultat 12 gagné\n".encode(), b"nom Ada\n")
    assert [[step.data for step in steps] for steps in cut[1:]] == [
        [b"pl", b"us\n"],
        [b"gagn\xc3", b"\xa9\n"],
        [b"resultat 12 gagn\xc3", b"\xa9\n"],
        [b"nom Ada\n"],
    ]
    assert b"".join(step.data for step in cut[0]) == hello
    assert [step.lines for step in cut[1]] == [(), ("plus",)]
    assert cut[1][1].after > 0


@pytest.mark.parametrize(("ending", "end"), [(b"\n", b"FIN\n"), (b"", b"FIN")])
def test_fin_comes_in_the_dialect_of_the_client(ending: bytes, end: bytes) -> None:
    (step,) = mischief.say_end(mischief.HostMessage(b"plus" + ending, 1))
    assert (step.data, step.lines, step.close) == (end, ("FIN",), True)


def test_who_types_plays_by_dichotomy_then_says_fin() -> None:
    typist = Typist()
    turns = {50: "plus", 75: "moins", 62: "erreur bornes", 63: "gagné"}
    lines = [typist.read("hello justeprix/1 entre 1 et 100", None)]
    lines += [
        typist.read("…", PlayedGuess(number, 1, 0, answer)) for number, answer in turns.items()
    ]
    lines += [typist.read("nom Ada", None), typist.read("FIN", None)]
    assert [line and line.text for line in lines] == ["50", "75", "62", "62", "FIN", None, "1"]


FOLDER = "/classe/ada"


def trace(*frames: str, error: str) -> str:
    lines = "".join(f'  File "{frame}", line {n}, in f\n    x\n' for n, frame in enumerate(frames))
    return f"Traceback (most recent call last):\n{lines}{error}\n"


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        (
            trace(f"{FOLDER}/a.py", f"{FOLDER}/b.py", "/usr/lib/python3/socket.py", error="E: no"),
            "ligne 1 de b.py : E: no",
        ),
        (
            trace(f"{FOLDER}/a.py", f"{FOLDER}/venv/lib/python3/c.py", error="m.Gone"),
            "ligne 0",
        ),
        ("Exception ignored in: <f>\n" + trace(f"{FOLDER}/a.py", error="E: late"), None),
        (
            trace(f"{FOLDER}/x.py", f"{FOLDER}/a.py", error="Low: cause")
            + "\nDuring handling of the above exception, another exception occurred:\n\n"
            + trace(f"{FOLDER}/x.py", f"{FOLDER}/y.py", f"{FOLDER}/z.py", error="m.High: what"),
            "ligne 2 de z.py : High: what",
        ),
        (f'  File "{FOLDER}/a.py", line 3\n    x = (\n        ^\nSyntaxError: open', "ligne 3 de"),
        ("bonjour\n", None),
        ("", None),
    ],
)
def test_the_pupils_line_is_read_from_a_traceback(stderr: str, expected: str | None) -> None:
    found = find_crash(stderr, [FOLDER])
    if expected is None:
        assert found is None
    elif expected == "ligne 0":
        assert found is not None
        assert str(found) == "Gone"  # line 0 of a.py: there is none
    else:
        assert str(found).startswith(expected)


# The command.


def cli(*arguments: object) -> AbstractContextManager[object]:
    return running("check", "client", *arguments)


def test_the_command_passes_a_sound_client_and_fails_a_faulty_one() -> None:
    sound, faulty = FAULTY_CLIENTS / "sain.py", FAULTY_CLIENTS / "sourd_a_fin.py"
    only = ("--port", 0, "--only", "secret", "--only", "fin", "--")
    with cli(*only, *command(sound)) as check:
        assert check.end() == 0
    assert "2 réussis en " in check.output
    with cli(*only, *command(faulty)) as check:
        assert check.end() == 1
    assert "il propose encore 75" in check.output
    assert 'if reponse == "FIN":' in check.output


def test_the_command_speaks_json_and_types_what_it_is_given() -> None:
    client = command(FAULTY_CLIENTS / "sain_a_threads.py")
    options = ("--port", 0, "--json", "--saisie", "Zoé", "--only", "secret", "--")
    with cli(*options, *client) as check:
        assert check.end() == 0
    content = json.loads(check.output)
    assert content["bilan"]["réussi"] == 1
    assert content["constats"][0]["nom"] == "secret"


def test_the_command_names_its_checks_without_a_client() -> None:
    with cli("--list") as check:
        assert check.end() == 0
    assert [line.split()[0] for line in check.output.splitlines()] == [
        check.name for check in CLIENT_CHECKS
    ]


def test_a_busy_port_is_told_with_the_way_out() -> None:
    port = unused_port()
    with (
        Subject(command(FAULTY_CLIENTS / "sain.py"), port, []),
        cli("--port", port, "--", *command(FAULTY_CLIENTS / "sain.py")) as check,
    ):
        assert check.end() == 1
    for word in (f"le port {port} est pris", "--port", "{port}"):
        assert word in check.output


def test_an_unknown_command_is_told() -> None:
    with cli("--port", 0, "--", "pithon", "client.py") as check:
        assert check.end() == 1
    assert "pas de commande « pithon »" in check.output


def test_a_command_that_cannot_start_is_told(tmp_path: Path) -> None:
    file = tmp_path / "client"
    file.write_bytes(b"\x7fELF rubbish")
    file.chmod(0o700)
    with (
        Subject([str(file)], 0, []) as subject,
        pytest.raises(CheckError, match="impossible de lancer"),
    ):
        list(inspect(CLIENT_CHECKS, subject))
