"""What a client key may do: its state, its time, where it comes from, which dialects, clients and models.

Models: a request may go to those of its targets whose model is listed, by itself or as `provider:model`, in either
case; a pattern that begins with a provider's name speaks of that provider alone. So no other spelling, alias, pin,
tier, rule or failover leads a key to a model that is not its own. Two names open the user's own routes, wherever those
lead: one that is listed letter by letter, and a name of Claude's (`claude-haiku-4-5`) that a pattern fits, because such
names stand for tiers. Others do not: a client may invent as many as it likes that fit `qwen*`, and what nobody knows
goes to whatever serves its tier. A pin in the URL is the client's own choice of a target, whatever name it asks for.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from app.dialects.base import Operation
from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.key_use import KeyUse
from app.domain.provider import DialectName
from app.domain.route import ALIAS, Target
from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.domain.wildcard import fits
from app.proxy import peer
from app.proxy.call import Call
from app.proxy.client import client_name

_LISTING = (Operation.MODELS, Operation.MODEL)
_LISTED_BY = {DialectName.OPENAI_RESPONSES: DialectName.OPENAI_CHAT}
"""OpenAI's two dialects share one list of models."""

_CLAUDE_NAME = re.compile(
    r"claude-(?:[0-9]+(?:[-.][0-9]+)*-)?(?:opus|sonnet|haiku|fable)(?:[-.@][0-9]+)*(?:-latest)?(?:\[1m\])?",
    re.IGNORECASE,
)
"""As Anthropic forms them, with one family's word and nothing else that could speak of another tier."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def opens(key: ClientKey | None, now_us: int, use: KeyUse) -> None:
    """Whether a key opens anything now, which is noted; raises PatchbayError KEY_EXPIRED or KEY_DISABLED."""
    if key is None:
        return
    error = _closed(key, now_us, use)
    if error is not None:
        raise error
    use.used[key.id] = now_us


def admit(call: Call) -> None:
    """Judge what is known before the body; raises PatchbayError NOT_PERMITTED."""
    key = call.caller.key
    if key is None:
        return
    policy = key.policy
    check_network(call)
    if policy.dialects and not _speaks(call, policy):
        raise _forbidden("dialect", f"This key may not speak {call.dialect.name.value}", policy.dialects)
    if policy.clients:
        client = client_name(call.http.headers.get("User-Agent", ""))
        if client not in policy.clients:
            raise _forbidden("client", f"This key may not be used by {client}", policy.clients)


def narrow(call: Call, plan: Plan) -> Plan:
    """The plan as far as the key's list of models allows it; raises PatchbayError NOT_PERMITTED where nothing is left.

    To be asked after routing, because what is not listed by its name may be by where it leads.
    """
    key = call.caller.key
    if key is None or not key.policy.models or _asks_for_a_listed_name(call, key.policy):
        return plan
    may = _allowed_targets(call.snapshot, key.policy)
    groups = tuple(replace(group, targets=tuple(filter(may, group.targets))) for group in plan.groups)
    left = tuple(group for group in groups if group.targets)
    if not left:
        raise PatchbayError(
            ErrorKind.NOT_PERMITTED,
            f"model: this key may not use it. It may use {_some(key.policy.models)}.",
            param="model",
            should_retry=False,
        )
    return replace(plan, groups=left)


def shows(call: Call) -> Callable[[str, str], bool]:
    """Whether the caller may see a provider's model in lists: (provider, model) -> bool."""
    key = call.caller.key
    if key is None or not key.policy.models:
        return lambda _provider, _model: True
    providers = _providers(call.snapshot)
    return lambda provider, model: _lists(key.policy.models, provider, model, providers)


