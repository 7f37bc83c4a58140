"""Who rests: what is remembered of each credential, asked in the words of the routing trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.domain.clock import Clock
from app.domain.provider import CredentialState, Provider, Secret
from app.domain.routing import Resting
from app.domain.snapshot import Snapshot
from app.proxy.fleet import words
from app.proxy.fleet.breaker import BreakerState
from app.proxy.fleet.candidate import Candidate, Key
from app.proxy.fleet.member import Member

PROBE_WAIT_S = 1.0
"""How soon to look again while a probe is under way."""
_TROUBLE = {
    CredentialState.MISSING: "has no key yet",
    CredentialState.LOCKED: "its key is in the keyring, which is locked",
    CredentialState.UNAVAILABLE: "its key is in the keyring, which cannot be read",
    CredentialState.REJECTED: "rejected its key",
}


def trouble(candidate: Candidate, snapshot: Snapshot) -> str:
    """Why the candidate cannot be asked until someone changes something, in words; empty where it can."""
    if not candidate.account.weight:
        return "rests because its weight is 0"
    return _TROUBLE.get(snapshot.credential(*candidate.key).state, "")


class Roster:
    """Only credentials of which there is something to remember have a member."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._members: dict[Key, Member] = {}
        self._heard_s: dict[Key, float] = {}

    def now_s(self) -> float:
        """Monotonic."""
        return self._clock.monotonic_ns() / 1e9

    def now_us(self) -> int:
        """UTC."""
        return self._clock.now_us()

    def member(self, key: Key) -> Member | None:
        """What is remembered of a credential."""
        return self._members.get(key)

    def join(self, candidate: Candidate, secret: Secret | None) -> Member:
        """Begin to remember; `secret` is the key that is in use."""
        member = self._members[candidate.key] = Member(candidate.provider, candidate.account.name, secret)
        return member

    def heard(self, key: Key) -> None:
        """Whoever's credential it is said something."""
        self._heard_s[key] = self.now_s()

    def heard_s(self, key: Key) -> float:
        """When that was last; 0 where never."""
        return self._heard_s.get(key, 0.0)

    def is_limited(self, key: Key) -> bool:
        """Whether the whole credential rests because the provider said so."""
        member = self._members.get(key)
        return member is not None and member.cooldown.left_s(self.now_s(), self.now_us()) > 0

    def rests(self, candidate: Candidate) -> str:
        """Why the candidate is not asked at the moment, in words; empty where it may be."""
        member = self._members.get(candidate.key)
        if member is None or member.serves:
            return ""
        now_s, now_us = self.now_s(), self.now_us()
        rest = member.rest(candidate.model, now_s, now_us, sole=candidate.sole)
        if rest is not None:
            of_model = "" if rest is member.cooldown else f"{candidate.model} "
            until_us = now_us + int(rest.left_s(now_s, now_us, sole=candidate.sole) * 1e6)
            return f"{of_model}rests {words.until(until_us, now_us)} ({rest.why})"
        wait_s = member.breaker.wait_s(now_s, sole=candidate.sole)
        if not wait_s:
            return ""
        if member.breaker.state(now_s, sole=candidate.sole) is BreakerState.HALF_OPEN:
            return f"another request is trying it after {member.failures()}"
        return f"rests {words.until(now_us + int(wait_s * 1e6), now_us)} ({member.failures()})"

    def forbidden(self, candidates: Iterable[Candidate]) -> str:
        """What the first of these that rests because it forbids the model said; empty where none does."""
        now_s, now_us = self.now_s(), self.now_us()
        for one in candidates:
            member = self._members.get(one.key)
            rest = member.rest(one.model, now_s, now_us, sole=one.sole) if member is not None else None
            if rest is not None and rest.forbidden:
                return rest.forbidden
        return ""

    def wait_s(self, candidates: Iterable[Candidate]) -> float | None:
        """Until the first of these for which waiting helps may be asked again; None where there is none."""
        now_s, now_us = self.now_s(), self.now_us()
        waits = []
        for one in candidates:
            member = self._members.get(one.key)
            if member is None:
                continue
            rest = member.rest(one.model, now_s, now_us, sole=one.sole)
            if rest is not None and rest.forbidden:
                continue
            wait_s = member.breaker.wait_s(now_s, sole=one.sole)
            if wait_s and member.breaker.state(now_s, sole=one.sole) is BreakerState.HALF_OPEN:
                wait_s = min(wait_s, PROBE_WAIT_S)
            wait_s = max(wait_s, rest.left_s(now_s, now_us, sole=one.sole) if rest else 0.0)
            if wait_s:
                waits.append(wait_s)
        return min(waits, default=None)

    def resting(self) -> tuple[Resting, ...]:
        """Everything that is not asked at the moment."""
        now_s, now_us = self.now_s(), self.now_us()
        return tuple(rest for member in self._members.values() for rest in member.resting(now_s, now_us))

    def breakers(self) -> Mapping[str, str]:
        """The breakers that are not closed: `provider/account` (the provider alone for its own key) to the state."""
        now_s = self.now_s()
        states = {"/".join(filter(None, key)): one.breaker.state(now_s) for key, one in self._members.items()}
        return {name: state.value for name, state in states.items() if state is not BreakerState.CLOSED}

    def hasten(self) -> None:
        """Open breakers are tried from now on."""
        now_s = self.now_s()
        for member in self._members.values():
            member.breaker.hasten(now_s)
            member.noted(now_s, self.now_us())

    def forget(self, provider: str, account: str | None = None) -> None:
        """What was seen of a credential before says nothing, without `account` of all the provider's."""
        for known in (self._members, self._heard_s):
            for key in [one for one in known if one[0] == provider and account in (None, one[1])]:
                del known[key]

    def adopt(self, snapshot: Snapshot) -> None:
        """Forget what was seen of providers and credentials that are others by now."""
        present = {one.name: one for one in snapshot.providers}
        for key, member in tuple(self._members.items()):
            provider = present.get(key[0])
            secret = snapshot.credential(*key).secret
            if provider is None or _place(provider) != _place(member.provider) or secret != member.secret:
                del self._members[key]
        for key in [one for one in self._heard_s if one[0] not in present]:
            del self._heard_s[key]


def _place(provider: Provider) -> tuple[object, ...]:
    """What makes it another provider where it changes, rather than the same with other models."""
    return provider.base_url, provider.vendor, provider.dialect, provider.auth, provider.endpoints, provider.ca_file
