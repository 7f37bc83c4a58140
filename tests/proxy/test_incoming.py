"""A reply while it arrives: nothing of it is lost, and no more of it is taken than allowed."""

from __future__ import annotations

import asyncio
import gzip
from types import SimpleNamespace

import pytest
from aiohttp import ClientPayloadError
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.incoming import Incoming


class Response:
    status, reason = 200, "OK"

    def __init__(self, **headers):
        loop = asyncio.get_running_loop()
        protocol = BaseProtocol(loop)
        protocol.transport = SimpleNamespace(
            is_closing=lambda: False, pause_reading=lambda: None, resume_reading=lambda: None
        )
        self.content = StreamReader(protocol, 2**16, loop=loop)
        self.headers = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
        self.ended = ""

    def release(self):
        self.ended = "released"

    def close(self):
        self.ended = "closed"


def incoming(response, budget=1000):
    made = Incoming(response, "Up")
    made.allow(budget)
    return made


async def test_chunks_and_the_end():
    response = Response(Content_Type="Text/Event-Stream; charset=utf-8")
    made = incoming(response)
    assert (made.media_type, made.line) == ("text/event-stream", "200 OK")
    response.content.feed_data(b"one")
    assert await made.read() == b"one"
    response.content.feed_data(b"two")
    response.content.feed_eof()
    assert await made.read() == b"two"
    assert await made.read() == b""


async def test_what_came_before_a_break_is_delivered_first():
    response = Response()
    made = incoming(response)
    response.content.feed_data(b"kept")
    response.content.set_exception(ClientPayloadError("broken"))
    assert await made.read() == b"kept"
    for _ in range(2):
        with pytest.raises(PatchbayError) as caught:
            await made.read()
        assert caught.value.kind is ErrorKind.STREAM_CUT


async def test_the_budget():
    response = Response()
    made = incoming(response, budget=5)
    response.content.feed_data(b"12345")
    assert await made.read() == b"12345"
    response.content.feed_data(b"6")
    with pytest.raises(PatchbayError) as caught:
        await made.read()
    assert caught.value.kind is ErrorKind.BAD_REPLY


@pytest.mark.parametrize("said", [True, False])
async def test_compressed(said):
    response = Response(**({"Content_Encoding": "GZIP"} if said else {}))
    made = incoming(response)
    data = gzip.compress(b"plain text")
    for at in range(0, len(data), 10):
        response.content.feed_data(data[at : at + 10])
    response.content.feed_eof()
    assert await made.read_all() == b"plain text"


@pytest.mark.parametrize(
    ("data", "kind"), [(gzip.compress(b"x" * 50)[:-5], ErrorKind.STREAM_CUT), (b"no gzip", ErrorKind.BAD_REPLY)]
)
async def test_compressed_badly(data, kind):
    response = Response(Content_Encoding="gzip")
    made = incoming(response)
    response.content.feed_data(data)
    response.content.feed_eof()
    with pytest.raises(PatchbayError) as caught:
        await made.read_all()
    assert caught.value.kind is kind


async def test_compressed_in_a_way_that_nobody_asked_for():
    response = Response(Content_Encoding="lzma")
    response.content.feed_data(b"x")
    with pytest.raises(PatchbayError) as caught:
        await incoming(response).read()
    assert caught.value.kind is ErrorKind.BAD_REPLY


@pytest.mark.parametrize(("ended", "how"), [(True, "released"), (False, "closed")])
async def test_a_reply_that_was_read_gives_its_connection_back(ended, how):
    released = []
    response = Response()
    made = Incoming(response, "Up", lambda: released.append(1))
    if ended:
        response.content.feed_eof()
    made.close()
    made.close()
    assert response.ended == how
    assert released == [1]
