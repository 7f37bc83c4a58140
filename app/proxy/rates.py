"""Requests and tokens per minute of each client key, in moving windows.

A request is counted as it comes, whatever it asks for. Its tokens are judged by the size of its prompt, together with
those of the requests that still run, and counted when it is over and the truth is known.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math
from collections import Counter
from typing import TYPE_CHECKING

from app.domain.clock import Clock
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName
from app.domain.usage import Usage
from app.proxy.call import Call

if TYPE_CHECKING:
    from app.proxy.rate_windows import Standing, Windows

log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 60


class Rates:
    """Belongs to the loop. Lives as long as the server, so that a change of the configuration empties no window."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: Windows | None = None
        self._running: Counter[str] = Counter()
        """Tokens of the prompts that still run, estimated; by key id."""
        self._estimates: dict[str, tuple[str, int]] = {}
        """Request -> (key id, its part of them)."""

    async def admit(self, call: Call) -> None:
        """Count a request of the key; raises PatchbayError KEY_RATE_LIMITED with the time until the next may come.

        Like the others LEDGER_UNAVAILABLE, where what is counted elsewhere cannot be reached.
        """
        key = call.caller.key
        if key is None or not key.policy.requests_per_minute:
            return
        limit = key.policy.requests_per_minute
        standing = await (await self._open(call)).take_request(key.id, limit)
        if standing.wait_s:
            what = f"{limit:,} {'request' if limit == 1 else 'requests'}"
            raise _limited(call, standing, "requests", f"This key may send {what} a minute.", self._clock)

    async def admit_tokens(self, call: Call) -> None:
        """Judge the size of a prompt; raises PatchbayError KEY_RATE_LIMITED."""
        key = call.caller.key
        if key is None or not key.policy.tokens_per_minute:
            return
        limit, wanted = key.policy.tokens_per_minute, call.facts.prompt_tokens
        if wanted > limit:
            raise PatchbayError(
                ErrorKind.KEY_RATE_LIMITED,
                f"This key may use {limit:,} tokens a minute, and this prompt alone has about {wanted:,}.",
                should_retry=False,
            )
        windows = await self._open(call)
        standing = await windows.tokens(key.id, limit, wanted + self._running[key.id])
        if standing.wait_s:
            raise _limited(call, standing, "tokens", f"This key may use {limit:,} tokens a minute.", self._clock)
        self._estimates[call.id] = (key.id, wanted)
        self._running[key.id] += wanted

    async def settle(self, call: Call, usage: Usage) -> None:
        """Count what the request used."""
        key = call.caller.key
        self.leave(call)
        if key is None or not usage.total_tokens or self._windows is None:
            return
        if limit := key.policy.tokens_per_minute:
            try:
                await self._windows.take_tokens(key.id, limit, usage.total_tokens)
            except PatchbayError as error:
                log.warning("the tokens of request %s were not counted for its key: %s", call.id, error.message)

    def leave(self, call: Call) -> None:
        """The request is over, whatever became of it."""
        key_id, estimate = self._estimates.pop(call.id, ("", 0))
        if key_id:
            self._running[key_id] -= estimate
            if not self._running[key_id]:
                del self._running[key_id]

    async def _open(self, call: Call) -> Windows:
        """The windows; the library is loaded for the first key that has a rate, in a thread: that takes 50 ms."""
        storage = call.snapshot.settings.rate_storage
        if self._windows is None:
            await asyncio.to_thread(_library)
        if self._windows is None or self._windows.storage != storage:
            self._windows = _library()(storage, self._clock)
        return self._windows


def _library() -> type[Windows]:
    from app.proxy.rate_windows import Windows

    return Windows


def _limited(call: Call, standing: Standing, unit: str, what: str, clock: Clock) -> PatchbayError:
    wait_s = min(_LONGEST_WAIT_S, max(1, math.ceil(standing.wait_s)))
    error = PatchbayError(
        ErrorKind.KEY_RATE_LIMITED, f"{what} The next may come in {wait_s} s.", retry_after_s=float(wait_s)
    )
    if call.dialect.name is DialectName.ANTHROPIC_MESSAGES:
        resets = dt.datetime.fromtimestamp(clock.now_us() // 1_000_000 + wait_s, tz=dt.UTC)
        values = (str(standing.limit), str(standing.left), resets.strftime("%Y-%m-%dT%H:%M:%SZ"))
        names = (f"anthropic-ratelimit-{unit}-{word}" for word in ("limit", "remaining", "reset"))
    elif call.dialect.name is DialectName.GEMINI:
        return error
    else:
        values = (str(standing.limit), str(standing.left), f"{wait_s}s")
        names = (f"x-ratelimit-{word}-{unit}" for word in ("limit", "remaining", "reset"))
    error.headers = tuple(zip(names, values, strict=True))
    return error
