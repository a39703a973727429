"""One record each: every command that can be said has one, and what it says holds."""

from typing import get_args

import pytest

from justeprix.errors import ProtocolError
from justeprix.protocol.commands import Ask, Command, parse
from justeprix.protocol.words import Word
from justeprix.session.handlers import HANDLERS, announces
from tests.support.pure_host import PureHost, code

SAID = (
    "50",
    "#1 50",
    "nom Ada",
    "bornes",
    "scores",
    "pret",
    "dire salut",
    "sceau",
    "ping mot",
    "code 4821",
    "session",
    "session 00ff",
    "suivre",
    "aide",
    "FIN",
    "GET / HTTP/1.1",
)
"""One message of each kind."""


def kind(message):
    """Under what a command has its record."""
    command = parse(message.encode())
    return command.word if type(command) is Ask else type(command)


def asks():
    """The words that stand alone and are no command of their own."""
    for word in Word:
        try:
            command = parse(word.value.encode())
        except ProtocolError:
            continue
        if type(command) is Ask:
            yield command.word


def test_every_command_has_a_record_and_nothing_else_has():
    assert set(HANDLERS) == {*get_args(Command), *asks()} - {Ask}
    assert set(HANDLERS) == {kind(message) for message in SAID}


@pytest.mark.parametrize("message", SAID)
def test_what_is_heard_at_the_door(message):
    host = PureHost()
    host.unlocked = False
    reply = host.say(host.arrive(), message)
    open_to_all = ("ping mot", "aide", "FIN", "GET / HTTP/1.1", "code 4821", "session 00ff")
    assert HANDLERS[kind(message)].at_the_door is (message in open_to_all)
    assert (code(reply) == "code") is (message not in open_to_all)


@pytest.mark.parametrize("message", SAID)
def test_who_is_made_a_player(message):
    host = PureHost()
    player = host.arrive()
    host.say(player, "suivre")
    host.say(player, message)
    makes_one = message in ("50", "nom Ada", "pret")
    assert HANDLERS[kind(message)].by_player is (makes_one or message.startswith("#"))
    assert (host.roster.present == [host.roster[player.id]]) is makes_one


@pytest.mark.parametrize("message", ["0", "101", "#1 50", "session 00ff", "session\n#1 101"])
def test_what_makes_nobody_a_player(message):
    host = PureHost()
    screen = host.arrive()
    host.say(screen, "suivre")
    assert code([host.say(screen, line) for line in message.splitlines()][-1])
    assert host.roster.present == []


@pytest.mark.parametrize("message", SAID)
def test_what_a_message_costs(message):
    host = PureHost()
    player = host.arrive()
    host.say(player, message)
    assert player.surcharge == (19 if message in ("scores", "suivre") else 0)


@pytest.mark.parametrize(
    ("message", "tells"),
    [
        *((message, message not in ("code 4821", "session 00ff", "suivre")) for message in SAID),
        (" SUIVRE\r", False),
        ("rien", True),
        ("", True),
    ],
)
def test_which_first_message_tells_of_a_newcomer(message, tells):
    assert announces(message.encode()) is tells


def test_help_names_all_that_a_player_types():
    host = PureHost()
    assert host.say(host.arrive(), "aide") == (
        "aide : un nombre joue ; nom Ada ; bornes ; scores ; pret ; dire salut ; sceau ; "
        "ping mot ; code 1234 ; session ; suivre ; aide ; FIN termine"
    )
