"""Claude Code, headless."""

from __future__ import annotations

import json

from installer import npm_programs
from tests.e2e.clients.client import SHELL_COMMAND, SHELL_WORD, Client, Outcome, Setting, run
from tests.e2e.scripted import Ask


async def ask(setting: Setting) -> Outcome:
    environment = {
        "ANTHROPIC_BASE_URL": setting.base_url,
        "ANTHROPIC_AUTH_TOKEN": setting.key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_MAX_RETRIES": "2",
    }
    command = [str(npm_programs.CLAUDE_CODE.executable), "-p", setting.question, "--allowedTools", "Bash"]
    done = await run(*command, "--output-format", "json", home=setting.home, environment=environment)
    assert done.out, done.err
    result = json.loads(done.out)
    usage = result.get("usage") or {}
    counts = {
        "input": usage.get("input_tokens", 0),
        "cache_read": usage.get("cache_read_input_tokens", 0),
        "cache_write": usage.get("cache_creation_input_tokens", 0),
        "output": usage.get("output_tokens", 0),
    }
    return Outcome(result.get("result", ""), bool(result["is_error"]), done.said, [counts])


CLAUDE_CODE = Client(
    name="Claude Code",
    dialect="anthropic_messages",
    asks=(Ask("Bash", {"command": SHELL_COMMAND, "description": "Say the word"}),),
    says=SHELL_WORD,
    recorded_as="claude-code",
    ask=ask,
    session=True,
)
