"""A login server on loopback: RFC 6749's token endpoint, OpenRouter's exchange for a key, and the browser between."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import ClientSession, web

from app.domain.provider import Grant, LoginWay

CODE = "code-canary-0123456789"


@dataclass
class LoginServer:
    """`script` decides how the endpoint answers: good, refused, wrong_json, not_json, no_token, busy, hang, portal."""

    url: str = ""
    script: str = "good"
    expires_s: int | None = 3600
    asked: list[dict[str, str]] = field(default_factory=list)
    """The fields of each request to the token endpoint."""
    given: int = 0
    rotate: bool = True
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    challenges: dict[str, str] = field(default_factory=dict)
    """By code."""

    def way(self, grant: Grant = Grant.TOKENS, host: str = "127.0.0.1") -> LoginWay:
        """How to log in here."""
        client = "" if grant is Grant.KEY else "patchbay"
        return LoginWay(f"{self.url}/authorize", f"{self.url}/token", client, ("models",), grant, host)

    async def browse(self, address: str, *, declined: bool = False, state: str | None = None) -> tuple[int, str]:
        """Do what a person's browser does, up to the page that it shows in the end: its status and text."""
        fields = dict(parse_qsl(urlsplit(address).query))
        back = urlsplit(fields.get("redirect_uri") or fields["callback_url"])
        code = f"{CODE}-{len(self.challenges)}"
        self.challenges[code] = fields["code_challenge"]
        answer = dict(parse_qsl(back.query))
        if "state" in fields:
            answer["state"] = fields["state"]
        if state is not None:
            answer["state"] = state
        answer |= {"error": "access_denied"} if declined else {"code": code}
        async with ClientSession() as session, session.get(urlunsplit(back._replace(query=urlencode(answer)))) as page:
            return page.status, await page.text()

    async def token(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        if request.content_type == "application/json":
            fields = json.loads(data)
        else:
            fields = {name: values[0] for name, values in parse_qs(data.decode()).items()}
        self.asked.append(fields)
        await self.answering.wait()
        answers: dict[str, Any] = {
            "refused": web.json_response({"error": "invalid_grant", "error_description": f"no {fields}"}, status=400),
            "wrong_json": web.json_response(["access_token"]),
            "not_json": web.Response(text="<html>hello</html>", content_type="text/html"),
            "no_token": web.json_response({"token_type": "Bearer"}),
            "busy": web.json_response({"error": "temporarily_unavailable"}, status=503),
            "portal": web.Response(status=403, text="<html>log in to the hotel</html>", content_type="text/html"),
            "other_kind": web.json_response({"access_token": "x", "token_type": "mac"}),
        }
        return answers.get(self.script) or web.json_response(self._grant(fields))

    def _grant(self, fields: dict[str, str]) -> dict[str, Any]:
        self.given += 1
        if "code_verifier" in fields:
            digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
            made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if self.challenges.get(fields["code"]) != made:
                raise web.HTTPBadRequest(text='{"error": "invalid_grant"}', content_type="application/json")
        if fields.get("code_challenge_method"):
            return {"key": f"sk-or-canary-{self.given}-0123456789", "user_id": "me"}
        made_now: dict[str, Any] = {"access_token": f"access-canary-{self.given}-0123456789", "token_type": "bearer"}
        if self.rotate or "code" in fields:
            made_now["refresh_token"] = f"refresh-canary-{self.given}-0123456789"
        return made_now if self.expires_s is None else {**made_now, "expires_in": self.expires_s}


@asynccontextmanager
async def login_server() -> AsyncIterator[LoginServer]:
    """One on a port of the system's choice."""
    made = LoginServer()
    made.answering.set()
    app = web.Application()
    app.router.add_post("/token", made.token)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.answering.set()
        await runner.cleanup()
