"""Whose certificates are believed: what the system trusts, and for one provider the authority that its user names."""

from __future__ import annotations

import ssl
from pathlib import Path

import truststore

from app.domain.errors import ConfigError

_MOST_BYTES = 4 * 1024 * 1024


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Trust what the system trusts (companies put their own authority there), and the certificates of `ca_file`.

    There is no way to trust everything. Blocking. Raises ConfigError with the name of the file and what to do.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        try:
            context.load_verify_locations(cadata=_certificates(Path(ca_file)))
        except OSError as error:  # ssl.SSLError is one, too
            raise _unusable(ca_file, _why(error)) from None
    return context


def _certificates(path: Path) -> str:
    if not path.is_file():  # opening a pipe would wait for its other end
        raise _unusable(path.name, "there is no such file" if not path.exists() else "it is no file")
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES or b"-----BEGIN CERTIFICATE-----" not in data:
        raise _unusable(path.name, "it holds no certificates in PEM form (-----BEGIN CERTIFICATE-----)")
    return data.decode("ascii", "replace")


def _unusable(file: str, why: str) -> ConfigError:
    return ConfigError(f"{Path(file).name} cannot be used: {why}; name a file with the authority's certificate")


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "its certificates are damaged"
    return error.strerror or "it cannot be read"
