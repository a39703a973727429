"""The doors as a teacher and the pupils use them: real commands, real certificates."""

from __future__ import annotations

import re
import ssl
import sys
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace

import pytest

from justeprix.client import Client
from justeprix.errors import ClientError, ForeignServer, ServerError, Unreachable
from justeprix.net import addresses, certificate
from tests.support.foreign import Foreign
from tests.support.processes import HOST, Process, port_of, running, unused_port


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A user of their own: certificates and games are kept there."""
    return {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as a school gets them."""
    own, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    both = certificate.own_certificate(tmp_path / "both.pem", ["127.0.0.1"]).read_text()
    end = both.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)
    own.write_text(both[:end])
    key.write_text(both[end:].lstrip())
    return own, key


def played(port: int, *options: object, **environment: str) -> tuple[int, str]:
    """Play one guess through a pipe; return the exit code and all that was said."""
    with running("play", "--server", f"127.0.0.1:{port}", *options, **environment) as process:
        process.type("50")
        process.end_input()
        return process.end(), process.output


def options_of(host: Process) -> tuple[int, list[str]]:
    """Return the port and the options that the host tells its players to type."""
    line = host.wait_for("justeprix play --server 127.0.0.1:")
    port, *options = line.rpartition("127.0.0.1:")[2].split()
    return int(port), options


# The code.


def test_a_code_is_printed_and_asked(home: dict[str, str]) -> None:
    with running(*HOST, "--code", "4821", **home) as host:
        port, options = options_of(host)
        assert options == ["--code", "4821"]
        assert host.wait_for("/tableau").endswith("/tableau#4821")
        assert host.wait_for("Le code de la partie") == "Le code de la partie : 4821"
        code, said = played(port, *options)
        assert (code, "50 : " in said) == (0, True)
        code, said = played(port)
        assert code == 1
        assert said.endswith("justeprix : cet hôte demande un code : --code, suivi du bon")
        code, said = played(port, "--code", "1111")
        assert (code, "ce n'est pas le code" in said) == (1, True)
        with Client(port, code="4821") as client:
            assert client.propose(1) in ("plus", "gagné")


def test_a_code_is_drawn(home: dict[str, str]) -> None:
    codes = set()
    for _ in range(2):
        with running(*HOST, "--code", "auto", **home) as host:
            code = host.wait_for("Le code de la partie").rpartition(" ")[2]
            assert re.fullmatch("[0-9]{6}", code)
            codes.add(code)
    assert len(codes) == 2


@pytest.mark.parametrize("code", ["", "123", "été4", "a b c d", "x" * 21])
def test_a_code_must_be_fit_to_type(code: str, home: dict[str, str]) -> None:
    with running(*HOST, "--code", code, **home) as host:
        assert host.end() == 1
        assert host.output.startswith("justeprix : un code a de 4 à 20 chiffres ou lettres")


def test_house_bots_and_a_pupils_bot_know_the_way(home: dict[str, str], tmp_path: Path) -> None:
    lines = "def joue(bas, haut, historique):", "    return bas + len(historique)", ""
    (tmp_path / "b.py").write_text("\n".join(lines))
    with running(*HOST, "--code", "4821", "--tls", "auto", "--bots", 1, **home) as host:
        port, options = options_of(host)
        host.wait_for("Robot Dicho 1")
        words = ("--parties", 1, "--nom", "HAL", *options)
        with running("bot", tmp_path / "b.py", "--server", f"127.0.0.1:{port}", *words) as bot:
            assert bot.end() == 0
            assert "Bienvenue, HAL !" in bot.output


# TLS.


def test_a_certificate_of_ones_own(home: dict[str, str], tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):  # it is kept: its fingerprint stays true
        with running(*HOST, "--tls", "auto", **home) as host:
            port, options = options_of(host)
            assert options[:2] == ["--tls", "--fingerprint"]
            seen.add(options[2])
            assert "https://127.0.0.1:" in host.wait_for("https://")
            code, said = played(port, *options)
            assert (code, "50 : " in said) == (0, True)
            code, said = played(port, "--tls", "--fingerprint", "00" * 32)
            assert (code, "un autre certificat" in said) == (1, True)
            code, said = played(port, "--tls")
            assert (code, "ne prouve pas qui il est" in said) == (1, True)
            code, said = played(port)
            assert (code, "justeprix play --tls" in said) == (1, True)
    assert len(seen) == 1
    (own,) = tmp_path.rglob("tls.pem")
    assert own.stat().st_mode & 0o077 == 0


