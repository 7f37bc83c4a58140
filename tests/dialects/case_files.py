"""The recorded conversions in `tests/data/cases`, and how an outcome is compared with what they expect.

A case is one request, answer, stream or error of one upstream, with what the client must get for it. `"*"` stands for
anything; members that are null, and further members of a usage, never count as a difference.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.dialects import dialect
from app.dialects.base import Dialect, Road, Written
from app.dialects.road import road_for
from app.domain.provider import DialectName, Profile
from app.domain.request import Request
from app.vendors import profiles

FOLDER = Path(__file__).parent.parent / "data" / "cases"
CASES: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
CREATED_S = 1_790_000_000

_PROFILES = {profile.kind: profile for profile in profiles.PROFILES}
_DIALECTS = {
    "anthropic": DialectName.ANTHROPIC_MESSAGES,
    "openai_chat": DialectName.OPENAI_CHAT,
    "openrouter": DialectName.OPENAI_CHAT,
    "ollama": DialectName.OPENAI_CHAT,
    "gemini": DialectName.GEMINI,
    "responses": DialectName.OPENAI_RESPONSES,
}


def of_kind(kind: str) -> list[str]:
    """The names of the cases that hold such a conversion: request, response, stream or error."""
    return [name for name, case in CASES.items() if kind in case["direction"].rpartition(":")[2].split("+")]


class Case:
    """One case with its two dialects, its request read and written."""

    def __init__(self, name: str) -> None:
        self.case = CASES[name]
        pair = self.case["direction"].rpartition(":")[0]
        client, _, upstream = pair.partition("<-" if "<-" in pair else "->")
        self.client: Dialect = dialect(_DIALECTS[client])
        self.upstream: Dialect = dialect(_DIALECTS[upstream])
        self.config = self.case.get("config", {})

    @property
    def profile(self) -> Profile:
        """The upstream's profile with the case's own changes."""
        profile = _PROFILES[self.config.get("profile", "generic")]
        if "effort" in self.config:
            effort = self.config["effort"]
            profile = replace(profile, effort=() if effort == "off" else tuple(effort))
        if "sampling" in self.config:
            profile = replace(profile, sampling=self.config["sampling"])
        return profile

    def request(self) -> Request:
        """The client's request, neutral."""
        return self.client.read_request(json.dumps(self.case["request_in"], ensure_ascii=False).encode())

    def written(self) -> Written:
        """The request as the upstream gets it."""
        return self.upstream.write_request(self.request(), self.config["target_model"], self.profile)

    def road(self) -> Road:
        """The road back."""
        return road_for(self.request(), self.written(), self.config["target_model"], self.profile, CREATED_S)

    def upstream_bytes(self) -> bytes:
        """The upstream's stream."""
        return b"".join(self._wire(chunk) for chunk in self.case["upstream_chunks"])

    def _wire(self, chunk: Any) -> bytes:
        if chunk == "[DONE]":
            return b"data: [DONE]\n\n"
        if "raw" in chunk:
            return str(chunk["raw"]).encode()
        if "raw_b64_parts" in chunk:
            return b"".join(base64.b64decode(part) for part in chunk["raw_b64_parts"])
        data = json.dumps(chunk, ensure_ascii=False).encode()
        if self.upstream.name in {DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_RESPONSES}:
            return b"event: " + chunk["type"].encode() + b"\ndata: " + data + b"\n\n"
        return b"data: " + data + b"\n\n"


def client_events(stream: bytes) -> list[Any]:
    """The data of a stream that we wrote; every event must be whole and named as its dialect wants it."""
    found: list[Any] = []
    for block in stream.split(b"\n\n")[:-1]:
        lines = block.split(b"\n")
        if lines[0].startswith(b":"):
            continue
        data = lines[-1].removeprefix(b"data: ")
        found.append("[DONE]" if data == b"[DONE]" else json.loads(data))
        if len(lines) == 2:
            assert lines[0] == b"event: " + found[-1]["type"].encode()
    assert stream.endswith(b"\n\n") or not stream
    return found


