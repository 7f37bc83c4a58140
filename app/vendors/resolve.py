"""A `[[provider]]` of the configuration and its vendor's preset make a `Provider`."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.addresses import host_problem
from app.domain.config import ProfileValue, ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import AuthStyle, DialectName, Profile, Provider, Vendor
from app.domain.redact import Redactor
from app.vendors import profiles
from app.vendors.login import login_way
from app.vendors.presets import VENDORS, vendor

_REDACTOR = Redactor()
_BASE = "{base}"
_TYPES = {"anthropic": "anthropic-compatible", "openai": "openai-compatible"}
_BY_DIALECT: dict[str, str] = {
    DialectName.ANTHROPIC_MESSAGES: "anthropic-compatible",
    DialectName.OPENAI_RESPONSES: "openai-responses-compatible",
    DialectName.GEMINI: "gemini-compatible",
}
_HOSTS = {
    "api.anthropic.com": "anthropic",
    "api.openai.com": "openai",
    "openrouter.ai": "openrouter",
    "api.deepseek.com": "deepseek",
    "api.moonshot.ai": "kimi",
    "api.z.ai": "glm",
    "api.minimax.io": "minimax",
    "dashscope-intl.aliyuncs.com": "qwen",
    "generativelanguage.googleapis.com": "gemini",
}


def resolve(entry: ProviderEntry) -> Provider:
    """The provider that an entry describes; raises ConfigError with the key and the line of the entry."""
    preset = _preset(entry)
    base_url = (entry.base_url or preset.base_url).rstrip("/")
    preset = _older(preset, base_url)
    if not base_url:
        raise _error(entry, "base_url", f"{preset.label} needs the address of your server, such as https://host/v1")
    problem = base_url_problem(base_url)
    if problem:
        raise _error(entry, "base_url", problem)
    lists = (entry.big_models, entry.middle_models, entry.small_models)
    own_models = any(one is not None for one in lists) or bool(entry.models)
    preset_lists = ((), (), ()) if own_models else (preset.big_models, preset.middle_models, preset.small_models)
    big, middle, small = (
        mine if mine is not None else theirs for mine, theirs in zip(lists, preset_lists, strict=True)
    )
    return Provider(
        name=entry.name,
        vendor=preset.name,
        base_url=base_url,
        dialect=_dialect(entry, preset),
        auth=_auth(entry, preset),
        profile=_profile(entry, preset.profile),
        env_key=entry.env_key or preset.env_key,
        api_version=entry.api_version or preset.api_version,
        big_models=big,
        middle_models=middle,
        small_models=small,
        models=entry.models,
        native_prefixes=preset.native_prefixes,
        big_model=entry.big_model,
        middle_model=entry.middle_model,
        small_model=entry.small_model,
        extra_headers=preset.extra_headers,
        first_byte_timeout_s=preset.first_byte_timeout_s,
        allow_insecure=entry.allow_insecure,
        local=preset.local,
        ca_file=_ca_file(entry),
        endpoints=_endpoints(entry, preset, base_url),
        failover=entry.failover,
        weight=entry.weight,
        context=entry.context,
        accounts=entry.accounts,
        login=login_way(entry, preset, base_url, partial(_error, entry)),
    )


def base_url_problem(base_url: str) -> str:
    """Why an address cannot be a provider's, in words; empty where it can. Never quotes user info."""
    if any(char <= " " for char in base_url):
        return "the address must not hold spaces or control characters"
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return "the address is not a URL"
    if parts.scheme not in ("http", "https"):
        return "the address must begin with https:// (or http:// for a server on this machine)"
    if parts.username or parts.password:
        return "take the user name and password out of the address; the key belongs in the key field"
    if problem := host_problem(parts.hostname) if parts.hostname else "the address names no host":
        return problem
    if parts.query or parts.fragment:
        return "the address must not hold ? or #"
    if port == 0:
        return "port 0 is not a port"
    return ""


