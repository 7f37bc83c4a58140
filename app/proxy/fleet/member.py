"""Everything remembered of one credential of a provider."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.provider import Provider, Secret
from app.domain.routing import Resting
from app.proxy.fleet.breaker import Breaker, BreakerState
from app.proxy.fleet.candidate import Key
from app.proxy.fleet.cooldown import Cooldown


class Member:
    """One (provider, account): its breaker and its rests."""

    __slots__ = ("_open_until_us", "account", "breaker", "cooldown", "models", "provider", "secret", "silent", "why")

    def __init__(self, provider: Provider, account: str, secret: Secret | None) -> None:
        self.provider = provider
        self.account = account
        self.secret = secret
        self.breaker = Breaker()
        self.cooldown = Cooldown()
        self.models: dict[str, Cooldown] = {}
        """Rests of one model alone."""
        self.why = ""
        """The latest failure, in words."""
        self.silent = False
        """It was that no answer came at all."""
        self._open_until_us = 0
        """The breaker's time by the wall clock, for people; the same at each look."""

    @property
    def key(self) -> Key:
        """Whose credential it is."""
        return self.provider.name, self.account

    @property
    def serves(self) -> bool:
        """Nothing is known that would keep any request away."""
        return not (self.breaker.open_s or self.cooldown.until_us or self.models)

    def rest(self, model: str, now_s: float, now_us: int, *, sole: bool = False) -> Cooldown | None:
        """The rest that keeps a request for the model away, or None."""
        if self.cooldown.left_s(now_s, now_us, sole=sole):
            return self.cooldown
        of_model = self.models.get(model) if self.models else None
        return of_model if of_model is not None and of_model.left_s(now_s, now_us, sole=sole) else None

    def noted(self, now_s: float, now_us: int) -> None:
        """The breaker may have changed."""
        self._open_until_us = now_us + int((self.breaker.opens_until_s() - now_s) * 1e6)

    def answered(self, model: str, asked_s: float) -> None:
        """It serves again, as far as what it was asked at that time can show."""
        self.cooldown.answered(asked_s)
        if model in self.models:
            self.models[model].answered(asked_s)

    def failures(self) -> str:
        """Why its breaker is open, in words."""
        count = self.breaker.failures
        if count == 1 and self.silent:
            return "it did not answer"
        said = f"{count} failures in a row" if count > 1 else "too many failures"
        return f"{said}: {self.why}" if self.why else said

    def resting(self, now_s: float, now_us: int) -> Iterator[Resting]:
        """Every reason for which something of it is not asked."""
        state = self.breaker.state(now_s)
        name, account = self.key
        if state is not BreakerState.CLOSED:
            yield Resting(name, account, "", self._open_until_us, self.failures(), state.value)
        for model, rest in (("", self.cooldown), *self.models.items()):
            if rest.left_s(now_s, now_us):
                yield Resting(name, account, model, rest.until_us, rest.why)
