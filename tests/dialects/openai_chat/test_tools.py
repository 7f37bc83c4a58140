from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.dialects.names import ToolNames
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_schema import FREE_TEXT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Tool, ToolCall, ToolChoice, ToolChoiceMode
from app.vendors import profiles
from tests.dialects.openai_chat.turns import assistant, body, user, written

FUNCTION = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}
CLOSED = b'{"type":"object","properties":{},"required":[],"additionalProperties":false}'
SEARCH = Tool("web_search", kind="web_search_20250305", json=b'{"max_uses":8,"blocked_domains":["b.x"]}')
FORCED_SEARCH = ToolChoice(ToolChoiceMode.NAMED, "web_search")


def read(**members):
    return OPENAI_CHAT.read_request(json.dumps({"model": "m", "messages": [], **members}).encode())


def refused(**members):
    with pytest.raises(PatchbayError) as raised:
        read(**members)
    return raised.value.kind, raised.value.param


def refused_writing(**members):
    with pytest.raises(PatchbayError) as raised:
        written(**members)
    return raised.value.kind, raised.value.param


class TestRead:
    def test_functions(self):
        strict = {"type": "function", "function": {"name": "g", "strict": True, "parameters": None}}
        assert read(tools=[FUNCTION, strict]).tools == (
            Tool("f", "d", b'{"type": "object"}'),
            Tool("g", strict=True),
        )
        assert read(functions=[FUNCTION["function"]]).tools == (Tool("f", "d", b'{"type": "object"}'),)

    def test_free_text_tools_keep_their_grammar_as_a_sentence(self):
        grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}
        (tool,) = read(tools=[{"type": "custom", "custom": {"name": "p", "description": "d", "format": grammar}}]).tools
        assert (tool.name, tool.schema, tool.custom) == ("p", FREE_TEXT, True)
        assert tool.description == "d\n\nThe input must match this lark grammar:\nstart: x"
        (plain,) = read(tools=[{"type": "custom", "custom": {"name": "p", "format": {"type": "text"}}}]).tools
        assert plain.description == ""

    def test_web_search_is_a_vendors_tool(self):
        place = {"user_location": {"type": "approximate", "approximate": {"city": "Ulm"}}}
        (tool,) = read(web_search_options=place).tools
        assert (tool.name, tool.kind) == ("web_search", "web_search")
        assert json.loads(tool.json) == {"user_location": {"type": "approximate", "city": "Ulm"}}
        assert read(web_search_options={}).tools[0].json == b"{}"

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [
            ("auto", ToolChoice(ToolChoiceMode.AUTO)),
            ("none", ToolChoice(ToolChoiceMode.NONE)),
            ("required", ToolChoice(ToolChoiceMode.REQUIRED)),
            ({"type": "function", "function": {"name": "f"}}, ToolChoice(ToolChoiceMode.NAMED, "f")),
            ({"type": "custom", "custom": {"name": "p"}}, ToolChoice(ToolChoiceMode.NAMED, "p")),
            (None, None),
        ],
    )
    def test_choices(self, choice, expected):
        assert read(tool_choice=choice).tool_choice == expected

    def test_allowed_tools_filter_the_list(self):
        other = {"type": "function", "function": {"name": "g"}}
        allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "g"}}]}
        found = read(tools=[FUNCTION, other], tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
        assert found.tools == (Tool("g"),)
        assert found.tool_choice == ToolChoice(ToolChoiceMode.REQUIRED)

    def test_the_old_function_call(self):
        assert read(function_call="none").tool_choice == ToolChoice(ToolChoiceMode.NONE)
        assert read(function_call={"name": "f"}).tool_choice == ToolChoice(ToolChoiceMode.NAMED, "f")

    @pytest.mark.parametrize(
        ("members", "param"),
        [
            ({"tools": [{"type": "function"}]}, "tools.0.function"),
            ({"tools": [FUNCTION, {"type": "computer"}]}, "tools.1.type"),
            ({"tool_choice": "any"}, "tool_choice"),
            ({"tool_choice": {"type": "function"}}, "tool_choice"),
            ({"function_call": "any"}, "function_call"),
            (
                {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "x", "tools": []}}},
                "tool_choice.allowed_tools.mode",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, members, param):
        assert refused(**members) == (ErrorKind.INVALID_REQUEST, param)


class TestWrite:
    def test_a_function(self):
        (tool,) = body(tools=(Tool("f", "d", b'{"type":"object","$schema":"x"}'),))["tools"]
        assert tool["function"] == {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}

    def test_strict_only_where_upstream_and_schema_take_it(self):
        strict = Tool("f", schema=CLOSED, strict=True)
        assert body(tools=(strict,))["tools"][0]["function"]["strict"] is True
        assert "strict" not in body(tools=(strict,), profile=profiles.OLLAMA)["tools"][0]["function"]
        assert "strict" not in body(tools=(replace(strict, schema=b'{"type":"object"}'),))["tools"][0]["function"]

    def test_a_vendors_tool_with_a_schema_is_a_function(self):
        found = body(tools=(Tool("bash", "Run.", CLOSED, kind="bash_20250124"),))
        assert found["tools"][0]["function"]["name"] == "bash"

    def test_a_free_text_tool_is_a_function_with_one_text(self):
        found = body(tools=(Tool("p", custom=True),))
        assert found["tools"][0]["function"]["parameters"] == json.loads(FREE_TEXT)

    def test_without_tools_nothing_about_tools_is_sent(self):
        choice = ToolChoice(ToolChoiceMode.REQUIRED)
        assert body(tool_choice=choice, parallel_tool_calls=False).keys() == {"model", "messages"}

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [
            (None, None),
            (ToolChoice(ToolChoiceMode.AUTO), None),
            (ToolChoice(ToolChoiceMode.NONE), "none"),
            (ToolChoice(ToolChoiceMode.REQUIRED), "required"),
            (ToolChoice(ToolChoiceMode.NAMED, "f"), {"type": "function", "function": {"name": "f"}}),
        ],
    )
    def test_choices(self, choice, expected):
        assert body(tools=(Tool("f"),), tool_choice=choice).get("tool_choice") == expected

    def test_an_upstream_without_choices_calls_none_where_it_sees_none(self):
        none = written(tools=(Tool("f"),), tool_choice=ToolChoice(ToolChoiceMode.NONE), profile=profiles.OLLAMA)
        assert "tools" not in json.loads(none.body)
        assert none.dropped == ("tool_choice",)
        forced = written(tools=(Tool("f"),), tool_choice=ToolChoice(ToolChoiceMode.REQUIRED), profile=profiles.OLLAMA)
        assert (json.loads(forced.body).get("tool_choice"), forced.dropped) == (None, ("tool_choice",))

    def test_serial_calls_are_asked_for_where_that_is_possible(self):
        assert body(tools=(Tool("f"),), parallel_tool_calls=False)["parallel_tool_calls"] is False
        assert "parallel_tool_calls" not in body(tools=(Tool("f"),), parallel_tool_calls=True)
        ollama = written(tools=(Tool("f"),), parallel_tool_calls=False, profile=profiles.OLLAMA)
        assert ollama.dropped == ("parallel_tool_calls",)

    def test_no_more_tools_than_allowed_and_the_forced_one_among_them(self):
        tools = tuple(Tool(f"t{number}") for number in range(200))
        found = written(tools=tools, tool_choice=ToolChoice(ToolChoiceMode.NAMED, "t199"))
        names = [tool["function"]["name"] for tool in json.loads(found.body)["tools"]]
        assert names == [f"t{number}" for number in range(127)] + ["t199"]
        assert found.dropped == ("tools[128:]",)

    def test_each_name_once(self):
        assert len(body(tools=(Tool("f", "first"), Tool("f", "second")))["tools"]) == 1
        assert body(tools=(Tool("f", "first"), Tool("f", "second")))["tools"][0]["function"]["description"] == "first"

    def test_long_names_are_shortened_everywhere_and_mapped_back(self):
        long = "mcp__" + "x" * 80
        found = written(
            user("q"),
            assistant(ToolCall("1", long, "{}")),
            tools=(Tool(long),),
            tool_choice=ToolChoice(ToolChoiceMode.NAMED, long),
        )
        short = ToolNames([long]).upstream(long)
        data = json.loads(found.body)
        assert data["tools"][0]["function"]["name"] == short
        assert data["tool_choice"]["function"]["name"] == short
        assert data["messages"][1]["tool_calls"][0]["function"]["name"] == short
        assert found.names.client(short) == long

    def test_a_choice_of_no_tool_is_refused(self):
        choice = ToolChoice(ToolChoiceMode.NAMED, "g")
        assert refused_writing(tools=(Tool("f"),), tool_choice=choice) == (ErrorKind.INVALID_REQUEST, "tool_choice")


