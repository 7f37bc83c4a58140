"""What a client has of a stream already, for an end of ours that must fit behind it: a tolerant look at its bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_DATA = re.compile(rb"^data: ?(\{.*\})\r?$", re.MULTILINE)
_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d{1,15})')
"""Inside a text its quotes would be escaped."""
_FIRST_EVENTS = 3
"""The response is named in the first event already; who names it later has left the protocol."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where the stream stands; empty or 0 is unknown."""

    response_id: str = ""
    created_s: int = 0
    number: int = 0
    """Of the event that comes next."""


def resumed(seen: bytes) -> Resumed:
    """Where a stream stands after these bytes; never raises."""
    numbers = _NUMBER.findall(seen)
    number = int(numbers[-1]) + 1 if numbers else 0
    for count, found in enumerate(_DATA.finditer(seen)):
        response = _response(found[1])
        if response is not None:
            own_id, created = response.get("id"), response.get("created_at")
            return Resumed(
                own_id if isinstance(own_id, str) else "",
                int(created) if isinstance(created, int | float) and 0 < created < 1e12 else 0,
                number,
            )
        if count >= _FIRST_EVENTS:
            break
    return Resumed(number=number)


def _response(data: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    response = event.get("response")
    return response if isinstance(response, dict) else None
