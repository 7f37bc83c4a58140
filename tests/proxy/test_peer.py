"""Whose address a request comes from."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from app.proxy.peer import address, from_lan, plain_address, vouch

PROXY = "10.0.0.1"


def http(remote, *forwarded):
    return SimpleNamespace(
        remote=remote, headers=CIMultiDict([("X-Forwarded-For", one) for one in forwarded]), protocol=None
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("192.0.2.1", "192.0.2.1"), ("::1", "::1")],
)
def test_an_address_is_written_one_way(text, plain):
    assert plain_address(text) == plain


def test_headers_of_a_caller_that_nobody_trusts_say_nothing():
    assert address(http("192.0.2.9", "127.0.0.5")) == "192.0.2.9"
    assert address(http("192.0.2.9", "127.0.0.5"), {PROXY}) == "192.0.2.9"


def test_a_trusted_proxy_is_believed_about_the_last_hop_alone():
    assert address(http(PROXY, "127.0.0.5, 192.0.2.9"), {PROXY}) == "192.0.2.9"
    assert address(http(PROXY, "127.0.0.5", f"192.0.2.9, {PROXY}"), {PROXY}) == "192.0.2.9"
    assert address(http(f"::ffff:{PROXY}", "192.0.2.9"), {PROXY}) == "192.0.2.9"


def test_a_trusted_proxy_that_says_nothing_is_the_caller_itself():
    assert address(http(PROXY), {PROXY}) == PROXY


def test_what_is_no_connection_of_ours_is_not_of_another_machine():
    assert not from_lan(http("192.0.2.9"))
    vouch(http("192.0.2.9"))


def test_a_connection_is_known_once_it_showed_a_key():
    request = http("192.0.2.9")
    request.protocol = SimpleNamespace(lan=True, known=False)
    assert from_lan(request)
    vouch(request)
    assert request.protocol.known
