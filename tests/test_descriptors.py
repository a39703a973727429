"""A host that runs out of descriptors: newcomers wait, seated players notice nothing."""

import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.processes import PATIENCE

HOST = """
import os, resource, sys
from justeprix import Server
from justeprix.news import Recovered, Trouble

def tell(item):
    if isinstance(item, (Trouble, Recovered)):
        print(type(item).__name__, flush=True)

with Server(port=0, on_news=tell) as server:
    used = len(os.listdir("/proc/self/fd"))
    # The three sockets of the test's first players, and not one more.
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 2, used + 2))
    print(server.address[1], flush=True)
    sys.stdin.readline()
"""


def connect(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts /proc/self/fd")
def test_the_acceptor_waits_says_so_once_and_recovers() -> None:
    with ExitStack() as stack:
        host = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", HOST],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(host.kill)
        assert host.stdout
        assert host.stderr
        port = int(host.stdout.readline())
        seated = connect(port, stack)
        assert seated.recv(1024).startswith(b"hello")
        crowd = [connect(port, stack) for _ in range(6)]
        assert host.stdout.readline() == "Trouble\n"

        for number in range(20):  # the seated player notices nothing
            seated.sendall(b"ping %d\n" % number)
            assert seated.recv(1024) == b"pong %d\n" % number

        last = crowd.pop()
        for player in crowd:
            player.close()
        assert last.recv(1024).startswith(b"hello")  # the patient one gets in
        assert host.stdout.readline() == "Recovered\n"

        assert host.communicate("\n", timeout=PATIENCE) == ("", "")
        assert host.returncode == 0
