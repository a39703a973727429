"""What a check is, in which order they run, and how it is told. Nothing here touches a network."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from justeprix.workshop.check.finding import Check, Exchange, Fault, Finding, Outcome, Transcript
from justeprix.workshop.check.inspection import inspect
from justeprix.workshop.check.summary import details, document, headline, total


@dataclass
class Patient:
    """What is tried out: remembers who tried, and dies of the check named `killer`."""

    killer: str = ""
    tried: list[str] = field(default_factory=list)

    def lost(self) -> str:
        return "il est mort" if self.killer in self.tried else ""


def check_of(
    name: str, *, fault: Fault | None = None, needs: tuple[str, ...] = ()
) -> Check[Patient]:
    def run(patient: Patient, transcript: Transcript) -> None:
        patient.tried.append(name)
        transcript.note("client 1 envoie", b"50\n")
        if fault is not None:
            raise fault

    return Check(name, f"essai {name}", run, "attendu", "pourquoi", "en Python", needs)


def outcomes(*checks: Check[Patient], patient: Patient | None = None) -> dict[str, Outcome]:
    return {found.name: found.outcome for found in inspect(checks, patient or Patient())}


# What happened.


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (b"gagn\xc3\xa9\n", r"'gagné\n'"),
        (b"\xe9t\xe9\n", r"b'\xe9t\xe9\n'"),
        (b"", "''"),
        (b"a" * 60, repr("a" * 60)),
        (b"a" * 61, repr("a" * 60) + "… (61 octets)"),
        ("ferme", "ferme"),
    ],
)
def test_a_transcript_shows_bytes_as_python_would_and_events_as_they_are(
    message: str | bytes, shown: str
) -> None:
    transcript = Transcript()
    transcript.note("client 1", message)
    assert transcript.exchanges == [Exchange("client 1", shown)]


def test_a_message_is_not_cut_within_a_sign() -> None:
    transcript = Transcript()
    transcript.note("client 1", b"a" + "é".encode() * 60)
    assert transcript.exchanges[0].what == repr("a" + "é" * 59) + "… (121 octets)"


# In which order.


def test_a_check_passes_or_fails_or_advises() -> None:
    assert outcomes(
        check_of("un"),
        check_of("deux", fault=Fault("non")),
        check_of("trois", fault=Fault("mieux", advice=True)),
    ) == {"un": Outcome.PASSED, "deux": Outcome.FAILED, "trois": Outcome.ADVICE}


def test_findings_come_one_by_one() -> None:
    patient = Patient()
    findings = inspect([check_of("un"), check_of("deux")], patient)
    assert next(findings).name == "un"
    assert patient.tried == ["un"]


def test_a_failure_tells_what_happened_and_what_to_do() -> None:
    (finding,) = inspect([check_of("un", fault=Fault("non"))], Patient())
    assert finding == Finding(
        name="un",
        title="essai un",
        outcome=Outcome.FAILED,
        problem="non",
        expected="attendu",
        explanation="pourquoi",
        look_for="en Python",
        exchanges=(Exchange("client 1 envoie", r"'50\n'"),),
    )


def test_the_words_of_the_fault_go_before_those_of_the_check() -> None:
    fault = Fault("non", expected="ceci", look_for="cela")
    (finding,) = inspect([check_of("un", fault=fault)], Patient())
    assert (finding.expected, finding.explanation, finding.look_for) == ("ceci", "pourquoi", "cela")


def test_a_check_is_skipped_without_what_it_needs_and_so_are_those_that_need_it() -> None:
    patient = Patient()
    checks = [
        check_of("un", fault=Fault("non")),
        check_of("deux", needs=("un",)),
        check_of("trois", needs=("deux",)),
        check_of("quatre"),
    ]
    findings = list(inspect(checks, patient))
    assert [found.problem for found in findings[1:3]] == ["d'abord : un", "d'abord : deux"]
    assert {found.outcome for found in findings[1:3]} == {Outcome.SKIPPED}
    assert patient.tried == ["un", "quatre"]


def test_advice_is_good_enough_for_those_that_need_it() -> None:
    advice = check_of("un", fault=Fault("mieux", advice=True))
    assert outcomes(advice, check_of("deux", needs=("un",)))["deux"] is Outcome.PASSED


def test_what_is_needed_but_not_wanted_is_not_waited_for() -> None:
    assert outcomes(check_of("deux", needs=("un",))) == {"deux": Outcome.PASSED}


def test_what_the_patient_does_not_outlive_is_to_blame() -> None:
    patient = Patient(killer="deux")
    findings = list(inspect([check_of("un"), check_of("deux"), check_of("trois")], patient))
    assert [found.outcome for found in findings] == [
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.SKIPPED,
    ]
    assert findings[1].problem == "depuis cet essai, il est mort"
    assert findings[1].exchanges  # what it has died of
    assert findings[2].problem == "il est mort"
    assert patient.tried == ["un", "deux"]


def test_a_deadly_check_that_failed_keeps_its_own_sentence() -> None:
    checks = [check_of("un", fault=Fault("non"))]
    (finding,) = inspect(checks, Patient(killer="un"))
    assert finding.problem == "non"


# How it is told.

FAILED = Finding(
    "fin",
    "finit sur FIN",
    Outcome.FAILED,
    "à FIN, rien",
    "FIN",
    "c'est la règle",
    "if a:\n    b()",
    tuple(Exchange("client", str(number)) for number in range(10)),
)
PASSED = Finding("accueil", "accueille", Outcome.PASSED)
SKIPPED = Finding("deux", "à deux", Outcome.SKIPPED, "d'abord : fin")


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (PASSED, "  réussi   accueil      accueille"),
        (FAILED, "  échec    fin          finit sur FIN"),
        (SKIPPED, "  sauté    deux         à deux (d'abord : fin)"),
    ],
)
def test_a_headline_is_one_line(finding: Finding, line: str) -> None:
    assert headline(finding) == line


def test_details_show_the_last_exchanges_and_all_of_the_python() -> None:
    assert details(FAILED) == [
        "── fin : finit sur FIN",
        "   à FIN, rien",
        "   … 2 échanges avant",
        *(f"   client : {number}" for number in range(2, 10)),
        "   attendu : FIN",
        "   pourquoi : c'est la règle",
        "   en Python : if a:",
        "                   b()",
    ]


def test_what_a_program_said_is_nothing_that_a_terminal_obeys() -> None:
    shown = details(replace(FAILED, problem="il a écrit : \x1b[31mnon\r"))
    assert shown[1] == "   il a écrit :  [31mnon "


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ([], "rien à vérifier en 0,1 s"),
        ([PASSED], "1 réussi en 0,1 s"),
        ([PASSED, PASSED, FAILED, SKIPPED], "2 réussis, 1 échec, 1 sauté en 0,1 s"),
    ],
)
def test_the_total_counts_what_there_is(findings: list[Finding], line: str) -> None:
    assert total(findings, 0.14) == line


def test_the_document_holds_everything() -> None:
    told = json.loads(document("127.0.0.1:5566", [PASSED, FAILED], 1.26))
    assert told["format"] == "justeprix-check/1"
    assert (told["cible"], told["secondes"]) == ("127.0.0.1:5566", 1.3)
    assert told["bilan"] == {"réussi": 1, "échec": 1, "conseil": 0, "sauté": 0}
    assert [found["nom"] for found in told["constats"]] == ["accueil", "fin"]
    assert told["constats"][1]["probleme"] == "à FIN, rien"
    assert told["constats"][1]["python"] == "if a:\n    b()"
    assert len(told["constats"][1]["echanges"]) == 10
