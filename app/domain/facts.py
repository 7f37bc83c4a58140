"""Facts of a request that is not there: for pictures of routes, `patchbay route test`, and tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """Implements `domain.routing.Facts` with what is given."""

    model: str
    client: str = ""
    key: str = ""
    dialect: str = ""
    pin: str = ""
    session: str = ""
    minute: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    answers: int = 1
    thinking: bool = False
    tools: bool = False
    web_search: bool = False
    image: bool = False
    background: bool = False
    subagent: bool = False

    @property
    def most_prompt_tokens(self) -> int:
        """Nothing is known of pictures."""
        return self.prompt_tokens
