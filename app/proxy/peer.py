"""Who is at the other end: the address that an IP list is about, and whether it is this machine's own side."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from aiohttp import web

FORWARDED = "X-Forwarded-For"


def plain_address(text: str) -> str:
    """An address as people write it; one of IPv4 that came through IPv6 as what it is, without a zone."""
    return text.removeprefix("::ffff:").partition("%")[0]


def address(http: web.BaseRequest, trusted: Collection[str] = ()) -> str:
    """The caller's address; empty where the system does not say.

    Headers are believed only from a proxy that the user trusts, and of those it is the last address that is no trusted
    proxy's own: what stands before it the caller may have written itself.
    """
    peer = plain_address(http.remote or "")
    if not trusted or peer not in trusted:
        return peer
    named = [one.strip() for value in http.headers.getall(FORWARDED, ()) for one in value.split(",")]
    return next((plain_address(one) for one in reversed(named) if plain_address(one) not in trusted), peer)


def from_lan(http: web.BaseRequest) -> bool:
    """Whether a request came in where other machines connect."""
    return bool(getattr(http.protocol, "lan", False))


def vouch(http: web.BaseRequest) -> None:
    """The request's connection has shown a valid key."""
    connection: Any = http.protocol
    if hasattr(connection, "known"):
        connection.known = True
