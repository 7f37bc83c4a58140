"""The client's wish for reasoning -> the reasoning fields of one chat upstream."""

from __future__ import annotations

from app.dialects.effort import snapped, wanted
from app.dialects.notes import Notes
from app.dialects.openai_chat import wire
from app.domain.provider import Profile
from app.domain.request import Reasoning


def write_effort(body: wire.Body, reasoning: Reasoning, profile: Profile, notes: Notes) -> None:
    """Set the upstream's own reasoning fields."""
    effort = wanted(reasoning)
    if profile.reasoning_toggle and (effort or reasoning.enabled):
        body.thinking = {"type": "disabled" if effort == "none" else "enabled"}
    word = snapped(effort, profile.effort) if effort else ""
    if word and profile.reasoning_object:
        body.reasoning = {"effort": word}
    elif word:
        body.reasoning_effort = word
    elif effort and not (effort == "none" or profile.reasoning_toggle):
        notes.drop("reasoning_effort")
