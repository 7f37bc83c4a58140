from __future__ import annotations

import pytest

from app.domain.provider import Credential, CredentialState, Secret
from app.proxy.probe import list_models
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

READY = Credential(CredentialState.READY, Secret("sk-0123456789abcdef"))


@pytest.mark.parametrize(
    ("wire", "line"), [(ANTHROPIC, "GET /v1/models?limit=1000 HTTP/1.1"), (CHAT, "GET /v1/models HTTP/1.1")]
)
async def test_anthropic_is_asked_for_more_than_its_first_page(rig, wire, line):
    provider = rig.configure(wire)
    rig.upstream.script = whole(b'{"data": [{"id": "a"}, {"id": "b"}]}')
    assert await list_models(provider, READY) == ("a", "b")
    assert rig.upstream.seen[0].line == line
