"""The gate: what a request must be before anybody asks for its key.

It keeps web pages out (DNS rebinding, cross-site requests, WebSockets) and everything that is no request to a model.
The first check that fails answers; nothing later runs. No text of the request is repeated in an answer.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from aiohttp import web

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.instance import Instance
from app.proxy.paths import Match

_STATUS = (("GET", "/"), ("HEAD", "/"), ("GET", "/health"))
_MODEL_CHARS = 256
KEY_SEGMENT = "/k/"
PIN_SEGMENT = "/p/"


class Aim(NamedTuple):
    """A request target in parts."""

    key: str
    pin: str
    """The pin's name, as the user wrote it."""
    path: str
    """Without key and pin."""
    query: str


def split_target(raw: str) -> Aim:
    """The parts of a request target: `/k/<key>/p/<pin>/v1/messages?beta=true`, key and pin in any order."""
    if not raw.startswith("/"):
        raw = "/" + raw.partition("://")[2].partition("/")[2]  # absolute form; `admit` judges its host
    path, _, query = raw.partition("?")
    key, path = _take(KEY_SEGMENT, path)
    pin, path = _take(PIN_SEGMENT, path)
    if not key:
        key, path = _take(KEY_SEGMENT, path)
    return Aim(key, unquote(pin), path or ("/" if pin else ""), query)


def _take(segment: str, path: str) -> tuple[str, str]:
    """What stands behind `/k/` or `/p/` at the beginning of a path, and the path after it."""
    if not path.startswith(segment):
        return "", path
    found, slash, rest = path[len(segment) :].partition("/")
    return found, slash + rest


def local_names(ports: frozenset[int]) -> frozenset[str]:
    """The `Host` values that mean us, lower case; a browser leaves port 80 out."""
    names = {f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]") for port in ports}
    if 80 in ports:
        names |= {"127.0.0.1", "localhost", "[::1]"}
    return frozenset(names)


def admit(http: web.BaseRequest, names: frozenset[str], instance: Instance) -> None:
    """Who may knock at all. Raises PatchbayError HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED or LOOP_DETECTED.

    `Host` must be one of ours even for a request of HTTP/1.0 or in absolute form: a page whose name was rebound to
    127.0.0.1 sends its own. Any `Origin` is refused (no page is our client), and so is what a browser marks as coming
    from another site (https://www.w3.org/TR/fetch-metadata/).
    """
    headers = http.headers
    hosts = headers.getall("Host", ())
    if len(hosts) != 1 or hosts[0].lower() not in names or not _target_is_ours(http.raw_path, names):
        raise PatchbayError(ErrorKind.HOST_NOT_ALLOWED, "host not allowed", should_retry=False)
    if "Origin" in headers or headers.get("Sec-Fetch-Site", "none").lower() not in ("none", "same-origin"):
        raise PatchbayError(ErrorKind.ORIGIN_NOT_ALLOWED, "web pages may not call Patchbay", should_retry=False)
    if http.method == "OPTIONS":
        raise PatchbayError(ErrorKind.ORIGIN_NOT_ALLOWED, "Patchbay answers no preflight", should_retry=False)
    via = headers.get("Via")
    if via is not None and instance.is_own(via):
        raise PatchbayError(
            ErrorKind.LOOP_DETECTED,
            "This request has been through this Patchbay already: a provider's base URL points back at it.",
            should_retry=False,
        )


def asks_status(http: web.BaseRequest, path: str) -> bool:
    """Whether this only asks if anybody is here: the one thing that needs no key (Claude Code probes `HEAD /`)."""
    return (http.method, path) in _STATUS


def choose(http: web.BaseRequest, matches: tuple[Match, ...]) -> Match:
    """What the path means for the method; raises PATH_NOT_FOUND, METHOD_NOT_ALLOWED or UPGRADE_REFUSED."""
    if "Upgrade" in http.headers:
        raise PatchbayError(
            ErrorKind.UPGRADE_REFUSED, "Patchbay speaks plain HTTP only; send the request as POST.", should_retry=False
        )
    if not matches:
        raise PatchbayError(ErrorKind.PATH_NOT_FOUND, "There is nothing at this path.", should_retry=False)
    for match in matches:
        if match.method == http.method:
            return match
    methods = ", ".join(dict.fromkeys(match.method for match in matches))
    raise PatchbayError(
        ErrorKind.METHOD_NOT_ALLOWED, f"This path takes {methods} only.", param=methods, should_retry=False
    )


def check_model(name: str) -> None:
    """What no model is called; raises INVALID_REQUEST. The name goes into the record, into lists and into logs."""
    if len(name) > _MODEL_CHARS or not name.isprintable():
        raise PatchbayError(
            ErrorKind.INVALID_REQUEST,
            f"model: must be a name of at most {_MODEL_CHARS} printable characters",
            param="model",
            should_retry=False,
        )


def _target_is_ours(target: str, names: frozenset[str]) -> bool:
    if target.startswith("/"):
        return True
    scheme, _, rest = target.partition("://")
    return scheme.lower() == "http" and rest.partition("/")[0].lower() in names