class Admission:
    """Asked again and again while a request runs: why the key it came with does not let it run on; None while it does.

    A text that was replaced since keeps its running requests, as long as the key lives on under another text.
    """

    __slots__ = ("_id", "_keys", "_now_us", "_present", "_snapshot", "_use")

    def __init__(
        self, key: ClientKey, snapshot: Callable[[], Snapshot], now_us: Callable[[], int], use: KeyUse
    ) -> None:
        self._id = key.id
        self._snapshot = snapshot
        self._now_us = now_us
        self._use = use
        self._keys: Mapping[bytes, ClientKey] = snapshot().client_keys
        self._present: tuple[ClientKey, ...] = (key,)

    def __call__(self) -> PatchbayError | None:
        """The error that ends the request."""
        keys = self._snapshot().client_keys
        if keys is not self._keys:
            self._keys, self._present = keys, tuple(one for one in keys.values() if one.id == self._id)
        if not self._present:
            words = "This key was revoked while the request ran."
            return PatchbayError(ErrorKind.KEY_DISABLED, words, should_retry=False)
        now_us = self._now_us()
        errors = [_closed(one, now_us, self._use) for one in self._present]
        return None if None in errors else errors[0]


def _closed(key: ClientKey, now_us: int, use: KeyUse) -> PatchbayError | None:
    if not key.policy.enabled:
        what = ErrorKind.KEY_DISABLED, f"The key {key.name} is disabled. Enable it in Patchbay under Keys."
    elif not use.is_over(key, now_us):
        return None
    elif key.ends_us:
        what = ErrorKind.KEY_EXPIRED, f"The key {key.name} was replaced by a new one. Use that."
    else:
        what = ErrorKind.KEY_EXPIRED, f"The key {key.name} has expired. Give it another end in Patchbay under Keys."
    return PatchbayError(*what, should_retry=False)


def check_network(call: Call) -> None:
    """Judge where the request comes from; raises PatchbayError NOT_PERMITTED."""
    key = call.caller.key
    if key is None or not key.policy.networks:
        return
    address = peer.address(call.http, call.snapshot.settings.lan.trusted_proxies)
    if not _is_within(address, key.policy.networks):
        raise PatchbayError(ErrorKind.NOT_PERMITTED, "This key may not be used from your address.", should_retry=False)


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in network for network in _parsed(networks))


@functools.lru_cache(maxsize=256)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one) for one in networks)


def _speaks(call: Call, policy: KeyPolicy) -> bool:
    mine = call.dialect.name
    if mine in policy.dialects:
        return True
    return call.operation in _LISTING and any(_LISTED_BY.get(DialectName(one)) is mine for one in policy.dialects)


def _asks_for_a_listed_name(call: Call, policy: KeyPolicy) -> bool:
    """Whether the name that is asked for opens the user's own routes."""
    if call.pin:
        return False
    name = call.peek.model
    if name[: len(ALIAS)].lower() == ALIAS:
        name = name[len(ALIAS) :]
    if name in policy.models:
        return "*" not in name
    return _CLAUDE_NAME.fullmatch(name) is not None and fits(name, policy.models)


def _allowed_targets(snapshot: Snapshot, policy: KeyPolicy) -> Callable[[Target], bool]:
    providers = _providers(snapshot)
    return lambda target: _lists(policy.models, target.provider.name, target.model, providers)


def _lists(patterns: Collection[str], provider: str, model: str, providers: frozenset[str]) -> bool:
    """Whether a provider's model is listed. A pattern that begins with a provider's name speaks of that one alone."""
    for pattern in patterns:
        prefix, colon, rest = pattern.partition(":")
        if colon and (prefix == "*" or prefix.lower() in providers):
            if fits(provider, (prefix,)) and fits(model, (rest,)):
                return True
        elif fits(model, (pattern,)):
            return True
    return False


@functools.lru_cache(maxsize=8)
def _names(providers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in providers)


def _providers(snapshot: Snapshot) -> frozenset[str]:
    return _names(tuple(provider.name for provider in snapshot.providers))


def _forbidden(param: str, what: str, allowed: tuple[str, ...]) -> PatchbayError:
    return PatchbayError(
        ErrorKind.NOT_PERMITTED, f"{what}; it may be used for {_some(allowed)}.", param=param, should_retry=False
    )


def _some(words: tuple[str, ...], most: int = 5) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
