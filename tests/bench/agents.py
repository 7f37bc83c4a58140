"""Invents the work of coding agents: sessions of many turns, each sending the whole conversation again."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.exchange import ExchangeEnd, ExchangeStart, Headers, Side, Sides
from tests.fakes import exchanges
from tests.fakes.exchanges import NOW_US

ROOT = Path(__file__).resolve().parents[2]
HEADERS: Headers = tuple((f"x-stainless-{number}", f"value {number}") for number in range(12))
MODELS = ("claude-opus-4-8", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5.1", "gemini-3-pro")


def words_of_source() -> tuple[str, ...]:
    """Lines of real source and prose, so that text compresses as it does in life."""
    lines = [line for path in sorted(ROOT.glob("app/**/*.py")) for line in path.read_text("utf-8").split("\n")]
    return tuple(line for line in lines if line.strip())


@dataclass
class Author:
    """Invents what an agent and its user say; the same seed says the same."""

    random: random.Random
    lines: tuple[str, ...] = field(default_factory=words_of_source)

    def text(self, size_bytes: int) -> str:
        """About so much text: runs of source lines, as a tool reads them, with names of this session in them."""
        found: list[str] = []
        size = 0
        while size < size_bytes:
            at = self.random.randrange(len(self.lines) - 40)
            for line in self.lines[at : at + self.random.randint(5, 40)]:
                found.append(f"{line}  # {self.random.getrandbits(40):x}" if self.random.random() < 0.15 else line)
                size += len(found[-1])
        return "\n".join(found)[:size_bytes]

    def size(self) -> int:
        """Bytes of a turn: 1 to 20 kB, most of them small."""
        return min(20_000, 1_000 + int(self.random.expovariate(1 / 3_500)))

    def turn(self) -> list[dict[str, Any]]:
        """What one turn adds to a conversation: a tool's result or a question, and the answer with its next call."""
        call = f"toolu_{self.random.getrandbits(96):024x}"
        size = self.size()
        asked: list[dict[str, Any]] = [{"type": "text", "text": self.text(size // 6)}]
        if self.random.random() < 0.03:
            data = base64.b64encode(self.random.randbytes(self.random.randint(30_000, 120_000))).decode()
            asked.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}})
        answer: list[dict[str, Any]] = [
            {"type": "text", "text": self.text(300)},
            {"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": f"src/{call[-8:]}.py"}},
        ]
        result = [{"type": "tool_result", "tool_use_id": call, "content": self.text(size * 5 // 6)}]
        return [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answer},
            {"role": "user", "content": result},
        ]


def tools(author: Author) -> list[dict[str, Any]]:
    """Tool definitions, some 35 kB of them."""
    return [
        {
            "name": f"Tool{number}",
            "description": author.text(1_800),
            "input_schema": {"type": "object", "properties": {"path": {"type": "string", "description": "A path"}}},
        }
        for number in range(18)
    ]


def stream(author: Author, message: dict[str, Any], number: int) -> tuple[bytes, ...]:
    """The reply as it is streamed: some 4 characters a piece."""
    text = message["content"][0]["text"] + json.dumps(message["content"][1])
    head = {"type": "message_start", "message": {"id": f"msg_{number:024x}", "model": MODELS[0]}}
    events = [b"event: message_start\ndata: " + json.dumps(head).encode() + b"\n\n"]
    for at in range(0, len(text), 4):
        delta = {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": text[at : at + 4]},
        }
        events.append(b"event: content_block_delta\ndata: " + json.dumps(delta).encode() + b"\n\n")
    events.append(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
    return tuple(events)


def sessions(count: int, turns: int, seed: int = 7) -> Iterator[tuple[ExchangeStart, ExchangeEnd]]:
    """Every exchange of so many sessions. The tools and most of the system prompt are the same in all of them."""
    author = Author(random.Random(seed))
    fixed_tools, rules = tools(author), author.text(22_000)
    number = 0
    for session in range(count):
        project = author.text(4_000)
        system = [
            {"type": "text", "text": rules, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": f"Working directory: /src/project{session}\nDate: day {session // 10}\n{project}"},
        ]
        messages: list[dict[str, Any]] = []
        for _ in range(turns):
            number += 1
            asked, answer, result = author.turn()
            messages.append(asked)
            request = {
                "model": MODELS[0],
                "max_tokens": 32_000,
                "system": system,
                "messages": _marked(messages),
                "tools": fixed_tools,
                "metadata": {"user_id": f"user_session_{session:08x}"},
                "stream": True,
            }
            body = json.dumps(request, separators=(",", ":")).encode()
            yield _exchange(number, session, body, stream(author, answer, number), answer)
            messages += [answer, result]


def _marked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest message bears the cache mark, which moves with every turn."""
    last = dict(messages[-1])
    last["content"] = [*last["content"][:-1], {**last["content"][-1], "cache_control": {"type": "ephemeral"}}]
    return [*messages[:-1], last]


def _exchange(
    number: int, session: int, body: bytes, reply: tuple[bytes, ...], answer: dict[str, Any]
) -> tuple[ExchangeStart, ExchangeEnd]:
    asked = Side((*HEADERS, ("x-request", str(number))), (body,), "POST /v1/messages?beta=true")
    answered = Side((("content-type", "text/event-stream"), ("request-id", f"req_{number:x}")), reply, "200 OK")
    timeline = tuple((step * 10, len(piece)) for step, piece in enumerate(reply))
    names = {"upstream_dialect": "anthropic_messages", "session_id": f"session-{session}"}
    return (
        exchanges.start(number, started_us=NOW_US + number * 20_000_000, **names),
        exchanges.end(
            number,
            sides=Sides(asked, asked, answered, answered),
            answer=answer["content"][0]["text"],
            timeline=timeline,
            request_bytes=len(body),
            reply_bytes=sum(map(len, reply)),
        ),
    )