def without_optional(value: Any, compare: dict[str, Any], path: str = "") -> Any:
    """A value without the members that a case ignores or leaves to choice, named by the end of their path."""
    if isinstance(value, list):
        return [without_optional(one, compare, path) for one in value]
    if not isinstance(value, dict):
        return value
    free = tuple(f".{name}" for name in (*compare.get("optional_fields", ()), *compare.get("ignore_fields", ())))
    return {
        name: without_optional(one, compare, f"{path}.{name}")
        for name, one in value.items()
        if not (free and f"{path}.{name}".endswith(free))
    }


def same(actual: Any, expected: Any, path: str = "") -> None:
    """Assert that an outcome is what a case expects."""
    if expected == "*":
        return
    if isinstance(expected, dict):
        _same_members(actual, expected, path)
    elif isinstance(expected, list):
        actual = _as_blocks(actual)
        assert isinstance(actual, list), f"{path}: {actual!r} is no list"
        assert len(actual) == len(expected), f"{path}: {actual!r} instead of {expected!r}"
        for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
            same(one, other, f"{path}[{index}]")
    elif isinstance(expected, str) and path.endswith((".arguments", ".partial_json")) and actual != expected:
        assert json.loads(actual) == json.loads(expected), path
    elif isinstance(expected, str) and isinstance(actual, list):
        same(actual, _as_blocks(expected), path)
    else:
        assert actual == expected, f"{path}: {actual!r} instead of {expected!r}"


def _same_members(actual: Any, expected: dict[str, Any], path: str) -> None:
    assert isinstance(actual, dict), f"{path}: {actual!r} is no object"
    for name, value in expected.items():
        if value is None and actual.get(name) is None:
            continue
        assert name in actual, f"{path}.{name} is missing in {actual!r}"
        same(actual[name], value, f"{path}.{name}")
    further = {name for name, value in actual.items() if name not in expected and value is not None}
    assert not further or path.endswith("usage"), f"{path}: further members {further} in {actual!r}"


def _as_blocks(content: Any) -> Any:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def coalesced(events: list[Any], compare: dict[str, Any]) -> list[Any]:
    """A stream's events without what a case ignores, and adjacent deltas of one kind joined where it says so."""
    kept: list[Any] = []
    for event in events:
        if event != "[DONE]" and event.get("type") in compare.get("ignore", ()):
            continue
        for choice in event.get("choices", ()) if event != "[DONE]" else ():
            for name in compare.get("ignore_delta_fields", ()):
                choice["delta"].pop(name, None)
        if compare.get("coalesce_deltas") and (_says_nothing(event) or (kept and _joined(kept[-1], event))):
            continue
        kept.append(event)
    return kept


def _says_nothing(event: Any) -> bool:
    choices = event.get("choices") if event != "[DONE]" else None
    return bool(choices) and choices[0]["delta"] == {} and not choices[0].get("finish_reason")


def _joined(last: Any, event: Any) -> bool:
    """Add a delta to the one before, where they are of one kind."""
    if "[DONE]" in (last, event):
        return False
    if event.get("type") == last.get("type") == "content_block_delta" and event["index"] == last["index"]:
        return _add(last["delta"], event["delta"])
    if not (last.get("choices") and event.get("choices")) or last["choices"][0].get("finish_reason"):
        return False
    ours, more = last["choices"][0]["delta"], event["choices"][0]["delta"]
    if event["choices"][0].get("finish_reason") or "role" in ours or len(ours) != 1 or ours.keys() != more.keys():
        return False
    return _add(ours, more)


def _add(delta: dict[str, Any], more: dict[str, Any]) -> bool:
    if delta.get("type") != more.get("type"):
        return False
    for name in ("text", "thinking", "partial_json", "content", "reasoning_content"):
        if name in delta and name in more:
            delta[name] += more[name]
            return True
    return False
