"""The addresses by which other machines can reach this one."""

from __future__ import annotations

import ipaddress
import socket

import psutil


def own_addresses() -> tuple[str, ...]:
    """Addresses of every interface that is up, but for loopback and link-local ones; IPv4 first. Blocking."""
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    found = [
        ipaddress.ip_address(one.address.partition("%")[0])
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for one in addresses
        if one.family in (socket.AF_INET, socket.AF_INET6)
    ]
    usable = {one for one in found if not one.is_loopback and not one.is_link_local and not one.is_unspecified}
    return tuple(str(one) for one in sorted(usable, key=lambda one: (one.version, int(one))))
