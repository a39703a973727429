"""A host whose system has no more descriptors, or no more room: all play on, nothing is lost."""

from __future__ import annotations

import shutil
from contextlib import suppress

import pytest

from tests.faults.host import HostProcess
from tests.faults.limits import (
    FAILS,
    LIMIT,
    LIMITED,
    WHY_NO_MOUNT,
    WHY_NOT,
    descriptors,
    file_size,
    small_file_system,
)
from tests.support.player import Player

needs_linux = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
needs_root = pytest.mark.skipif(bool(WHY_NO_MOUNT), reason=WHY_NO_MOUNT)


@needs_linux
def test_the_acceptor_waits_says_so_once_and_recovers() -> None:
    print(descriptors(seconds=3.0))


@needs_linux
def test_a_file_that_may_not_grow_costs_no_acknowledged_guess(seed) -> None:
    print(file_size(seed))


@needs_root
def test_a_full_file_system_costs_no_acknowledged_guess(seed) -> None:
    print(small_file_system(seed))


@needs_linux
def test_a_busy_console_does_not_hide_the_trouble(tmp_path) -> None:
    """Wins that come faster than they are printed do not bury what the host must know."""
    options = ("--min", "1", "--max", "1")
    before = LIMITED.replace(str(LIMIT), str(20 * LIMIT))
    with HostProcess(tmp_path / "game.db", *options, before=before) as host:
        with Player(host.address) as player:
            flood_until_cut(player)
        host.wait_for(FAILS)


@needs_linux
def test_a_folder_that_is_removed_ends_no_game(tmp_path) -> None:
    """What is played after that is gone with the folder; the host ends politely all the same."""
    folder = tmp_path / "folder"
    with (
        HostProcess(folder / "game.db", "--rounds", 2) as host,
        Player(host.address) as player,
    ):
        host.type("depart")
        assert player.ask("pret").startswith("manche 1 ")
        shutil.rmtree(folder)
        for number in ("1", "100"):
            assert player.ask(number) in ("plus", "moins", "gagné")
        assert player.ask("FIN") == "FIN"
        assert host.close() == (0, "")


def flood_until_cut(player: Player) -> None:
    """Win ten times in one go, again and again, until the host cuts the link."""
    with suppress(ConnectionError, EOFError):
        while True:
            player.say(*["1"] * 10)
            for _ in range(10):
                player.recv_line()
