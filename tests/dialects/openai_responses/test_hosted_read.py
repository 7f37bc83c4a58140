from __future__ import annotations

import json

import msgspec
import pytest

from app.dialects.openai_responses.hosted_read import HOSTED, read_hosted, read_search
from app.domain.request import Role


def raw(**item):
    return msgspec.Raw(json.dumps(item).encode())


def test_what_was_run_is_told_with_its_result():
    item = raw(type="local_shell_call", id="x", action={"command": ["ls", "-a"]}, status="completed")
    role, part = read_hosted("local_shell_call", item, "p")
    assert role is Role.ASSISTANT
    assert part.text == '[local_shell_call {"action":{"command":["ls","-a"]}}]'
    assert part.json == bytes(item)


def test_a_result_is_the_users():
    role, part = read_hosted("local_shell_call_output", raw(output="a\nb"), "p")
    assert (role, part.text) == (Role.USER, '[local_shell_call_output {"output":"a\\nb"}]')


@pytest.mark.parametrize("data", ["data:image/png;base64,AA", "A" * 2000])
def test_pictures_are_left_out(data):
    _, part = read_hosted("computer_call_output", raw(output={"image_url": data, "deep": [data]}), "p")
    assert data not in part.text
    assert "A" * 2000 not in read_hosted("image_generation_call", raw(result="A" * 2000), "p")[1].text


@pytest.mark.parametrize("kind", sorted(HOSTED))
def test_every_kind_says_what_it_is(kind):
    assert read_hosted(kind, raw(type=kind), "p")[1].text == f"[{kind}]"


@pytest.mark.parametrize(
    ("action", "looked"),
    [
        ({"type": "search", "query": "a"}, "a"),
        ({"type": "search", "queries": ["a", "b"]}, "a; b"),
        ({"type": "open_page", "url": "https://e.x"}, "https://e.x"),
        (None, ""),
    ],
)
def test_a_search_says_what_was_looked_for(action, looked):
    assert read_search(raw(type="web_search_call", action=action), "p").text == f'[web search "{looked}"]'
