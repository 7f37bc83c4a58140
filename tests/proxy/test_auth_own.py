"""Keys that travel on with `auth = "client"`: the caller's own, and never one of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.provider import AuthStyle
from app.domain.settings import AuthMode
from tests.fakes.rig import KEY
from tests.fakes.scripted import whole

OWN = "sk-the-callers-own-key-0123456789"


@pytest.fixture
def served(rig, wire):
    rig.configure(wire, auth=AuthStyle.CLIENT)
    rig.upstream.script = whole(wire.whole())
    return wire


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("", (f"x-patchbay-key: {KEY}", f"x-api-key: {KEY}", f"Authorization: Bearer {OWN}")),
        ("", (f"x-patchbay-key: {KEY}", f"x-api-key: {OWN}", f"Authorization: Bearer {KEY}")),
        (f"/k/{KEY}", (f"x-goog-api-key: {KEY}", f"Authorization: Bearer {OWN}")),
        (f"/k/{KEY}", ("x-api-key: pb_another-key-of-this-kind-012345", f"Authorization: Bearer {OWN}")),
    ],
)
async def test_a_key_of_ours_beside_the_callers_own_stays_here(rig, served, path, headers):
    reply = await rig.ask(path + served.path, served.request(), *served.headers, *headers, key=None)
    assert reply.status == 200
    seen = rig.upstream.seen[0]
    assert "pb_" not in str(seen)
    assert OWN in f"{seen.get('x-api-key')} {seen.get('authorization')}"


async def test_only_a_key_of_ours_is_no_key_for_the_provider(rig, served):
    headers = (f"x-patchbay-key: {KEY}", f"x-api-key: {KEY}")
    reply = await rig.ask(served.path, served.request(), *served.headers, *headers, key=None)
    assert reply.status == 401
    assert "x-patchbay-key" in reply.json()["error"]["message"]
    assert rig.upstream.seen == []


async def test_open_mode_passes_the_callers_own_on_and_ours_not(rig, served):
    rig.snapshot = replace(rig.snapshot, settings=replace(rig.snapshot.settings, auth=AuthMode.OPEN))
    headers = (f"x-api-key: {KEY}", f"Authorization: Bearer {OWN}")
    reply = await rig.ask(served.path, served.request(), *served.headers, *headers, key=None)
    assert reply.status == 200
    assert "pb_" not in str(rig.upstream.seen[0])
    assert OWN in str(rig.upstream.seen[0])


@pytest.mark.parametrize(("status", "told"), [(401, "authentication_error"), (403, "permission_error")])
async def test_a_conversion_tells_the_caller_that_the_own_key_was_refused(rig, pair, status, told):
    client, upstream = pair
    rig.configure(upstream, auth=AuthStyle.CLIENT)
    rig.upstream.script = whole(upstream.error("no", told), status=status)
    headers = (*client.headers, f"x-patchbay-key: {KEY}", f"Authorization: Bearer {OWN}")
    reply = await rig.ask(client.path, client.request(), *headers, key=None)
    assert reply.status == status
    assert rig.told.rejected == []
    kind = "caller_unauthenticated" if status == 401 else "caller_forbidden"
    assert (await rig.row()).error_kind == kind
