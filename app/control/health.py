"""How the providers do, as the proxy sees it go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.control.core import Core
from app.control.credentials import Credentials
from app.control.subscribers import Subscribers
from app.domain.errors import ErrorKind
from app.domain.provider import Credential, CredentialState
from app.domain.status import Health, NoticeAction, Severity

_UNREACHABLE = frozenset({ErrorKind.UNREACHABLE.word, ErrorKind.TLS_FAILED.word, ErrorKind.ADDRESS_REFUSED.word})
_SAID = {ErrorKind.BILLING.word: "quota used up", ErrorKind.RATE_LIMITED.word: "rate limited"}
"""What the provider's own words may leave open."""
FAILED_OVER = "failed-over"
QUIET_S = 60.0
"""So often at most a switch is told: where one request is given to another provider, many are."""
_KEY_TROUBLE = {
    CredentialState.MISSING: "it has no key yet",
    CredentialState.LOCKED: "the system keyring is locked",
    CredentialState.UNAVAILABLE: "the system keyring cannot be read",
    CredentialState.REJECTED: "it rejected its key",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What was last heard of a provider; `at_s` is monotonic."""

    health: Health
    text: str
    at_s: float


class HealthMarks:
    """The latest mark of each provider, and of each of its credentials.

    Implements `proxy.events.ProxyEvents`: at once, on the loop, never raising.
    """

    def __init__(self, core: Core, credentials: Credentials) -> None:
        self.marks: dict[str, Mark] = {}
        self.accounts: dict[tuple[str, str], Mark] = {}
        """By provider and account; the own key's account is empty."""
        self._clock = core.clock
        self._credentials = credentials
        self._notices = core.notices
        self._left = ""
        """Whose request was given to another one lately."""
        self._told_s: float | None = None
        self._subscribers: Subscribers[None] = Subscribers()

    def credential_rejected(self, provider: str, message: str, account: str = "") -> None:
        """A provider said that a key of ours is no good."""
        if not self._credentials.rejected(provider, message, account):
            return  # a login's token that is renewed says nothing of the provider
        health = Health.DEGRADED if self._credentials.has_another(provider) else Health.DOWN
        self._mark(provider, account, health, message)

    def provider_answered(self, provider: str, account: str = "") -> None:
        """A provider answered a request that bore this account's key."""
        self._credentials.cleared(provider, account)
        self._mark(provider, account, Health.OK, "")
        if provider == self._left:
            self._left = ""
            self._notices.drop(FAILED_OVER)

    def failed_over(self, from_provider: str, to_provider: str, why: str) -> None:
        """A request went on to another provider; told once a minute, and until the first one answers again."""
        now_s = self._clock.monotonic_ns() / 1e9
        if self._told_s is not None and now_s - self._told_s < QUIET_S:
            return
        self._told_s, self._left = now_s, from_provider
        text = f"{from_provider} could not serve a request, so {to_provider} was asked instead: {why}"
        self._notices.put(FAILED_OVER, Severity.INFO, text, NoticeAction.OPEN_PROVIDERS, "Open Providers", quiet=True)

    def provider_failed(self, provider: str, kind: str, message: str, account: str = "") -> None:
        """A request failed on a provider's side, or for what its account may spend."""
        text = f"{_SAID[kind]}: {message}" if kind in _SAID else message
        self._mark(provider, account, Health.DOWN if kind in _UNREACHABLE else Health.DEGRADED, text)

    def provider_refused(self, provider: str, status: int, message: str, account: str = "") -> None:
        """A provider found fault with a request; that it can answer one as well is to be shown yet, if it never did."""
        before = self.marks.get(provider)
        health = Health.OK if before is not None and before.health is Health.OK else Health.DEGRADED
        self._mark(provider, account, health, f"answered with an error ({status}): {message}")

    def forget(self, provider: str) -> None:
        """The provider changed: what was heard of it before says nothing."""
        self.marks.pop(provider, None)
        for key in [one for one in self.accounts if one[0] == provider]:
            del self.accounts[key]

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told when a provider's health changed for better or worse."""
        return self._subscribers.add(callback)

    def _mark(self, provider: str, account: str, health: Health, text: str) -> None:
        known = (self.marks.get(provider), self.accounts.get((provider, account)))
        mark = Mark(health, text, self._clock.monotonic_ns() / 1e9)
        self.marks[provider] = self.accounts[provider, account] = mark
        if any(before is None or (before.health, before.text) != (health, text) for before in known):
            self._subscribers.tell(None)


def judge(credential: Credential, mark: Mark | None, now_s: float, rests: str = "") -> tuple[Health, str]:
    """A provider's health and the words for it.

    A key that is not at hand outweighs everything, and that it `rests` what was heard before.
    """
    trouble = _KEY_TROUBLE.get(credential.state)
    if trouble is not None:
        return Health.DOWN, trouble
    if rests:
        return Health.DOWN if mark is not None and mark.health is Health.DOWN else Health.DEGRADED, rests
    if mark is None:
        return Health.UNKNOWN, "not used yet"
    ago = _ago(now_s - mark.at_s)
    if not mark.text:
        return mark.health, f"answered {ago}"
    return mark.health, f"{mark.text.rstrip('.')} ({ago})"


def _ago(seconds: float) -> str:
    if seconds < 60:
        return "just now"
    minutes = int(seconds // 60)
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"
