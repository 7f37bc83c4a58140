"""Lists of models: one shape that the Anthropic and the OpenAI SDK both read, and the ids in an upstream's list.

A client is told from another by a header at best, so the members of both vendors stand in every entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.dialects.base import ModelEntry
from app.domain.errors import ErrorKind, PatchbayError


class _Model(msgspec.Struct):
    id: str = ""
    name: str = ""


class _List(msgspec.Struct):
    data: list[_Model] | None = None
    models: list[_Model] | None = None


_LIST = msgspec.json.Decoder(_List | list[_Model])
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which no date can be written."""


def write_models(models: Sequence[ModelEntry]) -> bytes:
    """The body of `GET /v1/models` for clients of either vendor."""
    return msgspec.json.encode(
        {
            "object": "list",
            "data": [_entry(model) for model in models],
            "has_more": False,
            "first_id": models[0].id if models else None,
            "last_id": models[-1].id if models else None,
        }
    )


def write_model(model: ModelEntry) -> bytes:
    """The body of `GET /v1/models/{id}` for clients of either vendor."""
    return msgspec.json.encode(_entry(model))


def read_models(body: bytes) -> tuple[str, ...]:
    """The ids in an upstream's list, each once and in its order.

    Known shapes: `{"data": [{"id"}]}`, `{"models": [{"name"}]}`, a bare array. Raises PatchbayError BAD_REPLY.
    """
    try:
        value = _LIST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error).replace("`", "")
        raise PatchbayError(ErrorKind.BAD_REPLY, f"The upstream's list of models cannot be read: {why}.") from None
    models = value if isinstance(value, list) else value.data or value.models or []
    names = (model.id or model.name.removeprefix("models/") for model in models)
    return tuple(dict.fromkeys(name for name in names if name))


def _entry(model: ModelEntry) -> dict[str, Any]:
    created = datetime.fromtimestamp(min(max(model.created_s, 0), _LAST_SECOND), UTC)
    return {
        "id": model.id,
        "object": "model",
        "created": model.created_s,
        "owned_by": model.owner,
        "type": "model",
        "display_name": model.label or model.id,
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
    }
