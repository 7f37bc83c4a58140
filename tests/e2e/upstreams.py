"""The four kinds of upstream that a client may meet, each with the preset that a user picks for it.

What may be sent to Claude and Gemini depends on the model's name, so theirs are names of today's models, and other
ones than the clients ask for.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.program import provider


@dataclass(frozen=True)
class Upstream:
    """One kind."""

    name: str
    dialect: str
    vendor: str
    model: str
    paths: tuple[str, ...]
    """Where requests of a conversation may arrive."""
    base_path: str = ""

    def config(self, address: str) -> str:
        """The configuration that names it as the one provider."""
        return provider("Scripted", self.vendor, address + self.base_path, self.model)

    def __str__(self) -> str:
        return self.name


ANTHROPIC = Upstream("Anthropic", "anthropic_messages", "anthropic-compatible", "claude-sonnet-5", ("/v1/messages",))
CHAT = Upstream(
    "OpenAI chat", "openai_chat", "openai-compatible", "scripted-model", ("/v1/chat/completions",), base_path="/v1"
)
RESPONSES = Upstream(
    "OpenAI responses",
    "openai_responses",
    "openai-responses-compatible",
    "scripted-model",
    ("/v1/responses",),
    base_path="/v1",
)
GEMINI = Upstream(
    "Gemini",
    "gemini",
    "gemini-compatible",
    "gemini-3.5-pro",
    ("/v1beta/models/gemini-3.5-pro:generateContent", "/v1beta/models/gemini-3.5-pro:streamGenerateContent"),
)
UPSTREAMS = (ANTHROPIC, CHAT, RESPONSES, GEMINI)
