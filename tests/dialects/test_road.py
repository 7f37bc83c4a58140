from __future__ import annotations

from app.dialects.base import NameMap, Road, Written
from app.dialects.road import estimate_input, road_for, settled
from app.domain.provider import Profile
from app.domain.request import (
    Document,
    Foreign,
    Image,
    Message,
    Reasoning,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolChoiceMode,
    ToolResult,
)
from app.domain.usage import NO_USAGE, Usage, UsageSource

SEARCH = Tool("web_search", kind="web_search_20250305")
FORCED = ToolChoice(ToolChoiceMode.NAMED, "web_search")


def request(*parts, **more):
    return Request("asked", (Message(Role.USER, parts),), **more)


def test_a_road_knows_what_both_ends_need():
    asked = request(
        Text("hi"),
        stop=("END",),
        include_usage=True,
        reasoning=Reasoning(show=True, omit_text=True),
        tools=(Tool("p", custom=True), Tool("f")),
    )
    names = NameMap({"a": "b"})
    road = road_for(asked, Written(b"", names, json_tool=True), "sent", Profile(kind="k"), 5)
    assert (road.requested_model, road.sent_model, road.upstream_kind, road.created_s) == ("asked", "sent", "k", 5)
    assert (road.names, road.stop, road.include_usage, road.json_tool) == (names, ("END",), True, True)
    assert (road.show_thinking, road.omit_thinking_text, road.custom_tools) == (True, True, {"p"})
    assert road.input_estimate_tokens == estimate_input(asked)


def query(said, **more):
    asked = request(Text(said), **({"tools": (SEARCH,), "tool_choice": FORCED} | more))
    return road_for(asked, Written(b""), "m", Profile(), 0).search_query


def test_a_forced_search_has_a_query():
    assert query("Perform a web search for the query: weather in Ulm") == "weather in Ulm"
    assert query("weather") == "weather"
    assert query("weather", tool_choice=ToolChoice(ToolChoiceMode.REQUIRED)) == "weather"


def test_other_requests_have_none():
    assert query("weather", tool_choice=None) == ""
    assert query("weather", tool_choice=ToolChoice(ToolChoiceMode.AUTO)) == ""
    assert query("weather", tools=(SEARCH, Tool("f"))) == ""
    assert query("weather", tools=()) == ""


def test_text_of_every_kind_counts():
    empty = estimate_input(request())
    text = "x" * 360
    for part in (
        Text(text),
        Thinking(text),
        ToolCall("", "", text),
        ToolResult("", (Text(text),)),
        Document(text=text),
    ):
        assert 99 <= estimate_input(request(part)) - empty <= 100
    assert 99 <= estimate_input(request(Foreign("", "", b"", text))) - empty <= 100
    assert 99 <= estimate_input(request(system=(Text(text),))) - empty <= 100
    assert estimate_input(request(Text("ü" * 180))) == estimate_input(request(Text(text)))


def test_base64_never_counts_as_text():
    data = "A" * 1_000_000
    empty = estimate_input(request())
    assert estimate_input(request(Image("image/png", data))) - empty == 1500
    assert estimate_input(request(ToolResult("", (Image("image/png", data),)))) - empty == 1500
    assert estimate_input(request(Document("application/pdf", data=data))) - empty == 32_000
    assert estimate_input(request(Document("application/pdf", url="u"))) - empty == 2000


def test_tools_and_messages_have_a_weight_of_their_own():
    tool = Tool("n" * 36, "d" * 36, b"s" * 36)
    assert estimate_input(request(tools=(tool,))) - estimate_input(request()) == 29 + 12 + 350
    assert estimate_input(Request("m", ())) == 1


def test_known_counts_stay_and_unknown_ones_are_estimated():
    known, road = Usage(1, output_tokens=2), Road("", "", input_estimate_tokens=50)
    assert settled(known, road, 36) is known
    assert settled(NO_USAGE, road, 36) == Usage(50, output_tokens=10, source=UsageSource.ESTIMATED)
    assert settled(NO_USAGE, road, 0).output_tokens == 0
