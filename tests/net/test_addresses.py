"""Where the host can be reached, in which order, and the picture of it for a phone."""

from __future__ import annotations

import io
import ipaddress
import socket
import sys
from types import SimpleNamespace
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import ifaddr
import pytest

from justeprix.cli.host.guard import Guard
from justeprix.cli.host.welcome import _welcome_browsers
from justeprix.net import addresses as module
from justeprix.net.addresses import EVERYWHERE, FAR_AWAY, addresses
from justeprix.web import invitation
from justeprix.web.invitation import WEB_PORT, blocks, picture, play_command, web_address
from tests.support.browser import Web


def adapters(*ips: str | tuple[str, int, int]) -> list[ifaddr.Adapter]:
    """Return one adapter with these addresses; a tuple is one of IPv6."""
    return [ifaddr.Adapter("eth0", "eth0", [ifaddr.IP(ip, 24, "eth0") for ip in ips])]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch):
    """`network(*ips, way_out=ip)` gives this machine other addresses."""

    def set_up(*ips: str | tuple[str, int, int], way_out: str = "") -> None:
        monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters(*ips))
        monkeypatch.setattr(module, "_way_out", lambda: way_out)

    return set_up


def test_the_way_out_comes_first_and_loopback_last(network) -> None:
    ips = ("127.0.0.1", "10.0.0.9", "172.17.0.1", "192.168.1.20", "127.0.1.1")
    network(*ips, way_out="192.168.1.20")
    assert addresses(EVERYWHERE) == [
        *("192.168.1.20", "10.0.0.9", "172.17.0.1"),
        *("127.0.0.1", "127.0.1.1"),
    ]


def test_what_a_machine_gave_itself_comes_late(network) -> None:
    network("169.254.7.7", "127.0.0.1", "192.168.1.20", "10.0.0.9")
    assert addresses(EVERYWHERE) == ["10.0.0.9", "192.168.1.20", "169.254.7.7", "127.0.0.1"]
    network("169.254.7.7", "127.0.0.1", "192.168.1.20", way_out="169.254.7.7")
    assert addresses(EVERYWHERE)[0] == "169.254.7.7"  # the only cable there is


def test_a_way_out_over_loopback_is_none(network) -> None:
    network("127.0.0.1", "192.168.1.20", way_out="127.0.0.1")
    assert addresses(EVERYWHERE) == ["192.168.1.20", "127.0.0.1"]


def test_a_way_out_that_no_adapter_has_is_not_invented(network) -> None:
    network("127.0.0.1", way_out="192.168.1.20")
    assert addresses(EVERYWHERE) == ["127.0.0.1"]


def test_each_address_is_told_once_and_only_those_of_ipv4(network) -> None:
    network("10.0.0.9", "10.0.0.9", ("fe80::1", 0, 2), ("2001:db8::1", 0, 0), "127.0.0.1")
    assert addresses(EVERYWHERE) == ["10.0.0.9", "127.0.0.1"]


def test_without_a_network_there_is_loopback(network) -> None:
    network("127.0.0.1")
    assert addresses(EVERYWHERE) == ["127.0.0.1"]


@pytest.mark.parametrize("bound", ["127.0.0.1", "10.0.0.9", "localhost"])
def test_one_address_that_was_chosen_is_the_only_one(network, bound: str) -> None:
    network("127.0.0.1", "192.168.1.20", way_out="192.168.1.20")
    assert addresses(bound) == [bound]


def test_this_machine_has_its_own() -> None:
    found = addresses(EVERYWHERE)
    assert "127.0.0.1" in found
    assert all(ipaddress.IPv4Address(ip) for ip in found)


def test_no_network_at_all_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unplugged(socket.socket):
        def connect(self, address: object) -> None:
            assert address == FAR_AWAY
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Unplugged)
    assert module._way_out() == ""
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters("127.0.0.1", "10.0.0.9"))
    assert addresses(EVERYWHERE) == ["10.0.0.9", "127.0.0.1"]


def test_the_usual_ports_are_not_written() -> None:
    assert web_address("10.0.0.9", WEB_PORT) == "http://10.0.0.9:8000/"
    assert web_address("10.0.0.9", 80) == "http://10.0.0.9/"
    assert play_command("10.0.0.9", 2300) == "justeprix play --server 10.0.0.9"
    assert play_command("10.0.0.9", 2301) == "justeprix play --server 10.0.0.9:2301"


# What the site tells.


