"""The web port of `justeprix host`: what it prints, and how it ends. Real processes."""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.browser import Browser, request
from tests.support.player import PATIENCE, Player
from tests.support.processes import HOST, running

MEMORY = ("--db", ":memory:")
LINK = r"http://127\.0\.0\.1:(\d+)/animateur\?cle=([0-9a-f]{32})"


def key_in(line: str) -> tuple[int, str]:
    """Return the port and the key of the link in a line."""
    match = re.search(LINK, line)
    assert match, line
    return int(match[1]), match[2]


def open_remote(port: int, key: str) -> int:
    return request(port, "GET", f"/animateur?cle={key}").status


def test_what_the_host_prints_can_be_opened() -> None:
    with running(*HOST, *MEMORY) as host:
        play = host.wait_for("justeprix play --server 127.0.0.1:")
        page = host.wait_for("http://127.0.0.1:").strip()
        board = host.wait_for("Le tableau, pour le projecteur : ").rpartition(" ")[2]
        port, key = key_in(host.wait_for("La télécommande"))
        assert page == f"http://127.0.0.1:{port}/"
        assert board == f"{page}tableau"
        assert request(port, "GET", "/").status == request(port, "GET", "/tableau").status == 200
        assert open_remote(port, key) == 200
        assert open_remote(port, key) == 403  # good for one time
        with Player(("127.0.0.1", int(play.rpartition(":")[2]))) as player:
            assert player.ask("nom Ada") == "nom Ada"
            with Browser(port) as browser:
                assert browser.ask("nom ada").startswith("erreur pris ")
                host.wait_for("Joueur 2 arrive (127.0.0.1)")
        host.type("fin")
        assert host.end() == 0
        assert not set(host.output) & set("█▀▄")  # no code in a pipe


def test_every_address_is_printed_and_loopback_last() -> None:
    with running("host", "--port", 0, "--web-port", 0, *MEMORY) as host:
        host.wait_for("Commandes :")
        pages = [line.strip() for line in host.lines if re.fullmatch(r"  http://\S+/", line)]
        assert pages
        assert all(page.startswith("http://127.") for page in pages[-1:])
        plays = [line for line in host.lines if line.startswith("  justeprix play --server ")]
        assert len(plays) == len(pages)
        assert f"Le tableau, pour le projecteur : {pages[0]}tableau" in host.lines
        (link,) = [line for line in host.lines if "télécommande, pour toi seul" in line]
        assert f" {pages[0]}animateur?cle=" in link


def test_animateur_prints_a_fresh_link_each_time() -> None:
    with running(*HOST, *MEMORY) as host:
        links = [key_in(host.wait_for("La télécommande"))]
        for _ in range(2):
            host.type("animateur")
            links.append(key_in(host.wait_for("Télécommande, bon pour une fois : ")))
        assert len({*links}) == 3
        assert [open_remote(*link) for link in reversed(links)] == [200] * 3
        host.type("animateur maintenant")
        host.wait_for("Écris : animateur")


def test_an_order_is_obeyed_and_the_page_stays_open() -> None:
    with running(*HOST, *MEMORY, "--rounds", 1) as host:
        port, key = key_in(host.wait_for("La télécommande"))
        cookie = request(port, "GET", f"/animateur?cle={key}")["Set-Cookie"].partition(";")[0]
        ours = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
        with Browser(port) as browser:
            assert browser.ask("nom Ada") == "nom Ada"
            browser.send("pret")
            reply = request(port, "POST", "/animateur/ordre", b"depart", **ours)
            assert reply.text == "C'est parti !\n"
            assert browser.recv_line() == "manche 1 entre 1 et 100"
            assert request(port, "POST", "/animateur/ordre", b"fin", **ours).status == 400
            assert request(port, "POST", "/animateur/ordre", b"stop", **ours).status == 200
        host.type("animateur")
        host.wait_for("bon pour une fois")


def test_no_web_opens_no_port_and_says_so() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,  # so it would fail if it tried
        running(*HOST, *MEMORY, "--web-port", busy.getsockname()[1], "--no-web") as host,
    ):
        host.wait_for("Commandes :")
        assert "http://" not in host.output
        assert "navigateur" not in host.output
        host.type("animateur")
        answer = host.wait_for("Impossible : ")
        assert "--no-web" in answer
        host.type("fin")
        assert host.end() == 0


@pytest.mark.parametrize("no_port", ["x", -1, 65536])
def test_what_is_no_port_is_a_usage_error(no_port: object) -> None:
    with running("host", "--web-port", no_port) as host:
        assert host.end() == 2


