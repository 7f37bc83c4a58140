from __future__ import annotations

from app.control.key_names import key_names
from app.control.snapshots import Snapshots
from app.domain.client_key import ClientKey
from app.domain.snapshot import Snapshot


def test_keys_are_named_as_they_are_called_now_and_gone_ones_by_their_id():
    snapshots = Snapshots(Snapshot())
    name = key_names(snapshots)
    assert name("k1") == "k1 (revoked)"
    snapshots.client_keys({b"d": ClientKey("k1", "laptop")})
    assert name("k1") == "laptop"
