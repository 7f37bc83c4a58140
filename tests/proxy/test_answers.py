from __future__ import annotations

import json

import pytest

from app.dialects import DIALECTS
from app.domain.errors import ErrorKind, PatchbayError
from app.proxy import answers
from app.proxy.headers import PLAIN
from app.proxy.instance import Instance


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", ErrorKind, ids=lambda one: one.word)
def test_every_error_can_be_told(dialect, kind):
    error = PatchbayError(kind, "what happened", param="POST", upstream_status=418, retry_after_s=1.2)
    reply = answers.refusal(error, dialect, "req_1")
    assert 400 <= reply.status < 600
    assert "what happened" in json.loads(reply.body)["error"]["message"]
    assert reply.headers["x-patchbay-upstream-status"] == "418"
    assert reply.headers["retry-after"] == "2"
    assert ("WWW-Authenticate" in reply.headers) == (kind is ErrorKind.UNAUTHENTICATED)
    assert ("Allow" in reply.headers) == (kind is ErrorKind.METHOD_NOT_ALLOWED)
    for name, value in PLAIN:
        assert reply.headers[name] == value
    assert len(reply.headers.getall("Content-Type")) == 1


def test_after_some_errors_the_connection_ends():
    ends = {
        kind for kind in ErrorKind
        if answers.refusal(PatchbayError(kind, "x"), DIALECTS[0], "r").keep_alive is False
    }  # fmt: skip
    assert ErrorKind.HOST_NOT_ALLOWED in ends
    assert ErrorKind.RATE_LIMITED not in ends


def test_the_status_and_its_proof():
    instance = Instance("s")
    assert json.loads(answers.status(instance, "").body) == {"status": "ok"}
    assert json.loads(answers.status(instance, "nonce=a%20b&x=1").body)["proof"] == instance.proof("a b")


def test_a_defect_says_nothing_of_itself():
    reply = answers.internal(DIALECTS[0], "req_1")
    assert reply.status == 500
    assert "log" in json.loads(reply.body)["error"]["message"]
    assert reply.headers["x-should-retry"] == "false"
