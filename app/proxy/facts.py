"""What routing asks of a request; what only its body says is read when first asked for, and never raises."""

from __future__ import annotations

import hashlib
import time
from functools import cached_property

from multidict import CIMultiDictProxy

from app.dialects.base import BodyFacts, Dialect, Peek
from app.dialects.prompt_size import PromptSize, prompt_size
from app.proxy.client import AGENTS, client_name, names_subagent, session_id

_SESSION_BYTES = 8


class RequestFacts:
    """Implements `domain.routing.Facts`. Keeps the parts of a call rather than the call, which keeps the facts."""

    def __init__(
        self,
        peek: Peek,
        body: bytes,
        dialect: Dialect,
        headers: CIMultiDictProxy[str],
        *,
        key: str = "",
        pin: str = "",
        started_us: int = 0,
    ) -> None:
        self.model = peek.model
        self.dialect: str = dialect.name
        self.key = key
        self.pin = pin
        self._peek = peek
        self._body = body
        self._reader = dialect
        self._headers = headers
        self._started_us = started_us

    @property
    def client(self) -> str:
        """The tool by its `User-Agent`."""
        return client_name(self._headers.get("User-Agent", ""))

    @cached_property
    def session(self) -> str:
        """The client's own session id, else a hash of what its user said first; empty where neither is there."""
        own = session_id(self._headers) or self._peek.session_id
        if own:
            return own
        said = self._read.first_text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, digest_size=_SESSION_BYTES).hexdigest() if said else ""

    @property
    def minute(self) -> int:
        """Of the local day in which the request came."""
        local = time.localtime(self._started_us / 1e6)
        return local.tm_hour * 60 + local.tm_min

    @property
    def prompt_tokens(self) -> int:
        """Estimated by the size of the body."""
        return self._size.tokens

    @property
    def most_prompt_tokens(self) -> int:
        """The same, with the dearest pictures and documents."""
        return self._size.most_tokens

    @property
    def output_tokens(self) -> int:
        """The client's own bound; 0 is none."""
        return self._read.output_tokens

    @property
    def answers(self) -> int:
        """So many at once."""
        return self._read.answers

    @property
    def thinking(self) -> bool:
        """Asked for."""
        return self._read.thinking

    @property
    def tools(self) -> bool:
        """Of the client's own."""
        return self._read.tools

    @property
    def web_search(self) -> bool:
        """The vendor's."""
        return self._read.web_search

    @property
    def image(self) -> bool:
        """Somewhere in the conversation."""
        return self._read.image

    @property
    def background(self) -> bool:
        """The answer is to be made after the reply."""
        return self._read.background

    @property
    def subagent(self) -> bool:
        """A header says so, or the body of a coding agent does."""
        return names_subagent(self._headers) or (self.client in AGENTS and self._read.side_task)

    @cached_property
    def _size(self) -> PromptSize:
        return prompt_size(self._body)

    @cached_property
    def _read(self) -> BodyFacts:
        return self._reader.facts(self._body)