def test_a_certificate_where_the_host_has_a_name(tmp_path: Path) -> None:
    own = certificate.own_certificate(tmp_path / "tls.pem", addresses.addresses("localhost"))
    assert certificate.server_context(own, own)


def test_a_certificate_and_its_key(
    home: dict[str, str], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    own, key = pair
    with running(*HOST, "--tls", own, key, **home) as host:
        port, options = options_of(host)
        assert options == ["--tls"]
        code, said = played(port, "--tls", "--ca", own)
        assert (code, "50 : " in said) == (0, True)
        with Client(port, ca=str(own)) as client:
            assert client.propose(1) in ("plus", "gagné")
            client.client_socket.close()  # what a dead Wi-Fi does, and sooner
            assert client.propose(2) in ("plus", "gagné", "moins")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tls", "CERT"], "deux fichiers PEM"),
        (["KEY"], "une clé va avec --tls"),
        (["--tls", "KEY", "CERT"], "ne vont pas ensemble"),
        (["--tls", "CERT", "CERT"], "ne vont pas ensemble"),
        (["--tls", "nowhere.pem", "KEY"], "impossible de lire nowhere.pem"),
    ],
)
def test_what_is_no_certificate(
    words: list[str], said: str, home: dict[str, str], pair: tuple[Path, Path]
) -> None:
    files = {"CERT": str(pair[0]), "KEY": str(pair[1])}
    with running(*HOST, *(files.get(word, word) for word in words), **home) as host:
        assert host.end() in (1, 2)
        assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", host.output).split())


def test_tls_where_there_is_none(home: dict[str, str]) -> None:
    with running(*HOST, **home) as host:
        port = port_of(host)
        code, said = played(port, "--tls")
        assert (code, "ne parle pas TLS : enlève --tls" in said) == (1, True)
        with pytest.raises(ForeignServer, match="enlève --tls"):
            Client(port, tls=True).connect()


def test_what_a_player_cannot_trust_is_told_before_they_call(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="impossible de lire "):
        Client(unused_port(), ca=str(tmp_path / "nowhere.pem")).connect()


def test_a_link_cut_in_the_handshake_is_told_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("justeprix.client.conversation.waits", lambda first, factor: repeat(0.01))
    with (
        Foreign(lambda sock: sock.recv(65536)) as server,
        pytest.raises(Unreachable, match=r"\(lien coupé\)"),
    ):
        Client(server.port, tls=True).connect()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ServerError, match=r"pip install .justeprix\[tls\]"):
        certificate.own_certificate(tmp_path / "tls.pem", ["127.0.0.1"])


# Public addresses.


def test_the_internet_may_not_walk_in(home: dict[str, str]) -> None:
    with running("host", "--port", 0, "--no-web", "--bind", "8.8.8.8", **home) as host:
        assert host.end() == 1
        assert host.output.startswith("justeprix : 8.8.8.8 est une adresse publique")
        assert "--open" in host.output
    for words in (("--open",), ("--code", "auto")):  # then it fails for want of that address
        with running("host", "--port", 0, "--no-web", "--bind", "8.8.8.8", *words, **home) as host:
            assert host.end() == 1
            assert "8.8.8.8 n'est pas une adresse de cette machine" in host.output


@pytest.mark.parametrize(
    ("ips", "found"),
    [
        (["127.0.0.1", "192.168.1.10", "10.0.0.3", "172.16.0.9", "169.254.7.7"], ""),
        (["127.0.0.1", "192.168.1.10", "1.1.1.1"], "1.1.1.1"),
        (["100.64.0.1", "192.0.2.2"], ""),
    ],
)
def test_which_addresses_are_public(
    ips: list[str], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = SimpleNamespace(ips=[SimpleNamespace(ip=ip, is_IPv4=True) for ip in ips])
    monkeypatch.setattr("ifaddr.get_adapters", lambda: [adapter])
    for everywhere in (addresses.EVERYWHERE, "0", ""):
        assert addresses.public(everywhere) == found


def test_a_name_stands_for_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert addresses.public("localhost") == ""
    monkeypatch.setattr("socket.gethostbyname", {"jeu.example": "8.8.8.8"}.__getitem__)
    assert addresses.public("jeu.example") == "8.8.8.8"


# The other limits.


def test_so_many_from_one_address(home: dict[str, str]) -> None:
    with running(*HOST, "--per-address", 1, "--idle", 600, **home) as host:
        port = port_of(host)
        with Client(port) as client:
            assert client.propose(1) in ("plus", "gagné")
            code, said = played(port)
            assert (code, "déjà une connexion" in said) == (1, True)
