from __future__ import annotations

import base64
import json
import time

import pytest

from app.dialects.prompt_size import (
    DOCUMENT_MOST_TOKENS,
    IMAGE_MOST_TOKENS,
    LINKED_DOCUMENT_TOKENS,
    OPENAI_IMAGE_MOST_TOKENS,
    prompt_size,
    prompt_tokens,
)
from app.dialects.road import DOCUMENT_TOKENS_A_PAGE, IMAGE_TOKENS

PICTURE = base64.b64encode(bytes(range(256)) * 400).decode()
PDF = base64.b64encode(b"%PDF-1.7 " + b"x" * 120_000).decode()
URL = f"data:image/png;base64,{PICTURE}"
SMALL = 100
LOREM = "lorem ipsum " * 20_000
DENSE = "lorem-ipsum/" * 20_000
"""A text that is all of the alphabet of base64."""


def body(*parts, into="messages", role="user"):
    inner = "parts" if into == "contents" else "content"
    return json.dumps({into: [{"role": role, inner: list(parts)}]}).encode()


def anthropic(data=PICTURE, kind="image", media_type="image/png"):
    return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}


def chat(url=URL):
    return {"type": "image_url", "image_url": {"url": url}}


def gemini(data=PICTURE, mime="image/png"):
    return {"inlineData": {"mimeType": mime, "data": data}}


@pytest.mark.parametrize(
    ("into", "part", "most"),
    [
        ("messages", anthropic(), IMAGE_MOST_TOKENS),
        ("messages", {"type": "tool_result", "content": [anthropic()]}, IMAGE_MOST_TOKENS),
        ("messages", chat(), OPENAI_IMAGE_MOST_TOKENS),
        ("messages", {"type": "image_url", "image_url": URL}, OPENAI_IMAGE_MOST_TOKENS),
        ("input", {"type": "input_image", "image_url": URL}, OPENAI_IMAGE_MOST_TOKENS),
        ("contents", gemini(), IMAGE_MOST_TOKENS),
        ("contents", gemini(URL), IMAGE_MOST_TOKENS),
        ("contents", {"inline_data": {"mime_type": "image/png", "data": PICTURE}}, IMAGE_MOST_TOKENS),
        ("contents", {"functionResponse": {"name": "f", "parts": [gemini()]}}, IMAGE_MOST_TOKENS),
    ],
)
def test_a_picture_has_a_size_of_its_own(into, part, most):
    one = prompt_size(body(part, into=into))
    assert IMAGE_TOKENS < one.tokens < IMAGE_TOKENS + SMALL
    assert most < one.most_tokens < most + SMALL
    two = prompt_tokens(json.dumps(json.loads(body(part, part, into=into)), indent=2).encode())
    assert 2 * IMAGE_TOKENS < two < 2 * (IMAGE_TOKENS + SMALL)


def test_items_of_responses_and_the_request_inside_a_count_hold_pictures_too():
    items = [
        {"type": "function_call_output", "output": [{"type": "input_image", "image_url": URL}]},
        {"type": "computer_call_output", "output": {"type": "computer_screenshot", "image_url": URL}},
    ]
    assert prompt_tokens(json.dumps({"input": items}).encode()) < 2 * (IMAGE_TOKENS + SMALL)
    count = {"generateContentRequest": {"contents": [{"parts": [gemini()]}]}}
    assert prompt_tokens(json.dumps(count).encode()) < IMAGE_TOKENS + SMALL


