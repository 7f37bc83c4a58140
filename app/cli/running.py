"""What the running Patchbay tells of its providers: how their keys are and what rests; nothing where none runs.

A command sees neither: keys of the session and of another environment are in the program alone, and so is what it
learned from answers.
"""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

from app.cli.output import plain
from app.domain.provider import CredentialState
from app.domain.rest_words import partly_words, rest_words
from app.domain.routing import ModelWindow

_USABLE = (CredentialState.READY, CredentialState.NOT_NEEDED, CredentialState.WAITING)
_HALF_OPEN = "half-open"


class Key(NamedTuple):
    """How a credential is: the value of a CredentialState, and where it is from."""

    state: str
    source: str


class Rest(NamedTuple):
    """Until when something is not asked, and why."""

    until_us: int
    why: str


class Running:
    """Reads one report, `control.report`; an empty text is one where nothing is known."""

    def __init__(self, told: str, now_us: int | None = None) -> None:
        found: dict[str, Any] = json.loads(told) if told else {}
        self._now_us = time.time_ns() // 1_000 if now_us is None else now_us
        windows = found.get("windows", ())
        self.windows = tuple(ModelWindow(one["provider"], one["model"], one["tokens"]) for one in windows)
        """What its proxy learned of the models' windows."""
        self._providers = {one["name"]: one for one in found.get("providers", ())}
        self._resting = [
            one
            for one in found.get("resting", ())
            if one["until_us"] > self._now_us and one.get("breaker") != _HALF_OPEN
        ]

    def key(self, provider: str, account: str | None = None) -> Key | None:
        """A provider's credential, or that of one of its accounts ("" is its own key); None where that is unknown."""
        found = self._providers.get(provider)
        if found is None or "key_source" not in found:
            return None
        if account is None:
            return Key(found["key"], found["key_source"])
        known = next((one for one in found["accounts"] if one["name"] == account), None)
        return Key(known["key"], known["key_source"]) if known else None

    def rest(self, provider: str, account: str) -> Rest | None:
        """The rest of a credential, for every model; None where it is asked, or could not be anyway."""
        return self._rests(provider, "").get(account)

    def stops(self, provider: str, model: str = "") -> str:
        """Why nothing of a provider is asked now, for that model: "rests until 09:21 (quota used up)"; else empty."""
        rests, accounts = self._rests(provider, model), self._accounts(provider)
        if rests and len(rests) >= len(accounts):
            first = min(rests.values())
            return rest_words(first.until_us, plain(first.why), self._now_us)
        return "" if accounts or provider not in self._providers else "no key at hand"

    def notes(self, provider: str, model: str = "") -> str:
        """What rests of a provider while something of it is still asked: "1 of 2 keys rests until 09:21"."""
        rests, accounts = self._rests(provider, model), self._accounts(provider)
        if not rests or len(rests) >= len(accounts):
            return ""
        first = min(rests.values())
        return partly_words(len(rests), len(accounts), first.until_us, plain(first.why), self._now_us)

    def lines(self, provider: str) -> list[str]:
        """Everything that rests of a provider, to be told beside its name."""
        whole = (self.stops(provider) or self.notes(provider)) if self._rests(provider, "") else ""
        models = sorted({str(one["model"]) for one in self._resting if one["provider"] == provider and one["model"]})
        each = [(model, self.stops(provider, model) or self.notes(provider, model)) for model in models]
        found = [f"{plain(model)} {words}" for model, words in each if words not in ("", whole)]
        return [whole, *found] if whole else found

    def resting(self) -> list[str]:
        """Everything that rests, with the providers' names: "Alpha rests until 09:21 (quota used up)"."""
        found = [(plain(name), words) for name in self._providers for words in self.lines(name)]
        return [f"{name}{' ' if words.startswith('rests') else ': '}{words}" for name, words in found]

    def _accounts(self, provider: str) -> list[str]:
        """The credentials that may be asked."""
        accounts = self._providers.get(provider, {}).get("accounts")
        if accounts is None:
            return [""]
        return [one["name"] for one in accounts if one["weight"] > 0 and one["key"] in _USABLE]

    def _rests(self, provider: str, model: str) -> dict[str, Rest]:
        """The longest rest of each credential that rests for the model."""
        found = {}
        for account in self._accounts(provider):
            mine = [
                Rest(one["until_us"], one["why"])
                for one in self._resting
                if (one["provider"], one["account"]) == (provider, account) and one["model"] in ("", model)
            ]
            if mine:
                found[account] = max(mine)
        return found
