"""Which paths exist: those that the dialects serve, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from app.dialects.base import Dialect, Operation
from app.domain.provider import DialectName


@dataclass(frozen=True, slots=True)
class Match:
    """What a path is, in one dialect."""

    dialect: Dialect
    operation: Operation
    method: str
    model: str = ""
    """The model named in the path."""


class Paths:
    """Finds what a path means; made once from the list of dialects."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._plain: dict[str, tuple[Match, ...]] = {}
        self._patterns: list[tuple[re.Pattern[str], Match]] = []
        self._by_name = {one.name: one for one in dialects}
        for dialect in dialects:
            for endpoint in dialect.endpoints:
                match = Match(dialect, endpoint.operation, endpoint.method)
                if "{model}" in endpoint.path:
                    pattern = re.escape(endpoint.path).replace(re.escape("{model}"), "(.+)")
                    self._patterns.append((re.compile(pattern), match))
                else:
                    self._plain[endpoint.path] = (*self._plain.get(endpoint.path, ()), match)

    def find(self, path: str, *, anthropic: bool) -> tuple[Match, ...]:
        """Every meaning of a path, the likeliest dialect first; `anthropic` is whether its version header is there."""
        found = self._plain.get(path)
        if found is None:
            found = tuple(
                Match(match.dialect, match.operation, match.method, unquote(hit[1]))
                for pattern, match in self._patterns
                if (hit := pattern.fullmatch(path)) is not None
            )
        if len(found) > 1:
            preferred = DialectName.ANTHROPIC_MESSAGES if anthropic else DialectName.OPENAI_CHAT
            return tuple(sorted(found, key=lambda match: match.dialect.name != preferred))
        return found

    def voice(self, path: str, *, anthropic: bool) -> Dialect:
        """The dialect in which an error about a path is told: that of the path, or of the headers."""
        found = self.find(path, anthropic=anthropic)
        if found:
            return found[0].dialect
        speaks_anthropic = anthropic or path.startswith("/v1/messages")
        name = DialectName.ANTHROPIC_MESSAGES if speaks_anthropic else DialectName.OPENAI_CHAT
        return self._by_name.get(name) or next(iter(self._by_name.values()))
