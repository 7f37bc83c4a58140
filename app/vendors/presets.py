"""The vendors that a person can pick from, in the order they are offered."""

from __future__ import annotations

from app.domain.provider import AuthStyle, DialectName, Vendor
from app.vendors import profiles

_ANTHROPIC = DialectName.ANTHROPIC_MESSAGES
_CHAT = DialectName.OPENAI_CHAT

VENDORS: tuple[Vendor, ...] = (
    Vendor(
        name="anthropic",
        label="Anthropic",
        base_url="https://api.anthropic.com",
        dialect=_ANTHROPIC,
        auth=AuthStyle.X_API_KEY,
        profile=profiles.ANTHROPIC,
        env_key="ANTHROPIC_API_KEY",
        key_url="https://console.anthropic.com/settings/keys",
        key_prefix="sk-ant-",
        big_models=("claude-opus-5-5", "claude-opus-4-8"),
        middle_models=("claude-sonnet-5-5", "claude-sonnet-5"),
        small_models=("claude-haiku-5-5", "claude-haiku-4-5"),
        native_prefixes=("claude",),
        hint="Claude, straight from its maker; requests pass through byte for byte.",
    ),
    Vendor(
        name="openai",
        label="OpenAI",
        base_url="https://api.openai.com/v1",
        dialect=_CHAT,
        auth=AuthStyle.BEARER,
        profile=profiles.OPENAI,
        env_key="OPENAI_API_KEY",
        key_url="https://platform.openai.com/api-keys",
        key_prefix="sk-",
        # Later models refuse function tools on the chat endpoint, so these are the ones that an agent can use.
        big_models=("gpt-5.2", "gpt-5.1"),
        middle_models=("gpt-5.1", "gpt-5-mini"),
        small_models=("gpt-5-mini", "gpt-5-nano"),
        native_prefixes=("gpt-", "o1", "o3", "o4", "chatgpt-"),
        hint="GPT models over the chat completions endpoint.",
    ),
    Vendor(
        name="azure",
        label="Azure OpenAI",
        base_url="",
        dialect=_CHAT,
        auth=AuthStyle.API_KEY,
        profile=profiles.AZURE,
        env_key="AZURE_OPENAI_API_KEY",
        key_url="https://portal.azure.com",
        hint="Your resource's endpoint, such as https://NAME.openai.azure.com; models are your deployments' names.",
    ),
    Vendor(
        name="openrouter",
        label="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        dialect=_CHAT,
        auth=AuthStyle.BEARER,
        profile=profiles.OPENROUTER,
        env_key="OPENROUTER_API_KEY",
        key_url="https://openrouter.ai/settings/keys",
        key_prefix="sk-or-",
        big_models=("anthropic/claude-opus-5.5", "openai/gpt-5.5"),
        middle_models=("anthropic/claude-sonnet-5.5", "google/gemini-3.1-pro-preview"),
        small_models=("anthropic/claude-haiku-5.5", "google/gemini-3.5-flash"),
        extra_headers=(("X-Title", "Patchbay"),),
        hint="Many vendors' models behind one key; reports its own cost.",
    ),
    Vendor(
        name="ollama",
        label="Ollama",
        base_url="http://127.0.0.1:11434/v1",
        dialect=_CHAT,
        auth=AuthStyle.NONE,
        profile=profiles.OLLAMA,
        first_byte_timeout_s=600.0,
        local=True,
        hint="Models on this machine; no key. Test lists the ones that are pulled.",
    ),
    Vendor(
        name="gemini",
        label="Google Gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        dialect=_CHAT,
        auth=AuthStyle.BEARER,
        profile=profiles.GEMINI_OPENAI,
        env_key="GEMINI_API_KEY",
        key_url="https://aistudio.google.com/apikey",
        key_prefix="AIza",
        big_models=("gemini-3.1-pro-preview", "gemini-2.5-pro"),
        middle_models=("gemini-3.8-flash", "gemini-3.5-flash"),
        small_models=("gemini-3.5-flash-lite",),
        native_prefixes=("gemini-",),
        hint="Gemini models over Google's OpenAI-compatible endpoint.",
    ),
    Vendor(
        name="deepseek",
        label="DeepSeek",
        base_url="https://api.deepseek.com/v1",
        dialect=_CHAT,
        auth=AuthStyle.BEARER,
        profile=profiles.DEEPSEEK,
        env_key="DEEPSEEK_API_KEY",
        key_url="https://platform.deepseek.com/api_keys",
        key_prefix="sk-",
        big_models=("deepseek-v4-pro",),
        middle_models=("deepseek-v4-pro", "deepseek-v4-flash"),
        small_models=("deepseek-v4-flash",),
        native_prefixes=("deepseek-",),
        hint="DeepSeek models; their reasoning is carried back as they demand.",
    ),
    Vendor(
        name="anthropic-compatible",
        label="Anthropic-compatible",
        base_url="",
        dialect=_ANTHROPIC,
        auth=AuthStyle.X_API_KEY,
        profile=profiles.ANTHROPIC,
        hint="Any server that answers /v1/messages as Anthropic does.",
    ),
    Vendor(
        name="openai-compatible",
        label="OpenAI-compatible",
        base_url="",
        dialect=_CHAT,
        auth=AuthStyle.BEARER,
        profile=profiles.GENERIC,
        hint="Any server that answers /chat/completions: vLLM, llama.cpp, LM Studio, Groq, Mistral and more.",
    ),
)

DEMO = Vendor(
    name="demo",
    label="Demo",
    base_url="",
    dialect=_ANTHROPIC,
    auth=AuthStyle.NONE,
    profile=profiles.ANTHROPIC,
    big_models=("demo-large",),
    middle_models=("demo-medium",),
    small_models=("demo-small",),
    local=True,
    hint="Answers by itself, inside Patchbay; nothing leaves this machine.",
)
"""Built in; started by `--demo` or from the welcome page, never written to the configuration."""


def vendor(name: str) -> Vendor | None:
    """The preset of that name, the demo included; None where there is none."""
    return next((one for one in (*VENDORS, DEMO) if one.name == name), None)
