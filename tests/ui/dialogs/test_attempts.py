from __future__ import annotations

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import Secret
from app.ui.dialogs.attempts import Problem, attempt, field_of, outcome, probe, sentence, with_other_places
from tests.fakes.limits import TEXT


async def raising(error):
    raise error


async def test_a_refused_change_names_its_field():
    error = ConfigError("the address names no host", key="provider 'X', base_url", line=4)
    assert await attempt(raising, error) == Problem("base_url", "The address names no host.")
    assert await attempt(raising, ConfigError("is taken", key="name")) == Problem("name", "Is taken.")


async def test_the_keyrings_trouble_stands_at_the_key():
    problem = await attempt(raising, VaultError(VaultProblem.LOCKED, "The keyring is locked."))
    assert problem == Problem("key", "The keyring is locked.", VaultProblem.LOCKED)


def test_where_else_a_key_can_be_kept_is_said_only_of_the_keyrings_trouble():
    assert with_other_places(Problem("name", "Is taken.")) == Problem("name", "Is taken.")
    told = with_other_places(Problem("key", "The keyring is locked.", VaultProblem.LOCKED))
    assert told.text.startswith("The keyring is locked. You can keep the key for this session only")


async def test_what_works_is_no_problem_and_our_own_mistakes_go_on(services):
    assert await attempt(services.providers.unlock_keyring) is None
    with pytest.raises(ZeroDivisionError):
        await attempt(raising, ZeroDivisionError())


async def test_a_change_gives_what_it_made_or_why_it_was_refused(services):
    assert await outcome(services.keys.create, "laptop", tags=("work",)) == Secret(TEXT)
    services.keys.errors["create"] = ConfigError("is taken", key="name")
    assert await outcome(services.keys.create, "laptop") == Problem("name", "Is taken.")
    locked = VaultError(VaultProblem.LOCKED, "The keyring is locked.")
    assert await outcome(raising, locked) == Problem("key", "The keyring is locked.", VaultProblem.LOCKED)
    with pytest.raises(ZeroDivisionError):
        await outcome(raising, ZeroDivisionError())


async def test_a_trial_gives_what_it_showed_or_why_the_entry_is_wrong(services):
    assert (await probe(services, ProviderEntry("X"), None)).ok
    services.providers.errors["test"] = ConfigError("needs an address", key="base_url")
    assert await probe(services, ProviderEntry("X"), None) == Problem("base_url", "Needs an address.")


def test_words_for_people():
    assert field_of("config.port") == "port"
    assert field_of("") == ""
    assert sentence("why?") == "Why?"
