"""A certificate authority of the tests' own."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """Where the authority's certificate lies, and a server's side of TLS."""

    ca_file: str
    server: ssl.SSLContext


def issue(folder: Path, *, address: str = "127.0.0.1", days: int = 1) -> Certificates:
    """Make an authority and a server certificate for one address.

    With negative `days` the certificate has expired already.
    """
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _turn in range(2))
    authority = _certificate("Test authority", ca_key, ca_key, "Test authority", days=9)
    signed = _certificate(address, key, ca_key, "Test authority", days=days)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Certificates(str(folder / "ca.pem"), context)


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: str,
    *,
    days: int,
) -> x509.Certificate:
    end = datetime.now(UTC) + timedelta(days=days)
    is_authority = subject == issuer
    names: list[x509.GeneralName] = [x509.DNSName("authority.example")]
    if not is_authority:
        names = [x509.IPAddress(ip_address(subject))]
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=10))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
