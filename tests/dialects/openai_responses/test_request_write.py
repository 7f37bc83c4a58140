from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.dialects.openai_responses.request_write import write_count_request
from app.domain.errors import ErrorKind
from app.domain.provider import Profile
from app.domain.request import Format, FormatKind, Reasoning, Request, Text, Tool
from app.vendors import profiles
from tests.dialects.openai_responses.written import MODEL, body, refused, user, written

SCHEMA = b'{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}'
HIGH = Reasoning(enabled=True, effort="high", show=True)


def test_the_least_that_is_sent():
    hello = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    assert body() == {"model": MODEL, "input": [hello], "store": False, "include": ["reasoning.encrypted_content"]}
    assert body(stream=True)["stream"] is True


def test_the_same_request_gives_the_same_bytes():
    request = {"tools": (Tool("f", schema=SCHEMA),), "reasoning": HIGH, "session_id": "s", "system": (Text("S"),)}
    assert written(**request) == written(**request)


class TestLimits:
    @pytest.mark.parametrize(("asked", "sent"), [(1, 16), (16, 16), (1000, 1000), (None, None)])
    def test_the_output_is_bounded_from_below(self, asked, sent):
        assert body(max_tokens=asked).get("max_output_tokens") == sent

    def test_and_from_above(self):
        assert body(max_tokens=1000, profile=Profile(max_output_tokens=500))["max_output_tokens"] == 500

    def test_no_output_at_all_cannot_be_asked(self):
        error = refused(max_tokens=0)
        assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, "max_tokens")

    def test_what_the_upstream_does_not_take_is_named(self):
        wishes = {"temperature": 0.5, "top_p": 0.9, "top_k": 5, "stop": ("", "Z")}
        assert written(**wishes).dropped == ("temperature", "top_p", "top_k", "stop")
        found = body(**wishes, profile=profiles.OPENROUTER)
        assert (found["temperature"], found["top_p"], found["top_k"]) == (0.5, 0.9, 5)
        assert "stop" not in found
        assert written(stop=("",)).dropped == ()


class TestReasoning:
    @pytest.mark.parametrize(
        ("reasoning", "sent"),
        [
            (HIGH, {"effort": "high", "summary": "auto"}),
            (Reasoning(enabled=True, effort="high"), {"effort": "high"}),
            (Reasoning(enabled=True, effort="max", show=True), {"effort": "xhigh", "summary": "auto"}),
            (Reasoning(enabled=True, budget_tokens=5000, show=True), {"effort": "medium", "summary": "auto"}),
            (Reasoning(enabled=True, adaptive=True, show=True), {"summary": "auto"}),
            (Reasoning(enabled=True, effort="low", show=True, omit_text=True), {"effort": "low"}),
            (Reasoning(enabled=False, effort="high", show=True), {"effort": "none"}),
            (Reasoning(show=True), None),
            (Reasoning(), None),
        ],
    )
    def test_effort_and_summary(self, reasoning, sent):
        assert body(reasoning=reasoning).get("reasoning") == sent

    def test_an_effort_that_cannot_be_sent_is_named(self):
        made = written(reasoning=HIGH, profile=profiles.GENERIC)
        assert made.dropped == ("reasoning_effort",)
        assert json.loads(made.body)["reasoning"] == {"summary": "auto"}

    def test_no_summary_where_the_organization_may_not_have_one(self):
        unverified = replace(profiles.OPENAI, reasoning_summary=False)
        assert body(reasoning=HIGH, profile=unverified)["reasoning"] == {"effort": "high"}

    @pytest.mark.parametrize("model", ["gpt-4.1", "openai/gpt-4o-mini", "chatgpt-4o-latest"])
    def test_a_model_that_does_not_reason_hears_nothing_of_it(self, model):
        made = written(reasoning=HIGH, model=model)
        assert made.dropped == ("reasoning_effort",)
        assert json.loads(made.body).keys() == {"model", "input", "store"}
        assert written(reasoning=Reasoning(enabled=False), model=model).dropped == ()


class TestFormat:
    def test_by_schema(self):
        found = body(format=Format(FormatKind.JSON_SCHEMA, SCHEMA, "my schema"))
        sent = found["text"]["format"]
        assert (sent["type"], sent["schema"], sent["strict"]) == ("json_schema", json.loads(SCHEMA), True)
        assert sent["name"].startswith("my_schema_")

    @pytest.mark.parametrize(
        ("wanted", "strict"),
        [
            (Format(FormatKind.JSON_SCHEMA, SCHEMA, strict=False), False),
            (Format(FormatKind.JSON_SCHEMA, b'{"type":"object"}', strict=True), False),
        ],
    )
    def test_strict_only_where_the_schema_is_fit(self, wanted, strict):
        assert body(format=wanted)["text"]["format"]["strict"] is strict

    def test_as_any_object(self):
        assert body(format=Format(FormatKind.JSON_OBJECT))["text"] == {"format": {"type": "json_object"}}

    def test_by_asking_where_the_upstream_cannot_be_bound(self):
        wanted = Format(FormatKind.JSON_SCHEMA, SCHEMA)
        loose = body(format=wanted, profile=Profile(response_format="json_object"))
        assert loose["text"] == {"format": {"type": "json_object"}}
        assert '"additionalProperties":false' in loose["instructions"]
        free = body(format=wanted, profile=Profile(response_format="none"))
        assert "text" not in free
        assert "JSON Schema" in free["instructions"]
        asked = body(format=Format(FormatKind.JSON_OBJECT), profile=Profile(response_format="none"))
        assert asked["instructions"] == "Reply with one valid JSON object and nothing else."


class TestIdentity:
    def test_who_and_which_session(self):
        found = body(user_id='{"device_id":"x"}', session_id="s" * 65)
        assert found["safety_identifier"].startswith("u_")
        assert found["prompt_cache_key"].startswith("u_")
        assert body(user_id="u", profile=profiles.OPENROUTER)["user"] == "u"
        assert body(user_id="u", session_id="s", profile=profiles.GENERIC).keys() == {
            "model",
            "input",
            "store",
            "include",
        }

    @pytest.mark.parametrize(
        ("tier", "sent", "dropped"),
        [
            ("", None, ()),
            ("auto", None, ()),
            ("standard_only", "default", ()),
            ("priority", "priority", ()),
            ("strange", None, ("service_tier",)),
        ],
    )
    def test_the_tier(self, tier, sent, dropped):
        assert body(service_tier=tier).get("service_tier") == sent
        assert written(service_tier=tier).dropped == dropped
        assert "service_tier" not in body(service_tier=tier, profile=profiles.OPENROUTER)


class TestCount:
    def test_openai_counts_what_the_model_sees(self):
        request = Request("asked", (user("q"),), system=(Text("S"),), tools=(Tool("f"),), max_tokens=9, stream=True)
        asked = json.loads(write_count_request(request, MODEL, profiles.OPENAI) or b"{}")
        sent = json.loads(written(user("q"), system=(Text("S"),), tools=(Tool("f"),)).body)
        assert asked == {name: sent[name] for name in ("model", "instructions", "tools", "input")}

    @pytest.mark.parametrize("profile", [profiles.AZURE, profiles.GENERIC, profiles.OPENROUTER])
    def test_others_cannot_be_asked(self, profile):
        assert write_count_request(Request("asked", (user("q"),)), MODEL, profile) is None
