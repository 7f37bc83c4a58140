"""Sampling and stop sequences for an upstream, as far as its profile says that it takes them."""

from __future__ import annotations

from app.dialects.notes import Notes
from app.domain.provider import Profile
from app.domain.request import Request


def taken(request: Request, profile: Profile, notes: Notes) -> dict[str, float]:
    """`temperature`, `top_p` and `top_k` of the request, those that the upstream takes; the others are reported."""
    wishes = (
        ("temperature", request.temperature, profile.sampling in {"full", "temp_only"}),
        ("top_p", request.top_p, profile.sampling == "full"),
        ("top_k", request.top_k, profile.top_k),
    )
    found: dict[str, float] = {}
    for name, value, accepted in wishes:
        if value is not None and accepted:
            found[name] = value
        elif value is not None:
            notes.drop(name)
    return found


def stops(request: Request, profile: Profile, notes: Notes) -> list[str]:
    """The stop sequences, as many as the upstream takes; that there are more is reported."""
    wanted = [text for text in request.stop if text]
    found = wanted[: profile.stop_max]
    if len(found) < len(wanted):
        notes.drop(f"stop[{profile.stop_max}:]" if found else "stop")
    return found
