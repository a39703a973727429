"""Where the server under test is: on this machine, unless its owner says otherwise."""

from __future__ import annotations

import ipaddress
import re
import socket

from justeprix.errors import CheckError

__all__ = ["find_server"]

EXAMPLE = "127.0.0.1:5566"


def find_server(address: str, *, mine: bool) -> tuple[str, int]:
    """Return the IP address and the port that `IP:PORT` means; a name may stand for the IP.

    Raises CheckError if it means none, or another machine that is not said to be `mine`.
    """
    host, port = _parsed(address)
    ip = _resolved(host)
    if ipaddress.ip_address(ip).is_unspecified:
        raise CheckError(f"{ip} sert à écouter, pas à se connecter : écris 127.0.0.1:{port}")
    if not mine and not ipaddress.ip_address(ip).is_loopback:
        raise CheckError(
            f"{host} est une autre machine : si ce serveur est à toi, ajoute --oui-c-est-le-mien"
        )
    return ip, port


def _parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.strip().rpartition(":")
    if not colon or not host or address.endswith("]"):
        raise CheckError(f"« {address} » n'a pas de port : écris IP:PORT, par exemple {EXAMPLE}")
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise CheckError(f"« {port} » n'est pas un port : il faut un nombre de 1 à 65535")
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare and host != f"[{bare}]":
        raise CheckError(f"mets l'adresse IPv6 entre crochets : [{host}]:{port}")
    return bare, int(port)


def _resolved(host: str) -> str:
    """Return the address of a machine; IPv4 if it has one, for that is where pupils listen."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the second: no name of a machine looks like that
        raise CheckError(f"« {host} » : machine inconnue, écris par exemple {EXAMPLE}") from None
    best = min(found, key=lambda info: info[0] != socket.AF_INET)
    return str(best[4][0])
