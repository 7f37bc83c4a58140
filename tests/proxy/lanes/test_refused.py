"""A refusal in the client's own dialect goes on as it came; in another one it is said anew."""

from __future__ import annotations

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.exchange import State
from app.proxy.lanes.refused import Refused
from tests.fakes.rig import SECRET
from tests.fakes.scripted import whole


def test_it_says_what_it_means():
    refused = Refused(PatchbayError(ErrorKind.OVERLOADED, "not now"), 529, b"{}", (("retry-after", "3"),))
    assert (str(refused), refused.status, refused.body) == ("not now", 529, b"{}")
    assert refused.error.kind is ErrorKind.OVERLOADED


async def test_it_keeps_its_status_its_bytes_and_what_may_pass_of_its_headers(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    said = upstream.error("too warm: temperature", "invalid_request_error") + b"\n"
    rig.upstream.script = whole(said, "Set-Cookie: a=b", "request-id: r1", status=422)
    reply = await rig.chat(client)
    assert (reply.body == said) is (client is upstream)
    assert reply.get("set-cookie") is None
    if client is upstream:
        assert (reply.status, reply.get("request-id")) == (422, "r1")
    row = await rig.row()
    assert (row.state, row.error, row.upstream_status) == (State.FAILED, "too warm: temperature", 422)
    assert [(one.status, one.error) for one in row.attempts] == [(422, "upstream_invalid_request")]


async def test_no_key_of_ours_goes_with_it(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.error(f"bad header {SECRET}"), status=400)
    reply = await rig.chat(wire)
    assert reply.status == 400
    assert SECRET.encode() not in reply.body
    assert SECRET not in (await rig.row()).error
