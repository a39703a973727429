"""kill -9 of the host in every phase: the same competition goes on, to the same podium."""

import json

import pytest

from justeprix.results.document import fingerprint
from justeprix.results.verify import faults
from tests.contest.books import exported, secrets
from tests.contest.contest import Host, Stage
from tests.faults.kills_contest import HALT, OPTIONS, Class, flights, same
from tests.support.player import Player


@pytest.fixture
def stage():
    with Stage() as stage:
        yield stage


def test_time_goes_on_past_a_restart(stage, tmp_path) -> None:
    """The round has no more seconds than before, and `version` still grows with each change."""
    host = Host(stage, tmp_path / "game.db", *OPTIONS)
    host.start()
    host.type("depart")
    with Player(host.address) as screen:
        screen.follow()
        screen.until(lambda state: state["secondes"] <= 297)  # three seconds of notes
        with Player(host.address):  # seen half a second later: as old is the host's note of time
            before = screen.state()
    host.kill()
    host.resume()
    after = host.state()
    same(before, after)
    assert after["version"] > before["version"]


def test_killed_in_the_lobby(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed)
    before, after = room.kill_and_resume()
    same(before, after)
    assert after["phase"] == "salle"
    room.finish()


def test_killed_in_a_round_while_some_think_and_others_have_found(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed, (None, HALT, HALT))
    room.host.type("depart")
    stage.until(lambda: all(player.waits or player.wins for player in room.players))
    before, after = room.kill_and_resume()
    same(before, after)
    assert sorted(line.found for line in exported(after["classement"])) == [0] * 5 + [1] * 3
    room.finish()


def test_killed_in_a_round_in_full_flight(seed, full) -> None:
    """Whose answer was on its way may have a guess that counts; nobody loses one."""
    flights(seed, full=full)


def test_killed_between_the_last_win_and_the_end_of_the_round(stage, tmp_path, seed) -> None:
    """The host looks every 50 ms whether all have found: it is killed before, in most rounds."""
    room = Class(stage, tmp_path / "game.db", seed)
    ada = room.guests["Ada"] = []
    for number in (1, 2, 3):
        with Player(room.host.address) as last:
            assert last.ask_bare("nom Ada") == b"nom Ada"
            room.next_round()
            before = room.host.until(lambda state: state["trouve"] == 8)
            ada += win_and_kill(last, room.host, number)
        open_still = not secrets(room.host.db)[number - 1].closed
        room.host.resume()
        after = room.host.until(lambda state: state["phase"] != "manche")
        assert standings(after, but="Ada") == standings(before, but="Ada")
        assert standings(after)["Ada"] == (number, 2 * number)
        room.come_back()
        if open_still:
            break
    else:
        pytest.fail("the host was never killed in time")
    with Player(room.host.address) as back:  # else the next round waits for her
        assert back.ask_bare("nom Ada") == b"nom Ada"
    refuses_what_was_altered(stage, room.finish(), tmp_path / "altered.json")


def win_and_kill(ada, host, number) -> list[tuple[int, str]]:
    """One who knows the secret plays two guesses; the second is the last win of the round."""
    secret = secrets(host.db)[number - 1].secret
    told = [(guess, ada.ask_bare(str(guess)).decode()) for guess in (secret - 1, secret)]
    host.kill()
    assert [answer for _, answer in told] == ["plus", "gagné"]
    return told


def refuses_what_was_altered(stage, text, file) -> None:
    assert not faults(text)
    for alter in ALTERATIONS:
        content = json.loads(text)
        alter(content)
        assert faults(json.dumps(content)), alter
        content["empreinte"] = fingerprint(content)
        assert faults(json.dumps(content)), f"{alter}, and the fingerprint mended"
    file.write_text(json.dumps(content))
    assert stage.start("-m", "justeprix", "verify", file).end() == 1


def game(content):
    return content["joueurs"][3]["parties"][1]["coups"]


ALTERATIONS = (
    lambda content: game(content)[0].update(nombre=content["manches"][1]["secret"]),
    lambda content: game(content)[0].update(reponse="gagné"),
    lambda content: game(content).pop(),
    lambda content: content["manches"][1].update(secret=content["manches"][1]["secret"] + 1),
    lambda content: content["classement"][4].update(rang=1),
)


def standings(state, but="") -> dict[str, tuple[int, int]]:
    lines = exported(state["classement"])
    return {line.name: (line.found, line.guesses) for line in lines if line.name != but}


def test_killed_in_a_pause(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed)
    room.host.type("depart")
    room.host.until(lambda state: state["phase"] == "pause")
    before, after = room.kill_and_resume()
    same(before, after)
    assert after["phase"] == "pause"
    assert after["secret"] == secrets(room.host.db)[0].secret
    room.finish()
