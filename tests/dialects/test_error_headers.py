"""What clients of every dialect are told of an error beside its body."""

from __future__ import annotations

import pytest

from app.dialects.error_headers import hints, wait_s
from app.domain.errors import ErrorKind, PatchbayError


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (ErrorKind.RATE_LIMITED, {"retry_after_s": 2.0}, {"retry-after": "2"}),
        (ErrorKind.RATE_LIMITED, {"retry_after_s": 1.2}, {"retry-after": "2", "retry-after-ms": "1200"}),
        (ErrorKind.BUSY, {}, {"retry-after": "1"}),
        (ErrorKind.BUSY, {"retry_after_s": 4.0}, {"retry-after": "4"}),
        (ErrorKind.OVERLOADED, {"upstream_status": 529}, {"x-patchbay-upstream-status": "529"}),
        (ErrorKind.OVERLOADED, {"should_retry": False}, {"x-should-retry": "false"}),
        (ErrorKind.INVALID_REQUEST, {}, {"x-should-retry": "false"}),
        (ErrorKind.INVALID_REQUEST, {"should_retry": True}, {"x-should-retry": "true"}),
    ],
)
def test_whether_and_when_to_come_again(kind, values, told):
    assert dict(hints(PatchbayError(kind, "m", **values))) == told


def test_nobody_knows_when_an_overload_ends():
    assert wait_s(PatchbayError(ErrorKind.OVERLOADED, "m")) is None
