from __future__ import annotations

import json

import pytest

from app.domain.errors import ErrorKind
from app.domain.provider import Profile
from app.domain.request import Tool, ToolChoice, ToolChoiceMode
from app.vendors import profiles
from tests.dialects.openai_responses.written import body, refused, written

SCHEMA = b'{"$schema":"x","type":"object","properties":{"a":{"type":"string"}},"required":["a"]}'
CLOSED = SCHEMA[:-1] + b',"additionalProperties":false}'
F = Tool("f", "does", SCHEMA)
SEARCH = Tool("web_search", kind="web_search_20250305", json=b'{"max_uses":3,"allowed_domains":["a.org"]}')


def choice(mode, name=""):
    return ToolChoice(ToolChoiceMode(mode), name)


def test_a_function_is_never_strict_by_accident():
    (found,) = body(tools=(F,))["tools"]
    assert found == {
        "type": "function",
        "name": "f",
        "description": "does",
        "parameters": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        "strict": False,
    }


@pytest.mark.parametrize(
    ("tool", "strict"),
    [
        (Tool("f", schema=CLOSED, strict=True), True),
        (Tool("f", schema=CLOSED, strict=None), False),
        (Tool("f", schema=SCHEMA, strict=True), False),
    ],
)
def test_strict_only_where_it_was_asked_for_and_the_schema_is_fit(tool, strict):
    assert body(tools=(tool,))["tools"][0]["strict"] is strict
    assert body(tools=(tool,), profile=Profile(strict_tools=False))["tools"][0]["strict"] is False


def test_a_tool_without_a_schema_takes_no_arguments():
    assert body(tools=(Tool("f"),))["tools"][0]["parameters"] == {"type": "object", "properties": {}}


def test_a_free_text_tool_stays_one():
    assert body(tools=(Tool("patch", "edits", b"{}", custom=True),))["tools"] == [
        {"type": "custom", "name": "patch", "description": "edits"}
    ]


def test_a_vendors_tool_that_the_client_runs_is_a_function():
    assert body(tools=(Tool("bash", "", SCHEMA, kind="bash_20250124"),))["tools"][0]["type"] == "function"


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (None, None),
        (choice("auto"), None),
        (choice("none"), "none"),
        (choice("required"), "required"),
        (choice("named", "f"), {"type": "function", "name": "f"}),
        (choice("named", "patch"), {"type": "custom", "name": "patch"}),
    ],
)
def test_the_choice(wanted, sent):
    assert body(tools=(F, Tool("patch", custom=True)), tool_choice=wanted).get("tool_choice") == sent
    assert "tool_choice" not in body(tool_choice=wanted)


def test_a_choice_of_what_is_not_offered_is_refused():
    error = refused(tools=(F,), tool_choice=choice("named", "g"))
    assert (error.kind, error.param) == (ErrorKind.INVALID_REQUEST, "tool_choice")


def test_calls_one_by_one():
    assert body(tools=(F,), parallel_tool_calls=False)["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in body(tools=(F,), parallel_tool_calls=True)
    assert "parallel_tool_calls" not in body(parallel_tool_calls=False)
    assert written(tools=(F,), parallel_tool_calls=False, profile=profiles.OLLAMA).dropped == ("parallel_tool_calls",)


def test_an_upstream_without_a_tool_choice():
    made = written(tools=(F,), tool_choice=choice("required"), profile=profiles.OLLAMA)
    assert made.dropped == ("tool_choice",)
    assert "tools" not in body(tools=(F,), tool_choice=choice("none"), profile=profiles.OLLAMA)


class TestSearch:
    def test_openais_own(self):
        found = body(tools=(SEARCH,), tool_choice=choice("named", "web_search"))
        assert found["tools"] == [{"type": "web_search", "filters": {"allowed_domains": ["a.org"]}}]
        assert (found["tool_choice"], found["max_tool_calls"]) == ("required", 3)

    def test_with_every_wish(self):
        wishes = {"user_location": {"type": "approximate", "city": "Ulm"}, "search_context_size": "low"}
        tool = Tool("web_search", kind="web_search", json=json.dumps(wishes).encode())
        assert body(tools=(tool,))["tools"] == [{"type": "web_search", **wishes}]

    def test_what_openai_cannot_filter_is_named(self):
        tool = Tool("web_search", kind="web_search_20250305", json=b'{"blocked_domains":["b.org"]}')
        made = written(tools=(tool,))
        assert json.loads(made.body)["tools"] == [{"type": "web_search"}]
        assert made.dropped == ("tools.web_search.blocked_domains",)

    def test_openrouters(self):
        found = body(tools=(SEARCH,), profile=profiles.OPENROUTER)
        wishes = {"max_uses": 3, "allowed_domains": ["a.org"]}
        assert found["tools"] == [{"type": "openrouter:web_search", "parameters": wishes}]

    def test_elsewhere_the_model_knows_that_it_is_missing(self):
        made = written(tools=(SEARCH, F), tool_choice=choice("named", "web_search"), profile=profiles.GENERIC)
        sent = json.loads(made.body)
        assert "not available here: web_search" in sent["instructions"]
        assert [tool["name"] for tool in sent["tools"]] == ["f"]
        assert "tool_choice" not in sent
        assert made.dropped == ("tools.web_search",)


def test_a_tool_that_only_its_vendor_can_run_is_refused():
    error = refused(tools=(Tool("c", kind="code_execution_20250825"),))
    assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, "tools")
    forced = refused(tools=(Tool("w", kind="web_fetch_20250910"),), tool_choice=choice("named", "w"))
    assert forced.param == "tool_choice"
