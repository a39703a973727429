"""What inputs are made of: the words of each grammar, and what people put between them."""

from __future__ import annotations

from tests.support.browser import BINARY, CLOSE, CONT, HANDSHAKE, PING, PONG, TEXT, encode

__all__ = ["CHANNEL", "FRAMES", "HEADS", "HOSTS", "JSON", "NAMES", "SCRIPTS", "SEGMENTS", "WIRE"]


def _utf8(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


ODD = (
    *_utf8("é", "\u00a0", "\u0085", "\u2028", "\u202e", "\ufeff", "٥٠", "５０", "\U0001f600", "İ"),
    *(b"\0", b"\x1b[2J", b"\xff", b"\xc3", b"\t", b"\x1c", b"'" * 30, b"x" * 513),
)
"""Signs that are no ASCII, or that steer a screen."""

NUMBERS = (
    b"50",
    b"42",
    b"41",
    b"0",
    b"-1",
    b"+7",
    b"100",
    b"101",
    b"1_0",
    b"999999999999",
    b"1" * 13,
)

WIRE = (
    *(b"#1 ", b"#2 ", b"#3 ", b"#0 ", b"#", b" ", b"\r", b"FIN", b"fin", b"nom ", b"pret"),
    *(b"bornes", b"scores", b"ping ", b"dire ", b"sceau", b"aide", b"session", b"session "),
    *(b"suivre", b"code 4821", b"code ", b"GET / HTTP/1.1", b"Ada", *NUMBERS, *ODD),
)
"""Of one message."""

NAMES = (
    *(b"Ada", b"Joueur 1", b" ", b"  ", b"-", b"_", b"'", b"c", b"o", b"n", b"0", b"4"),
    *_utf8("’", "ß", "ẞ", "ǅ", "ﬃ", "º", "ͅ", "̈", "\u200d", "ﷺ", "Ω", "क्षि", "ﾞ", "㎏", "½"),
    *ODD,
)

SCRIPTS = (
    *(b"\n0", b"\n1", b"\n2", b"\na", b"\nb", b"\nc", b"\n-0", b"\n-1", b"\n-2", b"\n+", b"\n>"),
    *(b"\n<", b"\n!", b"$0", b"$1", b"$2", b"\n0session $1", b"\na session $1", b"\n1session"),
    *(b"\n0pret", b"\n1nom Joueur 1", b"\n2nom Ada", b"\n>\n042", b"\n077", b"\n1code 4821"),
    *WIRE,
)
"""Of a talk between three actors and a host, see talks.py."""

SEGMENTS = (
    *(
        b"\n",
        b"\r\n",
        b"\0\x0250",
        b"\0\x0350\n",
        b"\4\x0250",
        b"\4\x01\n",
        b"\6\x015",
        b"\0\x02\r\n",
    ),
    *(
        b"\0\xffx\0",
        b"\7\xffx\0",
        b"\0\xffx\2y\n",
        b"\0\x07#7 50\n6",
        b"\4\x01\r",
        b"\4\0",
        b"\6\x04FIN\n",
        b"\0\x01\n",
    ),
)
"""A byte for a silence, a length, so many bytes; see codecs.py."""


def _piece(data: bytes) -> bytes:
    return bytes([len(data)]) + data


FRAMES = (
    *map(
        _piece,
        (
            encode(TEXT, b"50"),
            encode(TEXT, b"nom Ada", fin=False),
            encode(CONT, b"x", fin=False),
            encode(CONT, b""),
            encode(PING, b"?"),
            encode(PONG),
            encode(CLOSE, b"\x03\xe8"),
            encode(CLOSE, b"\0"),
            encode(BINARY, b"50"),
            encode(TEXT, b"x" * 126),
            encode(TEXT, b"50")[:5],
            b"\x81\xfe\x03\xff" + b"\0" * 4,
            b"\x81\xff" + b"\0" * 7 + b"\x02" + b"\0" * 6,
            b"\xc1\x80\0\0\0\0",
            b"\x81\x0250",
        ),
    ),
    b"\xff\0\0",
    b"\x01\x81",
)
"""Segments, each behind its length."""

FIELDS = tuple(f"{name}: {value}".encode() for name, value in HANDSHAKE.items())

HEADS = (
    *(b"GET /ws HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n", b"POST /animateur/ordre HTTP/1.1\r\n"),
    *(b"GET /manche/1.svg?ecran=1&lang=en HTTP/1.0\r\n", b"HEAD / HTTP/1.1\r\n", b"GET /\r\n"),
    *(b"GET /animateur?cle=00 HTTP/1.1\r\n", b"GET /animateur/joueurs HTTP/1.1\r\n"),
    *(b"\r\n", b"\n", b": ", b"\r\n\r\n", b"/ws", b"\nHost: 127.0.0.1:8000", b"\r\nHost: a\r\n"),
    *(b"\nOrigin: http://127.0.0.1:8000", b"\nOrigin: null", b"Content-Length: 5\r\n", b"Cookie: "),
    *(b"animateur=", b";", b"Expect: 100-continue\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Content-Type: multipart/x; boundary", b"*=a\0b'en'x", b"*0*=", b"*1=", b"*" + b"9" * 4400),
    *(b"Content-Type: message/delivery-status\r\n", b"Content-Transfer-Encoding: base64\r\n"),
    *(b"=?utf-8?q?=41?=", b"=?x?b?!?=", b"%00", b"?", b"#", b"HTTP/9.9", b"HTTP/1.10"),
    *(b"\n" + field for field in FIELDS),
    *(field + b"\r\n" for field in FIELDS),
    *(b"Sec-WebSocket-Extensions: permessage-deflate", b"Sec-WebSocket-Protocol: x,,", *ODD),
)

HOSTS = (
    *(b"hello justeprix/1 entre 1 et 100", b"hello justeprix/1", b" entre ", b" et ", b"\n", b"\r"),
    *(b"manche 2 entre 1 et 1000", b"resultat 1 plus", b"resultat ", b"9" * 18, b"9" * 4400),
    *(
        b"session 0123456789abcdef 0 0",
        b"erreur attente patience",
        b"erreur ",
        b"FIN",
        b"shutdown x",
    ),
    *(
        b"message Ada : salut",
        b"etat {}",
        b"plus",
        b"nom Ada",
        b" ",
        b"\3\0\1\2",
        b"\1\0",
        *NUMBERS,
    ),
    *ODD,
)
"""What a host says, behind which questions are asked; see guests.py."""

JSON = (
    *(b"{", b"}", b"[", b"]", b":", b",", b'"', b"null", b"true", b"0", b"-1", b"1.5", b"1e999"),
    *(b"NaN", b"Infinity", b'"\\ud800"', b'"\\u001b[2J"', b"9" * 4400, b"[" * 300, b'""', b"\n"),
    *(
        b"\nmend",
        b"\n1 ",
        b"\n12 ",
        b"\n20 ",
        b"\n40 ",
        b"\n77 ",
        b'"Ada"',
        b'"plus"',
        b"{}",
        b"[]",
    ),
    *(b'"format"', b'"justeprix/1"', b'"moi"', b'"manche"', b'"phase"', b'"pause"', b'"salle"'),
    *(b'"secondes"', b'"classement"', b'"rang"', b'"trouves"', b'"secret"', b'"finie"', b'"coups"'),
    *(
        b'\netat {"phase":"manche","manche":1}',
        b'\netat {"phase":"pause","manche":1}',
        b"\nmessage ",
    ),
    *ODD,
)
"""Of an export (see readers.py) or a state (see guests.py)."""

CHANNEL = (
    *(b"\0\xff\xff\xff", b"\0\x20\x80\xff", b"\2\x0350\n\xff", b"\2\x0250\xff", b"\4\0", b"\4\1"),
    *(b"\5\x03\x16\x03\x01\xff", b"\5\x10GET / HTTP/1.1\r\n\xff", b"\6\x09\1\xff", b"\7\xff"),
    *(b"\x08\3", b"\x08\4", b"\x08\5", b"\2\xffx\xff", b"\2\x07#1 50\n6\x10", b"\2\x01\n\xff"),
)
"""Of a link inside TLS: a deed, what it needs, and where its bytes are cut; see tls.py."""
