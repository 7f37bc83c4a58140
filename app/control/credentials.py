"""Whether each provider's key is at hand: environment first, then the keyring, then what was given for this session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from app.control.core import Core
from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret
from app.domain.snapshot import Snapshot
from app.domain.status import NoticeAction, Severity
from app.vault.vault import ASK_S, READ_S

_log = logging.getLogger(__name__)

KEYRING = "keyring"
MISSING = "key-missing"
SYSTEM_KEYRING = "system keyring"
CLIENT_KEY_PREFIX = "pb_"
SESSION = "this session only"
IN_THE_FILE = "patchbay.toml, in clear text"
ENVIRONMENT_SOURCE = "environment variable"
_NOTHING = Credential(CredentialState.NOT_NEEDED)
_STATES = {VaultProblem.LOCKED: CredentialState.LOCKED}
_OUT_OF_REACH = (CredentialState.LOCKED, CredentialState.UNAVAILABLE)
_UNKNOWN = (CredentialState.WAITING, *_OUT_OF_REACH)


def vault_name(provider: str) -> str:
    """What a provider's key is called in the vault."""
    return f"provider/{provider}"


class Credentials:
    """Keeps the snapshot's credentials. Nothing here waits on the loop: the keyring is asked in the background."""

    def __init__(self, core: Core, environment: Mapping[str, str]) -> None:
        self._snapshots = core.snapshots
        self._vault = core.vault
        self._notices = core.notices
        self._background = core.background
        self._environment = environment
        self._asking = asyncio.Lock()
        self._in_file: set[str] = set()
        self._seen: tuple[Provider, ...] = ()
        self._snapshots.subscribe(self._follow)
        self.may_ask = False
        """Whether the keyring may be asked; set once the proxy listens."""

    def refresh(self) -> None:
        """Look at the present providers: what the environment says holds at once, the rest is fetched."""
        present = self._snapshots.current
        found = {one.name: self._at_once(one) for one in present.providers}
        self._snapshots.credentials({name: known for name, known in found.items() if known is not None})
        self.fetch()

    def fetch(self) -> None:
        """Ask the keyring, in the background, for every key that is not known yet."""
        if self.may_ask and self._wanted():
            self._background.spawn("read keys from the keyring", self.load())

    async def load(self, *, timeout_s: float = READ_S, prompt: bool = False) -> VaultError | None:
        """Ask the keyring for what is not known yet; what stopped it, if anything did."""
        async with self._asking:
            for provider in self._wanted():
                try:
                    secret = await self._vault.get(vault_name(provider.name), timeout_s=timeout_s, prompt=prompt)
                except VaultError as error:
                    self._stopped(error)
                    return error
                self._know(provider, secret)
            self._notices.drop(KEYRING)
            return None

    async def unlock(self) -> None:
        """Ask the keyring again, and let the desktop ask its user; raises VaultError."""
        error = await self.load(timeout_s=ASK_S, prompt=True)
        if error is not None:
            raise error

    def retry(self) -> None:
        """Look, without a prompt, whether the keyring was unlocked or started meanwhile."""
        if any(one.state in _OUT_OF_REACH for one in self._snapshots.current.credentials.values()):
            self.fetch()
        self._look_again()

    def took(self, provider: Provider, secret: Secret, source: str) -> None:
        """A key was given: it holds at once, unless the environment has one; a rejected one that moved stays that."""
        self._in_file.discard(provider.name)
        if source == IN_THE_FILE:
            self._in_file.add(provider.name)
        known = self._snapshots.current.credential(provider.name)
        if known.state is CredentialState.REJECTED and known.secret == secret:  # the same key in another place
            self._snapshots.credentials({provider.name: Credential(known.state, secret, source)})
        else:
            self._set(provider, self._from_environment(provider) or self._ready(provider, secret, source))

    def forgot(self, provider: str) -> None:
        """The provider and its key are gone."""
        self._in_file.discard(provider)
        self._notices.drop(f"key/{provider}")

    def rejected(self, name: str, message: str) -> None:
        """The provider said that the key is no good."""
        known = self._snapshots.current.credential(name)
        if known.state is not CredentialState.REJECTED:
            self._snapshots.credentials({name: Credential(CredentialState.REJECTED, known.secret, known.source)})
            self._look_again()
        text = f"{name} rejected its key ({known.source or 'of unknown origin'}): {message}"
        self._notices.put(f"key/{name}", Severity.ERROR, text, NoticeAction.OPEN_PROVIDERS, "Change the key")

    def cleared(self, name: str) -> None:
        """The provider answered, or was changed: what it said of the key before no longer holds."""
        known = self._snapshots.current.credential(name)
        if known.state is CredentialState.REJECTED:
            state = CredentialState.READY if known.secret else CredentialState.NOT_NEEDED
            self._snapshots.credentials({name: Credential(state, known.secret, known.source)})
            self._notices.drop(f"key/{name}")

    def _look_again(self) -> None:
        """Someone may have changed a key in the keyring itself: one that is missing or no good is read anew."""
        if self.may_ask and self._doubtful():
            self._background.spawn("read changed keys from the keyring", self._read_changed())

    def _doubtful(self) -> tuple[Provider, ...]:
        present = self._snapshots.current
        doubted = (CredentialState.MISSING, CredentialState.REJECTED)
        ours = ("", SYSTEM_KEYRING)
        known = [(one, present.credential(one.name)) for one in present.providers]
        return tuple(one for one, mine in known if mine.state in doubted and mine.source in ours)

    async def _read_changed(self) -> None:
        async with self._asking:
            for provider in self._doubtful():
                before = self._snapshots.current.credential(provider.name).secret
                try:
                    secret = await self._vault.get(vault_name(provider.name), fresh=True)
                except VaultError:
                    return  # the next look may find it answering
                if secret is not None and secret != before:
                    self._know(provider, secret)

    def _wanted(self) -> tuple[Provider, ...]:
        """Providers whose key is not known, the active one first: it is the one that someone waits for."""
        present = self._snapshots.current
        active = present.active()
        wanted = [one for one in present.providers if present.credential(one.name).state in _UNKNOWN]
        return tuple(sorted(wanted, key=lambda provider: provider is not active))

    def _at_once(self, provider: Provider) -> Credential | None:
        """What can be said without the keyring; None where nothing new can."""
        known = self._snapshots.current.credentials.get(provider.name)
        if provider.auth is AuthStyle.CLIENT:
            return Credential(CredentialState.NOT_NEEDED)
        given = self._from_environment(provider)
        if given is not None:
            return None if known is not None and known.secret == given.secret else given
        gone = known is None or known.source.startswith(ENVIRONMENT_SOURCE)
        if provider.auth is AuthStyle.NONE:
            kept = None if known is None or gone else known
            return Credential(CredentialState.NOT_NEEDED, kept.secret, kept.source) if kept else _NOTHING
        if gone or (known is not None and known.state is CredentialState.NOT_NEEDED):
            return Credential(CredentialState.WAITING)
        return None

    def _from_environment(self, provider: Provider) -> Credential | None:
        value = self._environment.get(provider.env_key, "").strip() if provider.env_key else ""
        if not value or value.startswith(CLIENT_KEY_PREFIX):
            return None  # a shell that is set up as a client holds our own client key under the vendor's name
        self._vault.know(Secret(value))
        return self._ready(provider, Secret(value), f"{ENVIRONMENT_SOURCE} {provider.env_key}")

    @staticmethod
    def _ready(provider: Provider, secret: Secret, source: str) -> Credential:
        state = CredentialState.NOT_NEEDED if provider.auth is AuthStyle.NONE else CredentialState.READY
        return Credential(state, secret, source)

    def _know(self, provider: Provider, secret: Secret | None) -> None:
        if secret is None:
            self._set(provider, Credential(CredentialState.MISSING))
            return
        if provider.name in self._in_file:
            source = IN_THE_FILE
        else:
            source = SESSION if self._vault.session_only(vault_name(provider.name)) else SYSTEM_KEYRING
        self._set(provider, self._ready(provider, secret, source))

    def _set(self, provider: Provider, credential: Credential) -> None:
        self._notices.drop(f"key/{provider.name}")
        self._snapshots.credentials({provider.name: credential})

    def _follow(self, snapshot: Snapshot) -> None:
        if snapshot.providers != self._seen:
            before, self._seen = self._seen, snapshot.providers
            for one in snapshot.providers:
                if one not in before:  # a wrong address answers 401 as well
                    self.cleared(one.name)
            self.refresh()
        self._say_missing(self._snapshots.current)

    def _say_missing(self, snapshot: Snapshot) -> None:
        """Only the active provider's missing key keeps anyone from working; the list shows the others'."""
        active = snapshot.active()
        if active is not None and snapshot.credential(active.name).state is CredentialState.MISSING:
            text = f"{active.name} has no key yet, so it cannot answer any request."
            self._notices.put(MISSING, Severity.WARNING, text, NoticeAction.OPEN_PROVIDERS, "Add a key")
        else:
            self._notices.drop(MISSING)

    def _stopped(self, error: VaultError) -> None:
        """The keyring cannot answer, so every key that only it may have is out of reach."""
        state = _STATES.get(error.kind, CredentialState.UNAVAILABLE)
        names = [one.name for one in self._wanted()]
        if any(self._snapshots.current.credential(name).state is not state for name in names):  # not at every retry
            _log.warning("the keyring: %s", error.message)
        self._snapshots.credentials({name: Credential(state) for name in names})
        if not names:
            return
        text = f"{error.message} Without it there is no key for {', '.join(names)}."
        label = "Unlock" if error.kind is VaultProblem.LOCKED else "Try again"
        self._notices.put(KEYRING, Severity.WARNING, text, NoticeAction.UNLOCK_KEYRING, label)
