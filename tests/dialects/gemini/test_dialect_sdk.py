"""Google's SDK against the dialect: what it asks, and what it makes of our answers."""

from __future__ import annotations

import base64
import json

import pytest
from google.genai import errors, types

from app.dialects import signatures
from app.dialects.base import ModelEntry, Road
from app.dialects.fold import reply_events
from app.dialects.gemini import GEMINI
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    MessageStart,
    Reply,
    StopReason,
    StreamError,
)
from app.domain.provider import Profile, ReasoningIn
from app.domain.request import (
    FormatKind,
    Image,
    Role,
    Search,
    SearchHit,
    Text,
    Thinking,
    ToolCall,
    ToolChoiceMode,
    ToolResult,
)
from app.domain.usage import Usage
from tests.dialects.case_files import Case
from tests.dialects.gemini import sdk

USAGE = Usage(10, 70, 20, output_tokens=9, reasoning_tokens=4)
PARTS = (
    Thinking("hm", "S"),
    Text("Grüße \u2028"),
    ToolCall("t1", "f", '{\n"x": 1\r\n}'),
    Search("s", "q", (SearchHit("u", "T", 0, 5),)),
    Text(" und mehr"),
    ToolCall("t2", "g", "{}"),
)


def road(**more):
    return Road("asked", "sent", created_s=1_790_000_000, **{"show_thinking": True, **more})


def streamed(events, *, sse=True, **more):
    written = GEMINI.stream_writer(road(event_stream=sse, **more)).write(events)
    return sdk.streamed(written) if sse else sdk.array(written)


# --- what it asks -----------------------------------------------------------------------------------------------------


class TestTheSdkAsks:
    def test_on_a_path_that_is_served(self):
        path, _ = sdk.asked("hi")
        assert path in {one.path.replace("{model}", "gpt-5") for one in GEMINI.endpoints}

    def test_a_conversation_with_tools_and_media(self):
        contents = [
            types.Content(
                role="user",
                parts=[types.Part(text="hi"), types.Part.from_bytes(data=b"\xff\xfe\xfd", mime_type="image/png")],
            ),
            types.Content(
                role="model",
                parts=[
                    types.Part(function_call=types.FunctionCall(id="c1", name="f", args={"x": 1})),
                    types.Part(function_call=types.FunctionCall(name="g", args={})),
                ],
            ),
            types.Content(
                role="user",
                parts=[
                    types.Part.from_function_response(name="g", response={"result": 7}),
                    types.Part(
                        function_response=types.FunctionResponse(
                            id="c1",
                            name="f",
                            response={"error": "no"},
                            parts=[
                                types.FunctionResponsePart(
                                    inline_data=types.FunctionResponseBlob(mime_type="image/png", data=b"\xff\xff")
                                )
                            ],
                        )
                    ),
                ],
            ),
        ]
        request = GEMINI.read_request(sdk.asked(contents)[1])
        assert [message.role for message in request.messages] == [Role.USER, Role.ASSISTANT, Role.USER]
        assert request.messages[0].parts == (Text("hi"), Image("image/png", "//79"))
        first, second = request.messages[1].parts
        assert isinstance(first, ToolCall)
        assert isinstance(second, ToolCall)
        assert (first.id, json.loads(first.arguments), second.name) == ("c1", {"x": 1}, "g")
        assert request.messages[2].parts == (
            ToolResult(second.id, (Text("7"),)),
            ToolResult("c1", (Text("no"), Image("image/png", "//8=")), is_error=True),
        )

    def test_every_setting(self):
        def weather(city: str) -> str:
            """The weather of a city."""
            return city

        declared = types.FunctionDeclaration(
            name="f",
            description="d",
            parameters=types.Schema(
                type="OBJECT", properties={"x": types.Schema(type="STRING", nullable=True, min_length=2)}
            ),
        )
        _, body = sdk.asked(
            "hi",
            system_instruction="S",
            temperature=0.5,
            top_p=0.9,
            top_k=3,
            max_output_tokens=9,
            stop_sequences=["E"],
            seed=4,
            tools=[
                types.Tool(function_declarations=[declared]),
                types.Tool(google_search=types.GoogleSearch()),
                weather,
            ],
            tool_config=types.ToolConfig(
                function_calling_config=types.FunctionCallingConfig(mode="ANY", allowed_function_names=["f"])
            ),
            response_mime_type="application/json",
            response_schema=types.Schema(type="OBJECT", properties={"a": types.Schema(type="INTEGER")}),
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_level="HIGH"),
            safety_settings=[types.SafetySetting(category="HARM_CATEGORY_HATE_SPEECH", threshold="BLOCK_NONE")],
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            response_modalities=["TEXT"],
        )
        request = GEMINI.read_request(body)
        assert request.system == (Text("S"),)
        assert (request.temperature, request.top_p, request.top_k) == (0.5, 0.9, 3)
        assert (request.max_tokens, request.stop) == (9, ("E",))
        tools = {tool.name: tool for tool in request.tools}
        assert json.loads(tools["f"].schema) == {
            "type": "object",
            "properties": {"x": {"type": ["string", "null"], "minLength": 2}},
        }
        assert json.loads(tools["weather"].schema)["properties"] == {"city": {"type": "string"}}
        assert (tools["googleSearch"].kind, tools["googleSearch"].json) == (
            "web_search",
            b"{}",
        )
        assert request.tool_choice is not None
        assert (request.tool_choice.mode, request.tool_choice.name) == (ToolChoiceMode.NAMED, "f")
        assert request.format is not None
        assert (request.format.kind, json.loads(request.format.schema)["type"]) == (FormatKind.JSON_SCHEMA, "object")
        assert (request.reasoning.enabled, request.reasoning.effort, request.reasoning.show) == (True, "high", True)
        assert set(request.dropped) == {
            "generationConfig.seed",
            "safetySettings",
            "tools.functionDeclarations.response_json_schema",
        }

    def test_a_token_count(self):
        seen = []
        answer = sdk.client(GEMINI.write_token_count(17), asked=seen).models.count_tokens(model="m", contents="hello")
        assert answer.total_tokens == 17
        assert GEMINI.read_count_request(seen[0].content).messages[0].parts == (Text("hello"),)


