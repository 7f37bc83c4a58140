from __future__ import annotations

from dataclasses import replace

from app.domain.provider import (
    Account,
    AuthStyle,
    Credential,
    CredentialState,
    DialectName,
    Profile,
    Provider,
    Secret,
    credential_id,
)
from app.domain.routing import Routing
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot


def provider(name):
    return Provider(name, "openai", "https://h/v1", DialectName.OPENAI_CHAT, AuthStyle.BEARER, Profile())


def test_the_active_provider_is_the_named_one_else_the_first():
    both = (provider("A"), provider("B"))
    assert Snapshot(Settings(provider="B"), both).active() is both[1]
    assert Snapshot(Settings(provider="gone"), both).active() is both[0]
    assert Snapshot().active() is None


def test_an_unknown_credential_is_waited_for():
    assert Snapshot().credential("A").state is CredentialState.WAITING


def test_the_first_account_by_priority_whose_key_is_at_hand_is_usable():
    one = replace(provider("A"), accounts=(Account("spare", priority=2), Account("off", weight=0), Account("work")))
    ready = Credential(CredentialState.READY, Secret("sk-0123456789"))
    assert Snapshot(providers=(one,)).usable(one).name == ""
    held = {credential_id("A", name): ready for name in ("spare", "off")}
    assert Snapshot(providers=(one,), credentials=held).usable(one).name == "spare"
    held[credential_id("A", "work")] = ready
    assert Snapshot(providers=(one,), credentials=held).usable(one).name == "work"
    assert Snapshot(providers=(one,), credentials={**held, "A": ready}).usable(one).name == ""


def test_a_target_uses_the_settings_overrides():
    snapshot = Snapshot(Settings(big_model="B:x"), (provider("A"), provider("B")))
    assert snapshot.target("claude-opus-4-8").model == "x"


def test_no_secret_shows_in_a_repr():
    credential = Credential(CredentialState.READY, Secret("hunter2hunter2"))
    snapshot = Snapshot(credentials={"A": credential}, pepper=b"peppercorn")
    assert "hunter2" not in repr(snapshot)
    assert "peppercorn" not in repr(snapshot)
    assert f"{credential.secret}" == "…"


def test_the_users_order_and_the_preferred_provider():
    made = Snapshot(providers=(provider("A"), provider("B"), provider("C")))
    assert (made.preferred(), made.active().name) == (None, "A")
    ordered = replace(made, routing=Routing(order=("c", "Gone")))
    assert [one.name for one in ordered.ordered()] == ["C", "A", "B"]
    assert ordered.active().name == "C"
    chosen = replace(ordered, settings=Settings(provider="B"))
    assert chosen.preferred().name == chosen.active().name == "B"
    gone = replace(ordered, settings=Settings(provider="Gone"))
    assert (gone.preferred(), gone.active().name) == (None, "C")
    assert Snapshot().active() is None
