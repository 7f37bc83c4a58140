"""What a client may ask for: the models of every provider, from the snapshot.

gpt-5.2: of the active provider, by its own name.
OpenRouter:openai/gpt-5.5: of any provider; the router takes it apart.
claude-via/Ollama:qwen3: the same for Claude Code, which drops every id that does not begin with "claude".
"""

from __future__ import annotations

from aiohttp import web

from app.dialects.base import ModelEntry, Operation
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName
from app.domain.route import ALIAS
from app.domain.snapshot import Snapshot
from app.proxy import answers
from app.proxy.call import Call

_CLAUDE = ("claude", "anthropic")


def listed(call: Call) -> web.Response:
    """The list, or the one model that the path names; raises PatchbayError MODEL_NOT_FOUND."""
    aliases = call.dialect.name is not DialectName.GEMINI
    models = entries(call.snapshot, call.started_us // 1_000_000, aliases=aliases)
    if call.operation is Operation.MODELS:
        return answers.whole(200, call.dialect.write_models(models))
    wanted = next((model for model in models if model.id == call.path_model), None)
    if wanted is None:
        raise PatchbayError(ErrorKind.MODEL_NOT_FOUND, "No provider lists this model.", param="model")
    return answers.whole(200, call.dialect.write_model(wanted))


def entries(snapshot: Snapshot, now_s: int, *, aliases: bool = True) -> tuple[ModelEntry, ...]:
    """Every id that leads somewhere, each once; the active provider's come first.

    `aliases` are the ids for Claude Code; they stand in the list that it shares with OpenAI's clients, and lead
    somewhere in any.
    """
    active = snapshot.active()
    rest = [provider for provider in snapshot.providers if provider is not active]
    found: dict[str, ModelEntry] = {}
    for provider in ([active] if active else []) + rest:
        for model in provider.listed():
            named = f"{provider.name}:{model}"
            ids = (model, named) if provider is active else (named,)
            known_as_claude = provider is active and model.lower().startswith(_CLAUDE)
            alias = (ALIAS + named,) if aliases and not known_as_claude else ()
            for one in ids + alias:
                label = model if one == model else f"{model} ({provider.name})"
                found.setdefault(one, ModelEntry(one, label, provider.name, now_s))
    return tuple(found.values())
