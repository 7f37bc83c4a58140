"""The requests of a login: a code for a key or for tokens, and a refresh token for new ones. RFC 6749, RFC 7636.

OpenRouter takes and gives JSON (openrouter.ai/docs, "OAuth PKCE"); everyone else takes a form (RFC 6749, 4.1.3 and 6).
What the server says never reaches a text whole: its error code and description do, without the secrets that were sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Grant, LoginWay, Provider, Secret
from app.domain.redact import Redactor
from app.proxy import headers
from app.proxy.upstream import Upstreams, usable

TIMEOUT_S = 20.0
_REPLY_BYTES = 256 * 1024
_TEXT_CHARS = 200
_LONGEST_LIFE_S = 10 * 365 * 86_400
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token endpoint gave."""

    access: Secret
    """The key itself where the login is exchanged for one."""
    refresh: Secret | None = None
    expires_s: float = 0.0
    """From now on; 0 where it named no time."""


async def exchange(provider: Provider, way: LoginWay, code: Secret, verifier: Secret, redirect_uri: str) -> Granted:
    """The key or the tokens for the code that the browser brought back.

    Raises PatchbayError: CREDENTIAL_REJECTED where the server refuses, UPSTREAM_TIMEOUT, BAD_REPLY, as sending does.
    """
    if way.grant is Grant.KEY:
        fields = {"code": code.value, "code_verifier": verifier.value, "code_challenge_method": "S256"}
        found = await _post(provider, way.token_url, json.dumps(fields).encode(), _JSON, (code, verifier))
        return Granted(_secret(provider, found, "key"))
    fields = {
        "grant_type": "authorization_code",
        "code": code.value,
        "redirect_uri": redirect_uri,
        "client_id": way.client_id,
        "code_verifier": verifier.value,
    }
    return _granted(provider, await _post(provider, way.token_url, _form(fields), _FORM, (code, verifier)))


async def renew(provider: Provider, token_url: str, client_id: str, refresh: Secret) -> Granted:
    """New tokens for a refresh token; raises as `exchange` does. Without a new refresh token the old one stays good."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh.value, "client_id": client_id}
    found = _granted(provider, await _post(provider, token_url, _form(fields), _FORM, (refresh,)))
    return found if found.refresh is not None else replace(found, refresh=refresh)


def _form(fields: Mapping[str, str]) -> bytes:
    return urlencode({name: value for name, value in fields.items() if value}).encode()


async def _post(
    provider: Provider, url: str, body: bytes, media_type: str, secrets: tuple[Secret, ...]
) -> dict[str, Any]:
    """The JSON object that the endpoint answers with."""
    # The endpoint is no place where a provider's leave for clear text counts.
    there = replace(provider, base_url=url, endpoints=(), allow_insecure=False, local=False)
    made = headers.for_upstream((), stream=False, agent="patchbay", via="1.1 patchbay")
    made["Content-Type"] = media_type
    upstreams = Upstreams()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            incoming = await upstreams.send(there, "POST", url, made, body, connect_timeout_s=TIMEOUT_S)
            try:
                usable(incoming.status, provider.name)
                incoming.allow(_REPLY_BYTES)
                reply = await incoming.read_all()
            finally:
                incoming.close()
    except TimeoutError:
        message = f"The login server of {provider.name} did not answer within {TIMEOUT_S:g} s."
        raise PatchbayError(ErrorKind.UPSTREAM_TIMEOUT, message) from None
    finally:
        await upstreams.close()
    found = _object(reply)
    if incoming.status >= 400:
        raise _refused(provider, incoming.status, found, secrets)
    if found is None:
        raise _unusable(provider, "something that is no JSON object")
    return found


def _object(reply: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _granted(provider: Provider, found: dict[str, Any]) -> Granted:
    access, refresh = _secret(provider, found, "access_token"), found.get("refresh_token")
    kind = found.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _unusable(provider, "a token of a kind that is not Bearer")
    life = found.get("expires_in", 0)
    if isinstance(life, str) and life.isdecimal() and len(life) < 16:  # some servers quote it
        life = int(life)
    known = isinstance(life, int | float) and not isinstance(life, bool) and 0 < life <= _LONGEST_LIFE_S
    return Granted(
        access, Secret(refresh) if isinstance(refresh, str) and refresh else None, float(life) if known else 0.0
    )


def _secret(provider: Provider, found: dict[str, Any], name: str) -> Secret:
    value = found.get(name)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise _unusable(provider, f"no {name.replace('_', ' ')}")
    return Secret(value)


def _unusable(provider: Provider, what: str) -> PatchbayError:
    return PatchbayError(ErrorKind.BAD_REPLY, f"The login server of {provider.name} answered with {what}.")


def _refused(
    provider: Provider, status: int, found: dict[str, Any] | None, secrets: tuple[Secret, ...]
) -> PatchbayError:
    """A refusal is for good only where the server says so in its own words; a page of somebody's proxy is not one."""
    said = _said(found or {}, secrets)
    final = found is not None and "error" in found and 400 <= status < 500 and status not in (408, 425, 429)
    kind = ErrorKind.CREDENTIAL_REJECTED if final else ErrorKind.UPSTREAM_ERROR
    verb = "refused this login" if final else "failed"
    return PatchbayError(
        kind,
        f"The login server of {provider.name} {verb} ({status}){f': {said}' if said else ''}.",
        upstream_status=status,
    )


def _said(found: dict[str, Any], secrets: tuple[Secret, ...]) -> str:
    """The server's reason: RFC 6749's `error` and `error_description`, or OpenRouter's `{"error": {"message"}}`."""
    error = found.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    parts = [one for one in (error, found.get("error_description")) if isinstance(one, str) and one]
    text = Redactor({one.value for one in secrets}).text(", ".join(parts))
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_TEXT_CHARS].rstrip(".")
