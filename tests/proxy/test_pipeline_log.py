"""What the proxy logs about a request: at the most talkative level, no key and no word of anybody's prompt."""

from __future__ import annotations

import logging

import pytest

from tests.fakes.rig import KEY, SECRET
from tests.fakes.scripted import cut, whole
from tests.fakes.wires import ANTHROPIC

PROMPT = "the very private prompt"


def defect(*_):
    raise ZeroDivisionError("a defect")


SCRIPTS = {
    "answered": lambda wire: whole(wire.whole()),
    "refused": lambda wire: whole(wire.error(f"bad key {SECRET}", "authentication_error"), status=401),
    "broken": lambda wire: whole(b"<html>" + SECRET.encode(), media_type="text/html"),
    "cut": lambda wire: cut(*wire.events("x", ended=False), how="reset"),
}


@pytest.mark.parametrize("how", [*SCRIPTS, "defect", "no http"])
async def test_the_log_holds_no_secret(rig, pair, how, caplog, monkeypatch):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = SCRIPTS.get(how, SCRIPTS["answered"])(upstream)
    if how == "defect":
        monkeypatch.setattr("app.proxy.lanes.carry.passthrough", defect)
        monkeypatch.setattr("app.proxy.lanes.carry.convert", defect)
    caplog.set_level(logging.DEBUG)
    body = client.request(messages=[{"role": "user", "content": PROMPT}], stream=how == "cut")
    headers = (*client.headers, "Bad\x00Header: x") if how == "no http" else client.headers
    reply = await rig.ask(client.path, body, *headers)
    if how == "defect":
        assert reply.status == 500
        assert "a defect" in caplog.text
    for word in (KEY, SECRET, PROMPT):
        assert word not in caplog.text


async def test_a_key_in_the_url_is_not_logged(rig, caplog):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole())
    caplog.set_level(logging.DEBUG)
    assert (await rig.ask(f"/k/{KEY}/v1/messages", ANTHROPIC.request(), *ANTHROPIC.headers, key=None)).status == 200
    await rig.ask(f"/k/{KEY}/v1/mess\x7fages", ANTHROPIC.request(), *ANTHROPIC.headers, key=None)
    assert KEY not in caplog.text
    assert KEY not in str(await rig.row())
