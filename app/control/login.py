"""A login in the browser: OAuth 2.0 with PKCE, from the address to open to the secret to keep (RFC 7636, RFC 8252)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.control.token_bundle import TokenBundle
from app.control.tokens import Renew
from app.domain.clock import Clock
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Grant, LoginWay, Provider, Secret
from app.system.login_return import LoginReturn, Returned

if TYPE_CHECKING:
    from app.proxy.login_exchange import Granted

TIMEOUT_S = 300.0
"""How long the browser may take."""
_US = 1_000_000
_VERIFIER_BYTES = 48
"""64 characters; RFC 7636 wants 43 to 128."""
_STATE_BYTES = 24


async def log_in(
    provider: Provider, way: LoginWay, clock: Clock, opened: Callable[[str], None], *, timeout_s: float = TIMEOUT_S
) -> Secret:
    """The key, or the tokens as one secret, that a login brings; `opened` is given the address to show.

    Each login has a port, a state and a verifier of its own, so several can run at once. Raises PatchbayError
    CREDENTIAL_REJECTED (refused there, or by the person), UPSTREAM_TIMEOUT (nobody came back), and what sending raises.
    """
    from app.proxy.login_exchange import exchange

    verifier, state = Secret(secrets.token_urlsafe(_VERIFIER_BYTES)), secrets.token_urlsafe(_STATE_BYTES)
    async with LoginReturn(way.redirect_host, state) as back:
        opened(address(way, back.url, state, verifier))
        try:
            async with asyncio.timeout(timeout_s):
                returned = await back.returned()
        except TimeoutError:
            raise _nobody_came(provider, timeout_s, strange=back.strange) from None
    code = _code(provider, returned)
    granted = await exchange(provider, way, code, verifier, back.url)
    return granted.access if way.grant is Grant.KEY else _bundle(granted, way.token_url, way.client_id, clock).secret()


def address(way: LoginWay, redirect: str, state: str, verifier: Secret) -> str:
    """Where to send the browser; what stands in it is of no use without the verifier, which stays here."""
    digest = hashlib.sha256(verifier.value.encode()).digest()
    challenge = {
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if way.grant is Grant.KEY:
        # OpenRouter knows no state of its own, and gives back the address as it was given.
        fields = {"callback_url": f"{redirect}?{urlencode({'state': state})}", **challenge}
    else:
        fields = {
            "response_type": "code",
            "client_id": way.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(way.scopes),
            "state": state,
            **challenge,
        }
    joint = "&" if "?" in way.authorize_url else "?"
    return f"{way.authorize_url}{joint}{urlencode({name: value for name, value in fields.items() if value})}"


def renewer(clock: Clock) -> Renew:
    """What renews tokens where they came from."""

    async def renew(provider: Provider, bundle: TokenBundle) -> TokenBundle:
        from app.proxy import login_exchange

        if bundle.refresh is None:
            raise PatchbayError(ErrorKind.CREDENTIAL_REJECTED, f"The login of {provider.name} cannot be renewed.")
        granted = await login_exchange.renew(provider, bundle.token_url, bundle.client_id, bundle.refresh)
        return _bundle(granted, bundle.token_url, bundle.client_id, clock)

    return renew


def _bundle(granted: Granted, token_url: str, client_id: str, clock: Clock) -> TokenBundle:
    now_us = clock.now_us()
    expires_us = now_us + int(granted.expires_s * _US) if granted.expires_s else 0
    return TokenBundle(granted.access, granted.refresh, expires_us, now_us, token_url, client_id)


def _code(provider: Provider, returned: Returned) -> Secret:
    if returned.error == "access_denied":
        raise PatchbayError(ErrorKind.CREDENTIAL_REJECTED, f"The login with {provider.name} was declined there.")
    if returned.code is None:
        said = f" ({returned.error})" if returned.error else ""
        raise PatchbayError(
            ErrorKind.CREDENTIAL_REJECTED, f"{provider.name} sent the browser back without a login{said}. Try again."
        )
    return returned.code


def _nobody_came(provider: Provider, timeout_s: float, *, strange: bool) -> PatchbayError:
    text = f"The login with {provider.name} was not finished within {timeout_s / 60:.0f} minutes. Start it again."
    if strange:
        text += " A browser came back, but with an answer to another login."
    return PatchbayError(ErrorKind.UPSTREAM_TIMEOUT, text)
