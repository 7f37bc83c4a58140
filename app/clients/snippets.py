"""The lines that point a client at the proxy, for three kinds of shell."""

from __future__ import annotations

from enum import StrEnum


class Shell(StrEnum):
    """Whose syntax the lines are written in."""

    POSIX = "posix"
    POWERSHELL = "powershell"
    CMD = "cmd"


CODEX_KEY = "PATCHBAY_KEY"
"""The variable that Codex is told to read its key from; not OpenAI's own, which may hold an own key."""

CLIENTS: tuple[tuple[str, str], ...] = (
    ("claude-code", "Claude Code"),
    ("codex", "Codex CLI"),
    ("gemini-cli", "Gemini CLI"),
    ("openai", "OpenAI SDK"),
    ("anthropic", "Anthropic SDK"),
    ("curl", "curl"),
)
"""(name on the command line, label in the menus)."""


def variables(client: str, base_url: str, key: str) -> tuple[tuple[str, str], ...]:
    """The environment variables of a client; KeyError for one that is not in `CLIENTS` or takes none.

    `base_url` is `http://127.0.0.1:8082`. Claude Code and the Anthropic SDK add `/v1` by themselves, Gemini's tools
    `/v1beta`, OpenAI's nothing.
    """
    if client == "claude-code":
        return (("ANTHROPIC_BASE_URL", base_url), ("ANTHROPIC_AUTH_TOKEN", key))
    if client == "anthropic":
        return (("ANTHROPIC_BASE_URL", base_url), ("ANTHROPIC_API_KEY", key))
    if client == "openai":
        return (("OPENAI_BASE_URL", f"{base_url}/v1"), ("OPENAI_API_KEY", key))
    if client == "codex":
        return ((CODEX_KEY, key),)
    if client == "gemini-cli":
        return (("GOOGLE_GEMINI_BASE_URL", base_url), ("GEMINI_API_KEY", key))
    raise KeyError(client)


def snippet(client: str, base_url: str, key: str, shell: Shell = Shell.POSIX) -> str:
    """The lines to paste; KeyError for an unknown client. The key in them is the client key, in clear text."""
    if client == "curl":
        return _curl(base_url, key, shell)
    lines = [_assignment(name, value, shell) for name, value in variables(client, base_url, key)]
    if client == "codex":
        lines.append(_codex(base_url, shell))
    return "\n".join(lines) + "\n"


def _codex(base_url: str, shell: Shell) -> str:
    """What makes `codex` come here in this terminal, without an edit of its `config.toml`.

    Codex takes a provider's address from its configuration alone; `-c` sets the same keys for one start
    (developers.openai.com/codex, "Custom model providers"). Its built-in provider would try a WebSocket first.
    """
    provider = "model_providers.patchbay"
    settings = (
        "model_provider=patchbay",
        f"{provider}.name=Patchbay",
        f"{provider}.base_url={base_url}/v1",
        f"{provider}.env_key={CODEX_KEY}",
        f"{provider}.wire_api=responses",
    )
    options = " ".join(f"-c {one}" for one in settings)
    if shell is Shell.POWERSHELL:
        return f"function codex {{ & (Get-Command codex -CommandType Application)[0] {options} @args }}"
    if shell is Shell.CMD:
        return f"doskey codex=codex {options} $*"
    return f"alias codex='codex {options}'"


def _assignment(name: str, value: str, shell: Shell) -> str:
    if shell is Shell.POWERSHELL:
        return f'$env:{name} = "{value}"'
    if shell is Shell.CMD:
        return f"set {name}={value}"
    return f"export {name}={value}"


def _curl(base_url: str, key: str, shell: Shell) -> str:
    body = '{"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}'
    if shell is Shell.POSIX:
        quoted, joint = f"'{body}'", " \\\n  "
    else:
        quoted = '"' + body.replace('"', '\\"') + '"'
        joint = " `\n  " if shell is Shell.POWERSHELL else " ^\n  "
    program = "curl" if shell is Shell.POSIX else "curl.exe"
    parts = (
        f"{program} {base_url}/v1/messages",
        f'-H "x-api-key: {key}"',
        '-H "content-type: application/json"',
        f"-d {quoted}",
    )
    return joint.join(parts) + "\n"
