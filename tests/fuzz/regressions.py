"""Inputs that once broke a promise, and a few that only a break would make interesting.

The kept corpus is what reaches code; these are what it got wrong, or could.
"""

from __future__ import annotations

from tests.support.browser import CONT, TEXT, encode

__all__ = ["REGRESSIONS"]

FRAGMENTS = encode(TEXT, b"5", fin=False) + encode(CONT, b"0", fin=False) * 20
LARGE = b"\x81\xfe\x04\xb0\0\0\0\0"  # the head of a text of 1200 bytes

REGRESSIONS: dict[str, tuple[bytes, ...]] = {
    "lines": (
        b"\0\xfe" + b"x" * 254 + b"\0\xfe" + b"x" * 254 + b"\0\x14" + b"x" * 19 + b"\n",
        b"\0\x01\n\0\xffx\x03y\n5\0\x020\n",
    ),
    "websocket": (
        bytes([len(FRAGMENTS)]) + FRAGMENTS,
        bytes([len(LARGE)]) + LARGE + b"\xff\0\0" * 2,
    ),
    "message": ("٥٠".encode(), b"ping " + b"x" * 600, b"#1 1_0", b"#\xc2\xb2 5"),
    "name": ("\u202eAda".encode(), "A\u0301".encode() * 20, "ﷺ".encode()),
    "announcement": (
        b"hello justeprix/1 entre 9 et 1",
        b"hello justeprix/1 entre 1 et " + b"9" * 4400,
    ),
    "practice": (
        b"0session\n0#1 42\n0pret\n0#1 42\n0#1 43",
        b"0session\n1session $0\n0#1 50\n1#1 50\n1#1 51",
        b"041\n042\n0ping \x1b[2J\n0dire \x1b[2J\n0nom \x1b[2J",
    ),
    "competition": (
        b"0pret\n0\xc2\xa0FIN",  # held back, though it is a FIN
        b">\n042\n043\n0session\n0#2 50",
        b">\n0nom Ada\n050\n0FIN\n1session\na$1\n2session $1\n2nom Ada\n1ping",
    ),
    "locked": (
        b"0\xc2\x85code 4821\n050",
        b"050\n0session\n0#1 50\n0code 4821\n050",
        b"0code 1\n050\n0nom Ada\n0sceau\n0pret",
    ),
    "visit": (
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/x; boundary*=a\0b'en'x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/x; boundary*%s=x\r\n\r\n"
        % (b"9" * 5000),
        b"GET /manche/1.svg?%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"lang=en&" * 20),
        b"GET /\r\n",
    ),
    "handshake": (b"/ws\nOrigin: http://ailleurs", b"/ws\nOrigin: a\nOrigin: b"),
    "host": (b"\1\2erreur x y\nshutdown z\n", b"\1\1session x 0 0\x1b[2J\n"),
    "screen": (
        *(
            b"etat {",
            b"etat []",
            b'etat {"phase":1}',
            b'etat {"manche":"x"}',
            b"etat " + b"[" * 5000,
        ),
        b'etat {"phase":"finie","classement":[{"rang":1,"nom":"\\u001b","trouves":1,"coups":1}]}',
        b"message Eve : \x1b[2J",
        b'etat {"phase":"manche","manche":1,"secondes":"\\u001b[2J"}',
    ),
    "export": (
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 5000,
        *(
            b"%d %s\nmend" % (place, value)
            for place in range(60)
            for value in (b'"\\u001b[2J"', b"1.5")
        ),
        *(b"%d [1.5,2]\nmend" % place for place in range(60)),
        *(b'%d "\\ud800"' % place for place in range(60)),
    ),
}
