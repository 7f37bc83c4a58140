"""Whose request this is: the client key, wherever the client's own tool puts it.

Keys are random, so one keyed hash and a dictionary are enough; the lookup by HMAC leaks nothing through its timing
about a key that it does not hold.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import unquote_plus

from aiohttp import web

from app.domain.client_key import ClientKey
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import AuthMode
from app.domain.snapshot import Snapshot

KEY_PREFIX = "pb_"
OPEN = "open"
OWN_HEADER = "x-patchbay-key"
_BEARER = "bearer "
_GOOGLE = "x-goog-api-key"
_QUERY_NAMES = frozenset({"key", _GOOGLE})
"""Parameters that hold a key; Google's servers take the header's name there too."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the name of the client key, and the credential of the caller's own that came along."""

    name: str
    own: tuple[tuple[str, str], ...] = ()
    """Headers with the caller's own key, as they came; only a provider with `auth = "client"` gets them."""
    key: ClientKey | None = None
    """The client key that was shown; None in open mode, where none is asked for."""

    @property
    def concurrent(self) -> int:
        """How many requests the key may run at once; 0 where it sets no bound of its own."""
        return self.key.policy.concurrent if self.key else 0


def take_keys(query: str) -> tuple[str, tuple[str, ...]]:
    """A query without the keys in it, and those keys: Google's tools and examples write `?key=`.

    From here on the query may be recorded, logged and sent on. What stays of it stays as it was.
    """
    if "=" not in query:
        return query, ()
    kept: list[str] = []
    keys: list[str] = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if unquote_plus(name) in _QUERY_NAMES:
            keys.append(unquote_plus(value))
        else:
            kept.append(pair)
    return ("&".join(kept), tuple(keys)) if keys else (query, ())


def identify(
    http: web.BaseRequest,
    prefix_key: str,
    snapshot: Snapshot,
    query_keys: tuple[str, ...] = (),
    *,
    strict: bool = False,
) -> Caller:
    """The caller of a request; raises PatchbayError UNAUTHENTICATED. `query_keys` are those that `take_keys` took.

    What the key may do is judged by `permissions`; in open mode nobody needs one, and none narrows anything. `strict`
    asks for a key also then.

    A key in `x-patchbay-key` or in the URL is ours for certain, and what stands in the other headers is the caller's
    own. Otherwise those headers hold our key, and all of them the same one: a request with two different keys is
    refused, because two programs might each believe another one.
    """
    headers = http.headers
    ours = [key for key in (prefix_key, *headers.getall(OWN_HEADER, ())) if key]
    theirs = _credentials(http) + [(_GOOGLE, key.strip(), key.strip()) for key in query_keys]
    keys = ours or [key for _, _, key in theirs]
    known = {key: _known(key, snapshot) for key in {*keys, *(key for _, _, key in theirs)}}
    # A key of this or another Patchbay must never travel on.
    own = tuple((name, value) for name, value, key in theirs if not known[key] and not key.startswith(KEY_PREFIX))
    mine = known[keys[0]] if keys else None
    if snapshot.settings.auth is AuthMode.OPEN and not strict:
        return Caller(mine.name if mine else OPEN, own)
    if not keys:
        raise _refused("Send your Patchbay key: run `patchbay env` or copy the settings from its tray menu.")
    if len(set(keys)) > 1:
        raise _refused("The request holds different keys; send one.")
    if mine is None:
        raise _refused(
            "This is not a key of this Patchbay: run `patchbay env` or copy the settings from its tray menu."
        )
    return Caller(mine.name, own, mine)


def _credentials(http: web.BaseRequest) -> list[tuple[str, str, str]]:
    """(header, value, key in it) of every header that clients send a key in."""
    headers = http.headers
    found = [("x-api-key", value, value.strip()) for value in headers.getall("x-api-key", ())]
    found += [(_GOOGLE, value, value.strip()) for value in headers.getall(_GOOGLE, ())]
    for value in headers.getall("Authorization", ()):
        bearer = value[: len(_BEARER)].lower() == _BEARER
        found.append(("Authorization", value, value[len(_BEARER) :].strip() if bearer else ""))
    return found


def _known(key: str, snapshot: Snapshot) -> ClientKey | None:
    """The client key that a text leads to; None where it is none of ours: one digest, one look-up, whatever it is."""
    # Not `hmac.digest`, which gives up the interpreter for two microseconds and may wait for it much longer.
    digest = hmac.new(snapshot.pepper, key.encode("utf-8", "surrogateescape"), "sha256").digest()
    return snapshot.client_keys.get(digest)


def _refused(message: str) -> PatchbayError:
    return PatchbayError(ErrorKind.UNAUTHENTICATED, message, should_retry=False)
