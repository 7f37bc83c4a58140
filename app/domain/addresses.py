"""Addresses at which no provider is, however they are written."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    # Cloud metadata services that are no link-local addresses: AWS over IPv6, Alibaba, Oracle.
    ipaddress.ip_address(address)
    for address in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "metadata", "instance-data"})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NUMBERS = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]*|[0-9]+)){0,3}")
"""How `inet_aton` spells IPv4 addresses besides the usual way: 2852039166, 0xA9FEA9FE, 127.1."""


def plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), tunnelled (6to4) or translated (NAT64, RFC 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def address_problem(address: Address) -> str:
    """Why no server has this (plain) address, in words; empty where one may."""
    if address.is_link_local or address in _METADATA:
        return "its address is link-local or a cloud metadata service, which no provider has"
    if address.is_unspecified or address.is_multicast or (address.version == 4 and address.is_reserved):
        return "its address is not one of a server"
    return ""


def host_problem(host: str) -> str:
    """The same for the host of a URL: a name, or an address in any spelling, in full-width digits too."""
    host = unicodedata.normalize("NFKC", host).rstrip(".")
    try:
        return address_problem(plain(ipaddress.ip_address(host.partition("%")[0])))
    except ValueError:
        pass
    if host.lower() in _METADATA_NAMES:
        return "its address is link-local or a cloud metadata service, which no provider has"
    return "write its address in the usual form, such as 127.0.0.1" if _NUMBERS.fullmatch(host) else ""
