"""What a person may call a client key, and what may stand in its policy; everything else is refused with its field."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Sequence

from app.domain.client_key import KeyPolicy
from app.domain.errors import ConfigError
from app.domain.provider import DialectName, Provider
from app.domain.wildcard import fits
from app.proxy.client import NAMES

NAME_MOST_CHARS = 64
RESERVED = frozenset({"open", "environment"})
"""What the record calls callers without a key of the list."""
_TAG_MOST_CHARS = 32
_MODEL_MOST_CHARS = 256
_MOST_ENTRIES = 100
_MOST_TAGS = 16
_MOST_COUNT = 1_000_000_000
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_LATEST_US = 253_402_300_799_000_000
"""The last second of the year 9999: what calendars can show."""
_WORDS = {"models": _MODEL_MOST_CHARS, "clients": NAME_MOST_CHARS}
_COUNTS = ("requests_per_minute", "tokens_per_minute", "concurrent")


def checked_name(name: str) -> str:
    """The name as it is kept; raises ConfigError. It goes into lists, logs, headers of tables and CSV files."""
    if not name.strip():
        raise ConfigError("must be a name that no other key bears", key="name")
    if len(name) > NAME_MOST_CHARS or not name.isprintable() or name != name.strip():
        raise ConfigError(
            f"must be at most {NAME_MOST_CHARS} printable characters, without blanks around them", key="name"
        )
    if name.lower() in RESERVED:
        raise ConfigError(f"must not be {name!r}, by which the record knows callers without a key", key="name")
    return name


def checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags, each once; raises ConfigError."""
    found = tuple(dict.fromkeys(tags))
    if len(found) > _MOST_TAGS:
        raise ConfigError(f"must be at most {_MOST_TAGS} tags", key="tags")
    for tag in found:
        if not _is_word(tag, _TAG_MOST_CHARS) or "," in tag:
            what = f"must each be 1 to {_TAG_MOST_CHARS} printable characters, without commas and blanks around them"
            raise ConfigError(what, key="tags")
    return found


def checked_policy(policy: KeyPolicy, now_us: int, *, before: KeyPolicy | None = None) -> KeyPolicy:
    """The policy with each entry once, networks in their usual form; raises ConfigError that names the field.

    An end must be still to come, unless it is that of the policy `before`.
    """
    ends = policy.expires_us
    if ends and ends != (before.expires_us if before else 0) and not now_us < ends <= _LATEST_US:
        raise ConfigError("must be a moment that is still to come", key="expires")
    for name in _COUNTS:
        if not 0 <= getattr(policy, name) <= _MOST_COUNT:
            raise ConfigError(f"must be 0 (no bound) to {_MOST_COUNT:,}", key=name)
    _check_lists(policy)
    return dataclasses.replace(
        policy,
        models=_each_once(policy.models),
        dialects=_each_once(policy.dialects),
        clients=_each_once(policy.clients),
        networks=_each_once(tuple(_network(one) for one in policy.networks)),
    )


def doubts(policy: KeyPolicy, providers: Sequence[Provider]) -> tuple[str, ...]:
    """What of a policy may well fit nothing, in words: no mistake for certain, so it is not refused."""
    found = [
        f"no request comes from a tool {client!r}; there are {', '.join(sorted(NAMES))}"
        for client in policy.clients
        if client not in NAMES
    ]
    names = {one.name.lower() for one in providers}
    for pattern in policy.models:
        prefix, colon, _ = pattern.partition(":")
        listed = any(fits(model, (pattern,)) for one in providers for model in one.listed())
        if colon and "*" not in prefix and prefix.lower() not in names and not listed:
            found.append(f"there is no provider {prefix!r}, so {pattern!r} fits only models of that very name")
    return tuple(found)


def _check_lists(policy: KeyPolicy) -> None:
    for name in ("models", "dialects", "clients", "networks"):
        if len(getattr(policy, name)) > _MOST_ENTRIES:
            raise ConfigError(f"must be at most {_MOST_ENTRIES} entries", key=name)
    for name, most in _WORDS.items():
        if not all(_is_word(word, most) for word in getattr(policy, name)):
            raise ConfigError(f"must each be 1 to {most} printable characters", key=name)
    known = [one.value for one in DialectName]
    unknown = next((one for one in policy.dialects if one not in known), None)
    if unknown is not None:
        raise ConfigError(f"there is no dialect {unknown[:50]!r}; choose among {', '.join(known)}", key="dialects")


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        what = f"{text[:50]!r} is no address and no network like 192.168.1.0/24 or fd00::/8"
        raise ConfigError(what, key="networks") from None
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        mapped = int(network.network_address) & 0xFFFF_FFFF  # such a caller is judged by its IPv4 address
        network = ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED.prefixlen))
    return str(network[0]) if network.num_addresses == 1 else str(network)


def _each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _is_word(word: str, most: int) -> bool:
    return 0 < len(word) <= most and word.isprintable() and word == word.strip()