def test_the_site_tells_the_best_first_and_no_loopback_to_others(network) -> None:
    network("127.0.0.1", "10.0.0.9", "192.168.1.20", way_out="192.168.1.20")
    with Web() as web:
        web.site.contents._bound = EVERYWHERE
        told = web.site.contents.ways("", "127.0.0.1")
        assert [way["url"] for way in told] == [
            f"http://192.168.1.20:{web.port}/",
            f"http://10.0.0.9:{web.port}/",
        ]
        assert web.site.contents.link().startswith(f"http://192.168.1.20:{web.port}/animateur?cle=")
        network("127.0.0.1")
        assert [way["url"] for way in web.site.contents.ways("", "127.0.0.1")] == [
            f"http://127.0.0.1:{web.port}/"
        ]


# QR codes.

URL = "http://192.168.100.200:8000/"


def test_blocks_are_a_square_with_a_margin_and_three_eyes() -> None:
    lines = blocks(URL).split("\n")
    assert set("".join(lines)) <= set("█▀▄ ")
    width = len(lines[0])
    assert {len(line) for line in lines} == {width}
    assert len(lines) == -(-width // 2)  # two rows a line
    rows = [row for line in lines for row in (halves(line, "▀"), halves(line, "▄"))][:width]
    assert width == len(rows)
    assert (width - 2 * invitation.MARGIN - 17) % 4 == 0  # 21, 25, 29…: a size that QR codes have
    border = [row[:2] + row[-2:] for row in rows] + rows[:2] + rows[-2:]
    assert all(light for row in border for light in row)
    eye = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"]
    first, last = invitation.MARGIN, width - invitation.MARGIN - 7
    for top, left in ((first, first), (first, last), (last, first)):
        seen = [
            "".join(" " if light else "#" for light in row[left : left + 7])
            for row in rows[top : top + 7]
        ]
        assert seen == eye


def halves(line: str, half: str) -> list[bool]:
    """Return which modules of one half of a line are light."""
    return [sign in ("█", half) for sign in line]


def test_another_text_is_another_code() -> None:
    assert len({blocks(URL), blocks(URL[:-1]), blocks("http://10.0.0.9:8000/")}) == 3


def test_a_picture_holds_itself() -> None:
    kind, _, data = picture(URL).partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert "base64" not in kind
    root = ElementTree.fromstring(unquote_to_bytes(data))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    x, y, width, height = map(int, root.attrib["viewBox"].split())
    assert (x, y, width) == (0, 0, height)
    assert width == len(blocks(URL).split("\n")[0])
    assert "href" not in data


# Where it is shown.


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, encoding: str, code: str = "") -> str:
    """Return what a host prints about browsers on such an output."""
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    monkeypatch.setattr(sys, "stdout", output)
    contents = SimpleNamespace(link=lambda: "http://10.0.0.9:8000/animateur?cle=0")
    site = SimpleNamespace(port=8000, contents=contents)
    ways, console = ["10.0.0.9", "127.0.0.1"], SimpleNamespace(terminal=terminal)
    _welcome_browsers(site, ways, Guard(code), console)
    monkeypatch.undo()
    output.seek(0)
    return output.read()


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850"])
def test_a_terminal_shows_the_code_of_the_best_address(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    text = shown(monkeypatch, terminal=True, encoding=encoding)
    assert blocks("http://10.0.0.9:8000/") in text
    assert blocks("http://127.0.0.1:8000/") not in text


def test_who_scans_has_the_code_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, terminal=True, encoding="utf-8", code="4821")
    assert blocks("http://10.0.0.9:8000/#4821") in text
    assert "http://10.0.0.9:8000/tableau#4821\n" in text
    assert "  http://10.0.0.9:8000/\n" in text


@pytest.mark.parametrize(
    ("terminal", "encoding"), [(False, "utf-8"), (True, "cp1252"), (True, "ascii")]
)
def test_elsewhere_there_are_the_addresses_only(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, encoding: str
) -> None:
    text = shown(monkeypatch, terminal=terminal, encoding=encoding)
    assert not set(text) & set("█▀▄")
    lines = text.splitlines()
    assert lines[1:3] == ["  http://10.0.0.9:8000/", "  http://127.0.0.1:8000/"]
    assert lines[3].endswith(": http://10.0.0.9:8000/tableau")
    assert lines[4].endswith(": http://10.0.0.9:8000/aide")
    assert lines[5].endswith(": http://10.0.0.9:8000/animateur?cle=0")
    assert len(lines) == 6
    assert all(len(line) < 100 for line in lines)  # no row of question marks either
