"""Which dialect a request takes to its provider: the client's own where the provider speaks it, else the provider's.

Two things close a road for as long as the process lives: a server that lacks the endpoint after all (an older Ollama),
and models whose function tools one endpoint refuses (OpenAI's on chat). `Memory` knows both.
"""

from __future__ import annotations

import json
import re

from app.dialects.base import Operation
from app.domain.errors import PatchbayError
from app.domain.provider import DialectName, Provider
from app.proxy.call import Call
from app.proxy.heal import Memory

_CHAT, _RESPONSES = DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES
_COUNTS = (DialectName.ANTHROPIC_MESSAGES, DialectName.GEMINI)
"""The dialects in which a provider can be asked for a token count."""


NO_SUCH_ENDPOINT = (404, 405, 501)
"""How servers say that they lack an operation."""
_NO_ENDPOINT = re.compile(
    rb'"detail" *: *"not found"|unexpected endpoint|unknown (?:path|url|endpoint|route)', re.IGNORECASE
)
"""FastAPI's words for it, LM Studio's and others'."""


class OtherRoad(Exception):  # noqa: N818 (a fork, not an error)
    """The provider refused the road, not the request; `error` is what is told where no other leads there."""

    def __init__(self, error: PatchbayError) -> None:
        super().__init__(error.message)
        self.error = error


class Roads:
    """Chooses roads; remembers providers as they are reached in each dialect, so that each is one object."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._speaking: dict[tuple[str, DialectName], tuple[Provider, Provider | None]] = {}

    def choose(self, call: Call, home: Provider, model: str) -> Provider:
        """The provider as this request reaches it; raises PatchbayError where the request had to be read and cannot."""
        own = self._open(call.dialect.name, call.operation, home)
        if call.operation is Operation.COUNT_TOKENS:
            return own or self._counting(home)
        chosen = own or home
        if chosen.dialect is _CHAT and self._refuses_tools(call, home, model):
            return self._open(_RESPONSES, Operation.CHAT, home) or chosen
        return chosen

    def passes(self, provider: Provider, call: Call) -> bool:
        """Whether the request goes through as it is."""
        return provider.dialect is call.dialect.name and not self._memory.is_closed(provider, call.operation)

    def speaking(self, home: Provider, dialect: DialectName) -> Provider | None:
        """The provider in that dialect, always as the same object; None where it does not speak it."""
        if dialect is home.dialect:
            return home
        known = self._speaking.get((home.name, dialect))
        if known is None or known[0] is not home:
            known = self._speaking[home.name, dialect] = (home, home.speaking(dialect))
        return known[1]

    def _open(self, dialect: DialectName, operation: Operation, home: Provider) -> Provider | None:
        provider = self.speaking(home, dialect)
        return provider if provider is not None and not self._memory.is_closed(provider, operation) else None

    def _counting(self, home: Provider) -> Provider:
        found = (self._open(dialect, Operation.COUNT_TOKENS, home) for dialect in _COUNTS)
        return next((provider for provider in found if provider is not None), home)

    def _refuses_tools(self, call: Call, home: Provider, model: str) -> bool:
        """Whether the chat endpoint would refuse this request for its function tools."""
        if self.speaking(home, _RESPONSES) is None:
            return False
        known = model.startswith(home.profile.tools_need_responses or ("\0",))
        if not known and not self._memory.needs_responses(home, model):
            return False
        return b'"tools"' in call.body and any(not tool.kind for tool in call.request().tools)


def lacks_endpoint(status: int, body: bytes) -> bool:
    """Whether a refusal says that the server has no such endpoint at all, rather than no such model."""
    if status == 405:
        return True
    if status not in NO_SUCH_ENDPOINT:
        return False
    try:
        return not isinstance(json.loads(body), dict) or _NO_ENDPOINT.search(body) is not None
    except (ValueError, RecursionError):
        return True  # a server's bare page, not an API's answer
