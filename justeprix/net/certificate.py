"""What a host proves itself with: a certificate and its key, bought, given, or made here.

One made here is kept, so that its fingerprint, which players were told, is the same tomorrow.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from justeprix.errors import ServerError
from justeprix.private import close_to_others, make_folder

__all__ = ["fingerprint", "own_certificate", "server_context"]

YEARS = 2
"""How long a certificate of ours is good."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what TLS links of a host start from. Raises ServerError if the files do not fit."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Without a password of our own, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as error:
        raise ServerError(
            f"{certificate} et {key} ne vont pas ensemble ({error.reason or error}) : il faut un"
            " certificat PEM et sa clé, sans mot de passe"
        ) from error
    except OSError as error:
        raise ServerError(
            f"impossible de lire {certificate} ou {key} ({error.strerror}) : écris --tls CERTIFICAT"
            " CLÉ, ou --tls auto"
        ) from error
    return context


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of the first certificate of a PEM file, in hex."""
    pem = certificate.read_text(errors="replace")  # around them may be comments
    begin, end = pem.index(ssl.PEM_HEADER), pem.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[begin:end])).hexdigest()


def own_certificate(file: Path, addresses: list[str]) -> Path:
    """Return `file` with a certificate for these addresses and its key, made if need be.

    Raises ServerError if it can't be made or kept.
    """
    if _is_good(file):
        close_to_others(file)
        return file
    try:
        pem = _self_signed(addresses)
        make_folder(file.parent)
        # A key: nobody else may read it, not even for a moment.
        close_to_others(file)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(pem)
    except ImportError as error:
        raise ServerError(
            '--tls auto demande une bibliothèque de plus : pip install "justeprix[tls]"'
        ) from error
    except OSError as error:
        raise ServerError(f"impossible de garder le certificat dans {file} ({error})") from error
    return file


def _is_good(file: Path) -> bool:
    """Whether a certificate of ours is there, and will be tomorrow."""
    try:
        from cryptography import x509

        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except (ImportError, OSError, ValueError):
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)


def _self_signed(addresses: list[str]) -> bytes:
    """Return a fresh certificate and its key as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "justeprix")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    for address in addresses:
        with suppress(ValueError):  # a name: only the fingerprint vouches for that
            names.append(x509.IPAddress(ip_address(address)))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of a class differ
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private
