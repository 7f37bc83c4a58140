from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.proxy.outgoing import ClientGone, Outgoing
from tests.fakes.rig import QUICK


class Watch:
    def wait(self, limit_s):
        pass


class Reply:
    """Stands in for aiohttp's response once it has begun."""

    def __init__(self, gone):
        self.gone = gone
        self.written = []

    async def write(self, data):
        if self.gone:
            raise ConnectionResetError
        self.written.append(data)

    async def write_eof(self, data=b""):
        if data:
            await self.write(data)
        if self.gone:
            raise ConnectionResetError


def outgoing(gone):
    job = SimpleNamespace(watch=Watch(), limits=QUICK, exchange=SimpleNamespace(reply_chunks=[]))
    made = Outgoing(job, ())
    made._response = Reply(gone)
    return made, job


async def test_what_was_sent_is_kept_for_the_record():
    made, job = outgoing(gone=False)
    await made.write(b"one")
    await made.write(b"")
    await made.write(b"two")
    await made.end(b"three")
    assert job.exchange.reply_chunks == made._response.written == [b"one", b"two", b"three"]


async def test_a_client_that_is_gone_is_told_apart():
    made, job = outgoing(gone=True)
    with pytest.raises(ClientGone) as caught:
        await made.write(b"one")
    assert caught.value.kind == "client_disconnect"
    assert job.exchange.reply_chunks == []
    with pytest.raises(ClientGone):
        await made.end()


async def test_nothing_begins_before_the_first_bytes():
    """So that a failure can still be an HTTP error."""
    made = Outgoing(SimpleNamespace(watch=Watch(), limits=QUICK), ())
    await made.write(b"")
    assert not made.begun