def _preset(entry: ProviderEntry) -> Vendor:
    if entry.vendor:
        preset = vendor(entry.vendor)
        if preset is None:
            names = ", ".join(one.name for one in VENDORS)
            raise _error(entry, "vendor", f"there is no vendor {entry.vendor!r}; use one of {names}")
        return preset
    host = urlsplit(entry.base_url).hostname or ""
    by_host = _HOSTS.get(host, "azure" if host.endswith(".openai.azure.com") else "")
    kind = entry.provider_type.lower()
    if kind and kind not in _TYPES:
        raise _error(entry, "provider_type", f"{entry.provider_type!r} is not known; use openai or anthropic")
    compatible = _TYPES[kind] if kind else _BY_DIALECT.get(entry.dialect, "openai-compatible")
    known = vendor(by_host)
    # A vendor known by its host counts only where it speaks what the file says: OpenRouter has an Anthropic endpoint.
    if known is not None and (not kind or vendor(_TYPES[kind]).dialect == known.dialect):  # type: ignore[union-attr]
        return known
    return next(one for one in VENDORS if one.name == compatible)


def _older(preset: Vendor, base_url: str) -> Vendor:
    """Gemini as it was before it had a dialect of its own here: Google's OpenAI-compatible address still means that."""
    if preset.dialect is not DialectName.GEMINI or not base_url.endswith("/openai"):
        return preset
    return dataclasses.replace(
        preset, dialect=DialectName.OPENAI_CHAT, auth=AuthStyle.BEARER, profile=profiles.GEMINI_OPENAI
    )


def _dialect(entry: ProviderEntry, preset: Vendor) -> DialectName:
    if not entry.dialect:
        return preset.dialect
    return _spoken(entry, "dialect", entry.dialect)


def _spoken(entry: ProviderEntry, key: str, name: str) -> DialectName:
    try:
        return DialectName(name)
    except ValueError:
        raise _error(entry, key, f"{name!r} is not spoken; use one of {', '.join(DialectName)}") from None


def _endpoints(entry: ProviderEntry, preset: Vendor, base_url: str) -> tuple[tuple[DialectName, str], ...]:
    """What it speaks beside its own dialect.

    A dialect that the user wrote down is meant: the vendor's others are then left alone, and so are addresses of the
    vendor where the user's own is elsewhere, for no key may go to a host that nobody named.
    """
    found: dict[DialectName, str] = {}
    if not entry.dialect:
        at_home = urlsplit(base_url).netloc == urlsplit(preset.base_url).netloc
        found = {name: url for name, url in preset.endpoints if at_home or _BASE in url}
    for key, url in entry.endpoints:
        name = _spoken(entry, f"endpoints.{key}", key)
        found.pop(name, None)
        if url:
            found[name] = url
    ready = {name: url.replace(_BASE, base_url).rstrip("/") for name, url in found.items()}
    for name, url in ready.items():
        problem = base_url_problem(url)
        if problem:
            raise _error(entry, f"endpoints.{name}", problem)
    return tuple(ready.items())


def _ca_file(entry: ProviderEntry) -> str:
    """Whether it can be read is seen where it is used: a folder that is not mounted must not spoil the whole file."""
    if entry.ca_file and not Path(entry.ca_file).is_absolute():
        raise _error(entry, "ca_file", "must be the whole path of a file with certificates, from the root on")
    return entry.ca_file


def _auth(entry: ProviderEntry, preset: Vendor) -> AuthStyle:
    if not entry.auth:
        return preset.auth
    try:
        return AuthStyle(entry.auth)
    except ValueError:
        words = ", ".join(style.value for style in AuthStyle)
        raise _error(entry, "auth", f"{entry.auth!r} is not known; use one of {words}") from None


def _profile(entry: ProviderEntry, preset: Profile) -> Profile:
    changes: dict[str, object] = {}
    for key, value in entry.profile:
        if key not in {one.name for one in dataclasses.fields(Profile)}:
            raise _error(entry, f"profile.{key}", "there is no such key in a capability profile")
        changes[key] = _profile_value(entry, key, getattr(preset, key), value)
    return dataclasses.replace(preset, **changes)  # type: ignore[arg-type]


def _profile_value(entry: ProviderEntry, key: str, old: object, value: ProfileValue) -> object:
    if isinstance(old, StrEnum):
        try:
            return type(old)(str(value))
        except ValueError:
            words = ", ".join(one.value for one in type(old))
            raise _error(entry, f"profile.{key}", f"{value!r} is not known; use one of {words}") from None
    if isinstance(old, bool) is not isinstance(value, bool) or not isinstance(value, type(old)):
        raise _error(entry, f"profile.{key}", f"must be a {type(old).__name__}, not {value!r}")
    return value


def _error(entry: ProviderEntry, key: str, message: str) -> ConfigError:
    # A key may have been written into the wrong field; the message is shown and logged.
    return ConfigError(_REDACTOR.text(message), line=entry.line, key=f"provider {entry.name!r}, {key}")
