"""Which addresses a provider may have: judged at the moment of dialling, on the address that is really dialled.

A check of the base URL when it is saved cannot do this: a name may resolve to anything, and later to something else.
A resolver wrapper would not see IP literals. aiohttp asks the socket factory for every socket it connects.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from app.domain.addresses import address_problem, plain

CLEAR_TEXT = "its base URL is http:// to another machine; use https:// or set allow_insecure for it"


@dataclass(slots=True)
class Dialling:
    """What happened while one request looked for a connection; aiohttp does not tell by itself."""

    fresh: bool = False
    """A socket was made; where none was, the connection came out of the pool."""
    refused: str = ""
    """Why an address was refused, in words."""


DIALLING: ContextVar[Dialling | None] = ContextVar("dialling", default=None)
"""Of the request that runs in this context; child tasks of the connector see the same object."""


class AddressRefusedError(OSError):
    """The address must not be dialled."""


@dataclass(frozen=True, slots=True)
class AddressRule:
    """What a provider may dial."""

    secure: bool
    """The request is encrypted, so that the address need not be near."""
    insecure_allowed: bool
    """The user confirmed clear text to anywhere."""
    private_allowed: bool
    """A server in the user's own network: clear text to private addresses is normal."""
    own_ports: Callable[[], frozenset[int]]

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for the address of a `getaddrinfo` row; raises AddressRefusedError. aiohttp's `socket_factory`."""
        family, kind, protocol, _, where = info
        dialling = DIALLING.get()
        why = self.problem(str(where[0]), int(where[1]))
        if dialling is not None:
            dialling.fresh = True
            dialling.refused = why
        if why:
            raise AddressRefusedError(why)
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    def problem(self, host: str, port: int) -> str:
        """Why an address must not be dialled, in words; empty where it may."""
        address = plain(ipaddress.ip_address(host.partition("%")[0]))
        if address.is_loopback:
            return "its base URL points back at Patchbay itself" if port in self.own_ports() else ""
        if why := address_problem(address):
            return why
        if self.secure or self.insecure_allowed or (self.private_allowed and address.is_private):
            return ""
        return CLEAR_TEXT
