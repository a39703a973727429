"""What guards a host that others can reach: its code, its certificate, what it may listen on."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from justeprix.cli.files import default_file
from justeprix.client.house_bots import HouseBots
from justeprix.errors import ServerError
from justeprix.net.addresses import addresses, public
from justeprix.net.trust import Trust
from justeprix.room.admission import check_code
from justeprix.web.invitation import play_options

if TYPE_CHECKING:
    import ssl

__all__ = ["AUTO", "Guard", "guard", "refuse_the_open"]

AUTO = "auto"

DIGITS = 6
"""Of a code that is drawn: at 5 tries a minute, an address needs months for all of them."""


class Guard(NamedTuple):
    """What a host asks of those who come; empty strings and None: nothing."""

    code: str = ""
    tls: ssl.SSLContext | None = None
    fingerprint: str = ""  # of the certificate
    home_made: bool = False  # nobody else vouches for it

    def bots(self, address: tuple[str, int], count: int, seed: int | None) -> HouseBots:
        """Return house bots that know the way in."""
        trust = Trust(fingerprint=self.fingerprint) if self.tls else None
        return HouseBots(address, count, seed=seed, code=self.code, trust=trust)

    @property
    def options(self) -> str:
        """What players add to `justeprix play`."""
        seen = self.fingerprint if self.home_made else ""
        return play_options(secure=self.tls is not None, code=self.code, fingerprint=seen)


def guard(code: str | None, certificate: str | None, key: str | None, bind: str) -> Guard:
    """Read the options of a host. Raises ServerError, or BadParameter if they do not fit."""
    if key and not certificate:
        raise typer.BadParameter(f"{key} : une clé va avec --tls CERTIFICAT")
    chosen = _code(code)
    if not certificate:
        return Guard(chosen)
    from justeprix.net.certificate import fingerprint, own_certificate, server_context

    if certificate == AUTO and not key:
        own = own_certificate(default_file().with_name("tls.pem"), addresses(bind))
        return Guard(chosen, server_context(own, own), fingerprint(own), home_made=True)
    if not key:
        raise typer.BadParameter("--tls CERTIFICAT CLÉ : deux fichiers PEM, ou --tls auto")
    given = Path(certificate)
    return Guard(chosen, server_context(given, Path(key)), fingerprint(given))


def _code(wanted: str | None) -> str:
    if wanted == AUTO:
        return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    return "" if wanted is None else check_code(wanted)


def refuse_the_open(bind: str, code: str | None) -> None:
    """See that nobody can walk in from the internet unasked. Raises ServerError."""
    outside = public(bind)
    if outside and not code:
        raise ServerError(
            f"{outside} est une adresse publique : tout internet pourrait entrer. Ajoute --code"
            " auto, choisis une adresse privée avec --bind, ou insiste avec --open"
        )
