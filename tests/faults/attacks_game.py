"""Attacks on the game port with connections: too many, too slow, deaf, or guessing."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from contextlib import suppress

from tests.faults.attacks_aim import Aim
from tests.support.player import Lines

__all__ = ["churn", "deaf", "drip", "hold", "hold_many", "knock", "names", "slow_drip", "tokens"]

AT_ONCE = struct.pack("ll", 0, 50_000)  # what a caller who only wants to knock waits

CHURN = 10_000
DRIPPING = 500
DEAF = 120
TALKERS = 40
JOINS = 200
WAVES = 2  # a second: an address is let in 1,000 times at once, then 100 times a second
WANTED = ("Ada", "ADA", "Joueur 1", "Zoé")
TOKENS = 1_000
KNOCKING = 30


def churn(aim: Aim) -> None:
    """Open connections and close them at once, 10,000 a second if the machine can."""
    aim.start()
    address = ("127.0.0.1", aim.port)
    for _ in aim.paced(CHURN):
        with aim.caller() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, AT_ONCE)
            with suppress(OSError):  # nobody has time for us
                sock.connect(address)
                aim.done["connections"] += 1


def slow_drip(aim: Aim, port: int, begin: bytes, letters: bytes) -> None:
    """Hold 500 connections that say one byte a second each."""
    dripping = []
    for number in range(DRIPPING):
        dripping.append(aim.call(port, number))
        dripping[-1].sendall(begin)
    aim.start()
    for number in aim.paced(DRIPPING):
        which = number % DRIPPING
        try:
            dripping[which].sendall(bytes([aim.rng.choice(letters)]))
        except OSError:
            dripping[which].close()
            dripping[which] = aim.call(port, which)
            with suppress(OSError):
                dripping[which].sendall(begin)
        aim.done["bytes"] += 1
    for sock in dripping:
        sock.close()


def drip(aim: Aim) -> None:
    """Slowloris on the game: lines that do not end."""
    slow_drip(aim, aim.port, b"\n", b"0123456789")


def deaf(aim: Aim) -> None:
    """Follow, ask for more, read nothing; others change the state and talk all the time."""
    followers, talkers = [], []
    for number in range(DEAF):
        followers.append(aim.call(receive_buffer=4096))
        name = f"{number:03} sourd bien long"
        followers[-1].sendall(f"nom {name}\n".encode() + b"suivre\n" * 60)
    for _ in range(TALKERS):
        talkers.append(Lines(aim.call()))
        talkers[-1].recv_line()
    aim.start()
    for number in aim.paced(200):
        talker = talkers[number % TALKERS]
        talker.say(f"nom Bavard {number}", f"dire {'bla ' * 49}")
        assert talker.recv_line() == f"nom Bavard {number}"
        aim.done["said"] += talker.recv_line() == "ok"
    for sock in [*followers, *(talker.socket for talker in talkers)]:
        sock.close()


def hold(aim: Aim, count: int = 1_000) -> None:
    """Hold connections that say nothing; at the end each is still served."""
    held = [Lines(aim.call(number=number)) for number in range(count)]
    for lines in held:
        assert lines.recv_line().startswith("hello")
    aim.start()
    time.sleep(aim.seconds)
    for lines in held:
        lines.say("ping la")
    for lines in held:
        assert lines.recv_line() == "pong la"
        lines.close()


def hold_many(aim: Aim) -> None:
    hold(aim, 10_000)


def names(aim: Aim) -> None:
    """200 join at once, all want the same names, and leave; twice a second."""
    aim.start()
    for _ in aim.paced(WAVES):
        joined = []
        for _ in range(JOINS):
            with aim.refusals():
                joined.append(Lines(aim.call()))
                joined[-1].say(*(f"nom {name}" for name in WANTED))
        for lines in joined:
            with aim.refusals():
                assert lines.recv_line().startswith("hello")
                answers = [lines.recv_line() for _ in WANTED]
                assert all(a.startswith(("nom ", "erreur pris ")) for a in answers), answers
                aim.done["names asked"] += len(WANTED)
            lines.close()


def tokens(aim: Aim) -> None:
    """Guess tokens, 1,000 at once: after a few, each costs its connection."""
    aim.start()
    while aim.lasts:
        with aim.refusals():
            lines = Lines(aim.call())
            lines.recv_line()
            wrong = [f"session {secrets.token_hex(16)}" for _ in range(TOKENS)]
            with aim.refusals("cut"):
                lines.say(*wrong)
                while lines.recv_line().startswith("erreur jeton "):
                    aim.done["tokens"] += 1
            lines.close()


def knock(aim: Aim) -> None:
    """Call while the host can take nobody, and wait: in the end each is greeted."""
    aim.start()
    waiting = [Lines(aim.call(number=number)) for number in range(KNOCKING)]
    for lines in waiting:
        assert lines.recv_line().startswith("hello")
        aim.done["greeted"] += 1
        lines.close()