# --- what it reads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sse", [True, False])
def test_the_client_reads_a_stream(sse):
    chunks = streamed(reply_events(Reply("msg_1", "m", PARTS, StopReason.TOOL_USE, USAGE)), sse=sse)
    assert sdk.text(chunks) == "Grüße \u2028 und mehr"
    assert "".join(part.text for part in sdk.parts(chunks) if part.thought) == "hm"
    calls = [part.function_call for part in sdk.parts(chunks) if part.function_call]
    assert [(call.id, call.name, call.args) for call in calls] == [("t1", "f", {"x": 1}), ("t2", "g", {})]
    last = chunks[-1]
    assert [chunk.candidates[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["STOP"]
    assert {chunk.model_version for chunk in chunks} == {"asked"}
    assert len({chunk.response_id for chunk in chunks}) == 1
    usage = last.usage_metadata
    assert (usage.prompt_token_count, usage.cached_content_token_count, usage.total_token_count) == (100, 70, 109)
    assert (usage.candidates_token_count, usage.thoughts_token_count) == (5, 4)
    found = last.candidates[0].grounding_metadata
    assert [(chunk.web.uri, chunk.web.title) for chunk in found.grounding_chunks] == [("u", "T")]
    assert found.web_search_queries == ["q"]
    segment = found.grounding_supports[0].segment
    assert (segment.text, segment.start_index, segment.end_index) == ("Grüße", 0, 7)


def test_the_client_reads_a_whole_answer():
    found = sdk.whole(GEMINI.write_reply(Reply("msg_1", "m", PARTS, StopReason.TOOL_USE, USAGE), road()))
    assert found.candidates[0].finish_reason == "STOP"
    assert [call.name for call in found.function_calls] == ["f", "g"]
    assert found.candidates[0].grounding_metadata.grounding_supports[0].segment.text == "Grüße"
    assert found.response_id == "msg_1"


def test_a_text_alone_is_the_clients_text():
    assert sdk.whole(GEMINI.write_reply(Reply("1", "m", (Text("a"),), StopReason.END_TURN), road())).text == "a"
    assert sdk.whole(GEMINI.write_reply(Reply("1", "m", (), StopReason.END_TURN), road())).text == ""


@pytest.mark.parametrize("reason", list(StopReason))
def test_the_client_knows_every_finish_reason(reason):
    chunks = streamed(reply_events(Reply("", "m", (Text("a"),), reason, USAGE)))
    assert isinstance(chunks[-1].candidates[0].finish_reason, types.FinishReason)


def test_the_client_raises_on_an_error_in_the_stream():
    error = PatchbayError(ErrorKind.OVERLOADED, "Overloaded")
    stream = GEMINI.stream_writer(road()).write([MessageStart("1", "m"), StreamError(error)])
    with pytest.raises(errors.ServerError, match="Overloaded") as raised:
        sdk.streamed(stream)
    assert (raised.value.code, raised.value.status) == (503, "UNAVAILABLE")


def test_silence_is_broken_in_a_way_that_disturbs_no_one():
    for sse in (True, False):
        writer = GEMINI.stream_writer(road(event_stream=sse))
        written = writer.keep_alive(10)
        for event in reply_events(Reply("", "m", (Text("a"),), StopReason.END_TURN, USAGE)):
            written += writer.write([event]) + writer.keep_alive(20)
        assert sdk.text(sdk.streamed(written) if sse else sdk.array(written)) == "a"


@pytest.mark.parametrize(
    ("kind", "raised", "status"),
    [
        (ErrorKind.INVALID_REQUEST, errors.ClientError, "INVALID_ARGUMENT"),
        (ErrorKind.UNAUTHENTICATED, errors.ClientError, "UNAUTHENTICATED"),
        (ErrorKind.MODEL_NOT_FOUND, errors.ClientError, "NOT_FOUND"),
        (ErrorKind.RATE_LIMITED, errors.ClientError, "RESOURCE_EXHAUSTED"),
        (ErrorKind.OVERLOADED, errors.ServerError, "UNAVAILABLE"),
        (ErrorKind.CREDENTIAL_REJECTED, errors.ServerError, "UNAVAILABLE"),
    ],
)
def test_the_client_raises_what_is_meant(kind, raised, status):
    reply = GEMINI.write_error(PatchbayError(kind, "what happened", param="contents.0"), "req_1")
    found = sdk.failure(reply.status, reply.body)
    assert isinstance(found, raised)
    assert (found.status, found.message, found.code) == (status, "what happened", reply.status)


def test_the_client_lists_models():
    entries = [ModelEntry("a/b", "B", "a", 5, 1000, 200), ModelEntry("c", "", "d", 6)]
    listed = list(sdk.client(GEMINI.write_models(entries)).models.list())
    assert [(one.name, one.display_name, one.input_token_limit, one.output_token_limit) for one in listed] == [
        ("models/a/b", "B", 1000, 200),
        ("models/c", "c", None, None),
    ]
    one = sdk.client(GEMINI.write_model(entries[0])).models.get(model="a/b")
    assert (one.name, one.supported_actions) == ("models/a/b", ["generateContent", "countTokens"])


def test_what_an_upstream_wants_back_survives_the_client():
    """The signatures go through the SDK's own types, which know them as bytes and write them in another alphabet."""
    openai = signatures.wrap("openai", "sent", b'{"id":"rs_1","encrypted_content":"e+/="}')
    call = signatures.wrap("gemini", "sent", b'"c2ln"')
    spoken = (
        Thinking("deep \ud800thought", "anthropic-signature"),
        Thinking(redacted="opaque"),
        Text("I look."),
        Thinking("", openai),
        ToolCall("t1", "f", "{}", signature=call),
        ToolCall("t2", "f", "{}"),
        Thinking("late", openai),
    )
    chunks = streamed(reply_events(Reply("1", "m", spoken, StopReason.TOOL_USE, USAGE)), show_thinking=False)
    history = types.Content(role="model", parts=sdk.parts(chunks))
    request = GEMINI.read_request(sdk.asked([types.Content(role="user", parts=[types.Part(text="q")]), history])[1])
    found = [part for part in request.messages[1].parts if not isinstance(part, Text)]
    assert found == [
        Thinking("deep \ufffdthought", "anthropic-signature"),
        Thinking(redacted="opaque"),
        Thinking("", openai),
        ToolCall("t1", "f", "{}", signature=call),
        ToolCall("t2", "f", "{}"),
        Thinking("", openai),
    ]


def test_reasoning_that_must_be_replayed_comes_back():
    profile = Profile(reasoning_in=ReasoningIn.CONTENT)
    empty = signatures.wrap("deepseek", "sent")
    spoken = (Thinking("why", empty), ToolCall("t1", "f", "{}"))
    body = GEMINI.write_reply(Reply("1", "m", spoken, StopReason.TOOL_USE, USAGE), road(profile=profile))
    (part,) = [one for one in sdk.parts([sdk.whole(body)]) if one.function_call]
    sent = sdk.asked([types.Content(role="model", parts=[part])])[1]
    assert GEMINI.read_request(sent).messages[0].parts == (Thinking("why"), ToolCall("t1", "f", "{}"))
    useless = GEMINI.write_reply(Reply("1", "m", spoken, StopReason.TOOL_USE, USAGE), road())
    assert b"thoughtSignature" not in useless


def test_the_signatures_are_base64():
    body = GEMINI.write_reply(Reply("1", "m", (Thinking("a", "b"), Text("c")), StopReason.END_TURN), road())
    (thought, part) = json.loads(body)["candidates"][0]["content"]["parts"]
    assert thought == {"text": "a", "thought": True}
    assert base64.b64decode(part["thoughtSignature"], validate=True).startswith(b"pxy1.")


def test_claudes_thinking_is_back_word_for_word_in_the_next_turn():
    """Claude refuses a turn with calls whose thinking is missing or changed; Google's client never replays its text."""
    case = Case("g2a_stream_thinking")
    reader = case.upstream.stream_reader(case.road())
    stream = GEMINI.stream_writer(case.road()).write(reader.feed(case.upstream_bytes()) + reader.close())
    history = [
        types.Content(role="user", parts=[types.Part(text="q")]),
        types.Content(role="model", parts=[part for part in sdk.parts(sdk.streamed(stream)) if not part.thought]),
        types.Content(role="user", parts=[types.Part.from_function_response(name="ls", response={"output": "a"})]),
    ]
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    request = GEMINI.read_request(sdk.asked(history, thinking_config=thinking, max_output_tokens=9000)[1])
    written = json.loads(case.upstream.write_request(request, "claude-opus-4-5", case.profile).body)
    assert written["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "why", "signature": "EqQB"},
        {"type": "tool_use", "id": "toolu_1", "name": "ls", "input": {"d": "."}},
    ]
    other = json.loads(OPENAI_CHAT.write_request(request, "m", Profile()).body)
    assert "EqQB" not in json.dumps(other)
