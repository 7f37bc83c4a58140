"""What goes over the wire in the Responses and the Gemini dialect, beside `wires`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.domain.provider import DialectName


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class ResponsesWire:
    """The Responses dialect's traffic."""

    name = DialectName.OPENAI_RESPONSES
    path = "/v1/responses"
    headers = ()
    is_anthropic = False

    def request(self, model: str = "the-model", *, stream: bool = False, **more: Any) -> bytes:
        said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say hi"}]}
        return _dump({"model": model, "input": [said], "stream": stream, "store": False, **more})

    def whole(self, text: str = "Hello there") -> bytes:
        return _dump(self._response("completed", [self._message(text)]))

    def events(self, *texts: str, ended: bool = True) -> list[bytes]:
        """A stream that says these texts; without its terminator where it has not `ended`."""
        message = self._message("".join(texts))
        where = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        begun = {**message, "status": "in_progress", "content": []}
        told: list[dict[str, Any]] = [
            {"type": "response.created", "response": self._response("in_progress", [])},
            {"type": "response.output_item.added", "output_index": 0, "item": begun},
            *({"type": "response.output_text.delta", **where, "delta": text, "logprobs": []} for text in texts),
        ]
        if ended:
            told += [
                {"type": "response.output_text.done", **where, "text": "".join(texts), "logprobs": []},
                {"type": "response.output_item.done", "output_index": 0, "item": message},
                {"type": "response.completed", "response": self._response("completed", [message])},
            ]
        return [
            b"event: %s\ndata: %s\n\n" % (one["type"].encode(), _dump({**one, "sequence_number": number}))
            for number, one in enumerate(told)
        ]

    def error(self, message: str = "no such thing", code: str | None = None) -> bytes:
        return _dump({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})

    def _message(self, text: str) -> dict[str, Any]:
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}

    def _response(self, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        usage = {
            "input_tokens": 11,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 18,
        }
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_700_000_000,
            "status": status,
            "model": "the-model",
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage if status == "completed" else None,
        }


@dataclass(frozen=True)
class GeminiWire:
    """The Gemini dialect's traffic."""

    name = DialectName.GEMINI
    headers = ()

    def path(self, model: str = "the-model", *, stream: bool = False, events: bool = True) -> str:
        method = "streamGenerateContent" if stream else "generateContent"
        return f"/v1beta/models/{model}:{method}{'?alt=sse' if stream and events else ''}"

    def request(self, **more: Any) -> bytes:
        return _dump({"contents": [{"role": "user", "parts": [{"text": "Say hi"}]}], **more})

    def whole(self, text: str = "Hello there") -> bytes:
        return _dump(self._chunk(text, ended=True))

    def chunks(self, *texts: str, ended: bool = True) -> list[dict[str, Any]]:
        last = len(texts) - 1
        return [self._chunk(text, ended=ended and number == last) for number, text in enumerate(texts)]

    def events(self, *texts: str, ended: bool = True) -> list[bytes]:
        """A stream of events that says these texts; without its reason to stop where it has not `ended`."""
        return [b"data: %s\r\n\r\n" % _dump(one) for one in self.chunks(*texts, ended=ended)]

    def array(self, *texts: str, ended: bool = True) -> list[bytes]:
        """The same as the array that grows."""
        chunks = self.chunks(*texts, ended=ended)
        made = [b"%s%s" % (b",\r\n" if number else b"[", _dump(one)) for number, one in enumerate(chunks)]
        return [*made, b"]"] if ended else made

    def error(self, message: str = "no such thing", status: str = "INVALID_ARGUMENT", code: int = 400) -> bytes:
        return _dump({"error": {"code": code, "message": message, "status": status}})

    def _chunk(self, text: str, *, ended: bool) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
        if ended:
            candidate["finishReason"] = "STOP"
        usage = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "the-model", "responseId": "r1"}


RESPONSES = ResponsesWire()
GEMINI = GeminiWire()
