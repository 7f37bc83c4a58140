"""By which addresses this machine can be reached."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import psutil

from app.system.own_addresses import own_addresses


def test_addresses_of_what_is_up_without_loopback_and_link_local(monkeypatch):
    def at(address, family=socket.AF_INET):
        return SimpleNamespace(family=family, address=address)

    monkeypatch.setattr(
        psutil,
        "net_if_addrs",
        lambda: {
            "lo": [at("127.0.0.1"), at("::1", socket.AF_INET6)],
            "eth0": [at("192.168.1.20"), at("fe80::1%eth0", socket.AF_INET6), at("fd00::2", socket.AF_INET6)],
            "eth1": [at("10.0.0.2")],
            "card": [at("00:11:22:33:44:55", socket.AF_UNIX)],
        },
    )
    up = {"lo": True, "eth0": True, "eth1": False, "card": True}
    monkeypatch.setattr(
        psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=is_up) for name, is_up in up.items()}
    )
    assert own_addresses() == ("192.168.1.20", "fd00::2")
