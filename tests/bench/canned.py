"""A canned upstream for measuring: answers in all four dialects from memory, faster than any proxy.

    python -m tests.bench.canned PORT [--chunks N] [--gap-ms D]

It speaks just enough HTTP/1.1 to be a keep-alive server and builds every answer once, at start. With `--gap-ms` a
stream takes its time, as a model does; without, the whole stream is in one write.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import cast

from app.dialects import dialect
from app.dialects.base import Dialect, Road
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    BlockStop,
    Event,
    MessageStart,
    MessageStop,
    Reply,
    StopReason,
)
from app.domain.provider import DialectName
from app.domain.request import Text
from app.domain.usage import Usage

WORD = "lorem "
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
STREAMED = re.compile(rb'"stream" *: *true')
ROAD = Road("canned", "canned", include_usage=True, created_s=1_700_000_000)
PATHS = (
    (b"/chat/completions", DialectName.OPENAI_CHAT),
    (b"/responses", DialectName.OPENAI_RESPONSES),
    (b"enerateContent", DialectName.GEMINI),
    (b"", DialectName.ANTHROPIC_MESSAGES),
)


def stream(spoken: Dialect, chunks: int) -> list[bytes]:
    """One answer of so many text deltas in a dialect, cut where its events end."""
    usage = Usage(25, output_tokens=chunks)
    events: list[Event] = [MessageStart("canned", "canned", usage), BlockStart(0, BlockKind.TEXT)]
    events += [BlockDelta(0, WORD)] * chunks
    events += [BlockStop(0), MessageStop(StopReason.END_TURN, usage)]
    writer = spoken.stream_writer(ROAD)
    return [piece for event in events if (piece := writer.write([event]))]


class Answers:
    """Every answer this upstream gives, as the bytes of an HTTP reply."""

    HEAD = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
        b"request-id: req_canned\r\ntransfer-encoding: chunked\r\n\r\n"
    )

    def __init__(self, chunks: int) -> None:
        reply = Reply("canned", "canned", (Text(WORD * chunks),), StopReason.END_TURN, Usage(25, output_tokens=chunks))
        spoken = [dialect(name) for _, name in PATHS]
        self.streams = {
            one.name: [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in stream(one, chunks)] + [b"0\r\n\r\n"]
            for one in spoken
        }
        self.wholes = {one.name: self._whole(one.write_reply(reply, ROAD)) for one in spoken}
        self.bursts = {name: self.HEAD + b"".join(pieces) for name, pieces in self.streams.items()}

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
        target = head.split(b"\r\n", 1)[0]
        name = next(name for part, name in PATHS if part in target)
        if not STREAMED.search(body) and b":stream" not in target:
            self.transport.write(self.answers.wholes[name])
        elif self.gap_s:
            pieces = self.answers.streams[name]
            self.task = asyncio.get_running_loop().create_task(self._slowly(pieces), name="a slow stream")
        else:
            self.transport.write(self.answers.bursts[name])

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