def test_a_busy_web_port_is_told_with_the_option_and_both_ports_are_free_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as game:
        port = game.getsockname()[1]
    local = ("--bind", "127.0.0.1", *MEMORY)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        with running("host", "--port", port, "--web-port", taken, *local) as host:
            assert host.end() == 1
            assert len(host.lines) == 1
            assert f"le port {taken} est déjà pris" in host.output
            assert re.search(r"--web-port \d+$", host.output)
    with running("host", "--port", port, "--web-port", taken, *local) as host:
        host.wait_for(f"http://127.0.0.1:{taken}/")
        host.type("fin")
        assert host.end() == 0


def test_one_port_for_both_is_told_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(
        "host", "--bind", "127.0.0.1", "--port", port, "--web-port", port, *MEMORY
    ) as host:
        assert host.end() == 1
        assert len(host.lines) == 1
        assert "--web-port" in host.output


# The end.


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_browsers_are_told_that_the_host_ends(name: str) -> None:
    with running(*HOST, *MEMORY, stdin=subprocess.DEVNULL) as host:
        port, _ = key_in(host.wait_for("La télécommande"))
        with (
            Browser(port) as plain,
            Browser(port) as numbered,
            socket.create_connection(("127.0.0.1", port), PATIENCE) as half,
        ):
            plain.sync()
            assert numbered.ask("session").startswith("session ")
            half.sendall(b"GET / HTTP/1.1\r\n")
            assert request(port, "GET", "/").status == 200  # so the other visit has begun
            host.send(signal.Signals[name])
            assert numbered.recv_line().startswith("shutdown ")
            assert numbered.ended() == 1000
            assert plain.recv_line() == "FIN"
            assert plain.ended() == 1000
            assert half.recv(100) == b""
        assert host.end() == 0
        assert host.output.endswith("Partie fermée.")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), PATIENCE)


def test_a_reset_browser_and_garbage_leave_no_trace_on_the_console() -> None:
    with running(*HOST, *MEMORY) as host:
        port, _ = key_in(host.wait_for("La télécommande"))
        for data in (
            b"\x16\x03\x01\r\n\r\n",
            b"GET / HTTP/1.1\r\n",
            b"",
            b"POST / HTTP/1.1\r\n\r\n",
        ):
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as rude:
                rude.sendall(data)
        assert request(port, "GET", "/").status == 200
        before = len(host.lines)
        host.type("fin")
        assert host.end() == 0
        assert [line for line in host.lines[before:] if line.startswith(("Exc", "Tra", " "))] == []


# On a terminal.


class Terminal:
    """A host on a terminal of its own, all that it writes as text."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.text = ""
        self._master = master
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + PATIENCE
        while text not in self.text:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} never came:\n{self.text}"
            if select.select([self._master], [], [], left)[0]:
                self.text += self._decoder.decode(os.read(self._master, 65536))

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\r".encode())

    def end(self) -> int:
        """Read on until the process has ended: a full terminal would keep it."""
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # nobody has the other side open any more
                break
            if not data:
                break
            self.text += self._decoder.decode(data)
        return self.process.wait(PATIENCE)


@contextmanager
def on_terminal(*arguments: object, **environment: str) -> Iterator[Terminal]:
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "justeprix", *map(str, arguments)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environment},
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)


NO_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")


@NO_TERMINAL
def test_a_terminal_shows_a_code_to_scan() -> None:
    with on_terminal(*HOST, *MEMORY, PYTHONUTF8="1") as host:
        host.wait_for("hôte>")
        lines = host.text.replace("\r", "").split("\n")
        code = [line for line in lines if line and not set(line) - set("█▀▄ ")]
        assert len(code) >= 13
        assert {len(line) for line in code} == {2 * len(code) - 1}
        # Between the addresses and the board: nothing is written into it.
        first, last = lines.index(code[0]), lines.index(code[-1])
        assert lines[first : last + 1] == code
        assert lines[first - 1].startswith("  http://")
        assert lines[last + 1].startswith("Le tableau")
        host.type("animateur")
        host.wait_for("bon pour une fois : http://")
        host.type("fin")
        assert host.end() == 0
        assert "Traceback" not in host.text


@NO_TERMINAL
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_that_has_not_the_signs_shows_none(encoding: str) -> None:
    with on_terminal(*HOST, *MEMORY, PYTHONUTF8="0", PYTHONIOENCODING=encoding) as host:
        host.wait_for("Commandes")
        assert "animateur?cle=" in host.text
        assert not set(host.text) & set("█▀▄")
        assert "??????" not in host.text
        assert "Traceback" not in host.text
