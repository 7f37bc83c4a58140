from __future__ import annotations

from app.domain.config import Config, FoundSecret, ProviderEntry
from app.domain.errors import ConfigError
from app.domain.settings import Settings
from app.importers.cc_proxy import plan


def check(entry):
    if entry.vendor == "nobody":
        raise ConfigError("there is no vendor 'nobody'", key="vendor")


A = ProviderEntry("A", base_url="https://a.example/v1", big_models=("x",), line=3)


def found(*entries, **more):
    return Config(providers=entries, **more)


def test_new_providers_and_their_keys_are_taken():
    report = plan(
        found(A, secrets=(FoundSecret("A", "key-a"), FoundSecret("B", "key-b"), FoundSecret("", "c"))), (), check
    )
    assert (report.imported, report.changed, report.providers) == (1, 0, (A,))
    assert [one.provider for one in report.secrets] == ["A", ""]


def test_the_same_provider_is_left_and_a_richer_one_changes_it():
    mine = ProviderEntry("a", vendor="openai", base_url="https://a.example/v1/", big_models=("x",), big_model="x")
    report = plan(found(ProviderEntry("A", base_url="https://a.example/v1", small_models=("s",))), (mine,), check)
    assert (report.imported, report.changed) == (0, 1)
    changed = report.providers[0]
    assert (changed.name, changed.vendor, changed.big_models, changed.small_models) == ("a", "openai", ("x",), ("s",))
    assert (changed.big_model, changed.base_url) == ("x", "https://a.example/v1")
    again = plan(found(A), (A,), check)
    assert (again.providers, again.skipped) == ((), ("A: already there",))


def test_reasons_are_given_for_what_is_left_out():
    other = ProviderEntry("A", base_url="https://other.example")
    bad = ProviderEntry("Bad", vendor="nobody")
    report = plan(found(A, bad, ignored=("transformers",)), (other,), check)
    assert report.providers == ()
    assert report.skipped == (
        "A: there is another provider of that name; rename one of them",
        "Bad: there is no vendor 'nobody'",
        "transformers: Patchbay does not use it",
    )


def test_choices_come_along_with_providers_only():
    settings = Settings(big_model="A:x", middle_model="y")
    assert plan(found(A, settings=settings), (), check).settings == (("big_model", "A:x"), ("middle_model", "y"))
    assert plan(found(A, settings=settings), (A,), check).settings == ()
