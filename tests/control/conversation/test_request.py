from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.control.conversation.request import READERS, tools, turns
from app.control.conversation.turns import BlockKind, Speaker

ANTHROPIC = {
    "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": "List the files"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "I need ls", "signature": "x"},
                {"type": "text", "text": "Looking"},
                {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a\nb", "is_error": True}],
        },
    ],
}
CHAT = {
    "messages": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "List the files"}]},
        {
            "role": "assistant",
            "content": "Looking",
            "reasoning_content": "I need ls",
            "tool_calls": [{"id": "t1", "function": {"name": "Bash", "arguments": '{"command": "ls"}'}}],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "a\nb"},
    ]
}
RESPONSES = {
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "List the files"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "I need ls"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Looking"}]},
        {"type": "function_call", "call_id": "t1", "name": "Bash", "arguments": '{"command": "ls"}'},
        {"type": "function_call_output", "call_id": "t1", "output": "a\nb"},
    ],
}
GEMINI = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "List the files"}]},
        {
            "role": "model",
            "parts": [
                {"text": "I need ls", "thought": True},
                {"text": "Look"},
                {"text": "ing"},
                {"functionCall": {"name": "Bash", "args": {"command": "ls"}}},
            ],
        },
        {"role": "user", "parts": [{"functionResponse": {"name": "Bash", "response": {"output": "a\nb"}}}]},
    ],
}


@pytest.mark.parametrize(
    ("dialect", "body"),
    [("anthropic_messages", ANTHROPIC), ("openai_chat", CHAT), ("openai_responses", RESPONSES), ("gemini", GEMINI)],
)
def test_the_same_conversation_reads_the_same_in_every_dialect(dialect, body):
    made = turns(dialect, body)
    blocks = [(turn.speaker, block.kind, block.text) for turn in made for block in turn.blocks]
    assert blocks[:5] == [
        (Speaker.SYSTEM, BlockKind.TEXT, "Be brief."),
        (Speaker.USER, BlockKind.TEXT, "List the files"),
        (Speaker.ASSISTANT, BlockKind.THINKING, "I need ls"),
        (Speaker.ASSISTANT, BlockKind.TEXT, "Looking"),
        (Speaker.ASSISTANT, BlockKind.TOOL_CALL, '{\n  "command": "ls"\n}'),
    ]
    assert blocks[5][:2] == (Speaker.TOOL, BlockKind.TOOL_RESULT)
    assert "a\nb" in blocks[5][2].replace("\\n", "\n")
    assert [block.title for turn in made for block in turn.blocks if block.kind is BlockKind.TOOL_CALL] == ["Bash"]


def test_a_failed_tool_result_says_so():
    assert turns("anthropic_messages", ANTHROPIC)[-1].blocks[0].title == "failed"


def test_a_picture_is_described_and_never_shown():
    data = "A" * 40_960
    forms = [
        (
            "anthropic_messages",
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
        ),
        ("openai_chat", {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}),
        ("openai_responses", {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}),
    ]
    for dialect, part in forms:
        key = "input" if dialect == "openai_responses" else "messages"
        (turn,) = turns(dialect, {key: [{"role": "user", "content": [part]}]})
        assert (turn.blocks[0].kind, turn.blocks[0].text) == (BlockKind.MEDIA, "image/png, 30 kB"), dialect
    (turn,) = turns("gemini", {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}]})
    assert turn.blocks[0].text == "image/png, 30 kB"


def test_an_unknown_block_is_shown_whole():
    (turn,) = turns("anthropic_messages", {"messages": [{"role": "user", "content": [{"type": "hologram", "x": 1}]}]})
    assert turn.blocks[0].kind is BlockKind.OTHER
    assert turn.blocks[0].title == "hologram"
    assert '"x": 1' in turn.blocks[0].text


def test_tools_are_named_in_every_form():
    assert tools({"tools": [{"name": "Bash"}, {"function": {"name": "grep"}}, {"type": "web_search"}, {}]}) == (
        "Bash",
        "grep",
        "web_search",
        "unnamed",
    )
    assert tools({"tools": [{"functionDeclarations": [{"name": "a"}, {"name": "b"}]}]}) == ("a", "b")


KEYS = ["system", "messages", "contents", "input", "instructions", "role", "content", "parts", "type", "text"]
KEYS += ["tool_calls", "function", "source", "data", "name", "functionCall", "functionResponse", "thinking", "tools"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from([*READERS, "martian"]))
def test_no_shape_of_json_raises(body, dialect):
    for turn in turns(dialect, body):
        assert all(isinstance(block.text, str) and isinstance(block.title, str) for block in turn.blocks)
    tools(body)
