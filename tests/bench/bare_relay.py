"""The plainest relay that aiohttp can be: what Patchbay's own cost is measured against.

Usage: python -m tests.bench.bare_relay PORT UPSTREAM_ORIGIN [--plain-asyncio]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator

import uvloop
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

ORIGIN = web.AppKey("origin", str)
SESSION = web.AppKey("session", ClientSession)
FORWARDED = ("content-type", "anthropic-version", "authorization", "x-api-key")


async def _sessions(app: web.Application) -> AsyncGenerator[None]:
    connector = TCPConnector(limit=0)
    app[SESSION] = ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None),
    )
    yield
    await app[SESSION].close()


async def relay(request: web.Request) -> web.StreamResponse:
    """Send the body on, and whatever comes back as it comes."""
    body = await request.read()
    headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
    url = request.app[ORIGIN] + request.path_qs
    async with request.app[SESSION].post(url, data=body, headers=headers, allow_redirects=False) as upstream:
        reply = web.StreamResponse(status=upstream.status)
        reply.headers["Content-Type"] = upstream.headers.get("Content-Type", "application/octet-stream")
        if upstream.content_length is not None:
            reply.content_length = upstream.content_length
        await reply.prepare(request)
        async for chunk in upstream.content.iter_any():
            await reply.write(chunk)
        await reply.write_eof()
        return reply


async def serve(port: int, origin: str) -> None:
    """Listen until the process is ended."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[ORIGIN] = origin
    app.cleanup_ctx.append(_sessions)
    app.router.add_route("*", "/{path:.*}", relay)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(f"bare relay on {port}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Run on uvloop, or on asyncio's own loop where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("origin")
    parser.add_argument("--plain-asyncio", action="store_true")
    arguments = parser.parse_args()
    factory = asyncio.new_event_loop if arguments.plain_asyncio else uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(arguments.port, arguments.origin))


if __name__ == "__main__":
    main()
