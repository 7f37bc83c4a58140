"""How many tokens each model takes: as configured, and as providers said when a prompt was too long."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.provider import Provider
from app.domain.routing import ModelWindow
from app.domain.wildcard import fits

LEAST_TOKENS = 1_000
"""A smaller number in an error's text is something else."""

_NUMBER = r"(\d{1,3}(?:[,_.]\d{3})+|\d+)"
_TOLD = tuple(
    re.compile(pattern.format(number=_NUMBER), re.IGNORECASE)
    for pattern in (
        r"maximum context length (?:is|of) {number}",  # OpenAI, OpenRouter, DeepSeek, vLLM: "... is 131072 tokens"
        r"tokens\s*>\s*{number}\s*max",  # Anthropic: "prompt is too long: 210000 tokens > 200000 maximum"
        r"maximum number of (?:input )?tokens allowed \(?{number}",  # Google: "exceeds the ... allowed (1048576)"
        r"context (?:size|length|window)[^\d]{{0,24}}{number}",  # llama.cpp: "the available context size (4096 tokens)"
    )
)


class Windows:
    """What was learned, by provider and model, beside what is configured."""

    def __init__(self, learned: Iterable[ModelWindow] = ()) -> None:
        self._learned = {(one.provider, one.model): one.tokens for one in learned}

    @property
    def learned(self) -> tuple[ModelWindow, ...]:
        """What providers said."""
        return tuple(ModelWindow(*name, tokens) for name, tokens in self._learned.items())

    def tokens(self, provider: Provider, model: str) -> int:
        """The window of a model; 0 where nothing is known."""
        known = _configured(provider, model)
        learned = self._learned.get((provider.name, model), 0) if self._learned else 0
        return min(known, learned) if known and learned else known or learned

    def refused(self, provider: Provider, model: str, said: str) -> None:
        """The provider said in these words that a prompt was too long."""
        tokens = told(said)
        if tokens:
            self._learned[provider.name, model] = tokens

    def forget(self, provider: str) -> None:
        """The provider changed."""
        for name in [one for one in self._learned if one[0] == provider]:
            del self._learned[name]


def told(said: str) -> int:
    """The window that an error's text names; 0 where it names none."""
    for pattern in _TOLD:
        match = pattern.search(said)
        if match is not None:
            tokens = int(re.sub(r"\D", "", match.group(1)))
            if tokens >= LEAST_TOKENS:
                return tokens
    return 0


def _configured(provider: Provider, model: str) -> int:
    for pattern, tokens in provider.context:
        if fits(model, (pattern,)):
            return tokens
    return provider.profile.context_tokens
