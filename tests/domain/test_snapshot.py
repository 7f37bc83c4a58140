from __future__ import annotations

from app.domain.provider import AuthStyle, Credential, CredentialState, DialectName, Profile, Provider, Secret
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


def test_a_target_uses_the_settings_overrides():
    snapshot = Snapshot(Settings(big_model="B:x"), (provider("A"), provider("B")))
    assert snapshot.target("claude-opus-4-8").model == "x"


def test_no_secret_shows_in_a_repr():
    credential = Credential(CredentialState.READY, Secret("hunter2hunter2"))
    snapshot = Snapshot(credentials={"A": credential}, pepper=b"peppercorn")
    assert "hunter2" not in repr(snapshot)
    assert "peppercorn" not in repr(snapshot)
    assert f"{credential.secret}" == "…"
