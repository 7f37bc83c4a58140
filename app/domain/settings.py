"""The user's settings with their defaults; `patchbay.toml` `[config]` overrides them by the same names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the proxy (units in the names)."""

    connections: int = 256
    body_bytes: int = 32 * 1024 * 1024
    body_idle_s: float = 15.0
    buffered_bytes: int = 256 * 1024 * 1024
    in_flight: int = 128
    queue_wait_s: float = 5.0
    header_deadline_s: float = 30.0
    connect_timeout_s: float = 10.0
    first_byte_timeout_s: float = 120.0
    idle_timeout_s: float = 300.0
    reply_timeout_s: float = 600.0
    stream_timeout_s: float = 3600.0
    write_stall_s: float = 30.0
    keep_alive_s: float = 15.0
    quit_grace_s: float = 10.0
    upstream_reply_bytes: int = 64 * 1024 * 1024
    upstream_stream_bytes: int = 256 * 1024 * 1024
    upstream_event_bytes: int = 16 * 1024 * 1024


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
    record_bodies: bool = True
    history_days: int = 180
    history_mib: int = 2048
    """Byte budget of stored bodies; the oldest go first, their rows stay."""
    theme: Theme = Theme.SYSTEM
    open_window_at_start: bool = False
    notify_on_close: bool = True
    log_level: str = "info"
    limits: Limits = Limits()
