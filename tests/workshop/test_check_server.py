"""`justeprix check server` against pupils' servers, each a real process with one typical fault."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from justeprix.errors import CheckError
from justeprix.game.competition import Settings
from justeprix.net.target import find_server
from justeprix.server.server import Server
from justeprix.workshop.check.finding import Finding, Outcome
from justeprix.workshop.check.inspection import inspect
from justeprix.workshop.check.server.checks import SERVER_CHECKS
from justeprix.workshop.check.server.visitor import Visitors
from tests.support.places import FAULTY_SERVERS
from tests.support.processes import HOST, port_of, running, unused_port

FAULTS = {
    "un_seul_client": ("suivant", "s'arrête avec son premier client"),
    "un_client_a_la_fois": ("deux", "un client à la fois"),
    "recv_entier": ("moitie", "sans attendre la suite"),
    "decode_sans_filet": ("octets", "UTF-8"),
    "meurt_a_la_coupure": ("coupure", "coupée net"),
    "secret_commun": ("partage", "tous le même secret"),
    "secret_commun_retire": ("partage", "secret"),
    "secret_change": ("constant", "change de secret"),
    "plus_moins_inverses": ("sens", "inversés"),
    "verrou_en_attendant": ("reflexion", "réfléchit"),
    "oublie_fin": ("fin", "et pas FIN"),
    "sans_fin_de_ligne": ("lignes", "collés"),
}
"""The one check that fails, and words of its sentence."""

QUICK = 8.0
"""Seconds in which a sound server is checked."""


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Run a pupil's server; its address."""
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", FAULTY_SERVERS / f"{name}.py", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where it says how it dies
        encoding="utf-8",
    )
    try:
        assert process.stdout
        word, port = process.stdout.readline().split()
        assert word == "pret"
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def checked(address: str, *names: str) -> list[Finding]:
    """Run the named checks, or all."""
    checks = [check for check in SERVER_CHECKS if not names or check.name in names]
    return list(inspect(checks, Visitors(find_server(address, mine=False))))


@cache
def findings_of(name: str) -> list[Finding]:
    """Return what is found in a pupil's server; some wait so long that once is enough."""
    with serving(name) as address:
        return checked(address)


def those(findings: list[Finding], *outcomes: Outcome) -> list[str]:
    return [finding.name for finding in findings if finding.outcome in outcomes]


def test_every_faulty_server_has_its_check() -> None:
    assert {path.stem for path in FAULTY_SERVERS.glob("*.py")} == {*FAULTS, "sain"}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_named_and_no_other(name: str) -> None:
    check, words = FAULTS[name]
    findings = findings_of(name)
    assert those(findings, Outcome.FAILED) == [check]
    assert set(those(findings, Outcome.ADVICE)) <= {"hors-bornes"}
    (finding,) = (finding for finding in findings if finding.name == check)
    assert words in finding.problem
    assert finding.expected
    assert finding.explanation
    assert finding.look_for
    assert finding.exchanges


def test_what_needs_a_second_client_is_not_tried_on_a_server_for_one() -> None:
    findings = findings_of("un_client_a_la_fois")
    assert those(findings, Outcome.SKIPPED) == ["reflexion", "partage", "trente", "voisins"]


def test_after_a_server_has_died_nothing_is_tried_on_it() -> None:
    findings = findings_of("un_seul_client")
    assert [finding.outcome for finding in findings[:2]] == [Outcome.PASSED, Outcome.FAILED]
    assert {finding.problem for finding in findings[2:]} == {"le serveur n'accueille plus personne"}


# What is sound.


def test_a_sound_server_passes_everything() -> None:
    assert those(findings_of("sain"), *set(Outcome) - {Outcome.PASSED}) == []


@pytest.mark.parametrize(("low", "high"), [(1, 2), (-7, -5), (1, 10**9)])
def test_our_own_host_passes_everything_whatever_its_bounds(low: int, high: int) -> None:
    with Server(port=0, low=low, high=high, seed=7) as server:
        findings = checked(f"127.0.0.1:{server.address[1]}")
    assert those(findings, *set(Outcome) - {Outcome.PASSED}) == []


def test_a_competition_is_told_that_it_waits_for_a_round() -> None:
    with Server(port=0, competition=Settings(rounds=2)) as server:
        findings = checked(f"127.0.0.1:{server.address[1]}")
    assert those(findings, Outcome.FAILED) == ["sens"]
    assert "ton serveur attend une manche" in next(f.problem for f in findings if f.name == "sens")
    assert {"fin", "deux", "reflexion", "coupure"} <= set(those(findings, Outcome.PASSED))


