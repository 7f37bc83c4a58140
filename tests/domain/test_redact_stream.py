"""A secret that comes in pieces is masked in the copy of the stream, in every dialect; all else stays as it was."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.redact import MASK, Redactor
from app.domain.redact_stream import mask_stream

SECRET = "sk-ant-api03-0123456789abcdefghijkl"
PLAIN = Redactor()


def anthropic(pieces):
    return [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}} for piece in pieces
    ]


def arguments(pieces):
    return [
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}}
        for piece in pieces
    ]


def chat(pieces):
    return [
        {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": piece}}]}
        for piece in pieces
    ]


def chat_calls(pieces):
    return [
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 1, "function": {"arguments": piece}}]}}]}
        for piece in pieces
    ]


def responses(pieces):
    return [
        {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": piece}
        for piece in pieces
    ]


def gemini(pieces):
    return [{"candidates": [{"content": {"parts": [{"text": piece}]}, "index": 0}]} for piece in pieces]


DIALECTS = (anthropic, arguments, chat, chat_calls, responses, gemini)


def sse(events, end=b"\n\n"):
    return b"".join(b"event: x\ndata: " + json.dumps(event).encode() + end for event in events) + b"data: [DONE]\n\n"


def joined(body):
    """Every text of a body joined, whatever its place."""
    found = []

    def walk(value):
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for line in re.split(rb"\r\n|\r|\n", body):
        if line.startswith(b"data: {"):
            walk(json.loads(line[6:]))
    return "".join(one for one in found if one not in ("content_block_delta", "text_delta", "input_json_delta"))


@pytest.mark.parametrize("shape", DIALECTS)
@pytest.mark.parametrize("size", [1, 2, 5, 20])
@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
def test_a_secret_in_pieces_is_masked(shape, size, end):
    text = f"before {SECRET} after"
    body = sse(shape([text[at : at + size] for at in range(0, len(text), size)]), end)
    masked = mask_stream(body, PLAIN)
    told = "".join(
        part for part in re.findall(r'"(?:text|partial_json|content|arguments|delta)":"([^"]*)"', masked.decode())
    )
    old = "".join(re.findall(r'"(?:text|partial_json|content|arguments|delta)": "([^"]*)"', masked.decode()))
    assert SECRET not in told + old
    assert SECRET[7:20] not in joined(masked)
    assert MASK in joined(masked)
    assert masked.endswith(b"data: [DONE]\n\n")


def test_two_texts_at_the_same_time_are_told_apart():
    one, two = chat_calls([SECRET[:15], SECRET[15:]]), chat_calls(["harmless ", "words"])
    for event in two:
        event["choices"][0]["delta"]["tool_calls"][0]["index"] = 0
    mixed = [event for pair in zip(one, two, strict=True) for event in pair]
    masked = mask_stream(sse(mixed), PLAIN)
    assert SECRET[15:] not in masked.decode()
    assert b"harmless " in masked
    assert b"words" in masked


def test_streams_that_are_arrays_of_json():
    body = json.dumps(gemini([SECRET[:9], SECRET[9:], " rest"]), indent=1).encode()
    masked = mask_stream(body, PLAIN)
    assert SECRET[9:] not in masked.decode()
    assert [one["candidates"][0]["content"]["parts"][0]["text"] for one in json.loads(masked)] == [MASK, "", " rest"]


def test_loaded_secrets_and_the_users_own_rules_count_too():
    redactor = Redactor(["an unusual password"]).with_rules([re.compile(rb"ACME-[0-9]{6}")])
    for secret in ("an unusual password", "ACME-123456"):
        masked = mask_stream(sse(anthropic([secret[:6], secret[6:]])), redactor)
        assert secret[6:] not in masked.decode()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[1,", b"data: {", b'data: {"a":', b"plain " + SECRET.encode()])
def test_what_is_no_stream_or_holds_no_secret_stays_the_same_object(body):
    assert mask_stream(body, PLAIN) is body


def test_a_stream_without_a_secret_is_the_same_object():
    body = sse(anthropic(["just ", "words, and sk-", " no key"]))
    assert mask_stream(body, PLAIN) is body


def test_only_the_events_with_a_part_of_it_are_written_anew():
    events = [
        json.dumps(one, indent=None, separators=(" , ", " : ")) for one in anthropic(["a", SECRET[:9], SECRET[9:]])
    ]
    body = b"".join(b"data:" + one.encode() + b"\n\n" for one in events)
    masked = mask_stream(body, PLAIN)
    assert masked.startswith(b"data:" + events[0].encode() + b"\n\n")


@given(st.lists(st.text(max_size=8), max_size=20), st.integers(1, 30), st.sampled_from(DIALECTS))
def test_whatever_stands_around_it_the_secret_is_gone_and_the_rest_is_there(around, size, shape):
    before = "".join(around) + " "
    pieces = [*around, " ", *[SECRET[at : at + size] for at in range(0, len(SECRET), size)], " end"]
    masked = mask_stream(sse(shape([piece for piece in pieces if piece])), PLAIN)
    assert SECRET not in joined(masked)
    assert masked.count(MASK.encode()) >= 1 or size >= len(SECRET)
    assert len(before) >= 1


@given(st.binary(max_size=400))
def test_any_bytes_are_taken(body):
    for start in (b"", b"data: ", b"[", b'data: {"a":"sk-'):
        mask_stream(start + body, PLAIN)


def test_it_takes_time_in_proportion():
    def spent(count):
        body = sse(anthropic(["x sk-abc "] * count))
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            mask_stream(body, PLAIN)
            best = min(best, time.perf_counter() - began)
        return best

    spent(100)
    assert spent(10_000) <= 15 * spent(1_000) + 0.02


def streams_side_by_side():
    """Streams in which the pieces of one text do not follow each other."""
    key = [SECRET[:15], SECRET[15:]]
    calls, others = chat_calls(key), chat_calls(["harmless ", "words"])
    for event in others:
        event["choices"][0]["delta"]["tool_calls"][0]["index"] = 0
    yield sse([event for pair in zip(calls, others, strict=True) for event in pair])
    two = [{"candidates": [{"content": {"parts": [{"text": part}, {"text": "so"}]}, "index": 0}]} for part in key]
    yield sse(two)
    yield sse([{"candidates": [{"content": {"parts": [{"text": p, "thought": True}, {"text": "so"}]}}]} for p in key])
    yield sse(anthropic([part.replace("-", "\\u002d") for part in key])).replace(b"\\\\u002d", b"\\u002d")


@pytest.mark.parametrize("body", list(streams_side_by_side()))
def test_texts_that_come_side_by_side_or_escaped_are_searched_as_well(body):
    masked = mask_stream(body, PLAIN)
    assert masked is not body
    assert SECRET[15:] not in masked.decode()
