"""Whether each credential is at hand: environment first, then the keyring, then what was given for this session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from app.control.core import Core
from app.control.slots import Slot, label, notice_id, slots
from app.control.token_bundle import read_bundle
from app.control.tokens import LOGIN, SESSION_LOGIN, Tokens
from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import AuthStyle, Credential, CredentialState, Provider, Secret, credential_id
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


class Credentials:
    """Keeps the snapshot's credentials. Nothing here waits on the loop: the keyring is asked in the background."""

    def __init__(self, core: Core, environment: Mapping[str, str], tokens: Tokens) -> None:
        self._snapshots = core.snapshots
        self._vault = core.vault
        self._notices = core.notices
        self._background = core.background
        self._environment = environment
        self.tokens = tokens
        """Credentials that a login gave."""
        self._asking = asyncio.Lock()
        self._in_file: set[str] = set()
        self._seen: tuple[Provider, ...] = ()
        self._stopped_by: VaultError | None = None
        """Why the keyring could not answer, while anybody lacks a key for it."""
        self._snapshots.subscribe(self._follow)
        self.may_ask = False
        """Whether the keyring may be asked; set once the proxy listens."""

    def refresh(self) -> None:
        """Look at the present providers: what the environment says holds at once, the rest is fetched."""
        found = {slot.id: self._at_once(slot) for slot in self._slots()}
        self._snapshots.credentials({name: known for name, known in found.items() if known is not None})
        self.fetch()

    def fetch(self) -> None:
        """Ask the keyring, in the background, for every key that is not known yet."""
        if self.may_ask and self._wanted():
            self._background.spawn("read keys from the keyring", self.load())

    async def load(self, *, timeout_s: float = READ_S, prompt: bool = False) -> VaultError | None:
        """Ask the keyring for what is not known yet; what stopped it, if anything did."""
        async with self._asking:
            for slot in self._wanted():
                try:
                    secret = await self._vault.get(slot.vault_name, timeout_s=timeout_s, prompt=prompt)
                except VaultError as error:
                    self._stopped(error)
                    return error
                self._know(slot, secret)
            self._stopped_by = None
            self._say_stopped()
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

    def took(self, provider: Provider, secret: Secret, source: str, account: str = "") -> None:
        """A key was given: it holds at once, unless the environment has one; a rejected one that moved stays that."""
        slot = self._slot(provider.name, account)
        if slot is None:
            return
        self._in_file.discard(slot.id)
        if source == IN_THE_FILE:
            self._in_file.add(slot.id)
        known = self._snapshots.current.credential(provider.name, account)
        if known.state is CredentialState.REJECTED and known.secret == secret:  # the same key in another place
            self._snapshots.credentials({slot.id: Credential(known.state, secret, source)})
        else:
            self._set(slot, self._from_environment(slot) or self._held(slot, secret, source))

    def forgot(self, provider: str, account: str = "") -> None:
        """The provider, or this account of it, is gone, and with it its key."""
        self._in_file.discard(credential_id(provider, account))
        self.tokens.forget(credential_id(provider, account))
        self._notices.drop(notice_id(provider, account))

    def rejected(self, name: str, message: str, account: str = "") -> bool:
        """The provider said that the key is no good; False where it is a login's, which is renewed first."""
        slot, known = self._slot(name, account), self._snapshots.current.credential(name, account)
        if slot is not None and self.tokens.renew(slot):
            return False
        if known.state is not CredentialState.REJECTED:
            now = Credential(CredentialState.REJECTED, known.secret, known.source)
            self._snapshots.credentials({credential_id(name, account): now})
            self._look_again()
        origin = known.source or "of unknown origin"
        if account:
            text = f"{label(name, account)}: the provider rejected this key ({origin}): {message}"
        else:
            text = f"{name} rejected its key ({origin}): {message}"
        self._notices.put(notice_id(name, account), Severity.ERROR, text, NoticeAction.OPEN_PROVIDERS, "Change the key")
        return True

    def cleared(self, name: str, account: str = "") -> None:
        """The provider answered, or was changed: what it said of the key before no longer holds."""
        self.tokens.answered(credential_id(name, account))
        known = self._snapshots.current.credential(name, account)
        if known.state is CredentialState.REJECTED:
            state = CredentialState.READY if known.secret else CredentialState.NOT_NEEDED
            self._snapshots.credentials({credential_id(name, account): Credential(state, known.secret, known.source)})
            self._notices.drop(notice_id(name, account))

    def has_another(self, provider: str) -> bool:
        """Whether one of the provider's keys can still be used."""
        known = (self._known(slot) for slot in self._slots() if slot.provider.name == provider and slot.account.weight)
        return any(one.state in (CredentialState.READY, CredentialState.NOT_NEEDED) for one in known)

    def _slots(self) -> tuple[Slot, ...]:
        return slots(self._snapshots.current.providers)

    def _slot(self, provider: str, account: str) -> Slot | None:
        wanted = credential_id(provider, account)
        return next((slot for slot in self._slots() if slot.id == wanted), None)

    def _known(self, slot: Slot) -> Credential:
        return self._snapshots.current.credential(slot.provider.name, slot.account.name)

    def _look_again(self) -> None:
        """Someone may have changed a key in the keyring itself: one that is missing or no good is read anew."""
        if self.may_ask and self._doubtful():
            self._background.spawn("read changed keys from the keyring", self._read_changed())

    def _doubtful(self) -> tuple[Slot, ...]:
        doubted = (CredentialState.MISSING, CredentialState.REJECTED)
        ours = ("", SYSTEM_KEYRING, LOGIN)
        known = [(slot, self._known(slot)) for slot in self._slots()]
        return tuple(slot for slot, mine in known if mine.state in doubted and mine.source in ours)

    async def _read_changed(self) -> None:
        async with self._asking:
            for slot in self._doubtful():
                before = self._known(slot).secret
                try:
                    secret = await self._vault.get(slot.vault_name, fresh=True)
                except VaultError:
                    return  # the next look may find it answering
                if secret is None or secret == before:
                    continue
                bundle = read_bundle(secret)
                if bundle is None or not self.tokens.holds(slot.id, bundle):
                    self._know(slot, secret)

    def _wanted(self) -> tuple[Slot, ...]:
        """Credentials that are not known: own keys first, the active provider's in front, for someone waits for it."""
        active = self._snapshots.current.active()
        wanted = [
            slot for slot in self._slots() if self._known(slot).state in _UNKNOWN and not self.tokens.holds(slot.id)
        ]
        return tuple(sorted(wanted, key=lambda slot: (bool(slot.account.name), slot.provider is not active)))

    def _at_once(self, slot: Slot) -> Credential | None:
        """What can be said without the keyring; None where nothing new can."""
        known, auth = self._snapshots.current.credentials.get(slot.id), slot.provider.auth
        if auth is AuthStyle.CLIENT:
            return Credential(CredentialState.NOT_NEEDED)
        given = self._from_environment(slot)
        if given is not None:
            return None if known is not None and known.secret == given.secret else given
        gone = known is None or known.source.startswith(ENVIRONMENT_SOURCE)
        if auth is AuthStyle.NONE and not slot.account.name:
            kept = None if known is None or gone else known
            return Credential(CredentialState.NOT_NEEDED, kept.secret, kept.source) if kept else _NOTHING
        needed = known is not None and known.state is CredentialState.NOT_NEEDED and auth is not AuthStyle.NONE
        return Credential(CredentialState.WAITING) if gone or needed else None

    def _from_environment(self, slot: Slot) -> Credential | None:
        variable = slot.account.env_key
        value = self._environment.get(variable, "").strip() if variable else ""
        if not value or value.startswith(CLIENT_KEY_PREFIX):
            return None  # a shell that is set up as a client holds our own client key under the vendor's name
        self._vault.know(Secret(value))
        return _ready(slot, Secret(value), f"{ENVIRONMENT_SOURCE} {variable}")

    def _held(self, slot: Slot, secret: Secret, source: str) -> Credential:
        """A key as it is, or the access token of a login."""
        bundle = read_bundle(secret)
        if bundle is None:
            self.tokens.forget(slot.id)
            return _ready(slot, secret, source)
        return self.tokens.hold(slot, bundle, SESSION_LOGIN if source == SESSION else LOGIN)

    def _know(self, slot: Slot, secret: Secret | None) -> None:
        if secret is None:
            self._set(slot, Credential(CredentialState.MISSING))
            return
        if slot.id in self._in_file:
            source = IN_THE_FILE
        else:
            source = SESSION if self._vault.session_only(slot.vault_name) else SYSTEM_KEYRING
        self._set(slot, self._held(slot, secret, source))

    def _set(self, slot: Slot, credential: Credential) -> None:
        if credential.state is not CredentialState.REJECTED:
            self._notices.drop(slot.notice_id)
        self._snapshots.credentials({slot.id: credential})
        self._say_stopped()

    def _follow(self, snapshot: Snapshot) -> None:
        if snapshot.providers != self._seen:
            before, now = slots(self._seen), slots(snapshot.providers)
            self._seen = snapshot.providers
            known, present = {_essence(slot) for slot in before}, {slot.id for slot in now}
            for slot in now:
                if _essence(slot) not in known:  # a wrong address answers 401 as well
                    self.cleared(slot.provider.name, slot.account.name)
            for slot in before:
                if slot.id not in present:
                    self.forgot(slot.provider.name, slot.account.name)
            self.refresh()
            self._say_stopped()
        self._say_missing(self._snapshots.current)

    def _say_missing(self, snapshot: Snapshot) -> None:
        """Only the active provider's missing key keeps anyone from working; the list shows the others'."""
        active = snapshot.active()
        account = snapshot.usable(active).name if active is not None else ""
        if active is not None and snapshot.credential(active.name, account).state is CredentialState.MISSING:
            text = f"{active.name} has no key yet, so it cannot answer any request."
            self._notices.put(MISSING, Severity.WARNING, text, NoticeAction.OPEN_PROVIDERS, "Add a key")
        else:
            self._notices.drop(MISSING)

    def _stopped(self, error: VaultError) -> None:
        """The keyring cannot answer, so every key that only it may have is out of reach."""
        state = _STATES.get(error.kind, CredentialState.UNAVAILABLE)
        wanted = self._wanted()
        if any(self._known(slot).state is not state for slot in wanted):  # not at every retry
            _log.warning("the keyring: %s", error.message)
        self._snapshots.credentials({slot.id: Credential(state) for slot in wanted})
        self._stopped_by = error
        self._say_stopped()

    def _say_stopped(self) -> None:
        """Whoever lacked a key may have one from elsewhere by now, or be gone."""
        names = [slot.label for slot in self._wanted()]
        error = self._stopped_by if names else None
        self._stopped_by = error
        if error is None:
            self._notices.drop(KEYRING)
            return
        text = f"{error.message} Without it there is no key for {', '.join(names)}."
        label_text = "Unlock" if error.kind is VaultProblem.LOCKED else "Try again"
        self._notices.put(KEYRING, Severity.WARNING, text, NoticeAction.UNLOCK_KEYRING, label_text)


def _essence(slot: Slot) -> Slot:
    """What a verdict on the credential was about: another account that came or went changes nothing in it."""
    return Slot(replace(slot.provider, accounts=()), slot.account)


def _ready(slot: Slot, secret: Secret, source: str) -> Credential:
    needless = slot.provider.auth is AuthStyle.NONE
    return Credential(CredentialState.NOT_NEEDED if needless else CredentialState.READY, secret, source)
