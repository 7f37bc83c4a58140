"""A certificate authority of one's own, and a server's certificate that it signed."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

AUTHORITY = "Authority Of One's Own"
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Made:
    """`authority`: a file to trust. `server`: what a server on 127.0.0.1 and localhost shows."""

    authority: Path
    server: ssl.SSLContext


def make(folder: Path) -> Made:
    """A new authority, and its one server."""
    now = dt.datetime.now(dt.UTC)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, AUTHORITY)])

    def certificate(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(days=1))

    root = certificate(issuer, ours).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    leaf = certificate(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server")]), theirs)
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(root.sign(ours, hashes.SHA256()).public_bytes(_PEM))
    private = theirs.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(leaf.sign(ours, hashes.SHA256()).public_bytes(_PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return Made(authority, context)
