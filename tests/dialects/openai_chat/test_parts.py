from __future__ import annotations

import json

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import (
    CacheMark,
    Document,
    Foreign,
    Image,
    Text,
    ToolCall,
    ToolResult,
)
from app.vendors import profiles
from tests.dialects.openai_chat.turns import assistant, user, write, written

PDF = "JVBERi0="


def test_pictures_by_what_the_upstream_sees():
    data, link = Image("image/png", "AAAA"), Image(url="https://e.x/i")
    found = write(user("look", data, link))[0]["content"]
    assert [part["type"] for part in found] == ["text", "image_url", "image_url"]
    assert found[1]["image_url"]["url"] == "data:image/png;base64,AAAA"
    assert "omitted" in write(user(data), profile=profiles.DEEPSEEK)[0]["content"]
    with pytest.raises(PatchbayError) as raised:
        write(user(link), profile=profiles.OLLAMA)
    assert raised.value.kind is ErrorKind.UNSUPPORTED


def test_documents_by_what_the_upstream_reads():
    pdf = Document("application/pdf", data=PDF, title="a.pdf")
    file = write(user(pdf), profile=profiles.OPENAI)[0]["content"][0]["file"]
    assert file == {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
    omitted = '[document "a.pdf" (PDF, 6 bytes) omitted: this upstream cannot read PDFs]'
    assert write(user(pdf))[0]["content"] == omitted
    link = Document("application/pdf", url="https://e.x/a.pdf")
    linked = write(user(link), profile=profiles.OPENROUTER)[0]["content"][0]["file"]
    assert linked == {"filename": "document.pdf", "file_data": "https://e.x/a.pdf"}
    with pytest.raises(PatchbayError):
        write(user(link))


def test_documents_of_text_keep_their_title():
    plain = Document("text/plain", text="T", title='a "b"', context="c")
    assert write(user(plain))[0]["content"] == '<document title="a &quot;b&quot;" context="c">\nT\n</document>'
    mixed = Document(parts=(Text("T"), Image("image/png", "AA")))
    assert [part["type"] for part in write(user(mixed))[0]["content"]] == ["text", "text", "image_url", "text"]


def test_pictures_of_results_follow_in_the_user_message():
    found = write(
        assistant(ToolCall("1", "f", "{}")),
        user(ToolResult("1", (Text("see"), Image("image/png", "AA"), Document("application/pdf", data=PDF))), "so?"),
        profile=profiles.OPENAI,
    )
    assert found[1]["content"] == "see\n[image 1 attached below]\n[document 2 attached below]"
    said = [part.get("text") for part in found[2]["content"]]
    assert said == ["Image 1 from tool result 1:", None, "Document 2 from tool result 1:", None, "so?"]


def test_cache_marks_go_to_openrouter_only():
    marked = user(Text("a", CacheMark("1h")), Text("b"))
    found = write(marked, profile=profiles.OPENROUTER)[0]["content"]
    assert found[0] == {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    assert write(marked)[0]["content"] == "a\n\nb"
    result = user(ToolResult("1", (Text("r"),), cache=CacheMark()))
    tool = write(assistant(ToolCall("1", "f", "{}")), result, profile=profiles.OPENROUTER)[1]
    assert tool["content"] == [{"type": "text", "text": "r", "cache_control": {"type": "ephemeral"}}]


def test_foreign_parts_leave_their_text_or_a_note():
    found = written(user(Foreign("x", "kind", b"{}", "said"), Foreign("x", "silent", b"{}")))
    assert json.loads(found.body)["messages"] == [{"role": "user", "content": "said"}]
    assert found.dropped == ("messages: silent",)


def test_a_picture_of_the_assistants_is_reported():
    found = written(assistant("see", Image("image/png", "AA")))
    assert json.loads(found.body)["messages"] == [{"role": "assistant", "content": "see"}]
    assert found.dropped == ("messages: a picture or document of the assistant's",)
