"""The HTTP proxy that this system sends requests through, if any.

Resolved here and not by aiohttp: `trust_env` sends requests for this very machine to the proxy (whole prompts, unless
`no_proxy` says otherwise), and adds credentials of a `.netrc` beside ours.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from dataclasses import dataclass, field

from aiohttp import encode_basic_auth
from yarl import URL


@dataclass(frozen=True, slots=True)
class SystemProxy:
    """Where to connect instead of the provider."""

    url: URL
    """Without user name and password."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def system_proxy(upstream: URL) -> SystemProxy | None:
    """The proxy for an upstream, from the environment or the system's settings; None where there is none for it.

    Loopback and private addresses are never sent to a proxy. Blocking (Windows reads its registry): for a thread.
    """
    host = upstream.host or ""
    if is_near(host):
        return None
    proxies = urllib.request.getproxies()
    value = proxies.get(upstream.scheme) or proxies.get("all")
    if not value or _bypassed(host, proxies.get("no", "")):
        return None
    url = URL(value if "://" in value else f"http://{value}")
    if url.scheme not in ("http", "https"):
        return None
    if url.user is None:
        return SystemProxy(url)
    login = encode_basic_auth(url.user, url.password or "")
    return SystemProxy(url.with_user(None), (("Proxy-Authorization", login),))


def _bypassed(host: str, no_proxy: str) -> bool:
    """Whether `no_proxy` names the host, or a domain that it is in; "*" is every host."""
    for one in no_proxy.lower().split(","):
        name = one.strip().lstrip(".").partition(":")[0]
        if name and (name in ("*", host) or host.endswith(f".{name}")):
            return True
    return False


def is_near(host: str) -> bool:
    """Whether a host is this machine or one of a private network, as far as its name tells."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
