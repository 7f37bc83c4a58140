"""`generationConfig` of a Gemini client: the form of the answer, the thinking, and what other vendors cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from app.dialects.body import invalid
from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.parts_read import unsupported
from app.dialects.gemini.schema_read import json_schema
from app.domain.request import Format, FormatKind, Reasoning

_LEVELS = ("minimal", "low", "medium", "high", "xhigh")
_NOT_SAID = "thinking_level_unspecified"
_DYNAMIC = -1
"""The budget by which the model decides itself."""


def refuse(config: wire.GenerationConfigIn) -> None:
    """Raise UNSUPPORTED for what would change the answer and has no counterpart anywhere else."""
    modalities = {one.upper() for one in config.response_modalities or ()} - {"TEXT", "MODALITY_UNSPECIFIED"}
    wishes = (
        ("candidateCount", (config.candidate_count or 1) > 1, "more than one candidate"),
        ("responseModalities", bool(modalities), "an answer that is not text"),
        ("responseLogprobs", bool(config.response_logprobs), "log probabilities"),
        ("logprobs", config.logprobs is not None, "log probabilities"),
    )
    for name, wished, what in wishes:
        if wished:
            raise unsupported(what, f"generationConfig.{name}")


def dropped(config: wire.GenerationConfigIn) -> Iterator[str]:
    """Settings that no other dialect has a form for."""
    for name, raw in (
        ("generationConfig.seed", config.seed),
        ("generationConfig.presencePenalty", config.presence_penalty),
        ("generationConfig.frequencyPenalty", config.frequency_penalty),
        ("generationConfig.mediaResolution", config.media_resolution),
        ("generationConfig.speechConfig", config.speech_config),
        ("generationConfig.imageConfig", config.image_config),
        ("generationConfig.audioTimestamp", config.audio_timestamp),
        ("generationConfig.routingConfig", config.routing_config),
        ("generationConfig.modelSelectionConfig", config.model_selection_config),
        ("generationConfig.enableAffectiveDialog", config.enable_affective_dialog),
        ("generationConfig.enableEnhancedCivicAnswers", config.enable_enhanced_civic_answers),
    ):
        if wire.given(raw):
            yield name


def read_format(config: wire.GenerationConfigIn) -> Format | None:
    """The structured output that is wanted; a schema counts as JSON also where the type was forgotten."""
    kind = (config.response_mime_type or "").partition(";")[0].strip().lower()
    if kind not in ("", "text/plain", "application/json"):
        raise unsupported(f"an answer of type {kind[:60]}", "generationConfig.responseMimeType")
    schema = b""
    if wire.given(config.response_json_schema):
        schema = json_schema(config.response_json_schema, "generationConfig.responseJsonSchema")
    elif wire.given(config.response_schema):
        schema = json_schema(config.response_schema, "generationConfig.responseSchema")
    if schema and kind != "text/plain":
        return Format(FormatKind.JSON_SCHEMA, schema)
    return Format(FormatKind.JSON_OBJECT) if kind == "application/json" else None


def read_reasoning(config: wire.GenerationConfigIn) -> Reasoning:
    """What was said about thinking: a level, or a budget in tokens (0 is none, -1 is the model's own choice)."""
    thinking = config.thinking_config
    if thinking is None:
        return Reasoning()
    show = bool(thinking.include_thoughts)
    level = (thinking.thinking_level or _NOT_SAID).lower()
    if level != _NOT_SAID:
        if level not in _LEVELS:
            words = ", ".join(_LEVELS).upper()
            raise invalid(
                f'Expected one of {words}, got "{level[:40]}"', "generationConfig.thinkingConfig.thinkingLevel"
            )
        return Reasoning(enabled=True, effort=level, show=show)
    budget = thinking.thinking_budget
    if budget is None:
        return Reasoning(show=show)
    if budget < _DYNAMIC:
        raise invalid("Expected -1, 0 or more", "generationConfig.thinkingConfig.thinkingBudget")
    if budget == 0:
        return Reasoning(enabled=False)
    if budget == _DYNAMIC:
        return Reasoning(enabled=True, adaptive=True, show=show)
    return Reasoning(enabled=True, budget_tokens=budget, show=show)
