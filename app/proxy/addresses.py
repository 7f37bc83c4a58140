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

CLEAR_TEXT = "its base URL is http:// to another machine; use https:// or set allow_insecure for it"
_METADATA = frozenset(
    # Cloud metadata services that are no link-local addresses: AWS over IPv6, Alibaba, Oracle.
    ipaddress.ip_address(address)
    for address in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(slots=True)
class Dialling:
    """What happened while one request looked for a connection; aiohttp does not tell by itself."""

    fresh: bool = False
    """A socket was made; where none was, the connection came out of the pool."""
    stale: bool = False
    """That connection was dead, and the request went out once more on a fresh one."""
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
        address = _plain(ipaddress.ip_address(host.partition("%")[0]))
        if address.is_loopback:
            return "its base URL points back at Patchbay itself" if port in self.own_ports() else ""
        if address.is_link_local or address in _METADATA:
            return "its address is link-local or a cloud metadata service, which no provider has"
        if address.is_unspecified or address.is_multicast or (address.version == 4 and address.is_reserved):
            return "its address is not one of a server"
        if self.secure or self.insecure_allowed or (self.private_allowed and address.is_private):
            return ""
        return CLEAR_TEXT


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96) or translated (NAT64, RFC 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
