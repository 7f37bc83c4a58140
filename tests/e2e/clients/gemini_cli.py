"""Gemini CLI, headless."""

from __future__ import annotations

import json

from installer import npm_programs
from tests.e2e.clients.client import SHELL_COMMAND, SHELL_WORD, Client, Outcome, Setting, run
from tests.e2e.scripted import Ask

MODEL = "gemini-3.1-pro-preview"
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
    "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
}


async def ask(setting: Setting) -> Outcome:
    folder = setting.home / ".gemini"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    environment = {"GEMINI_API_KEY": setting.key, "GOOGLE_GEMINI_BASE_URL": setting.base_url}
    command = [str(npm_programs.GEMINI_CLI.executable), "--prompt", setting.question, "--model", MODEL]
    options = ["--approval-mode", "yolo", "--skip-trust", "--output-format", "json"]
    done = await run(*command, *options, home=setting.home, environment=environment)
    start = done.out.find("{")
    result = json.loads(done.out[start:]) if start >= 0 else {}
    usages = [
        {
            "prompt": model["tokens"]["prompt"],
            "cache_read": model["tokens"]["cached"],
            "output": model["tokens"]["candidates"] + model["tokens"]["thoughts"],
            "reasoning": model["tokens"]["thoughts"],
        }
        for model in ((result.get("stats") or {}).get("models") or {}).values()
    ]
    failed = done.code != 0 or "error" in result
    return Outcome(result.get("response") or "", failed, done.said, usages)


GEMINI_CLI = Client(
    name="Gemini CLI",
    dialect="gemini",
    asks=(Ask("run_shell_command", {"command": SHELL_COMMAND, "description": "Say the word"}),),
    says=SHELL_WORD,
    recorded_as="gemini-cli",
    ask=ask,
)
