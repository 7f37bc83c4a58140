"""Which provider and model a requested model name leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Provider, Tier

_WORDS = {
    Tier.SMALL: ("haiku", "mini", "nano", "lite", "flash", "small"),
    Tier.BIG: ("opus", "pro", "ultra", "max", "fable", "big"),
}
_CLAUDE_WORDS = frozenset({"opus", "sonnet", "haiku", "fable"})
CLAUDE_NAMES = {Tier.BIG: "claude-opus", Tier.MIDDLE: "claude-sonnet", Tier.SMALL: "claude-haiku"}
"""What clients ask for that speak of a tier."""
ALIAS = "claude-via/"
"""Claude Code lists only models whose id begins with "claude": so each of ours has a name like that as well."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: a provider and the model name sent to it."""

    provider: Provider
    model: str


def tier_of(model: str) -> Tier:
    """The tier that a model name speaks of; middle where it says nothing. Small words win over big ones."""
    words = frozenset(re.split(r"[^a-z]+", model.lower()))
    for tier, marks in _WORDS.items():
        if words.intersection(marks):
            return tier
    return Tier.MIDDLE


def choose(
    providers: Sequence[Provider],
    active: str,
    requested: str,
    overrides: tuple[str, str, str] = ("", "", ""),
) -> Target:
    """The target of a requested model.

    In this order: `provider:model` names both; a tier the user chose a model for (a CC-Proxy style override, which may
    name another provider, or the active provider's own choice) when the name is one of Claude's tiers; a model that
    the active provider lists or natively serves goes as it is; else the tier decides; a provider without any model
    listed gets the name as it is.

    `overrides` are the big, middle and small model of `[config]`, bare or `provider:model`, empty where unset.
    Raises PatchbayError: NO_PROVIDER without any provider, MODEL_NOT_FOUND for an empty name or a provider that does
    not exist.
    """
    if not providers:
        raise PatchbayError(
            ErrorKind.NO_PROVIDER, "Patchbay has no provider yet. Add one in its window under Providers."
        )
    if not requested:
        raise PatchbayError(ErrorKind.MODEL_NOT_FOUND, "model: a model name is required", param="model")
    direct = named(providers, requested)
    if direct is not None:
        return direct
    provider = next((one for one in providers if one.name == active), providers[0])
    tier = tier_of(requested)
    override = overrides[(Tier.BIG, Tier.MIDDLE, Tier.SMALL).index(tier)]
    native = is_native(provider, requested)
    if is_claude_tier(requested) or not native:
        if override:
            return overridden(providers, provider, override)
        if provider.chosen(tier):
            return Target(provider, provider.chosen(tier))
    if native:
        return Target(provider, requested)
    if _names_nobody(provider, requested):
        raise PatchbayError(
            ErrorKind.MODEL_NOT_FOUND,
            f"model: there is no provider {requested.partition(':')[0]!r}, and {provider.name} lists no model"
            f" {requested!r}. Providers: {', '.join(one.name for one in providers)}.",
            param="model",
        )
    return Target(provider, _first(provider, tier) or requested)


def offer(provider: Provider, requested: str, override: str = "") -> str:
    """The model by which a provider would stand in for others; empty where it has none for that request.

    By the rules of `choose`, only stricter: for a name that is none of Claude's tiers and that it does not know, it
    serves a model of exactly the tier that the name speaks of, never merely the first it has. A server on this
    machine that lists nothing is not asked for models of others. `override` is the bare model that the user chose for
    the tier; it counts where the provider lists it.
    """
    tier, claude_tier, native = tier_of(requested), is_claude_tier(requested), is_native(provider, requested)
    if claude_tier or not native:
        if override and override in provider.listed():
            return override
        if provider.chosen(tier):
            return provider.chosen(tier)
    if native or not (provider.listed() or provider.local):
        return requested
    if claude_tier:
        return _first(provider, tier)
    return "" if _names_nobody(provider, requested) else next(iter(provider.tier_models(tier)), "")


def default_model(provider: Provider, tier: Tier) -> str:
    """What stands for a tier of Claude's while the user chose nothing for it; empty where the name goes as asked.

    The one answer for all that show it; `choose` sends exactly this.
    """
    return "" if is_native(provider, CLAUDE_NAMES[tier]) else _first(provider, tier)


def is_claude_tier(model: str) -> bool:
    """Whether a name is one of Claude's tiers, which every provider stands in for."""
    return bool(_CLAUDE_WORDS.intersection(re.split(r"[^a-z]+", model.lower())))


def is_native(provider: Provider, requested: str) -> bool:
    """Whether a provider serves a model under the very name that was asked for."""
    return requested in provider.listed() or requested.startswith(provider.native_prefixes or ("\0",))


def named(providers: Sequence[Provider], requested: str) -> Target | None:
    """The target that `provider:model` names; None where the name is no such."""
    prefix, colon, model = requested.partition(":")
    if not colon or not model:
        return None
    match = next((one for one in providers if one.name.lower() == prefix.lower()), None)
    return Target(match, model) if match else None


def _names_nobody(provider: Provider, requested: str) -> bool:
    """Whether the name reads as `provider:model` of a provider that does not exist.

    A local server's models bear tags (`llama3:8b`), and so do names with a vendor's path (`z-ai/glm-5:free`): those
    are no provider's.
    """
    prefix, colon, _ = requested.partition(":")
    return bool(colon) and "/" not in prefix and not provider.local and bool(provider.listed())


def overridden(providers: Sequence[Provider], active: Provider, model: str) -> Target:
    """A CC-Proxy model reference: `provider:model`, or bare for the first provider that lists it."""
    direct = named(providers, model)
    if direct is not None:
        return direct
    lister = next((one for one in (active, *providers) if model in one.listed()), active)
    return Target(lister, model)


def _first(provider: Provider, tier: Tier) -> str:
    """The first model of a tier, or of the nearest tier that has one.

    Where no model was put in any tier, their names tell which they are of: who asks for a small one must not be billed
    for the big one that happens to stand first.
    """
    order = {
        Tier.BIG: (Tier.BIG, Tier.MIDDLE, Tier.SMALL),
        Tier.MIDDLE: (Tier.MIDDLE, Tier.BIG, Tier.SMALL),
        Tier.SMALL: (Tier.SMALL, Tier.MIDDLE, Tier.BIG),
    }[tier]
    listed = (name for one in order for name in provider.tier_models(one))
    told = (name for one in order for name in provider.models if tier_of(name) is one)
    return next(chain(listed, told, provider.models), "")
