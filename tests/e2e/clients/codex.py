"""Codex, headless: as a provider of its own in its configuration, or as the built-in one at another address."""

from __future__ import annotations

import json
from pathlib import Path

from installer import npm_programs
from tests.e2e.clients.client import SHELL_COMMAND, SHELL_WORD, Client, Outcome, Ran, Setting, run
from tests.e2e.scripted import Ask

MODEL = "gpt-5.5"
OWN_PROVIDER = """\
model = "{model}"
model_reasoning_summary = "auto"
model_provider = "patchbay"
check_for_update_on_startup = false
[model_providers.patchbay]
name = "Patchbay"
base_url = "{base_url}/v1"
env_key = "PATCHBAY_KEY"
wire_api = "responses"
request_max_retries = 2
stream_max_retries = 1
[analytics]
enabled = false
"""
BUILT_IN = """\
model = "{model}"
openai_base_url = "{base_url}/v1"
check_for_update_on_startup = false
cli_auth_credentials_store = "file"
[analytics]
enabled = false
"""


def configure(setting: Setting, template: str, model: str = MODEL) -> Path:
    """Write the configuration; the folder it lies in."""
    folder = setting.home / "codex"
    folder.mkdir(parents=True, exist_ok=True)
    text = template.format(model=model, base_url=setting.base_url)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder


async def start(setting: Setting, folder: Path, *arguments: str) -> Ran:
    """Run `codex exec`."""
    environment = {"CODEX_HOME": str(folder), "PATCHBAY_KEY": setting.key}
    command = [str(npm_programs.CODEX.executable), "exec", *arguments]
    options = ["--json", "--skip-git-repo-check", "--sandbox", "danger-full-access"]
    work = setting.home / "work"
    work.mkdir(parents=True, exist_ok=True)
    return await run(*command, *options, setting.question, home=setting.home, environment=environment, cwd=work)


def outcome(done: Ran) -> Outcome:
    """What its lines of JSON tell."""
    events = [json.loads(line) for line in done.out.split("\n") if line.startswith("{")]
    items = [event["item"] for event in events if event["type"] == "item.completed"]
    answers = [item["text"] for item in items if item["type"] == "agent_message"]
    thoughts = [item["text"] for item in items if item["type"] == "reasoning"]
    kinds = {event["type"] for event in events}
    usages = [
        {
            "prompt": event["usage"]["input_tokens"],
            "cache_read": event["usage"]["cached_input_tokens"],
            "output": event["usage"]["output_tokens"],
        }
        for event in events
        if event["type"] == "turn.completed"
    ]
    failed = done.code != 0 or "turn.failed" in kinds
    return Outcome(answers[-1] if answers else "", failed, done.said, usages, "".join(thoughts))


async def ask(setting: Setting) -> Outcome:
    return outcome(await start(setting, configure(setting, OWN_PROVIDER)))


CODEX = Client(
    name="Codex",
    dialect="openai_responses",
    asks=(Ask("exec_command", {"cmd": SHELL_COMMAND}),),
    says=SHELL_WORD,
    recorded_as="codex",
    ask=ask,
    session=True,
)
