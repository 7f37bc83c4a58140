"""The one way to a secret: memory first, then the system keyring, always with a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import Secret
from app.domain.redact import Redactor
from app.domain.status import VaultStatus
from app.vault import backends, parts
from app.vault.backends import Backend, Readiness
from app.vault.worker import Stuck, Worker

__all__ = ["LONGEST_CHARS", "Vault", "VaultError", "VaultProblem", "VaultStatus"]

LONGEST_CHARS = 65_536
"""More than any key or token bundle has; what is longer was pasted by mistake."""
READ_S = 3.0
"""Deadline at start, where nobody is asked anything."""
ASK_S = 90.0
"""Deadline where a person may have to answer the desktop's prompt."""

Result = TypeVar("Result")


class Vault:
    """Secrets by name, below one keyring service name. Lives on the loop; never blocks it and never delays the exit.

    `backend` replaces the system keyring (tests); `limit` is how many characters fit into one entry of it.
    """

    def __init__(self, namespace: str, *, backend: Backend | None = None, limit: int = 0) -> None:
        self._service = namespace
        self._given = (backend, "given", limit) if backend is not None else None
        self._found: tuple[Backend, str, int] | None = None
        self._worker = Worker("patchbay-keyring")
        self._cache: dict[str, Secret] = {}
        self._session: dict[str, Secret] = {}
        self._seen: set[str] = set()
        self.redactor = Redactor()
        """Masks every secret that was ever loaded here; replaced whole when one is added."""

    async def get(
        self, name: str, *, timeout_s: float = READ_S, prompt: bool = False, fresh: bool = False
    ) -> Secret | None:
        """The secret, or None where there is none; memory answers unless `fresh`.

        Without `prompt` a locked keyring is an error at once, and the desktop shows nothing. Raises VaultError, but not
        while a session-only secret can stand in.
        """
        if name in self._cache and not fresh:
            return self._cache[name]
        try:
            value = await self._in_thread(lambda: self._read(name, prompt=prompt), timeout_s)
        except VaultError:
            if name in self._session:
                return self._session[name]
            raise
        if value is None:
            self._cache.pop(name, None)
            return self._session.get(name)
        self._cache[name] = Secret(value)
        self.know(self._cache[name])
        return self._cache[name]

    async def put(self, name: str, secret: Secret, *, timeout_s: float = ASK_S) -> None:
        """Keep the secret in the keyring and read it back; raises VaultError. A failed write leaves the older value."""
        if len(secret.value) > LONGEST_CHARS:
            raise VaultError(
                VaultProblem.TOO_LONG,
                f"This key has {len(secret.value):,} characters; no more than {LONGEST_CHARS:,} can be kept. "
                "Check what was pasted.",
            )
        self.know(secret)
        await self._in_thread(lambda: self._write(name, secret.value), timeout_s)
        self._session.pop(name, None)
        self._cache[name] = secret

    async def delete(self, name: str, *, timeout_s: float = ASK_S) -> None:
        """Forget the secret, in memory and in the keyring; raises VaultError."""
        self._session.pop(name, None)
        self._cache.pop(name, None)
        await self._in_thread(lambda: parts.delete(self._find()[0], self._service, name), timeout_s)

    def put_session(self, name: str, secret: Secret) -> None:
        """Keep the secret in memory until the program ends; one in the keyring wins over it."""
        self._session[name] = secret
        self.know(secret)

    def session_only(self, name: str) -> bool:
        """Whether the secret, if any, lives in memory alone."""
        return name in self._session and name not in self._cache

    def know(self, secret: Secret) -> None:
        """Have a secret that came from elsewhere (the environment, a new client key) masked as well."""
        if secret.value and secret.value not in self._seen:
            self._seen.add(secret.value)
            self.redactor = Redactor(self._seen)

    def mask(self, text: str) -> str:
        """The text without any secret that is loaded now; for logs and traces."""
        return self.redactor.text(text)

    async def describe(self, *, timeout_s: float = READ_S) -> VaultStatus:
        """Which keyring this is and whether it can be used; never raises, never prompts."""
        try:
            label = await self._in_thread(self._check, timeout_s)
        except VaultError as error:
            label = self._found[1] if self._found else "no keyring"
            return VaultStatus(label, usable=False, problem=error.message)
        return VaultStatus(label, usable=True)

    def close(self) -> None:
        """Let go of the thread; never blocks."""
        self._worker.close()

    async def _in_thread(self, call: Callable[[], Result], timeout_s: float) -> Result:
        try:
            return await self._worker.call(call, timeout_s)
        except Stuck:
            raise VaultError(
                VaultProblem.TIMEOUT,
                f"The system keyring did not answer within {timeout_s:g} seconds. "
                "See whether the desktop asks for a password, or restart its keyring service, then try again.",
            ) from None
        except Exception as error:  # noqa: BLE001 (a backend may raise anything)
            # Without `from error`: a backend's exception may quote the secret it was given.
            raise backends.explain(error) from None

    # In the thread:

    def _find(self) -> tuple[Backend, str, int]:
        # Not remembered while there is none: one may be started later.
        self._found = self._given or self._found or backends.find()
        return self._found

    def _check(self) -> str:
        backend, label, _ = self._find()
        self._readable(backend)
        return label

    def _read(self, name: str, *, prompt: bool) -> str | None:
        backend, _, _ = self._find()
        return parts.read(backend, self._service, name) if prompt or self._readable(backend) else None

    def _write(self, name: str, value: str) -> None:
        backend, _, limit = self._find()
        parts.write(backend, self._service, name, value, limit)
        if parts.read(backend, self._service, name) != value:
            raise VaultError(
                VaultProblem.FAILED,
                "The system keyring took the key but gave back something else, so it cannot be relied on. "
                "Keep the key for this session only, or use an environment variable.",
            )

    @staticmethod
    def _readable(backend: Backend) -> bool:
        """Whether there can be anything to read; raises VaultError LOCKED where reading would prompt."""
        ready = backends.readiness(backend)
        if ready is Readiness.LOCKED:
            raise VaultError(VaultProblem.LOCKED, "The system keyring is locked. Unlock it to use the keys in it.")
        return ready is Readiness.OPEN
