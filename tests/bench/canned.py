"""A canned upstream for measuring: answers Anthropic Messages and OpenAI Chat from memory, faster than any proxy.

    python -m tests.bench.canned PORT [--chunks N] [--gap-ms D]

It speaks just enough HTTP/1.1 to be a keep-alive server and builds every answer once, at start. With `--gap-ms` a
stream takes its time, as a model does; without, the whole stream is in one write.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from typing import Any, cast

WORD = "lorem "
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
STREAMED = re.compile(rb'"stream" *: *true')


def _event(data: dict[str, Any], name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def anthropic_stream(chunks: int) -> list[bytes]:
    """One answer of so many text deltas, an event each."""
    usage = {"input_tokens": 25, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {
        "id": "msg_canned",
        "type": "message",
        "role": "assistant",
        "model": "canned",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORD}},) * chunks,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": chunks},
        },
        {"type": "message_stop"},
    ]
    return [_event(event, event["type"]) for event in events]


def chat_stream(chunks: int) -> list[bytes]:
    """The same answer as chat completion chunks."""
    base = {"id": "chatcmpl-canned", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "canned"}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    usage = {"prompt_tokens": 25, "completion_tokens": chunks, "total_tokens": 25 + chunks}
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": WORD}),) * chunks,
        chunk({}, "stop"),
        _event({**base, "choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    ]


def anthropic_whole(chunks: int) -> bytes:
    """The answer as one Anthropic message."""
    usage = {
        "input_tokens": 25,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": chunks,
    }
    return json.dumps(
        {
            "id": "msg_canned",
            "type": "message",
            "role": "assistant",
            "model": "canned",
            "content": [{"type": "text", "text": WORD * chunks}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }
    ).encode()


def chat_whole(chunks: int) -> bytes:
    """The answer as one chat completion."""
    return json.dumps(
        {
            "id": "chatcmpl-canned",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "canned",
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": WORD * chunks}, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 25, "completion_tokens": chunks, "total_tokens": 25 + chunks},
        }
    ).encode()


class Answers:
    """Every answer this upstream gives, as the bytes of an HTTP reply."""

    HEAD = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
        b"request-id: req_canned\r\ntransfer-encoding: chunked\r\n\r\n"
    )

    def __init__(self, chunks: int) -> None:
        self.streams = {
            chat: [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]
            for chat, pieces in ((False, anthropic_stream(chunks)), (True, chat_stream(chunks)))
        }
        self.wholes = {False: self._whole(anthropic_whole(chunks)), True: self._whole(chat_whole(chunks))}
        self.bursts = {chat: self.HEAD + b"".join(pieces) for chat, pieces in self.streams.items()}

    @staticmethod
    def _whole(body: bytes) -> bytes:
        head = (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_canned\r\ncontent-length: %d\r\n\r\n"
        )
        return head % len(body) + body


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are answered in order."""

    def __init__(self, answers: Answers, gap_s: float) -> None:
        self.answers = answers
        self.gap_s = gap_s
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        if self.task:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = LENGTH.search(head)
            stop = end + 4 + (int(length[1]) if length else 0)
            if len(self.buffer) < stop:
                return
            body, self.buffer = self.buffer[end + 4 : stop], self.buffer[stop:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        assert self.transport is not None
        chat = b"/chat/completions" in head.split(b"\r\n", 1)[0]
        if not STREAMED.search(body):
            self.transport.write(self.answers.wholes[chat])
        elif self.gap_s:
            pieces = self.answers.streams[chat]
            self.task = asyncio.get_running_loop().create_task(self._slowly(pieces), name="a slow stream")
        else:
            self.transport.write(self.answers.bursts[chat])

    async def _slowly(self, pieces: list[bytes]) -> None:
        assert self.transport is not None
        self.transport.write(Answers.HEAD)
        for piece in pieces:
            self.transport.write(piece)
            await asyncio.sleep(self.gap_s)


async def serve(port: int, chunks: int, gap_s: float) -> None:
    """Serve until the process is ended; prints the port that it listens on."""
    answers = Answers(chunks)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers, gap_s), "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--chunks", type=int, default=100)
    parser.add_argument("--gap-ms", type=float, default=0.0)
    arguments = parser.parse_args()
    import uvloop

    uvloop.run(serve(arguments.port, arguments.chunks, arguments.gap_ms / 1000))


if __name__ == "__main__":
    main()
