"""Headers of an error reply that every dialect's clients are told."""

from __future__ import annotations

import math

from app.domain.errors import ErrorKind, PatchbayError

_BUSY_S = 1.0


def wait_s(error: PatchbayError) -> float | None:
    """When to come again, where that is known."""
    return _BUSY_S if error.retry_after_s is None and error.kind is ErrorKind.BUSY else error.retry_after_s


def hints(error: PatchbayError) -> list[tuple[str, str]]:
    """Whether and when to come again, without which a client repeats even a 401 for minutes; what an upstream said."""
    headers = []
    wait = wait_s(error)
    if wait is not None:
        headers.append(("retry-after", str(math.ceil(wait))))
        if wait != math.ceil(wait):
            headers.append(("retry-after-ms", str(round(wait * 1000))))
    if error.should_retry is not None:
        headers.append(("x-should-retry", "true" if error.should_retry else "false"))
    elif not error.kind.retryable:
        headers.append(("x-should-retry", "false"))
    if error.upstream_status is not None:
        headers.append(("x-patchbay-upstream-status", str(error.upstream_status)))
    return headers
