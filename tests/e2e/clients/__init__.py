"""The real clients, each doing the same: ask a question, run the tools that the model asks for, say its answer.

One file a client. Each has a `Client`: how to ask through a Patchbay, in which dialect it speaks, what it is called in
the record. The command-line programs run with a home of their own, without telemetry and updates; the tool is their
shell. The SDKs run `look_up` in this process.
"""

from __future__ import annotations

from tests.e2e.clients.anthropic_sdk import ANTHROPIC_SDK
from tests.e2e.clients.claude_code import CLAUDE_CODE
from tests.e2e.clients.client import Client, Outcome
from tests.e2e.clients.codex import CODEX
from tests.e2e.clients.gemini_cli import GEMINI_CLI
from tests.e2e.clients.genai_sdk import GENAI_SDK
from tests.e2e.clients.openai_chat_sdk import OPENAI_CHAT_SDK
from tests.e2e.clients.openai_responses_sdk import OPENAI_RESPONSES_SDK

PROGRAMS = (CLAUDE_CODE, CODEX, GEMINI_CLI)
SDKS = (ANTHROPIC_SDK, OPENAI_CHAT_SDK, OPENAI_RESPONSES_SDK, GENAI_SDK)

__all__ = ["PROGRAMS", "SDKS", "Client", "Outcome"]
