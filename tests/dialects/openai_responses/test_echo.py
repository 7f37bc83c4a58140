from __future__ import annotations

import json

from msgspec import Raw

from app.dialects.openai_responses.echo import Echo, Meant, read_echo, write_echo
from tests.dialects.openai_responses.turns import read


def test_the_reply_repeats_what_was_given_and_nothing_else():
    members = {"tools": Raw(b"[1]"), "metadata": Raw(b"null"), "model": Raw(b'"m"'), "patchbay": Raw(b'{"x":1}')}
    echo = read_echo(write_echo(members, Meant()))
    assert {name: bytes(value) for name, value in echo.members.items()} == {"tools": b"[1]"}
    assert echo.meant == Meant()


def test_how_it_was_meant_travels_along():
    meant = Meant(tool_search=True, compacting=True, users=[Raw(b'{"role":"user"}')])
    assert read_echo(write_echo({}, meant)).meant == meant


def test_no_echo_is_empty():
    assert read_echo(b"") == Echo()


def test_a_request_is_echoed_as_json():
    request = read(temperature=0.5, metadata={"a": "b"}, store=False, reasoning={"effort": "low"})
    assert json.loads(request.echo) == {"temperature": 0.5, "metadata": {"a": "b"}, "reasoning": {"effort": "low"}}
