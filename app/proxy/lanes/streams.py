"""Answers of one piece: a stream gathered into one, a whole one read, replayed, sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web

from app.dialects.base import PENDING, Dialect, Road, StreamReader, StreamWriter
from app.dialects.fold import Fold
from app.domain.errors import PatchbayError
from app.domain.events import Event, Reply
from app.domain.exchange import Side
from app.proxy import answers
from app.proxy.headers import Pairs, pairs
from app.proxy.job import Job
from app.proxy.outgoing import ClientGone, Outgoing
from app.proxy.source import Source


def read_answer(job: Job, dialect: Dialect, body: bytes, road: Road) -> Reply:
    """A whole answer, which the tap gets too; raises PatchbayError as `Dialect.read_reply` does."""
    tap = job.exchange.tap
    try:
        reply = dialect.read_reply(body, road)
    except PatchbayError as error:
        tap.pending = error.code in PENDING
        raise
    tap.reply(reply)
    return reply


async def gathered(job: Job, source: Source, first: bytes, reader: StreamReader) -> Reply:
    """The whole answer out of a stream; raises PatchbayError as the stream does, and STREAM_CUT without its end."""
    tap = job.exchange.tap
    fold = Fold(job.provider.dialect)
    chunk: bytes | None = first
    while chunk:
        tap.chunk(chunk)
        _add(fold, job, reader.feed(chunk))
        if reader.finished:
            break
        source.ending = reader.ending
        chunk = await source.next()
    if not reader.finished:
        _add(fold, job, reader.close())
    return fold.reply()


def _add(fold: Fold, job: Job, events: list[Event]) -> None:
    job.exchange.tap.events(events)
    for event in events:
        fold.add(event)


async def replayed(job: Job, events: Iterable[Event], writer: StreamWriter, headers: Pairs) -> web.StreamResponse:
    """A whole answer as a stream would have brought it."""
    outgoing = Outgoing(job, headers, writer.media_type)
    await outgoing.write(writer.write(events))
    return await outgoing.end()


async def whole(job: Job, status: int, body: bytes, headers: Pairs) -> web.StreamResponse:
    """An answer of one piece, written here and now so that it is known whether the client took it."""
    response = answers.whole(status, body, headers)
    exchange = job.exchange
    exchange.reply_head = Side(pairs(response.headers.items()), line=f"{status} {response.reason}")
    exchange.reply_chunks = exchange.tap.chunks if b"".join(exchange.tap.chunks) == body else [body]
    job.watch.wait(job.limits.write_stall_s)
    try:
        await response.prepare(job.call.http)
        await response.write_eof()
    except asyncio.CancelledError:
        if not job.watch.overdue():
            raise
        raise ClientGone("client_stalled", "The client stopped reading its answer.") from None
    except ConnectionError:
        raise ClientGone("client_disconnect", "The client closed the connection.") from None
    finally:
        job.watch.rest()
    return response
