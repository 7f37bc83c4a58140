from __future__ import annotations

import json

import pytest

from app.dialects.fold import reply_events
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.compact import PROMPT, as_compaction, summary
from app.dialects.openai_responses.echo import read_echo
from app.dialects.openai_responses.items_read import SUMMARY
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason
from app.domain.request import Message, Request, Role, Text, Thinking, ToolChoice, ToolChoiceMode
from tests.dialects.openai_responses import sdk
from tests.dialects.openai_responses.turns import body, function, read, reply, road, user

TRIGGER = {"type": "compaction_trigger"}
ASKED = Message(Role.USER, (Text(PROMPT),))


def test_by_its_path():
    given = body(user("q"), {"role": "assistant", "content": "a"}, user("r"), tools=[function("f")], stream=True)
    request = OPENAI_RESPONSES.read_compact_request(given)
    assert request.messages[-1] == ASKED
    assert request.tool_choice == ToolChoice(ToolChoiceMode.NONE)
    assert [tool.name for tool in request.tools] == ["f"]
    assert not request.stream
    reply_body = OPENAI_RESPONSES.write_compact_reply(reply(Thinking("hm"), Text("so far")), road(echo=request.echo))
    found = json.loads(reply_body)
    assert found["object"] == "response.compaction"
    assert found["output"][:2] == [user("q"), user("r")]
    assert found["usage"]["input_tokens"] == 100
    again = read(*found["output"]).messages
    assert again[-1].parts == (Text(SUMMARY + "so far"),)


def test_the_users_only_text_is_kept_as_a_message():
    request = OPENAI_RESPONSES.read_compact_request(b'{"model":"m","input":"q"}')
    assert json.loads(bytes(read_echo(request.echo).meant.users[0]))["content"] == "q"


def test_by_an_item():
    request = read(user("q"), TRIGGER, stream=True, text={"format": {"type": "json_object"}})
    assert request.messages[-1] == ASKED
    assert (request.stream, request.format, request.tool_choice) == (True, None, None)
    on = road(echo=request.echo, show_thinking=True)
    stream = OPENAI_RESPONSES.stream_writer(on).write(reply_events(reply(Thinking("hm"), Text("so "), Text("far"))))
    found = sdk.streamed(stream)
    assert [item.type for item in found.output] == ["compaction"]
    assert [event.type for event in sdk.events(stream)] == [
        *("response.created", "response.in_progress"),
        *("response.output_item.added", "response.output_item.done", "response.completed"),
    ]


@pytest.mark.parametrize(("text", "stop"), [("", StopReason.END_TURN), ("half", StopReason.MAX_TOKENS)])
def test_half_a_summary_fails(text, stop):
    on = road(echo=read(user("q"), TRIGGER).echo)
    stream = OPENAI_RESPONSES.stream_writer(on).write(reply_events(reply(Text(text), stop=stop)))
    found = sdk.streamed(stream)
    assert (found.status, found.output) == ("failed", [])
    assert found.error is not None
    assert found.error.code == "server_error"


def test_nothing_else_of_the_request_changes():
    request = Request("m", (), max_tokens=5)
    assert as_compaction(request) == Request("m", (ASKED,), max_tokens=5)


def test_the_hand_over_is_trimmed():
    assert summary(" a\n", StopReason.END_TURN) == "a"
    with pytest.raises(PatchbayError) as raised:
        summary("a", StopReason.REFUSAL)
    assert raised.value.kind is ErrorKind.BAD_REPLY
