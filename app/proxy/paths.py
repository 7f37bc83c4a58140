"""Which paths exist: those that the dialects serve, and nothing else.

Three dialects share `GET /v1/models`, and Google's SDK leaves the version out where its base URL was changed. So the
path decides where it can, and what else a request says of its client where it cannot.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from app.dialects.base import Dialect, Operation
from app.domain.provider import DialectName

_MODEL = "{model}"
_GEMINI = re.compile(r"/v1(?:alpha|beta\d?)/")
"""Versions that nobody but Gemini has."""
_MODEL_OPERATION = re.compile(r"(?:/v1)?/models/.+:[A-Za-z]+")
"""Gemini's operations stand behind a model's name and a colon."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a path is, in one dialect."""

    dialect: Dialect
    operation: Operation
    method: str
    model: str = ""
    """The model named in the path."""
    stream: bool | None = None
    """Whether the client wants a stream, where the path says so."""


def hint(headers: Mapping[str, str], *, keyed: bool) -> DialectName | None:
    """The dialect that a client's headers speak of; `keyed` is whether its key stood in the query. None: they do not.

    Never by `x-api-key` or a bearer token, which the SDKs of two vendors send by turns.
    """
    if "anthropic-version" in headers:
        return DialectName.ANTHROPIC_MESSAGES
    if keyed or "x-goog-api-key" in headers or "x-goog-api-client" in headers:
        return DialectName.GEMINI
    return None


class Paths:
    """Finds what a path means; made once from the list of dialects."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._plain: dict[str, tuple[Match, ...]] = {}
        self._patterns: list[tuple[re.Pattern[str], Match]] = []
        self._by_name = {one.name: one for one in dialects}
        for dialect in dialects:
            for endpoint in dialect.endpoints:
                match = Match(dialect, endpoint.operation, endpoint.method, stream=endpoint.stream)
                if _MODEL in endpoint.path:
                    pattern = re.escape(endpoint.path).replace(re.escape(_MODEL), "(.+)")
                    self._patterns.append((re.compile(pattern), match))
                else:
                    self._plain[endpoint.path] = (*self._plain.get(endpoint.path, ()), match)

    def find(self, path: str, method: str, likely: DialectName | None = None) -> tuple[Match, ...]:
        """Every meaning of a path, the likeliest first; one for that method stands before all others.

        `likely` is the dialect that the headers speak of. Empty where the path has no meaning, or where it names an
        operation of a model that nobody serves.
        """
        found = self._plain.get(path)
        if found is None:
            found = self._matched(path, method)
        if len(found) < 2:
            return found
        preferred = likely if likely in {match.dialect.name for match in found} else _by_path(path)
        return tuple(sorted(found, key=lambda match: (match.method != method, match.dialect.name != preferred)))

    def voice(self, path: str, method: str = "", likely: DialectName | None = None) -> Dialect:
        """The dialect in which an error about a path is told: that of the path, or of the headers."""
        found = self.find(path, method, likely)
        if found:
            return found[0].dialect
        if path.startswith("/v1/messages"):
            likely = DialectName.ANTHROPIC_MESSAGES
        elif _MODEL_OPERATION.fullmatch(path):
            likely = DialectName.GEMINI
        name = likely or _by_path(path)
        known = self._by_name.get(name) or self._by_name.get(DialectName.OPENAI_CHAT)
        return known or next(iter(self._by_name.values()))

    def _matched(self, path: str, method: str) -> tuple[Match, ...]:
        found = [
            dataclasses.replace(match, model=unquote(hit[1]))
            for pattern, match in self._patterns
            if (hit := pattern.fullmatch(path)) is not None
        ]
        if method == "POST" and ":" in path and all(match.method != method for match in found):
            return ()  # "models/x:embedContent" is no model of that name
        return tuple(found)


def _by_path(path: str) -> DialectName:
    """The dialect that a path alone speaks of."""
    if _GEMINI.match(path):
        return DialectName.GEMINI
    if path.startswith(("/v1/responses", "/responses")):
        return DialectName.OPENAI_RESPONSES
    return DialectName.OPENAI_CHAT
