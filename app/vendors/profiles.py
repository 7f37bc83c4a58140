"""What the vendors' endpoints can do, as measured and documented in the field; every key can be overridden by the user.

Sources: the vendors' API references and the error texts that their servers answer with (2026).
"""

from __future__ import annotations

from app.domain.provider import MidSystem, Profile, ReasoningIn

GENERIC = Profile()

_RESPONSES_ONLY = ("gpt-5.4", "gpt-5.5", "gpt-5.6", "gpt-5.7", "gpt-5.8", "gpt-5.9", "gpt-6")
"""Their function tools are refused on the chat endpoint ("use /v1/responses"), with and without an effort."""

ANTHROPIC = Profile(
    kind="anthropic",
    mid_system=MidSystem.INLINE,
    reasoning_in=ReasoningIn.BLOCKS,
    effort=("low", "medium", "high", "xhigh", "max"),
    top_k=True,
    pdf="file",
    cache_control=True,
    stop_max=8191,
    max_tools=10_000,
    tool_id_max=256,
    tool_name_max=128,
    user_field="metadata",
)

OPENAI = Profile(
    kind="openai",
    max_tokens_field="max_completion_tokens",
    mid_system=MidSystem.INLINE,
    effort=("none", "minimal", "low", "medium", "high", "xhigh"),
    sampling="none",
    pdf="file",
    session_cache_key=True,
    user_field="safety_identifier",
    tools_need_responses=_RESPONSES_ONLY,
)

AZURE = Profile(
    kind="azure",
    max_tokens_field="max_completion_tokens",
    mid_system=MidSystem.INLINE,
    effort=("none", "minimal", "low", "medium", "high"),
    sampling="none",
    pdf="file",
    session_cache_key=True,
    user_field="safety_identifier",
    tools_need_responses=_RESPONSES_ONLY,
)

OPENROUTER = Profile(
    kind="openrouter",
    max_tokens_field="max_completion_tokens",
    mid_system=MidSystem.INLINE,
    reasoning_in=ReasoningIn.DETAILS,
    reasoning_object=True,
    effort=("none", "minimal", "low", "medium", "high", "xhigh"),
    top_k=True,
    pdf="file",
    cache_control=True,
    session_cache_key=True,
    user_field="user",
)

OLLAMA = Profile(
    kind="ollama",
    effort=("none", "low", "medium", "high", "max"),
    tool_choice=False,
    top_k=True,
    images="data",
    parallel_tool_calls=False,
    strict_tools=False,
)

GEMINI_OPENAI = Profile(
    kind="gemini_openai",
    reasoning_in=ReasoningIn.CALLS,
    effort=("none", "minimal", "low", "medium", "high"),
    images="data",
    parallel_tool_calls=False,
    strict_tools=False,
    stop_max=5,
)

GEMINI = Profile(
    kind="gemini",
    effort=("none", "minimal", "low", "medium", "high"),
    top_k=True,
    pdf="file",
    parallel_tool_calls=False,
    strict_tools=False,
    stop_max=5,
    max_output_tokens=65_536,
    context_tokens=1_048_576,
)

DEEPSEEK = Profile(
    kind="deepseek",
    reasoning_in=ReasoningIn.CONTENT,
    reasoning_toggle=True,
    response_format="json_object",
    images="none",
    parallel_tool_calls=False,
    strict_tools=False,
    stop_max=16,
)

KIMI = Profile(
    kind="kimi",
    reasoning_in=ReasoningIn.CONTENT,
    images="data",
    parallel_tool_calls=False,
    strict_tools=False,
)

GLM = Profile(
    kind="glm",
    reasoning_in=ReasoningIn.CONTENT,
    reasoning_toggle=True,
    response_format="json_object",
    parallel_tool_calls=False,
    strict_tools=False,
    stop_max=1,
)

MINIMAX = Profile(
    kind="minimax",
    reasoning_in=ReasoningIn.CONTENT,
    response_format="none",
    images="none",
    parallel_tool_calls=False,
    strict_tools=False,
)

QWEN = Profile(
    kind="qwen",
    reasoning_in=ReasoningIn.CONTENT,
    response_format="json_object",
    strict_tools=False,
)

PROFILES: tuple[Profile, ...] = (
    GENERIC,
    ANTHROPIC,
    OPENAI,
    AZURE,
    OPENROUTER,
    OLLAMA,
    GEMINI_OPENAI,
    GEMINI,
    DEEPSEEK,
    KIMI,
    GLM,
    MINIMAX,
    QWEN,
)
