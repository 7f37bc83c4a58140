"""Group B, authentication: without a key nothing answers but the three questions whether anybody is here."""

from __future__ import annotations

import asyncio

from app.dialects import DIALECTS
from tests.acceptance.contract import alive, norow, up
from tests.acceptance.program import Patchbay

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MOVE", "get", "Patchbay")
BESIDES = (
    *("/", "//", "/health", "/health/", "/Health", "/%68ealth", "/health?nonce=1&key=x", "/health/../v1/models"),
    *("/metrics", "/stats", "/api", "/api/keys", "/api/history", "/admin", "/status", "/openapi.json", "/nothing"),
    *("/k/", "/k//v1/models", "/k/pb_wrong/health", "/k/pb_wrong/", "/k/pb_wrong/v1/messages"),
)
REFUSALS = {400, 401, 403, 404, 405}
OPEN = {("HEAD", "/"), ("GET", "/"), ("GET", "/health")}


def served() -> list[str]:
    """Every path that a dialect says it serves."""
    return sorted({one.path.replace("{model}", "model-a") for dialect in DIALECTS for one in dialect.endpoints})


async def answers(p: Patchbay, paths: list[str]) -> dict[tuple[str, str], int]:
    """The status of each path and method without any credential."""
    found: dict[tuple[str, str], int] = {}
    for path in paths:
        for method in METHODS:
            body = b"{}" if method in ("POST", "PUT", "PATCH") else b""
            reply = await p.ask(path, body, method=method, key=None)
            found[method, path] = reply.status
    return found


async def test_b02_no_route_answers_without_a_key(p):
    paths = served()
    assert len(paths) >= 8, "the router is enumerated, so an empty list would prove nothing"
    found = await answers(p, [*paths, *BESIDES])
    open_routes = {
        (method, path.partition("?")[0]) for (method, path), status in found.items() if status not in REFUSALS
    }
    assert open_routes == OPEN
    # What is served at all asks for the key before it says anything about the request.
    asked = {path for (_, path), status in found.items() if status == 401}
    assert set(paths) <= asked
    up(p, 0)
    assert await asyncio.to_thread(p.page) == ()
    await alive(p)


async def test_b02_nor_with_what_only_looks_like_a_credential(p):
    path = "/v1/models"
    for line in ("Authorization: Basic cGI6cGI=", "Cookie: key=pb", "x-api-key:", "Authorization: Bearer null"):
        assert (await p.ask(path, b"", line, method="GET", key=None)).status == 401, line
    for query in ("?key=", "?key=undefined", "?api_key=x", "?access_token=x"):
        assert (await p.ask(path + query, method="GET", key=None)).status == 401, query
    await norow(p, "auth", 8)
    up(p, 0)
