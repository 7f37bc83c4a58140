from __future__ import annotations

import pytest

from app.dialects import DIALECTS
from app.domain.exchange import Side
from app.proxy.call import Call
from tests.fakes.rig import snapshot


class Http:
    method = "POST"
    headers = {"A": "b"}


@pytest.mark.parametrize(("query", "line"), [("", "POST /v1/x"), ("beta=true", "POST /v1/x?beta=true")])
def test_the_request_as_the_record_keeps_it(query, line):
    call = Call(Http(), snapshot(), "f" * 32, 0, 0, DIALECTS[0], "/v1/x", query, body=b"body")
    assert call.side() == Side((("A", "b"),), (b"body",), line)
    assert call.request_id == "req_" + "f" * 32


def test_the_record_keeps_the_pin():
    call = Call(Http(), snapshot(), "f" * 32, 0, 0, DIALECTS[0], "/v1/x", "a=1", pin="my site/2")
    assert call.side().line == "POST /p/my%20site%2F2/v1/x?a=1"