# Which server.


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1:5566", ("127.0.0.1", 5566)),
        ("127.8.9.10:1", ("127.8.9.10", 1)),
        ("localhost:65535", ("127.0.0.1", 65535)),
        (" 127.0.0.1:5566 ", ("127.0.0.1", 5566)),
        ("[::1]:5566", ("::1", 5566)),
    ],
)
def test_an_address_is_an_ip_and_a_port(address: str, found: tuple[str, int]) -> None:
    assert find_server(address, mine=False) == found


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1", "n'a pas de port"),
        ("5566", "n'a pas de port"),
        (":5566", "n'a pas de port"),
        ("[::1]", "n'a pas de port"),
        ("127.0.0.1:", "n'est pas un port"),
        ("127.0.0.1:zero", "n'est pas un port"),
        ("127.0.0.1:0", "n'est pas un port"),
        ("127.0.0.1:65536", "n'est pas un port"),
        ("127.0.0.1:655360000000", "n'est pas un port"),
        ("127.0.0.1:٥٥٦٦", "n'est pas un port"),
        ("::1:5566", "entre crochets : [::1]:5566"),
        ("0.0.0.0:5566", "écris 127.0.0.1:5566"),
        ("300.0.0.1..:5566", "machine inconnue"),
        ("192.0.2.1:5566", "--oui-c-est-le-mien"),
    ],
)
def test_another_address_is_refused_in_a_clear_sentence(address: str, words: str) -> None:
    with pytest.raises(CheckError) as caught:
        find_server(address, mine=False)
    assert words in str(caught.value)


def test_a_name_with_two_addresses_means_the_one_where_pupils_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As Windows and macOS answer for localhost.
    found = [(socket.AF_INET6, ("::1", 0, 0, 0)), (socket.AF_INET, ("127.0.0.1", 0))]
    answer = [(family, socket.SOCK_STREAM, 6, "", address) for family, address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answer)
    assert find_server("localhost:5566", mine=False) == ("127.0.0.1", 5566)


def test_who_says_it_is_his_may_check_another_machine() -> None:
    assert find_server("192.0.2.1:5566", mine=True) == ("192.0.2.1", 5566)


# The command.


def test_the_command_passes_our_host_in_time() -> None:
    with (
        running(*HOST, "--db", ":memory:") as host,
        running("check", "server", f"127.0.0.1:{port_of(host)}") as check,
    ):
        last = check.wait_for(f"{len(SERVER_CHECKS)} réussis en ")
        assert check.end() == 0
    seconds = last.split()[-2]
    assert float(seconds.replace(",", ".")) < QUICK


def test_a_fault_is_told_like_a_test_runner_and_exits_with_1() -> None:
    with serving("oublie_fin") as address, running("check", "server", address) as check:
        check.wait_for("échec    fin          finit sur FIN")
        check.wait_for("── fin : finit sur FIN")
        check.wait_for("à FIN, ton serveur répond « erreur")
        check.wait_for("client 1 envoie : 'FIN\\n'")
        check.wait_for("client 1 reçoit : 'erreur")
        check.wait_for("attendu : FIN reçoit FIN")
        check.wait_for("pourquoi : ")
        check.wait_for("en Python : if message.upper()")
        check.wait_for("1 échec")
        assert check.end() == 1


def test_one_check_alone_as_json() -> None:
    with serving("oublie_fin") as address:
        arguments = ("check", "server", address, "--only", "fin", "--only", "deux", "--json")
        with running(*arguments) as check:
            code = check.end()
    document = json.loads(check.output)
    assert code == 1
    assert document["bilan"] == {"réussi": 1, "échec": 1, "conseil": 0, "sauté": 0}
    assert [(found["nom"], found["verdict"]) for found in document["constats"]] == [
        ("fin", "échec"),
        ("deux", "réussi"),
    ]
    assert "client 1 reçoit" in document["constats"][0]["echanges"][-1].values()


def test_advice_alone_is_no_failure() -> None:
    with (
        serving("recv_entier") as address,
        running("check", "server", address, "--only", "hors-bornes") as check,
    ):
        check.wait_for("1 conseil en")
        assert check.end() == 0


def test_the_checks_are_listed_without_a_server() -> None:
    with running("check", "server", "--list") as check:
        assert check.end() == 0
    assert [line.split()[0] for line in check.lines] == [check.name for check in SERVER_CHECKS]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["192.0.2.1:5566"], 1, "--oui-c-est-le-mien"),
        (["127.0.0.1:{port}"], 1, "personne n'écoute à 127.0.0.1, port {port}"),
        (["127.0.0.1:{port}", "--only", "tout"], 1, "pas d'essai « tout » : il y a accueil, "),
        ([], 2, "check server 127.0.0.1:5566"),
        (["--seulement", "fin"], 2, "--seulement"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(
    arguments: list[str], code: int, words: str
) -> None:
    port = unused_port()
    with running("check", "server", *(text.format(port=port) for text in arguments)) as check:
        assert check.end() == code
    assert words.format(port=port) in check.output
    assert "réussi" not in check.output
