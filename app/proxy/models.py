"""What a client may ask for: the models of every provider, from the snapshot.

gpt-5.2: of the preferred provider, by its own name; in Auto of any.
OpenRouter:openai/gpt-5.5: of any provider; the router takes it apart.
claude-via/Ollama:qwen3: the same for Claude Code, which drops every id that does not begin with "claude".
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from app.dialects.base import ModelEntry, Operation
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.plan import find_pin
from app.domain.provider import DialectName, Provider
from app.domain.route import ALIAS
from app.domain.routing import Pin
from app.domain.snapshot import Snapshot
from app.proxy import answers, permissions
from app.proxy.call import Call

_CLAUDE = ("claude", "anthropic")


def listed(call: Call) -> web.Response:
    """The list, or the one model that the path names; raises PatchbayError MODEL_NOT_FOUND, for an unknown pin too."""
    aliases = call.dialect.name is not DialectName.GEMINI
    pin = find_pin(call.snapshot.routing.pins, call.pin, call.caller.name)
    now_s = call.started_us // 1_000_000
    models = entries(call.snapshot, now_s, aliases=aliases, pin=pin, shows=permissions.shows(call))
    if call.operation is Operation.MODELS:
        return answers.whole(200, call.dialect.write_models(models))
    wanted = next((model for model in models if model.id == call.path_model), None)
    if wanted is None:
        raise PatchbayError(ErrorKind.MODEL_NOT_FOUND, "No provider lists this model.", param="model")
    return answers.whole(200, call.dialect.write_model(wanted))


def entries(
    snapshot: Snapshot,
    now_s: int,
    *,
    aliases: bool = True,
    pin: Pin | None = None,
    shows: Callable[[str, str], bool] = lambda _provider, _model: True,
) -> tuple[ModelEntry, ...]:
    """Every id that leads somewhere, each once; those of the pin come first, or of the preferred provider.

    `aliases` are the ids for Claude Code; they stand in the list that it shares with OpenAI's clients, and lead
    somewhere in any. Bare ids are those of the first provider, and in Auto those of all. `shows` says whether the
    caller may see a provider's model.
    """
    first, pinned = _first(snapshot, pin)
    auto = pin is None and snapshot.preferred() is None
    found: dict[str, ModelEntry] = {}
    for provider in sorted(snapshot.ordered(), key=lambda one: one is not first):
        for model in (pinned, *provider.listed()) if provider is first and pinned else provider.listed():
            if not shows(provider.name, model):
                continue
            named = f"{provider.name}:{model}"
            bare = provider is first or auto
            ids = (model, named) if bare else (named,)
            known_as_claude = bare and model.lower().startswith(_CLAUDE)
            alias = (ALIAS + named,) if aliases and not known_as_claude else ()
            for one in ids + alias:
                label = model if one == model else f"{model} ({provider.name})"
                found.setdefault(one, ModelEntry(one, label, provider.name, now_s))
    return tuple(found.values())


def _first(snapshot: Snapshot, pin: Pin | None) -> tuple[Provider | None, str]:
    """The provider whose models come first, and the one model that a pin fixes."""
    if pin is None:
        return snapshot.active(), ""
    wanted = pin.to.provider.lower()
    return next((one for one in snapshot.providers if one.name.lower() == wanted), None), pin.to.model
