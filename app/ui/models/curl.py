"""A client's request as a curl command that anybody may repeat: no secret in it, the key comes from the environment."""

from __future__ import annotations

import shlex

from app.domain.exchange import StoredSide
from app.domain.redact import MASK

KEY_VARIABLE = "PATCHBAY_CLIENT_KEY"
_LEFT_OUT = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect", "keep-alive", "te"}
)
"""What curl says by itself, or what would change the answer's form."""
_BEARERS = frozenset({"authorization", "proxy-authorization"})


def curl(side: StoredSide, base_url: str) -> str:
    """The command for a POSIX shell; blocking for a large body, call it in a thread.

    Header values that the record masks become `$PATCHBAY_CLIENT_KEY`. A body that the record no longer has is said to
    be missing in a comment.
    """
    method, _, path = side.line.partition(" ")
    lines = [f"curl -N -X {shlex.quote(method or 'POST')} {shlex.quote(base_url + (path or '/'))}"]
    for name, value in side.headers:
        if name.lower() not in _LEFT_OUT:
            lines.append(f"  -H {_header(name, value)}")
    if side.body:
        lines.append(f"  --data-binary {shlex.quote(side.body.decode('utf-8', 'replace'))}")
    command = " \\\n".join(lines)
    return f"# The body of this request is no longer in the history.\n{command}" if side.dropped else command


def _header(name: str, value: str) -> str:
    if MASK not in value and value != "…":
        return shlex.quote(f"{name}: {value}")
    word = "Bearer " if name.lower() in _BEARERS else ""
    return shlex.quote(f"{name}: {word}") + f'"${KEY_VARIABLE}"'
