"""No provider is Patchbay itself: a base URL that leads back here would send every request round and round."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from app.domain.addresses import plain
from app.domain.errors import ConfigError
from app.domain.provider import Provider
from app.system.own_addresses import own_addresses


def refuse_own(provider: Provider, port: int) -> None:
    """Raise ConfigError where an address of the provider is our own listener's.

    A name that leads here by way of a name server is seen when it is dialled, or by the `Via` of the request.
    """
    for url in (provider.base_url, *(url for _, url in provider.endpoints)):
        parts = urlsplit(url)
        taken = parts.port or (443 if parts.scheme == "https" else 80)
        if taken == port and _is_here((parts.hostname or "").rstrip(".").lower()):
            raise ConfigError(
                f"points back at Patchbay itself, which listens on port {port}; write the address of the provider",
                key="base_url",
            )


def _is_here(host: str) -> bool:
    try:
        address = plain(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        name = socket.gethostname().lower()
        return host == "localhost" or host.endswith(".localhost") or host in {name, f"{name}.local"}
    return address.is_loopback or str(address) in own_addresses()
