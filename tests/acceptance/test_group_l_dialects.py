"""Group L: requests of every client dialect to every upstream dialect, damaged in every place, end in 200 or a 4xx."""

from __future__ import annotations

import asyncio
import copy
import json
import random

import pytest

from tests.acceptance.contract import alive
from tests.acceptance.program import QUICK, started
from tests.e2e.program import KEY
from tests.e2e.program import provider as entry
from tests.fakes.more_wires import GEMINI, RESPONSES
from tests.fakes.scripted import chunk, head
from tests.fakes.wires import ANTHROPIC, CHAT

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TARGETS = ("A:model-a", "C:model-c", "R:model-r", "G:model-g")
ODD = (
    *(None, True, False, 0, -1, 2**63, 2**70, 0.5, -1e308),
    *("", " ", "x", "\U0001f600", "\u0000", "a\r\nb", "\u202e", "9" * 400, "user", "tool", "auto"),
    *([], {}, [[]], [{}], [None], {"": ""}, {"type": "text"}, {"type": "x" * 300}, [["x"] * 50]),
)  # fmt: skip
SEEDS = {
    "anthropic": {
        "model": "",
        "max_tokens": 64,
        "stream": False,
        "system": [{"type": "text", "text": "Be short", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Look"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {"city": "Oslo"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "rain"}]},
            ]},
        ],
        "tools": [{"name": "look_up", "description": "d", "input_schema": SCHEMA}],
        "tool_choice": {"type": "auto"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "temperature": 1.0,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u"},
    },
    "chat": {
        "model": "",
        "stream": False,
        "stream_options": {"include_usage": True},
        "messages": [
            {"role": "system", "content": "Be short"},
            {"role": "user", "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
            ]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"city":"Oslo"}'}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ],
        "tools": [{"type": "function", "function": {"name": "look_up", "description": "d", "parameters": SCHEMA}}],
        "tool_choice": "auto",
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA, "strict": True}},
        "reasoning_effort": "low",
        "max_completion_tokens": 64,
        "temperature": 0.5,
        "stop": ["END"],
        "n": 1,
    },
    "responses": {
        "model": "",
        "stream": False,
        "store": False,
        "instructions": "Be short",
        "input": [
            {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "low"},
            ]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2ln"},
            {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": '{"city":"Oslo"}'},
            {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        ],
        "tools": [{"type": "function", "name": "look_up", "parameters": SCHEMA, "strict": True}],
        "tool_choice": "auto",
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "s", "schema": SCHEMA}},
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 64,
        "parallel_tool_calls": True,
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "Be short"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Look"}, {"inlineData": {"mimeType": "image/png", "data": PNG}}]},
            {"role": "model", "parts": [
                {"text": "hm", "thought": True},
                {"functionCall": {"id": "c1", "name": "look_up", "args": {"city": "Oslo"}}, "thoughtSignature": "c2ln"},
            ]},
            {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "look_up", "response": {"r": 1}}}]},
        ],
        "tools": [{"functionDeclarations": [{"name": "look_up", "parameters": {"type": "OBJECT"}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        "generationConfig": {
            "temperature": 0.5, "maxOutputTokens": 64, "stopSequences": ["END"], "responseMimeType": "application/json",
            "responseSchema": {"type": "OBJECT"}, "thinkingConfig": {"thinkingBudget": 128, "includeThoughts": True},
        },
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    },
}  # fmt: skip
ALLOWED = frozenset({200, *range(400, 500)})


def spots(value, at=()):
    """Every place in a JSON value."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inner):
        yield from spots(one, (*at, key))


def damaged(seed, chance):
    """The request with one to three places changed: replaced, taken out, doubled, moved or named otherwise."""
    made = copy.deepcopy(seed)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice([at for at in spots(made) if at] or [("x",)])
        place = made
        for step in way:
            place = place[step]
        match chance.randrange(6):
            case 0 | 1:
                place[last] = copy.deepcopy(chance.choice(ODD))
            case 2:
                del place[last]
            case 3 if isinstance(place, list):
                place.insert(chance.randint(0, len(place)), copy.deepcopy(place[last]))
            case 3 | 4 if isinstance(place, dict):
                place[chance.choice(["type", "role", "content", "parts", "name", f"{last}x"])] = place.pop(last)
            case _:
                other = seed
                for step in chance.choice(list(spots(seed))):
                    other = other[step]
                place[last] = copy.deepcopy(other)
    return made


def sent(client, chance, target):
    """(path, body) of a damaged request for a target."""
    body = damaged(SEEDS[client], chance)
    streaming = chance.random() < 0.5
    if client == "gemini":
        return GEMINI.path(target, stream=streaming, events=chance.random() < 0.7), body
    if chance.random() < 0.9:
        body["model"] = target
    if chance.random() < 0.8:
        body["stream"] = streaming
    return {"anthropic": ANTHROPIC.path, "chat": CHAT.path, "responses": RESPONSES.path}[client], body


async def every_dialect(line, seen):
    """An upstream that answers each dialect in its own words, streaming where it was asked to."""
    path = seen.line.split(" ")[1]
    if "generateContent" in path or "GenerateContent" in path:
        wire, streaming = GEMINI, "stream" in path
    else:
        wire = next(one for one in (ANTHROPIC, CHAT, RESPONSES) if path.startswith(one.path))
        streaming = json.loads(seen.body).get("stream") is True
    if streaming:
        await line.send(head(200, "text/event-stream"), *(chunk(one) for one in wire.events("Hi ", "there")))
        await line.send(b"0\r\n\r\n")
    else:
        body = wire.whole()
        await line.send(head(200, "application/json", length=len(body)), body)


@pytest.fixture(scope="module")
async def four():
    """A program that knows a provider of each dialect, all at one upstream."""
    limits = {**QUICK, "max_in_flight_per_key": 64}
    async with started(limits) as p:
        more = entry("R", "openai-responses-compatible", f"{p.upstream.url}/v1", "model-r")
        more += entry("G", "gemini-compatible", p.upstream.url, "model-g")
        file = p.data_dir / "patchbay.toml"
        await asyncio.to_thread(file.write_text, file.read_text("utf-8") + more, "utf-8")
        await p.running.status(lambda told: len(told["providers"]) == 4)
        yield p


async def never_a_failure_of_ours(p, client, count, seed):
    p.upstream.script = every_dialect
    chance = random.Random(f"{client} {seed}")
    waiting = [sent(client, chance, target) for target in TARGETS for _ in range(count // len(TARGETS))]
    told: dict[int, int] = {}
    wrong = []

    async def worker():
        while waiting:
            path, body = waiting.pop()
            reply = await p.ask(path, json.dumps(body).encode(), "anthropic-version: 2023-06-01", key=KEY)
            told[reply.status] = told.get(reply.status, 0) + 1
            if reply.status not in ALLOWED:
                wrong.append((reply.status, reply.body[:200], path, body))

    await asyncio.gather(*(worker() for _ in range(6)))
    await p.upstream.hang_up()
    await p.settle()
    assert not wrong, wrong[:3]
    assert told[200] > count // 20, told
    assert sum(told.values()) - told[200] > count // 20, told
    log = await asyncio.to_thread((p.data_dir / "logs" / "patchbay.log").read_text, "utf-8")
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]


@pytest.mark.time_limit(60)
@pytest.mark.parametrize("client", SEEDS)
async def test_l01_whatever_is_damaged_the_answer_is_200_or_a_4xx(four, client):
    await never_a_failure_of_ours(four, client, 240, 1)
    await alive(four)
    await four.hang_up()


@pytest.mark.slow
@pytest.mark.time_limit(900)
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("client", SEEDS)
async def test_l01_of_five_thousand_in_each_dialect(four, client):
    for seed in range(2, 12):
        await never_a_failure_of_ours(four, client, 500, seed)
    await alive(four)
    await four.hang_up()


@pytest.mark.parametrize("client", SEEDS)
@pytest.mark.parametrize("target", TARGETS)
async def test_l01_the_same_requests_undamaged_are_answered(four, client, target):
    four.upstream.script = every_dialect
    body = copy.deepcopy(SEEDS[client])
    path = (
        GEMINI.path(target)
        if client == "gemini"
        else {"chat": CHAT, "anthropic": ANTHROPIC}.get(client, RESPONSES).path
    )
    if client != "gemini":
        body["model"] = target
    reply = await four.ask(path, json.dumps(body).encode(), "anthropic-version: 2023-06-01", key=KEY)
    assert reply.status == 200, reply.body
    await four.hang_up()
    await four.settle()
