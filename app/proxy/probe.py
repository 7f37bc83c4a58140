"""Trying a provider out: does it answer, does it take the key, which models does it list."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from app.dialects import dialect
from app.dialects.base import Operation
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import AuthStyle, Credential, DialectName, Provider
from app.domain.redact import Redactor
from app.proxy import headers
from app.proxy.upstream import Upstreams, usable
from app.vendors import signing

TIMEOUT_S = 15.0
_REPLY_BYTES = 16 * 1024 * 1024
_ALL = {DialectName.ANTHROPIC_MESSAGES: "limit=1000", DialectName.GEMINI: "pageSize=1000"}
"""Anthropic lists twenty models and Google fifty unless asked for more (both vendors' pages on listing models)."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a trial showed, in words for the person who configures the provider."""

    ok: bool
    message: str
    models: tuple[str, ...] = ()
    latency_ms: int = 0


async def check(provider: Provider, credential: Credential, *, timeout_s: float = TIMEOUT_S) -> ProbeResult:
    """Ask for the list of models, which costs nothing; never raises PatchbayError."""
    started_s = time.monotonic()
    try:
        models = await list_models(provider, credential, timeout_s=timeout_s)
    except PatchbayError as error:
        return ProbeResult(ok=False, message=error.message)
    latency_ms = round((time.monotonic() - started_s) * 1000)
    count = f"{len(models)} models" if len(models) != 1 else "1 model"
    return ProbeResult(True, f"{provider.name} answered in {latency_ms} ms and lists {count}.", models, latency_ms)


async def list_models(provider: Provider, credential: Credential, *, timeout_s: float = TIMEOUT_S) -> tuple[str, ...]:
    """The ids of the models that a provider offers; raises PatchbayError in words for the user."""
    upstreams = Upstreams()
    try:
        async with asyncio.timeout(timeout_s):
            return await _ask(upstreams, provider, credential, timeout_s)
    except TimeoutError:
        raise PatchbayError(
            ErrorKind.UPSTREAM_TIMEOUT, f"Provider {provider.name} did not answer within {timeout_s:g} s."
        ) from None
    finally:
        await upstreams.close()


async def _ask(upstreams: Upstreams, provider: Provider, credential: Credential, timeout_s: float) -> tuple[str, ...]:
    speaks = dialect(provider.dialect)
    anthropic = provider.dialect is DialectName.ANTHROPIC_MESSAGES
    url = signing.url(provider, speaks.path(Operation.MODELS, ""), "", _ALL.get(provider.dialect, ""))
    signed = () if provider.auth is AuthStyle.CLIENT else signing.sign(provider, credential)
    if anthropic:
        signed += (("anthropic-version", signing.ANTHROPIC_VERSION),)
        if signing.is_oauth(provider, credential):
            signed += (("anthropic-beta", signing.OAUTH_BETA),)
    made = headers.for_upstream(signed, stream=False, agent="patchbay", via="1.1 patchbay")
    incoming = await upstreams.send(provider, "GET", url, made, None, connect_timeout_s=timeout_s)
    try:
        usable(incoming.status, provider.name)
        incoming.allow(_REPLY_BYTES)
        body = await incoming.read_all()
    finally:
        incoming.close()
    if incoming.status >= 400:
        raise _refused(provider, credential, speaks.read_error(incoming.status, incoming.headers, body))
    return speaks.read_models(body)


def _refused(provider: Provider, credential: Credential, error: PatchbayError) -> PatchbayError:
    secret = (credential.secret.value,) if credential.secret else ()
    said = Redactor(secret).text(error.message)
    if error.kind is ErrorKind.CREDENTIAL_REJECTED:
        said = f"Provider {provider.name} does not accept this key: {said}"
    elif error.kind is ErrorKind.UPSTREAM_NOT_FOUND:
        said = f"Provider {provider.name} has no list of models at this address; check its base URL. ({said})"
    else:
        said = f"Provider {provider.name} answered with an error: {said}"
    return PatchbayError(error.kind, said, upstream_status=error.upstream_status)