@pytest.mark.parametrize(
    ("into", "part"),
    [
        ("messages", anthropic(PDF, "document", "application/pdf")),
        ("messages", {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}"}}),
        ("messages", {"type": "file", "file": {"file_data": PDF}}),
        ("input", {"type": "input_file", "file_data": f"data:application/pdf;base64,{PDF}"}),
        ("contents", gemini(PDF, "application/pdf")),
    ],
)
def test_so_have_the_pages_of_a_document_whose_text_is_packed(into, part):
    found = prompt_size(body(part, into=into))
    assert 3 * DOCUMENT_TOKENS_A_PAGE < found.tokens < 3 * DOCUMENT_TOKENS_A_PAGE + SMALL
    assert len(PDF) / 3.6 < found.most_tokens < len(PDF) / 3.6 + DOCUMENT_TOKENS_A_PAGE + SMALL


def test_what_is_only_linked_counts_too():
    picture = {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}
    document = {"type": "document", "source": {"type": "url", "url": "https://x/y.pdf"}}
    found = prompt_size(body(picture, chat("https://x/y.png"), document))
    most = IMAGE_MOST_TOKENS + OPENAI_IMAGE_MOST_TOKENS + LINKED_DOCUMENT_TOKENS
    assert most < found.most_tokens < most + 2 * SMALL


def test_sound_counts_by_its_length():
    found = prompt_size(body(gemini("A" * 320_000, "audio/mp3"), into="contents"))
    assert 10_000 < found.tokens <= found.most_tokens < 10_000 + SMALL


@pytest.mark.parametrize("text", [";base64," + "A" * 200 + "  " + LOREM, f"data:image/png;base64,{DENSE}", DENSE])
@pytest.mark.parametrize(
    "place",
    [
        lambda text: {"messages": [{"role": "user", "content": text}]},
        lambda text: {"system": text, "messages": []},
        lambda text: {"system": [anthropic(text)], "messages": []},
        lambda text: {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]},
        lambda text: {"messages": [{"role": "user", "content": [{"type": "tool_result", "content": text}]}]},
        lambda text: {"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": anthropic(text)}]}]},
        lambda text: {"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": {"data": text}}]}]},
        lambda text: {"messages": [{"role": "user", "content": [anthropic(text, "document", "text/plain")]}]},
        lambda text: {"messages": [{"role": "user", "content": [{"type": "text", **anthropic(text)["source"]}]}]},
        lambda text: {"messages": [{"content": [{"type": "document", "source": {"type": "text", "data": text}}]}]},
        lambda text: {"messages": [{"role": "tool", "content": [chat(f"data:image/png;base64,{text}")]}]},
        lambda text: {"messages": [{"role": "system", "content": [chat(f"data:image/png;base64,{text}")]}]},
        lambda text: {"tools": [{"input_schema": {"data": text}}]},
        lambda text: {"input": text},
        lambda text: {"input": [{"type": "function_call_output", "output": text}]},
        lambda text: {"input": [{"type": "function_call", "arguments": text, "content": text}]},
        lambda text: {"contents": [{"parts": [{"text": text}]}]},
        lambda text: {"contents": [{"parts": [gemini(text, "text/plain")]}]},
        lambda text: {"contents": [{"parts": [{"functionCall": {"args": gemini(text)}}]}]},
        lambda text: {"contents": [{"parts": [{"functionResponse": {"response": gemini(text)}}]}]},
        lambda text: {"contents": [], "generateContentRequest": {"contents": [{"parts": [gemini(text)]}]}},
        lambda text: {"data": text},
    ],
)
def test_what_a_model_reads_counts_by_its_bytes_whatever_it_says_of_itself(place, text):
    found = prompt_size(json.dumps(place(text)).encode())
    assert found.tokens > len(text) / 3.6
    assert found.most_tokens >= found.tokens


@pytest.mark.parametrize("into", ["messages", "contents"])
def test_a_picture_is_nothing_but_base64(into):
    forged = "A" * 200 + "  " + LOREM
    for one in (anthropic(forged), chat(f"data:image/png;base64,{forged}"), gemini(forged)):
        assert prompt_tokens(body(one, into=into)) > len(forged) / 3.6
    assert prompt_tokens(body(anthropic(DENSE, "document"))) > len(DENSE) / 3.6  # no PDF begins so


def test_no_document_is_longer_than_any_model_reads():
    huge = base64.b64encode(b"%PDF-1.7 " + b"x" * 6_000_000).decode()
    most = prompt_size(body(anthropic(huge, "document"))).most_tokens
    assert most < DOCUMENT_MOST_TOKENS + DOCUMENT_TOKENS_A_PAGE + SMALL


def test_text_counts_by_its_bytes():
    said = "All the words of this text count. " * 100
    for one in ({"content": said}, {"source": {"type": "text", "data": said}}, {"data": [said]}):
        assert abs(prompt_tokens(json.dumps(one).encode()) - len(said) / 3.6) < SMALL
    quoted = json.dumps({"content": json.dumps({"data": PICTURE})}).encode()
    assert prompt_tokens(quoted) > len(PICTURE) / 3.7  # a picture inside a text is text


def test_an_odd_message_hides_no_picture_of_the_others():
    odd = {"role": "user", "content": [{"type": "image", "source": 5}]}
    good = {"role": "user", "content": [anthropic()]}
    strange = {"role": "user", "content": [{"type": "search_result", "source": "https://x"}, anthropic()]}
    mixed = json.dumps({"messages": [odd, good, "x", strange]}).encode()
    assert prompt_tokens(mixed) < 2 * (IMAGE_TOKENS + SMALL)


@pytest.mark.parametrize("data", [b"", b"x", b'"data"', b'{"data": "' + b"A" * 500, b';base64,"', b'"data":"' * 50])
def test_what_is_no_json_has_a_size_too(data):
    assert prompt_tokens(data) >= 1
    assert prompt_tokens(b'{"messages":' + b"[" * 100_000) > 20_000
    for depth in (90, 400, 900, 5_000):
        assert prompt_tokens(b'{"messages":[' + b'{"content":[' * depth + b"]}" * depth + b"]}") > depth


@pytest.mark.timed
def test_the_largest_body_takes_milliseconds():
    big = json.dumps({"messages": [{"role": "user", "content": ["word " * 3_000_000]}], "data": "QUJD" * 4_000_000})
    data = big.encode()
    begun = time.perf_counter()
    prompt_tokens(data)
    assert time.perf_counter() - begun < 0.2
