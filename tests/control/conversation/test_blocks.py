from __future__ import annotations

import pytest

from app.control.conversation import blocks
from app.control.conversation.turns import Block, BlockKind


@pytest.mark.parametrize(
    ("part", "block"),
    [
        ({"type": "text", "text": "hi"}, Block(BlockKind.TEXT, "hi")),
        ({"type": "output_text", "text": "hi"}, Block(BlockKind.TEXT, "hi")),
        ({"type": "refusal", "refusal": "no"}, Block(BlockKind.TEXT, "no", "refusal")),
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, Block(BlockKind.THINKING, "hm")),
        ({"type": "tool_use", "name": "Read", "input": {"a": 1}}, Block(BlockKind.TOOL_CALL, '{\n  "a": 1\n}', "Read")),
        ({"type": "tool_result", "content": "ok"}, Block(BlockKind.TOOL_RESULT, "ok")),
        ({"type": "tool_result", "content": "bad", "is_error": True}, Block(BlockKind.TOOL_RESULT, "bad", "failed")),
        ({"type": "strange", "x": 1}, Block(BlockKind.OTHER, '{\n  "type": "strange",\n  "x": 1\n}', "strange")),
    ],
)
def test_a_typed_part_becomes_a_readable_block(part, block):
    assert blocks.typed(part) == block


def test_encrypted_thinking_says_so_without_its_data():
    block = blocks.typed({"type": "redacted_thinking", "data": "c2VjcmV0"})
    assert "encrypted" in block.text
    assert "c2VjcmV0" not in block.text


def test_content_may_be_a_string_a_list_or_nothing():
    assert list(blocks.content("x")) == [Block(BlockKind.TEXT, "x")]
    assert list(blocks.content("")) == []
    assert list(blocks.content(None)) == []
    assert list(blocks.content(["a", {"type": "text", "text": "b"}, 3])) == [
        Block(BlockKind.TEXT, "a"),
        Block(BlockKind.TEXT, "b"),
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 4096}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 4096}},
    ],
)
def test_a_picture_is_its_type_and_size_and_never_its_data(part):
    block = blocks.media(part)
    assert block == Block(BlockKind.MEDIA, "image/png, 3 kB", "image/png")


def test_a_tool_s_parts_become_one_text():
    assert blocks.flat([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) == "a\nb"
    assert blocks.flat(None) == ""
    assert blocks.flat({"a": 1}) == '{\n  "a": 1\n}'


def test_gemini_s_neighbouring_texts_are_one_block():
    parts = [{"text": "a"}, {"text": "b"}, {"text": "t", "thought": True}, {"functionCall": {"name": "f", "args": {}}}]
    found = list(blocks.gemini(parts))
    assert [block.kind for block in found] == [BlockKind.TEXT, BlockKind.THINKING, BlockKind.TOOL_CALL]
    assert found[0].text == "ab"


@pytest.mark.parametrize(
    ("body", "block"),
    [
        ({"error": {"message": "m", "type": "t"}}, Block(BlockKind.ERROR, "m", "t")),
        ({"error": "words"}, Block(BlockKind.ERROR, "words")),
        ({"response": {"error": {"message": "m", "code": "c"}}}, Block(BlockKind.ERROR, "m", "c")),
        ({"ok": 1}, None),
        (None, None),
    ],
)
def test_an_error_body_of_any_dialect_is_its_message(body, block):
    assert blocks.error(body) == block
