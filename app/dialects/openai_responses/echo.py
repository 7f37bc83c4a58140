"""What a reply needs to know of its request: the members that it repeats, and how some of them were meant.

It travels as `Request.echo` and `Road.echo`: a JSON object of those members, as the client wrote them, with what is
ours under one name that no request has.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

_OURS = "patchbay"
REPEATED = (
    *("instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "prompt_cache_key"),
    *("reasoning", "safety_identifier", "temperature", "text", "tool_choice", "tools", "top_p", "truncation", "user"),
)
"""The members of a request that its reply repeats (`Response` of the openai SDK)."""


class Meant(msgspec.Struct, omit_defaults=True):
    """How a request was meant, as far as its reply must know."""

    tool_search: bool = False
    """The client runs a tool search itself and wants calls of it as items of their own."""
    compacting: bool = False
    """The answer is the conversation in short form, to be handed back as one item."""
    users: list[Raw] = []
    """The user's messages, which stand before that item where it was asked for by its own path."""


@dataclass(frozen=True, slots=True)
class Echo:
    """The members, each as JSON, and how the request was meant."""

    members: dict[str, Raw] = field(default_factory=dict)
    meant: Meant = field(default_factory=Meant)


_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_MEANT = msgspec.json.Decoder(Meant)


def write_echo(members: dict[str, Raw], meant: Meant) -> bytes:
    """The echo of a request; `members` are those it gave, null or not."""
    kept = {name: members[name] for name in REPEATED if name in members and bytes(members[name]) != b"null"}
    if meant != Meant():
        kept[_OURS] = Raw(msgspec.json.encode(meant))
    return msgspec.json.encode(kept)


def read_echo(echo: bytes) -> Echo:
    """What `write_echo` wrote; empty where nothing was."""
    if not echo:
        return Echo()
    members = _MEMBERS.decode(echo)
    ours = members.pop(_OURS, None)
    return Echo(members, Meant() if ours is None else _MEANT.decode(ours))
