"""Changes that may be refused: what is wrong comes back as a value that names the field, so that it can stand there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import Secret

if TYPE_CHECKING:
    from app.control.services import Services


P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a change was not made; `field` is the name of the field at fault, empty where it is none."""

    field: str
    text: str
    keyring: VaultProblem | None = None
    """What the system keyring did, where it is at fault."""


def with_other_places(problem: Problem) -> Problem:
    """The same, with where else a key can be kept if the system keyring is at fault."""
    if problem.keyring is None:
        return problem
    more = "You can keep the key for this session only, or in an environment variable."
    return replace(problem, text=f"{problem.text} {more}")


class Trial(Protocol):
    """What trying a provider showed; the data plane's value, of which a face reads only this."""

    @property
    def ok(self) -> bool:
        """Whether it answered and took the key."""

    @property
    def message(self) -> str:
        """What happened, in a sentence."""

    @property
    def models(self) -> tuple[str, ...]:
        """What it offers."""


async def attempt(change: Callable[P, Awaitable[object]], *arguments: P.args, **options: P.kwargs) -> Problem | None:
    """Do it; None where it worked. Other errors than the configuration's and the keyring's go on."""
    try:
        await change(*arguments, **options)
    except ConfigError as error:
        return Problem(field_of(error.key), sentence(error.message))
    except VaultError as error:
        return Problem("key", sentence(error.message), error.kind)
    return None


async def outcome(change: Callable[P, Awaitable[Result]], *arguments: P.args, **options: P.kwargs) -> Result | Problem:
    """Do it for what it gives; a problem where it was refused, as `attempt` tells it."""
    try:
        return await change(*arguments, **options)
    except ConfigError as error:
        return Problem(field_of(error.key), sentence(error.message))
    except VaultError as error:
        return Problem("key", sentence(error.message), error.kind)


async def probe(services: Services, entry: ProviderEntry, secret: Secret | None) -> Trial | Problem:
    """Try a provider out; a problem where the entry itself cannot be used."""
    try:
        return await services.providers.test(entry, secret)
    except ConfigError as error:
        return Problem(field_of(error.key), sentence(error.message))


def field_of(key: str) -> str:
    """The field in the key of a ConfigError: "provider 'X', base_url" and "provider.base_url" are `base_url`."""
    return key.rpartition(", ")[2].rpartition(".")[2]


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"
