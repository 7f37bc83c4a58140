"""Addresses that no provider has."""

from __future__ import annotations

import pytest

from app.domain.addresses import host_problem


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"),
        *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "metadata.google.internal", "METADATA.google.internal."),
        *("2002:a9fe:a9fe::", "169.254.169.254.", "１６９.２５４.１６９.２５４", "169.254.43518"),
        *("0.0.0.0", "::", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("2852039166", "0xA9FEA9FE", "0xa9.254.169.254", "127.1", "0177.0.0.1.5".removesuffix(".5"), "0"),
    ],
)
def test_no_provider_is_there(host):
    assert host_problem(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.2", "api.openai.com", "1.com", "8.8.8.8", "x"]
)
def test_a_provider_may_be_there(host):
    assert host_problem(host) == ""
