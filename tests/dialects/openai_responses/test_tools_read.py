from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses.tools_read import flat_name
from app.dialects.openai_schema import FREE_TEXT
from app.domain.errors import ErrorKind
from app.domain.request import Tool, ToolChoice, ToolChoiceMode
from tests.dialects.openai_responses.turns import function, read, refused, user

PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "edit",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/s"},
}
SEARCH = {"type": "tool_search", "execution": "client", "parameters": {"type": "object"}, "description": "find"}


def tools(*given, **more):
    return read(user("q"), tools=list(given), **more).tools


class TestTools:
    def test_a_function(self):
        (found,) = tools(function("f", description="d", strict=True))
        assert found == Tool("f", "d", b'{"type": "object"}', True)

    def test_free_text_keeps_its_grammar_as_a_sentence(self):
        (found,) = tools(PATCH)
        assert (found.name, found.schema, found.custom) == ("apply_patch", FREE_TEXT, True)
        assert found.description == "edit\n\nThe input must match this lark grammar:\nstart: /.+/s"
        assert tools({**PATCH, "format": {"type": "text"}})[0].description == "edit"

    def test_a_namespace_is_flattened(self):
        inner = [function("close", description="c"), {**PATCH, "name": "edit"}]
        request = read(user("q"), tools=[{"type": "namespace", "name": "n", "description": "d", "tools": inner}])
        assert [(tool.name, tool.namespace, tool.custom) for tool in request.tools] == [
            ("n__close", "n", False),
            ("n__edit", "n", True),
        ]
        assert request.dropped == ("tools.namespace.description",)

    def test_each_name_counts_once(self):
        assert [tool.description for tool in tools(function("f", description="1"), function("f"))] == ["1"]

    def test_a_web_search_keeps_its_wishes_where_other_vendors_look(self):
        (found,) = tools(
            {
                "type": "web_search_preview",
                "filters": {"allowed_domains": ["e.x"]},
                "user_location": {"type": "approximate", "country": "DE", "city": None},
            }
        )
        assert (found.name, found.kind) == ("web_search", "web_search")
        wishes = json.loads(found.json)
        assert wishes["allowed_domains"] == ["e.x"]
        assert wishes["user_location"] == {"type": "approximate", "country": "DE"}

    def test_a_tool_search_that_the_client_runs_is_a_function(self):
        (found,) = tools(SEARCH)
        assert (found.name, found.description, found.kind) == ("tool_search", "find", "tool_search")
        assert found.schema

    @pytest.mark.parametrize("kind", ["file_search", "mcp", "local_shell", "image_generation", "x"])
    def test_what_only_openai_runs_is_left_out_by_name(self, kind):
        request = read(user("q"), tools=[{"type": kind}, {"type": "tool_search", "execution": "server"}])
        assert request.tools == ()
        assert request.dropped == (f"tools.{kind}", "tools.tool_search")

    def test_what_no_other_vendor_knows_of_a_function_is_named(self):
        wish = {"defer_loading": True, "output_schema": {}, "allowed_callers": ["direct"]}
        dropped = read(user("q"), tools=[function("f", **wish)]).dropped
        assert set(dropped) == {f"tools.{name}" for name in wish}

    @pytest.mark.parametrize(
        ("tool", "param"),
        [
            ({"type": "function"}, "tools.0.name"),
            ({"type": "custom", "name": ""}, "tools.0.name"),
            ({"type": "namespace", "tools": []}, "tools.0.name"),
            ({"type": "namespace", "name": "n", "tools": [{"type": "function"}]}, "tools.0.tools.0.name"),
            ({"name": "f"}, "tools.0.type"),
            ({"type": "custom", "name": "f", "format": 3}, "tools.0.format"),
            (3, "tools.0"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, tool, param):
        assert refused(tools=[tool]).param == param


class TestChoice:
    @pytest.mark.parametrize(
        ("given", "choice"),
        [
            ("auto", ToolChoice(ToolChoiceMode.AUTO)),
            ("none", ToolChoice(ToolChoiceMode.NONE)),
            ("required", ToolChoice(ToolChoiceMode.REQUIRED)),
            ({"type": "function", "name": "f"}, ToolChoice(ToolChoiceMode.NAMED, "f")),
            ({"type": "custom", "name": "f", "namespace": "n"}, ToolChoice(ToolChoiceMode.NAMED, "n__f")),
            ({"type": "web_search_preview"}, ToolChoice(ToolChoiceMode.NAMED, "web_search")),
            ({"type": "tool_search"}, ToolChoice(ToolChoiceMode.NAMED, "tool_search")),
            ({"type": "allowed_tools", "mode": "required", "tools": []}, ToolChoice(ToolChoiceMode.REQUIRED)),
        ],
    )
    def test_every_form(self, given, choice):
        offered = [function("f"), {"type": "web_search"}, SEARCH]
        assert read(user("q"), tools=offered, tool_choice=given).tool_choice == choice

    @pytest.mark.parametrize(
        ("given", "kind", "param"),
        [
            ("any", ErrorKind.INVALID_REQUEST, "tool_choice"),
            ({"type": "function"}, ErrorKind.INVALID_REQUEST, "tool_choice.name"),
            ({"type": "allowed_tools", "mode": "x"}, ErrorKind.INVALID_REQUEST, "tool_choice.mode"),
            ({"type": "file_search"}, ErrorKind.UNSUPPORTED, "tool_choice"),
            ({"type": "web_search"}, ErrorKind.UNSUPPORTED, "tool_choice"),
            ({"type": "f"}, ErrorKind.UNSUPPORTED, "tool_choice"),
        ],
    )
    def test_what_cannot_be_chosen_is_refused(self, given, kind, param):
        error = refused(tools=[function("f"), {"type": "file_search"}], tool_choice=given)
        assert (error.kind, error.param) == (kind, param)

    def test_allowed_tools_leave_only_these(self):
        pointed = [
            {"type": "function", "name": "f"},
            {"type": "web_search_preview"},
            {"type": "namespace", "name": "n"},
        ]
        space = {"type": "namespace", "name": "n", "tools": [function("g")]}
        found = tools(
            function("f"),
            function("other"),
            function("web_search_x"),
            {"type": "web_search"},
            space,
            tool_choice={"type": "allowed_tools", "mode": "auto", "tools": pointed},
        )
        assert [tool.name for tool in found] == ["f", "web_search", "n__g"]


def test_a_name_without_a_namespace_stays():
    assert (flat_name("f", None), flat_name("f", "n")) == ("f", "n__f")
