"""The user's settings with their defaults; `patchbay.toml` `[config]` overrides them by the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class AuthMode(StrEnum):
    """Who may use the proxy."""

    KEY = "key"
    OPEN = "open"
    """Anyone on this machine; possible on loopback only and shown in red."""


class Theme(StrEnum):
    """Colors of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_MIB = 1024 * 1024
RATES_IN_MEMORY = "memory"


def _from(least: float, most: float, *, by_default: float) -> Any:
    """A limit, and the range in which a person may set it."""
    return field(default=by_default, metadata={"range": (least, most)})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the proxy: `[limits]` of `patchbay.toml` by these names, each within the range that stands with it."""

    # Who may come
    max_connections: int = _from(1, 2048, by_default=256)
    max_connections_per_ip: int = _from(1, 2048, by_default=256)
    """All of this machine's clients share one address, so that by default it may take every connection."""
    max_lan_connections_per_ip: int = _from(1, 2048, by_default=32)
    """The same for an address of another machine."""
    max_strangers_per_ip: int = _from(1, 2048, by_default=8)
    """How many of those may be open before a request on them showed a valid key."""
    header_deadline_s: float = _from(0.1, 75, by_default=30.0)
    """For the head of a request, from its first byte; also how long an unused connection stays open."""
    # What they send
    max_body_bytes: int = _from(1, 64 * _MIB, by_default=32 * _MIB)
    """Decoded as well as on the wire."""
    max_buffered_bytes: int = _from(1, 4096 * _MIB, by_default=256 * _MIB)
    """Of all requests together."""
    body_idle_s: float = _from(0.1, 600, by_default=15.0)
    body_total_s: float = _from(0.1, 3600, by_default=10.0)
    """For a whole body, and a second more for each 64 KiB of it that came."""
    json_depth: int = _from(8, 256, by_default=100)
    """How deep a request's JSON may be nested."""
    # How much runs at once
    max_in_flight: int = _from(1, 2048, by_default=128)
    max_in_flight_per_key: int = _from(1, 2048, by_default=64)
    max_in_flight_per_provider: int = _from(1, 2048, by_default=64)
    queue_length: int = _from(0, 2048, by_default=64)
    """How many requests may wait for a place; more are refused at once."""
    queue_wait_s: float = _from(0.01, 600, by_default=5.0)
    """How long each of them waits, for a place or for memory."""
    # How long a provider may take
    connect_s: float = _from(0.1, 120, by_default=10.0)
    first_byte_s: float = _from(0.1, 3600, by_default=120.0)
    idle_s: float = _from(0.1, 3600, by_default=120.0)
    """Between two pieces of a stream."""
    reply_total_s: float = _from(0.1, 7200, by_default=600.0)
    """For a reply that is no stream."""
    max_stream_s: float = _from(0.1, 86_400, by_default=3600.0)
    # How it reaches the client
    keep_alive_s: float = _from(0.1, 300, by_default=15.0)
    """After so long a silence of the provider a converted stream says that it is still there."""
    write_stall_s: float = _from(0.1, 600, by_default=30.0)
    """How long a client may stop reading its answer."""
    # How much a provider may send
    max_event_bytes: int = _from(1, 16 * _MIB, by_default=16 * _MIB)
    """One event of a stream, one line of it included."""
    max_stream_bytes: int = _from(1, 4096 * _MIB, by_default=256 * _MIB)
    max_reply_bytes: int = _from(1, 1024 * _MIB, by_default=64 * _MIB)
    """A reply that is no stream; decoded, as are the two above."""
    # The end, and other tries
    quit_grace_s: float = _from(0, 60, by_default=10.0)
    attempts: int = _from(1, 10, by_default=3)
    """How many targets one request may be tried at."""
    retry_budget: float = _from(0, 1, by_default=0.2)
    """Which share of the requests in flight may be retries."""
    breaker_failures: int = _from(1, 100, by_default=5)
    """So many failures in a row open a target's breaker."""
    breaker_open_s: float = _from(0.1, 300, by_default=30.0)
    """How long it stays open at first."""


LIMIT_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {one.name: one.metadata["range"] for one in fields(Limits)}
)
"""By name: the least and the most that each limit may be."""


@dataclass(frozen=True, slots=True)
class Lan:
    """Whether other machines may use the proxy: `[lan]` of `patchbay.toml`."""

    enabled: bool = False
    addresses: tuple[str, ...] = ()
    """Addresses of this machine to listen on; empty for all that it has."""
    names: tuple[str, ...] = ()
    """Names by which clients call this machine, beside its addresses."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose `X-Forwarded-For` is believed."""
    cert_file: str = ""
    """A certificate (PEM) to be reached by HTTPS; without one, everything can be read on the way."""
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person can set, except providers."""

    port: int = 8082
    auth: AuthMode = AuthMode.KEY
    provider: str = ""
    """The active provider's name; empty is the first one."""
    big_model: str = ""
    middle_model: str = ""
    small_model: str = ""
    record_rows: bool = True
    """Off: requests are only counted, and nothing else of them is kept."""
    record_bodies: bool = True
    encrypt_bodies: bool = False
    """Stored bodies are encrypted with a key in the system keyring; searching then covers names only."""
    history_days: int = 180
    history_mib: int = 2048
    """Byte budget of stored bodies; the oldest go first, their rows stay."""
    theme: Theme = Theme.SYSTEM
    open_window_at_start: bool = False
    notify_on_close: bool = True
    log_level: str = "info"
    redaction: tuple[str, ...] = ()
    """Masking rules of the user: `[redaction]` `patterns` of `patchbay.toml`, checked by `redact_rules`."""
    lan: Lan = Lan()
    rate_storage: str = RATES_IN_MEMORY
    """Where requests and tokens per minute of client keys are counted: `[limits] rate_storage`.

    "memory", or the URL of a Redis that several Patchbays share; that one needs the package `coredis` beside ours.
    """
    limits: Limits = Limits()
