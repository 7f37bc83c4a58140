"""The client's body: measured before it is read, read within limits, decoded within a budget.

In this order, so that nobody without a key costs memory and nobody with one can stall the loop: `announced` judges the
headers, then `receive` takes the bytes.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.settings import Limits
from app.proxy.decode import Decoder, OverBudgetError, UndecodableError, decoder
from app.proxy.limiter import Place
from app.proxy.watchdog import Watch

_SLOWEST_BYTES_PER_S = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def announced(http: web.BaseRequest, limits: Limits) -> None:
    """Judge what the headers say about the body, before a byte of it is read.

    Raises PatchbayError MEDIA_TYPE, TOO_LARGE or EXPECTATION_FAILED.
    """
    headers = http.headers
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise PatchbayError(ErrorKind.MEDIA_TYPE, "Send the body as Content-Type: application/json.")
    coding = _coding(http)
    if coding and decoder(coding, 0) is None:
        raise PatchbayError(
            ErrorKind.MEDIA_TYPE,
            "Send the body uncompressed, or with one Content-Encoding of gzip, deflate, br or zstd.",
        )
    if (http.content_length or 0) > limits.max_body_bytes:
        raise _too_large(limits)
    expectation = headers.get("Expect")
    if expectation is not None and expectation.lower() != "100-continue":
        raise PatchbayError(ErrorKind.EXPECTATION_FAILED, "The only expectation that can be met is 100-continue.")


async def receive(http: web.BaseRequest, limits: Limits, place: Place, watch: Watch) -> bytes:
    """The whole body, decoded. Its bytes stay reserved in `place` until the request ends.

    Raises PatchbayError TOO_LARGE, BODY_TIMEOUT, BUSY (no memory left for it in time) or INVALID_REQUEST (it does not
    decode).
    """
    watch.rest()
    await place.reserve(http.content_length or 0)
    if "Expect" in http.headers:
        await _go_on(http)
    try:
        body = await _read(http, limits, place, watch)
    except asyncio.CancelledError:
        if watch.overdue():
            raise PatchbayError(ErrorKind.BODY_TIMEOUT, "The body did not arrive in time.") from None
        raise
    except web.RequestPayloadError:
        raise PatchbayError(ErrorKind.INVALID_REQUEST, "The body is not complete or its framing is broken.") from None
    coding = _coding(http)
    stream = decoder(coding, limits.max_body_bytes)
    return body if stream is None else await _decode(body, coding, stream, limits, place)


def _coding(http: web.BaseRequest) -> str:
    coding = ", ".join(http.headers.getall("Content-Encoding", ())).strip().lower()
    return "" if coding == "identity" else coding


async def _go_on(http: web.BaseRequest) -> None:
    writer = http.writer
    await writer.write(_CONTINUE)
    writer.output_size = 0  # aiohttp takes anything written for a reply that has begun


async def _read(http: web.BaseRequest, limits: Limits, place: Place, watch: Watch) -> bytes:
    content = http.content
    if content.is_eof():
        # The usual case: the whole body came along with the headers.
        body = await content.readany()
        if len(body) > limits.max_body_bytes:
            raise _too_large(limits)
        await place.reserve(len(body))
        return body
    loop = http.task.get_loop()
    got = 0
    chunks: list[bytes] = []
    started_s = loop.time()
    while True:
        patience_s = started_s + limits.body_total_s + got / _SLOWEST_BYTES_PER_S - loop.time()
        watch.wait(max(0.0, min(limits.body_idle_s, patience_s)))
        chunk = await content.readany()
        watch.rest()
        if not chunk:
            return b"".join(chunks)
        got += len(chunk)
        if got > limits.max_body_bytes:
            raise _too_large(limits)
        await place.reserve(got)
        chunks.append(chunk)


async def _decode(body: bytes, coding: str, stream: Decoder, limits: Limits, place: Place) -> bytes:
    try:
        return await _decode_in_turns(body, stream, place)
    except OverBudgetError:
        raise _too_large(limits) from None
    except UndecodableError as error:
        raise PatchbayError(ErrorKind.INVALID_REQUEST, f"The body does not decode as {coding}: {error}.") from None


async def _decode_in_turns(body: bytes, stream: Decoder, place: Place) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in stream.steps(body):
        size += len(chunk)
        await place.reserve(len(body) + size)
        chunks.append(chunk)
        await asyncio.sleep(0)  # a large body shares the loop with every stream
    stream.finish()
    return b"".join(chunks)


def _too_large(limits: Limits) -> PatchbayError:
    mib = limits.max_body_bytes / (1024 * 1024)
    return PatchbayError(ErrorKind.TOO_LARGE, f"The body is larger than {mib:g} MiB.")
