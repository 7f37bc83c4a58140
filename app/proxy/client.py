"""Which tool calls, and what it says of its session and its subagents in its headers."""

from __future__ import annotations

import functools

from multidict import CIMultiDictProxy

_CLIENTS = (
    # The beginning of a User-Agent, lower case -> the tool.
    ("claude-cli/", "claude-code"),
    ("claude-code/", "claude-code"),
    ("codex", "codex"),
    ("geminicli", "gemini-cli"),
    ("google-genai-sdk/", "google-genai"),
    ("openai/python", "openai-python"),
    ("asyncopenai/python", "openai-python"),
    ("openai/js", "openai-js"),
    ("anthropic/python", "anthropic-python"),
    ("asyncanthropic/python", "anthropic-python"),
    ("anthropic/js", "anthropic-js"),
    ("curl/", "curl"),
)
NAMES = frozenset({*(name for _, name in _CLIENTS), "other"})
"""What a tool can be called."""
AGENTS = frozenset({"claude-code", "codex", "gemini-cli"})
"""Coding agents whose side tasks we know by their bodies."""
_SESSION_HEADERS = ("X-Claude-Code-Session-Id", "session-id", "session_id")
_SUBAGENT_HEADERS = ("X-Claude-Code-Agent-Id", "X-Claude-Code-Parent-Agent-Id", "x-openai-subagent")
"""Claude Code from 2.1.139 on sends the first two with its subagents' requests, and Codex the third."""


@functools.lru_cache(maxsize=256)
def client_name(user_agent: str) -> str:
    """The tool behind a User-Agent; "other" where it is none that we know."""
    agent = user_agent.lower()
    return next((name for beginning, name in _CLIENTS if agent.startswith(beginning)), "other")


def session_id(headers: CIMultiDictProxy[str]) -> str:
    """The client's own session, where a header names one."""
    for name in _SESSION_HEADERS:
        value = headers.get(name)
        if value:
            return value
    return ""


def names_subagent(headers: CIMultiDictProxy[str]) -> bool:
    """Whether a header says that a subagent asks."""
    return any(headers.get(name, "").strip() for name in _SUBAGENT_HEADERS)
