"""Providers, requests and plans to arrange."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.provider import (
    Account,
    AuthStyle,
    Credential,
    CredentialState,
    DialectName,
    Profile,
    Provider,
    Secret,
    credential_id,
)
from app.domain.route import Target
from app.domain.routing import Group, Plan, Strategy
from app.domain.settings import Limits, Settings
from app.domain.snapshot import Snapshot
from app.proxy.fleet.fleet import Fleet, Outcome
from tests.fakes.clock import HandClock


def provider(name, *, accounts=(), profile=None, **more):
    return Provider(
        name=name,
        vendor="vendor",
        base_url=f"https://{name.lower()}.invalid",
        dialect=more.pop("dialect", DialectName.ANTHROPIC_MESSAGES),
        auth=AuthStyle.BEARER,
        profile=profile or Profile(),
        accounts=tuple(one if isinstance(one, Account) else Account(one) for one in accounts),
        **more,
    )


def plan(*groups, strategy=Strategy.PRIORITY, affinity=True):
    """Groups of providers, each asked for a model of its own."""
    return Plan(
        tuple(
            Group(
                tuple(one if isinstance(one, Target) else Target(one, f"{one.name}-model") for one in group), strategy
            )
            for group in groups
        ),
        "a test",
        affinity=affinity,
    )


@dataclass
class Asked:
    """Implements `domain.routing.Facts` and keeps which of the dearer facts were asked for."""

    model: str = "claude-sonnet-5"
    client: str = "claude-code"
    key: str = "default"
    dialect: str = "anthropic_messages"
    pin: str = ""
    session: str = ""
    minute: int = 0
    thinking: bool = False
    subagent: bool = False
    body: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name):
        if name not in ("prompt_tokens", "output_tokens", "tools", "web_search", "image"):
            raise AttributeError(name)
        self.asked.append(name)
        return self.body.get(name, 0)


def asked(*, session="", model="claude-sonnet-5", **body):
    return Asked(session=session, model=model, body=body)


def snapshot(*providers, states=None, **limits):
    """Everyone has a key; `states` are by name, or by name and account."""
    held = {}
    for one in providers:
        for account in one.credentials():
            name = credential_id(one.name, account.name)
            held[name] = Credential(CredentialState.READY, Secret(f"key of {name}"))
    for name, state in (states or {}).items():
        held[credential_id(*name) if isinstance(name, tuple) else name] = Credential(state)
    return Snapshot(Settings(limits=Limits(**limits)), providers, held)


class Rig:
    """A fleet with a clock to move and a snapshot to replace."""

    def __init__(self, *providers, prices=None, **limits):
        self.clock = HandClock()
        self.snapshot = snapshot(*providers, **limits)
        self.prices = prices or {}
        self.fleet = Fleet(self.clock, self.price, lambda: self.snapshot)

    def price(self, vendor, model, *, provider="", prompt_tokens=0):
        """By model, or by model and whether the prompt is a long one."""
        return self.prices.get((model, prompt_tokens > 200_000), self.prices.get(model))

    def order(self, planned, facts=None):
        """Names of the candidates, first to last: "A", "A/work"."""
        return [named(one) for one in self.arrange(planned, facts)]

    def arrange(self, planned, facts=None):
        return self.fleet.arrange(planned, facts or asked())

    def unfit(self, candidate, facts=None):
        return self.fleet.unfit(candidate, facts or asked(), self.snapshot)

    def ask(self, candidate, outcome, facts=None, **more):
        self.fleet.permit(candidate, facts or asked()).end(outcome, **more)

    def serve(self, planned, outcome=None, facts=None, **more):
        """What failover does: the first that is fit is asked; its name, or None where all are skipped."""
        facts = facts or asked()
        for candidate in self.fleet.arrange(planned, facts):
            if not self.unfit(candidate, facts):
                self.ask(candidate, outcome or Outcome.ANSWERED, facts, **more)
                return named(candidate)
        return None


def named(candidate):
    return "/".join(filter(None, candidate.key))
