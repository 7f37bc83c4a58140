from __future__ import annotations

import base64
import json
import time

import pytest

from app.dialects.prompt_size import prompt_tokens
from app.dialects.road import DOCUMENT_TOKENS_A_PAGE, IMAGE_TOKENS

PICTURE = base64.b64encode(bytes(range(256)) * 400).decode()
SMALL = 60


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}"},
        {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
        {"inline_data": {"mime_type": "image/png", "data": f"data:image/png;base64,{PICTURE}"}},
    ],
)
def test_a_picture_has_a_size_of_its_own(part):
    body = json.dumps({"messages": [part]}).encode()
    assert IMAGE_TOKENS < prompt_tokens(body) < IMAGE_TOKENS + SMALL
    spaced = json.dumps({"messages": [part, part]}, indent=2).encode()
    assert 2 * IMAGE_TOKENS < prompt_tokens(spaced) < 2 * (IMAGE_TOKENS + SMALL)


def test_so_have_the_pages_of_a_document():
    pdf = base64.b64encode(b"%PDF-1.7 " + b"x" * 120_000).decode()
    body = json.dumps({"source": {"data": pdf}}).encode()
    assert 3 * DOCUMENT_TOKENS_A_PAGE < prompt_tokens(body) < 3 * DOCUMENT_TOKENS_A_PAGE + SMALL


def test_text_counts_by_its_bytes_also_where_it_is_called_data():
    said = "All the words of this text count. " * 100
    for body in ({"content": said}, {"source": {"type": "text", "data": said}}, {"data": [said]}):
        assert abs(prompt_tokens(json.dumps(body).encode()) - len(said) / 3.6) < SMALL
    quoted = json.dumps({"content": json.dumps({"data": PICTURE})}).encode()
    assert prompt_tokens(quoted) > len(PICTURE) / 3.7  # a picture inside a text is text


@pytest.mark.parametrize("body", [b"", b"x", b'"data"', b'{"data": "' + b"A" * 500, b';base64,"', b'"data":"' * 50])
def test_what_is_no_json_has_a_size_too(body):
    assert prompt_tokens(body) >= 1


def test_the_largest_body_takes_milliseconds():
    body = b'{"a": "' + b"word " * 3_000_000 + b'", "data": "' + b"QUJD" * 4_000_000 + b'"}'
    begun = time.perf_counter()
    prompt_tokens(body)
    assert time.perf_counter() - begun < 0.2
