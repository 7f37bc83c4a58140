"""Exchanges for the conversation's tests."""

from __future__ import annotations

import json
from typing import Any

from app.domain.exchange import Detail, Row, State, StoredSide
from app.domain.usage import Usage


def side(body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = (), dropped: bool = False) -> StoredSide:
    return StoredSide("POST /v1/messages", headers, body, len(body), "", dropped)


def detail(request: Any = None, reply: bytes = b"", *, dialect: str = "anthropic_messages", **changes: Any) -> Detail:
    # fmt: off
    row = Row(
        "01" * 16, 1_700_000_000_000_000, State.DONE, "claude-code", "default", "s1", "Main", "anthropic", "opus",
        "opus", dialect, dialect, True, "chat", 200, 200, "", "", "end_turn", Usage(1, 0, 0, 0, 1), None,
        10, 20, 0, 0, 1,
    )
    # fmt: on
    sides: dict[str, Any] = {
        "client_request": side(b"" if request is None else json.dumps(request).encode()),
        "upstream_request": side(),
        "upstream_reply": side(),
        "client_reply": side(reply),
        "answer": "",
    } | changes
    return Detail(row, **sides, dropped=(), attempts=(), timeline=())


def sse(*chunks: Any, named: bool = False) -> bytes:
    lines = []
    for chunk in chunks:
        if named:
            lines.append(f"event: {chunk['type']}\n")
        lines.append(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n")
    return "".join(lines).encode()
