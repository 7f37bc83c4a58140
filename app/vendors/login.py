"""How a person logs in for a provider's key in the browser: the vendor's way, or the one that the entry writes down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from app.domain.addresses import host_problem
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import Grant, LoginWay, Vendor

_KEYS = ("authorize_url", "token_url", "client_id", "scopes", "grant", "redirect_host")
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_NO_WAY = LoginWay("", "")

Fail = Callable[[str, str], ConfigError]
"""Makes the error for a key of the entry and what is wrong with it."""


def login_way(entry: ProviderEntry, preset: Vendor, base_url: str, fail: Fail) -> LoginWay | None:
    """The way to log in; None where there is none. Raises what `fail` makes.

    A vendor's own way counts only at the vendor's own address: its keys are of no use elsewhere, and not for others.
    """
    if not entry.login:
        at_home = urlsplit(base_url).netloc == urlsplit(preset.base_url).netloc
        return preset.login if at_home else None
    way = preset.login or _NO_WAY
    for key, value in entry.login:
        if key not in _KEYS:
            raise fail(f"login.{key}", f"there is no such key of a login; use one of {', '.join(_KEYS)}")
        way = _with(way, key, value, fail)
    for key, url in (("authorize_url", way.authorize_url), ("token_url", way.token_url)):
        if problem := _url_problem(url):
            raise fail(f"login.{key}", problem)
    if way.grant is Grant.TOKENS and not way.client_id:
        raise fail("login.client_id", "is missing; the provider tells it where an application is registered there")
    return way


def _with(way: LoginWay, key: str, value: str | tuple[str, ...], fail: Fail) -> LoginWay:
    if key == "scopes":
        return replace(way, scopes=tuple(value))
    text = str(value)
    if key == "grant":
        if text not in list(Grant):
            raise fail("login.grant", f"{text!r} is not known; use one of {', '.join(Grant)}")
        return replace(way, grant=Grant(text))
    if key == "redirect_host" and text not in ("127.0.0.1", "localhost"):
        raise fail("login.redirect_host", "must be 127.0.0.1 or localhost: the browser comes back to this machine")
    return replace(way, **{key: text})  # type: ignore[arg-type]  # the remaining keys are texts


def _url_problem(url: str) -> str:
    if not url:
        return "is missing; write the whole address, such as https://host/oauth/token"
    if any(char <= " " for char in url):
        return "must not hold spaces or control characters"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "is no address"
    if parts.username or parts.password or parts.fragment:
        return "must hold neither a user name nor a #"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE):
        return "must begin with https://, for secrets travel there"
    return host_problem(host) if host else "names no host"
