"""The user's wishes about ways: what is preferred, what else may serve, which requests go elsewhere, and what is tried.

A request leads to a `Plan`: groups of targets, tried one after the other. Within a group the strategy says who comes
first; what rests, lacks a key or cannot serve the request is skipped, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.domain.route import Target


class Strategy(StrEnum):
    """Who comes first among targets that would all do."""

    PRIORITY = "priority"
    """The user's order."""
    ROUND_ROBIN = "round_robin"
    """Each in turn, by weight."""
    LEAST_USED = "least_used"
    """Whoever has the fewest requests running, then the fewest tokens lately."""
    LATENCY = "latency"
    """Whoever lately began to answer soonest."""
    CHEAPEST = "cheapest"
    """Whoever asks least for this request; what has no known price comes last."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A target as a person writes it: `provider:model`, or a provider alone, whose tiers then choose the model."""

    provider: str
    model: str = ""

    def __str__(self) -> str:
        """As it stands in the file."""
        return f"{self.provider}:{self.model}" if self.model else self.provider


class Facts(Protocol):
    """What is known of a request before it is sent; the dearer facts are read off its body when first asked for."""

    @property
    def model(self) -> str:
        """As the client asked for it."""

    @property
    def client(self) -> str:
        """The tool by its `User-Agent`: "claude-code"."""

    @property
    def key(self) -> str:
        """Name of the client key."""

    @property
    def dialect(self) -> str:
        """The dialect the client speaks."""

    @property
    def pin(self) -> str:
        """The pin named in the URL; empty without one."""

    @property
    def session(self) -> str:
        """What keeps a conversation together: the client's session id, else a hash of its first user message."""

    @property
    def minute(self) -> int:
        """Of the local day, 0 to 1439."""

    @property
    def prompt_tokens(self) -> int:
        """Estimated size of the prompt."""

    @property
    def most_prompt_tokens(self) -> int:
        """The same, with each picture and document as dear as any vendor has it: what a budget must reckon with."""

    @property
    def output_tokens(self) -> int:
        """The most that the answer may have; 0 where the client set no bound."""

    @property
    def answers(self) -> int:
        """How many are asked for at once, each with that bound."""

    @property
    def thinking(self) -> bool:
        """Asked for."""

    @property
    def tools(self) -> bool:
        """Tools of the client's own are offered."""

    @property
    def web_search(self) -> bool:
        """The vendor's own web search is offered."""

    @property
    def image(self) -> bool:
        """There is one in the conversation."""

    @property
    def background(self) -> bool:
        """The answer is to be made after the reply, so that nobody here learns what it used."""

    @property
    def subagent(self) -> bool:
        """The request is a side task's of a coding agent, as far as the agent says so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[route]]`: requests that fit every condition that is set go `to` these. The first rule that fits counts."""

    name: str = ""
    enabled: bool = True
    models: tuple[str, ...] = ()
    """Requested names, `*` for any part of one; any of them fits."""
    keys: tuple[str, ...] = ()
    """Names of client keys."""
    clients: tuple[str, ...] = ()
    min_tokens: int = 0
    """The prompt has at least so many."""
    max_tokens: int = 0
    """The prompt has at most so many; 0 is open."""
    thinking: bool | None = None
    tools: bool | None = None
    web_search: bool | None = None
    image: bool | None = None
    subagent: bool | None = None
    between: tuple[int, int] | None = None
    """Minutes of the local day, the first included and the last not; may span midnight."""
    to: tuple[Choice, ...] = ()
    strategy: Strategy = Strategy.PRIORITY
    only: bool = False
    """Nothing else serves these requests, not even while all of `to` rest."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A project or terminal that is fixed to one target: by the base URL `/p/<name>`, or by its client key."""

    name: str
    to: Choice
    key: str = ""
    """Name of the client key that is pinned; empty for a pin by URL alone."""


class Meaning(StrEnum):
    """What the user says an error of a provider really is."""

    OVERLOADED = "overloaded"
    """Try elsewhere; counts against the provider."""
    RATE_LIMITED = "rate_limited"
    """Try elsewhere; the credential rests."""
    REFUSED = "refused"
    """Told to the client as it is; nothing else is tried."""


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One `[[error_rule]]`: "this 400 means overload"."""

    means: Meaning
    status: int = 0
    """0 is any."""
    text: str = ""
    """Stands somewhere in the error's text, in whatever case; empty is any."""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything about ways that is no provider's own: `[routing]`, `[[route]]`, `[[pin]]`, `[[error_rule]]`."""

    only: bool = False
    """Nothing but the preferred provider serves: no failover to others."""
    strategy: Strategy = Strategy.PRIORITY
    affinity: bool = True
    """A conversation stays where it began, so that prompt caches stay warm."""
    order: tuple[str, ...] = ()
    """Providers by name, first to last; who is not named comes after, in the order of the file."""
    rules: tuple[Rule, ...] = ()
    pins: tuple[Pin, ...] = ()
    error_rules: tuple[ErrorRule, ...] = ()
    health_check_s: int = 0
    """How often providers that are resting or unheard of are asked for their models; 0 is never."""


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that would all do, in the user's order."""

    targets: tuple[Target, ...]
    strategy: Strategy = Strategy.PRIORITY


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a request may go, and why, in words."""

    groups: tuple[Group, ...]
    why: str
    """"pin website", "rule Long context: at least 60,000 tokens", "OpenAI is preferred", "auto"."""
    affinity: bool = True

    @property
    def targets(self) -> tuple[Target, ...]:
        """All of them, first to last."""
        return tuple(target for group in self.groups for target in group.targets)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line of an exchange's routing trace: a target that was considered, and what became of it."""

    provider: str
    account: str
    """Empty is the provider's own key."""
    model: str
    verdict: str
    """"chosen", "skipped" or "failed"."""
    why: str
    """In words: "rests until 14:05 (rate limited)", "cannot take images", "rule Long context"."""
    at_ms: int = 0
    """Since the exchange started."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A credential of a provider that is not asked at the moment."""

    provider: str
    account: str
    model: str
    """Empty where it rests for all of them."""
    until_us: int
    why: str
    """In words: "rate limited", "5 failures in a row", "quota used up"."""
    breaker: str = ""
    """"open" or "half-open"; empty where it is no breaker's doing."""


@dataclass(frozen=True, slots=True)
class ModelWindow:
    """How many tokens a model takes, as its provider said when a prompt was too long."""

    provider: str
    model: str
    tokens: int


NO_ROUTING = Routing()

__all__ = [
    "NO_ROUTING",
    "Choice",
    "ErrorRule",
    "Facts",
    "Group",
    "Meaning",
    "ModelWindow",
    "Pin",
    "Plan",
    "Resting",
    "Routing",
    "Rule",
    "Strategy",
    "Weighed",
]
