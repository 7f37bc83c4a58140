"""Providers for the program under test to reach: scripted ones, with their entry in patchbay.toml."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.e2e.program import provider
from tests.e2e.scripted import Script, serve


@dataclass
class Scripted:
    """A provider that speaks the Anthropic dialect, answers in a few words and remembers what it was sent."""

    script: Script
    url: str

    def entry(self, name: str, *models: str) -> str:
        """Its `[[provider]]`, with the key in the environment."""
        return provider(name, "anthropic-compatible", self.url, *models)

    @property
    def models(self) -> list[str]:
        """The models that were asked for, oldest first."""
        return [body["model"] for _, body in self.script.requests]

    @property
    def keys(self) -> list[str]:
        """The keys that were shown, oldest first."""
        return [_key(headers) for headers in self.script.headers]


@asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    """One on a port of the system's choice."""
    script = Script("", {})
    async with serve(script) as url:
        yield Scripted(script, url)


def _key(headers: dict[str, str]) -> str:
    named = {name.lower(): value for name, value in headers.items()}
    return named.get("x-api-key") or named.get("authorization", "").removeprefix("Bearer ")
