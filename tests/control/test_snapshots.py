from __future__ import annotations

import dataclasses

from app.control.snapshots import Snapshots
from app.domain.client_key import ClientKey
from app.domain.config import ProviderEntry
from app.domain.provider import Credential, CredentialState, Secret
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.vendors.resolve import resolve

A = resolve(ProviderEntry("A", vendor="openai"))
B = resolve(ProviderEntry("B", vendor="anthropic"))


def test_each_change_is_a_new_snapshot_and_no_change_is_none():
    snapshots, told = Snapshots(Snapshot()), []
    snapshots.subscribe(lambda snapshot: told.append(snapshot.version))
    old = snapshots()
    snapshots.configure(Settings(), (A, B))
    snapshots.configure(Settings(), (A, B))
    snapshots.client_keys({b"digest": ClientKey("1", "default")})
    snapshots.pause(paused=True)
    snapshots.pause(paused=True)
    snapshots.configure(dataclasses.replace(Settings(), provider="B"), (A, B))
    assert told == [1, 2, 3, 4]
    assert old.providers == ()
    assert snapshots().active() is B
    assert snapshots().paused


def test_credentials_of_providers_that_are_gone_go_too():
    snapshots = Snapshots(Snapshot())
    snapshots.configure(Settings(), (A, B))
    ready = Credential(CredentialState.READY, Secret("sk-123456789"))
    snapshots.credentials({"A": ready, "B": Credential(CredentialState.NOT_NEEDED)})
    snapshots.configure(Settings(), (A,))
    assert set(snapshots().credentials) == {"A"}
