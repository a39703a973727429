"""A host that was suspended: nobody is late for it. Real processes, stopped by SIGSTOP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.processes import WHY_NOT, frozen
from tests.support.player import Player
from tests.support.processes import HOST, port_of, running

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def test_a_line_has_its_five_seconds_of_the_host(tmp_path: Path) -> None:
    game = (*HOST, "--db", tmp_path / "x.db")
    with running(*game) as host, Player(("127.0.0.1", port_of(host))) as ada:
        assert ada.ask("ping") == "pong"  # lines from here on
        ada.send(b"5")
        with frozen(host.pid):
            assert ada.is_silent(5.5)
        ada.send(b"0\n")
        assert ada.recv_line() in ("plus", "moins", "gagné")
