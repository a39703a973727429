"""Where this machine can be reached: its addresses, the best one first."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

__all__ = ["EVERYWHERE", "addresses", "public"]

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a class is not on this machine)

FAR_AWAY = ("192.0.2.1", 9)
"""An address for examples (RFC 5737): asking for the way there sends nothing."""


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
