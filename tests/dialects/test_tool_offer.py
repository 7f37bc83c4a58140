from __future__ import annotations

import pytest

from app.dialects import tool_offer
from app.dialects.notes import Notes
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Request, Tool, ToolChoice, ToolChoiceMode


def request(*names, forced=""):
    choice = ToolChoice(ToolChoiceMode.NAMED, forced) if forced else None
    return Request("m", (), tools=tuple(Tool(name) for name in names), tool_choice=choice)


def test_each_tool_is_offered_once():
    assert [tool.name for tool in tool_offer.wanted(request("a", "b", "a"), 9, Notes())] == ["a", "b"]


def test_the_forced_tool_is_among_those_that_an_upstream_takes():
    notes = Notes()
    assert [tool.name for tool in tool_offer.wanted(request("a", "b", "c", forced="c"), 2, notes)] == ["a", "c"]
    assert notes.dropped == ["tools[2:]"]


def test_a_tool_that_its_vendor_runs_is_left_out_or_refused():
    notes = Notes()
    assert tool_offer.leave_out(Tool("search", kind="web_search_20250305"), notes) == "search"
    assert notes.dropped == ["tools.search"]
    with pytest.raises(PatchbayError) as raised:
        tool_offer.leave_out(Tool("x", kind="code_execution_20250825"), notes)
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "tools")
    with pytest.raises(PatchbayError, match="search is not available"):
        tool_offer.refuse_forced(request("a", forced="search"), {"search"})
    tool_offer.refuse_forced(request("a", forced="a"), {"search"})
    assert tool_offer.not_offered("x").param == "tool_choice"


@pytest.mark.parametrize(
    ("tool", "function"),
    [
        (Tool("a"), True),
        (Tool("bash", schema=b"{}", kind="bash_20250124"), True),
        (Tool("p", custom=True), True),
        (Tool("s", kind="web_search"), False),
    ],
)
def test_what_the_client_runs_is_a_function(tool, function):
    assert tool_offer.is_function(tool) is function


def test_the_model_is_told_what_it_lacks_and_only_a_search_may_be_demanded_in_vain():
    notes = Notes()
    demanded = Request("m", (), tool_choice=ToolChoice(ToolChoiceMode.NAMED, "web_search"))
    tool_offer.say_missing(demanded, {"web_search", "web_fetch"}, {"web_search"}, notes)
    assert "web_fetch, web_search" in notes.system[0]
    with pytest.raises(PatchbayError, match="web_search is not available"):
        tool_offer.say_missing(demanded, {"web_search"}, (), notes)
    notes = Notes()
    tool_offer.say_missing(demanded, set(), {"web_search"}, notes)
    assert notes.system == []


@pytest.mark.parametrize(
    ("parallel", "knows", "told", "dropped"),
    [
        (False, True, True, []),
        (False, False, False, ["parallel_tool_calls"]),
        (True, False, False, []),
        (None, True, False, []),
    ],
)
def test_one_call_at_a_time_is_asked_for_where_the_upstream_knows_the_word(parallel, knows, told, dropped):
    notes, request = Notes(), Request("m", (), parallel_tool_calls=parallel)
    assert tool_offer.one_at_a_time(request, Profile(parallel_tool_calls=knows), notes) is told
    assert notes.dropped == dropped
