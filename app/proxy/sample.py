"""One small streamed request through our own front door, so that a newcomer sees the whole program work."""

from __future__ import annotations

import json

import aiohttp

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Secret

TIMEOUT_S = 60.0
_ASKED = {
    "model": "claude-haiku-4-5",
    "max_tokens": 400,
    "stream": True,
    "messages": [{"role": "user", "content": "In two sentences: what does a patch bay do?"}],
}
_LONGEST_ERROR_CHARS = 500


async def send_sample(base_url: str, key: Secret, *, timeout_s: float = TIMEOUT_S) -> None:
    """Ask the proxy at `base_url` and read the answer to its end; raises PatchbayError in words for the user."""
    headers = {"x-api-key": key.value, "anthropic-version": "2023-06-01", "user-agent": "patchbay-sample"}
    limit = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(trust_env=False, timeout=limit) as session,
            session.post(f"{base_url}/v1/messages", json=_ASKED, headers=headers, allow_redirects=False) as reply,
        ):
            body = await reply.read()
    except (TimeoutError, aiohttp.ClientError) as error:
        message = f"The sample request did not get through ({type(error).__name__})."
        raise PatchbayError(ErrorKind.UNREACHABLE, message) from None
    if reply.status != 200:
        raise PatchbayError(ErrorKind.UPSTREAM_ERROR, f"The sample request was refused: {_words(body)}")


def _words(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])[:_LONGEST_ERROR_CHARS]
    except (ValueError, KeyError, TypeError):
        return "the answer is not readable"
