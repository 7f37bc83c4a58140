"""The ids in Google's list of models: those that answer, for it lists others that draw, speak or embed."""

from __future__ import annotations

import msgspec

from app.domain.errors import ErrorKind, PatchbayError

_ANSWERS = "generateContent"


class _Model(msgspec.Struct, rename="camel"):
    name: str = ""
    supported_generation_methods: list[str] | None = None


class _List(msgspec.Struct):
    models: list[_Model] | None = None


_LIST = msgspec.json.Decoder(_List)


def read_models(body: bytes) -> tuple[str, ...]:
    """The ids, each once and in their order, without the "models/" before them; raises PatchbayError BAD_REPLY."""
    try:
        models = _LIST.decode(body).models or []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error).replace("`", "")
        raise PatchbayError(ErrorKind.BAD_REPLY, f"The upstream's list of models cannot be read: {why}.") from None
    names = (
        model.name.removeprefix("models/")
        for model in models
        if model.supported_generation_methods is None or _ANSWERS in model.supported_generation_methods
    )
    return tuple(dict.fromkeys(name for name in names if name))
