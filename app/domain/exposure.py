"""Where other machines may reach the proxy: decided by control, carried out by the listener."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exposure:
    """The addresses of this machine to listen on beside loopback; none is nowhere."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """`Host` values without a port by which clients call this machine, beside the addresses."""
    cert_file: str = ""
    """A certificate with its chain (PEM); empty is plain HTTP."""
    key_file: str = ""


NOWHERE = Exposure()


@dataclass(frozen=True, slots=True)
class Reach:
    """What came of it, for people."""

    urls: tuple[str, ...] = ()
    """Base URLs for clients on other machines; empty while nobody else can connect."""
    problem: str = ""
    """Why they cannot although they should, in words."""
    fingerprint: str = ""
    """SHA-256 of the certificate, as browsers and tools show it; empty for plain HTTP."""


NO_REACH = Reach()
