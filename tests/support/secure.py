"""A certificate of ours, and what trusts it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NamedTuple

from justeprix.net.certificate import own_certificate, server_context

__all__ = ["Certified", "certified"]


class Certified(NamedTuple):
    """A host's certificate: `Web(tls=it.context)`, `Player(address, trust=it.trust())`."""

    file: Path
    context: ssl.SSLContext  # the host's

    def trust(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        """Return what a client starts from that speaks this version at most."""
        context = ssl.create_default_context(cafile=self.file)
        context.maximum_version = version
        return context


def certified(folder: Path) -> Certified:
    file = own_certificate(folder / "tls.pem", ["127.0.0.1"])
    return Certified(file, server_context(file, file))
