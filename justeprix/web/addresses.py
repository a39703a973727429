"""Where the host can be reached: addresses of this machine, and their QR codes."""

from __future__ import annotations

import io
import ipaddress
import socket
from contextlib import suppress
from functools import cache

from justeprix.words import PORT

__all__ = [
    "EVERYWHERE",
    "WEB_PORT",
    "addresses",
    "blocks",
    "fragment",
    "picture",
    "play_command",
    "play_options",
    "public",
    "web_address",
]

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a class is not on this machine)

WEB_PORT = 8000
"""Where the pages are, unless another port is chosen."""

FAR_AWAY = ("192.0.2.1", 9)
"""An address for examples (RFC 5737): asking for the way there sends nothing."""

MARGIN = 2
"""Modules of white around a QR code; 4 by the standard, but every phone reads 2."""


def addresses(bound: str) -> list[str]:
    """Return the IPv4 addresses at which the host can be reached: the best first, loopback last."""
    if bound != EVERYWHERE:
        return [bound]
    import ifaddr

    found = {str(ip.ip) for a in ifaddr.get_adapters() for ip in a.ips if ip.is_IPv4}
    # The names of a machine tell nothing: its own often resolves to 127.0.0.1 only.
    way_out = _way_out()
    return sorted(found, key=lambda ip: (ip.startswith("127."), ip != way_out, _rank(ip), ip))


def public(bound: str) -> str:
    """Return an address that the whole internet can call, if we listen on one; empty if not."""
    with suppress(socket.gaierror, ValueError):  # nobody knows that name: listening will say so
        ips = addresses(socket.gethostbyname(bound))
        return next((ip for ip in ips if ipaddress.ip_address(ip).is_global), "")
    return ""


def _way_out() -> str:
    """Return the address that leads to other networks, empty if none does: no cable, no router."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(FAR_AWAY)
        return str(sock.getsockname()[0])
    return ""


def _rank(ip: str) -> bool:
    """Put what a router gave before what a machine gave itself for want of one."""
    return ipaddress.ip_address(ip).is_link_local


def web_address(ip: str, port: int, *, secure: bool = False) -> str:
    """Return what to type into a browser."""
    scheme, usual = ("https", 443) if secure else ("http", 80)
    return f"{scheme}://{ip}{'' if port == usual else f':{port}'}/"


def play_command(ip: str, port: int, options: str = "") -> str:
    """Return what to type into a terminal."""
    return f"justeprix play --server {ip}{'' if port == PORT else f':{port}'}{options}"


def fragment(code: str) -> str:
    """Return what brings the code along behind an address: browsers keep that for themselves."""
    return f"#{code}" if code else ""


def play_options(*, secure: bool, code: str, fingerprint: str = "") -> str:
    """Return what players add to `play_command`."""
    seen = f" --fingerprint {fingerprint}" if fingerprint else ""
    return " --tls" * secure + seen + (f" --code {code}" if code else "")


def blocks(text: str) -> str:
    """Return a QR code as lines of half blocks, light on a dark terminal."""
    import segno

    lines = io.StringIO()
    segno.make(text, micro=False).terminal(lines, border=MARGIN, compact=True)
    return lines.getvalue().rstrip("\n")


@cache
def picture(text: str) -> str:
    """Return a QR code as the address of a picture that holds it all (`data:`)."""
    import segno

    code = segno.make(text, micro=False)
    return str(code.svg_data_uri(border=MARGIN, light="#fff", omitsize=True))