class TestVendorTools:
    def test_openrouter_searches_by_itself(self):
        found = body(tools=(SEARCH,), tool_choice=FORCED_SEARCH, profile=profiles.OPENROUTER)
        assert found["tools"] == [
            {"type": "openrouter:web_search", "parameters": {"max_uses": 8, "excluded_domains": ["b.x"]}}
        ]
        assert "tool_choice" not in found
        responses = Tool("web_search", kind="web_search", json=b'{"filters":{"allowed_domains":["a.x"]}}')
        found = body(tools=(responses,), profile=profiles.OPENROUTER)
        assert found["tools"][0]["parameters"] == {"allowed_domains": ["a.x"]}

    def test_openais_search_models_take_an_option(self):
        wishes = b'{"user_location":{"type":"approximate","city":"Ulm"},"search_context_size":"low","max_uses":3}'
        place = Tool("web_search", kind="web_search", json=wishes)
        found = OPENAI_CHAT.write_request(
            replace(OPENAI_CHAT.read_request(b'{"model":"m","messages":[]}'), tools=(place,)),
            "gpt-4o-search-preview",
            profiles.OPENAI,
        )
        where = {"type": "approximate", "approximate": {"city": "Ulm"}}
        assert json.loads(found.body)["web_search_options"] == {"user_location": where, "search_context_size": "low"}
        assert found.dropped == ("tools.web_search.max_uses",)

    def test_elsewhere_the_model_is_told_that_search_is_missing(self):
        found = written(tools=(SEARCH, Tool("f")), tool_choice=FORCED_SEARCH)
        data = json.loads(found.body)
        assert [tool["function"]["name"] for tool in data["tools"]] == ["f"]
        assert "web_search" in data["messages"][0]["content"]
        assert "tool_choice" not in data
        assert found.dropped == ("tools.web_search",)

    def test_a_forced_tool_that_is_missing_is_refused(self):
        fetch = Tool("web_fetch", kind="web_fetch_20250910", json=b"{}")
        choice = ToolChoice(ToolChoiceMode.NAMED, "web_fetch")
        assert refused_writing(tools=(fetch,), tool_choice=choice) == (ErrorKind.UNSUPPORTED, "tool_choice")
        assert written(tools=(fetch,)).dropped == ("tools.web_fetch",)

    def test_tools_that_run_at_their_vendor_are_refused(self):
        code = Tool("code_execution", kind="code_execution_20250825", json=b"{}")
        assert refused_writing(tools=(code,)) == (ErrorKind.UNSUPPORTED, "tools")

    def test_broken_options_search_without_any(self):
        broken = Tool("web_search", kind="web_search", json=b'{"max_uses":"many"}')
        found = body(tools=(broken,), profile=Profile(kind="openrouter"))
        assert found["tools"] == [{"type": "openrouter:web_search", "parameters": {}}]
