from __future__ import annotations

import socket

import pytest

from app.proxy.addresses import CLEAR_TEXT, DIALLING, AddressRefusedError, AddressRule, Dialling

PORTS = frozenset({8082})


def rule(*, secure=True, insecure_allowed=False, private_allowed=False):
    return AddressRule(secure, insecure_allowed, private_allowed, lambda: PORTS)


NEVER = (
    "169.254.169.254",
    "fe80::1%eth0",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fd00:ec2::254",
    "100.100.100.200",
    "192.0.0.192",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
)


@pytest.mark.parametrize("host", NEVER)
def test_no_provider_is_there(host):
    assert rule(insecure_allowed=True, private_allowed=True).problem(host, 443)


@pytest.mark.parametrize("host", ["93.184.216.34", "10.0.0.1", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "127.0.0.1"])
def test_tls_goes_anywhere_else(host):
    assert rule().problem(host, 443) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.0.0.2"])
def test_our_own_port_is_refused_on_every_loopback(host):
    assert "Patchbay itself" in rule().problem(host, 8082)
    assert rule(secure=False).problem(host, 11434) == ""


@pytest.mark.parametrize(
    ("host", "values", "problem"),
    [
        ("93.184.216.34", {}, CLEAR_TEXT),
        ("192.168.1.5", {}, CLEAR_TEXT),
        ("192.168.1.5", {"private_allowed": True}, ""),
        ("93.184.216.34", {"private_allowed": True}, CLEAR_TEXT),
        ("93.184.216.34", {"insecure_allowed": True}, ""),
    ],
)
def test_clear_text(host, values, problem):
    assert rule(secure=False, **values).problem(host, 80) == problem


def test_the_socket_tells_what_happened():
    dialling = Dialling()
    token = DIALLING.set(dialling)
    try:
        info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
        with rule().socket(info) as made:
            assert made.gettimeout() == 0.0
        assert dialling == Dialling(fresh=True)
        with pytest.raises(AddressRefusedError):
            rule().socket((*info[:4], ("169.254.1.1", 1)))
        assert "link-local" in dialling.refused
    finally:
        DIALLING.reset(token)
