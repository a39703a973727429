"""Whom a player believes: how a link to a host is made secret, and what the host must prove."""

from __future__ import annotations

import errno
import hashlib
import hmac
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from justeprix.errors import ClientError, ForeignServer

if TYPE_CHECKING:
    import ssl

__all__ = ["Trust"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """`fingerprint`: the SHA-256 of the host's certificate in hex, colons or not.

    `ca`: a PEM file, that of the host or of who signed it. Without both: who the system trusts.
    """

    ca: str = ""
    fingerprint: str = ""

    def wrap(self, sock: socket.socket, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
        """Shake hands on a connected socket, with a `context` of ours.

        Raises ClientError if the host proves nothing of the kind, OSError if the link breaks.
        """
        import ssl

        try:
            secure = context.wrap_socket(sock, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise ForeignServer(
                f"{host} ne prouve pas qui il est ({error.verify_message}) : donne --fingerprint"
                " ou --ca, que l'hôte affiche ou fournit"
            ) from error
        except ssl.SSLEOFError as error:  # hung up: `ssl` has words and a number of its own for it
            raise ConnectionResetError(errno.ECONNRESET, str(error)) from error
        except ssl.SSLError as error:
            if error.reason != "WRONG_VERSION_NUMBER":
                raise
            raise ForeignServer(
                f"{host} ne parle pas TLS : enlève --tls, ou vérifie le port"
            ) from error
        if self.fingerprint:
            self._check(secure, host)
        return secure

    def context(self) -> ssl.SSLContext:
        """Return what TLS starts from. Raises ClientError if `ca` is no certificate.

        To be made before one connects: it takes a while, and a host does not wait long for a hello.
        """
        import ssl

        if self.fingerprint:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False  # the fingerprint is that of one certificate only
            context.verify_mode = ssl.CERT_NONE
            return context
        try:
            return ssl.create_default_context(cafile=self.ca or None)
        except OSError as error:  # an SSLError too
            raise ClientError(
                f"impossible de lire {self.ca} : il faut un certificat PEM"
            ) from error

    def _check(self, secure: ssl.SSLSocket, host: str) -> None:
        shown = hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
        wanted = re.sub(r"[:\s]", "", self.fingerprint).lower()
        if not hmac.compare_digest(shown.encode(), wanted.encode()):
            secure.close()
            raise ForeignServer(
                f"{host} montre un autre certificat que celui attendu : vérifie l'adresse et"
                " l'empreinte, et n'envoie rien"
            )
