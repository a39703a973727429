"""How to come in: what a player types into a terminal or a browser, or scans."""

from __future__ import annotations

import io
from functools import cache

from justeprix.protocol.words import PORT

__all__ = [
    "WEB_PORT",
    "blocks",
    "fragment",
    "picture",
    "play_command",
    "play_options",
    "web_address",
]

WEB_PORT = 8000
"""Where the pages are, unless another port is chosen."""

MARGIN = 2
"""Modules of white around a QR code; 4 by the standard, but every phone reads 2."""


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
