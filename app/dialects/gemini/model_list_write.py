"""Lists of models in Google's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.dialects.base import ModelEntry

METHODS = ["generateContent", "countTokens"]
"""What can be asked of every model; that it streams goes without saying at Google too."""


def write_models(models: Sequence[ModelEntry]) -> bytes:
    """The body of `GET models`; all of them at once, so there is no next page."""
    return msgspec.json.encode({"models": [_entry(model) for model in models]})


def write_model(model: ModelEntry) -> bytes:
    """The body of `GET models/{model}`."""
    return msgspec.json.encode(_entry(model))


def _entry(model: ModelEntry) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": f"models/{model.id}", "displayName": model.label or model.id}
    if model.input_tokens:
        entry["inputTokenLimit"] = model.input_tokens
    if model.output_tokens:
        entry["outputTokenLimit"] = model.output_tokens
    return entry | {"supportedGenerationMethods": METHODS}
