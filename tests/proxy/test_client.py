from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from app.proxy import client

AGENTS = {
    "claude-cli/2.1.197 (external, sdk-cli)": "claude-code",
    "claude-code/2.1.197": "claude-code",
    "codex_cli_rs/0.169.0": "codex",
    "GeminiCLI/0.61.0": "gemini-cli",
    "OpenAI/Python 3.52.0": "openai-python",
    "AsyncOpenAI/Python 3.52.0": "openai-python",
    "Anthropic/Python 2.11.0": "anthropic-python",
    "AsyncAnthropic/Python 2.11.0": "anthropic-python",
    "Anthropic/JS 0.94.0": "anthropic-js",
    "OpenAI/JS 6.1.0": "openai-js",
    "curl/8.5.0": "curl",
    "Mozilla/5.0": "other",
    "": "other",
}


def headers(*pairs):
    return CIMultiDictProxy(CIMultiDict(pairs))


@pytest.mark.parametrize("agent", AGENTS)
def test_tools_are_known_by_their_user_agent(agent):
    assert client.client_name(agent) == AGENTS[agent]


def test_the_session_of_a_header():
    found = client.session_id(headers(("x-claude-code-session-id", "a"), ("session_id", "b")))
    assert found == "a"
    assert client.session_id(headers(("session_id", "b"))) == "b"
    assert client.session_id(headers()) == ""


def test_who_is_named_a_subagent():
    assert client.names_subagent(headers(("x-claude-code-parent-agent-id", "a")))
    assert client.names_subagent(headers(("X-OpenAI-Subagent", "review")))
    assert not client.names_subagent(headers(("x-claude-code-agent-id", "")))
