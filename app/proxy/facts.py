"""What routing asks of a request; what only its body says is read when first asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Implements `domain.routing.Facts`."""

    model: str
    client: str
    key: str
    dialect: str
    pin: str = ""
    session: str = ""
    minute: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    thinking: bool = False
    tools: bool = False
    web_search: bool = False
    image: bool = False
    subagent: bool = False
