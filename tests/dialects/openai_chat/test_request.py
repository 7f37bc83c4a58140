from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.wording import JSON_ONLY
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Format, FormatKind, Message, Reasoning, Request, Role, Text
from app.vendors import profiles

USER = {"role": "user", "content": "hi"}
HI = Request("asked", (Message(Role.USER, (Text("hi"),)),))
SCHEMA = b'{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}'


def read(**members):
    return OPENAI_CHAT.read_request(json.dumps({"model": "asked", "messages": [USER], **members}).encode())


def refused(**members):
    with pytest.raises(PatchbayError) as raised:
        read(**members)
    return raised.value


def write(request=HI, profile=profiles.GENERIC, **members):
    written = OPENAI_CHAT.write_request(replace(request, **members), "sent", profile)
    return json.loads(written.body), written.dropped


class TestPeek:
    def test_model_stream_and_session(self):
        peek = OPENAI_CHAT.peek(b'{"messages":[{"role":"user"}],"stream":true,"model":"m","prompt_cache_key":"s"}')
        assert (peek.model, peek.stream, peek.session_id) == ("m", True, "s")

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            (b'{"model":3}', "model"),
            (b'{"model":"m","stream":"yes"}', "stream"),
            (b'{"model":"m","model":"n"}', "model"),
            (b'{"model":"m"', None),
            (b"[]", None),
        ],
    )
    def test_what_is_wrong_is_named(self, body, param):
        with pytest.raises(PatchbayError) as raised:
            OPENAI_CHAT.peek(body)
        assert (raised.value.kind, raised.value.param) == (ErrorKind.INVALID_REQUEST, param)

    def test_only_the_model_is_replaced(self):
        body = b'{ "model" : "m", "messages":[{"content":"\\"model\\": \xc3\xbc"}] }'
        assert OPENAI_CHAT.with_model(body, "n") == body.replace(b'"m"', b'"n"')


class TestRead:
    def test_everything_that_has_a_neutral_form(self):
        found = read(
            max_tokens=5,
            max_completion_tokens=7,
            temperature=0.5,
            top_p=0.9,
            top_k=3,
            stop="END",
            stream=True,
            stream_options={"include_usage": True},
            parallel_tool_calls=False,
            safety_identifier="who",
            user="other",
            prompt_cache_key="session",
            service_tier="default",
        )
        assert (found.max_tokens, found.temperature, found.top_p, found.top_k) == (7, 0.5, 0.9, 3)
        assert (found.stop, found.stream, found.include_usage) == (("END",), True, True)
        assert (found.parallel_tool_calls, found.user_id, found.session_id) == (False, "who", "session")
        assert (found.service_tier, found.dropped) == ("default", ())

    def test_a_list_of_stops_and_nothing_said(self):
        assert read(stop=["a", "b"]).stop == ("a", "b")
        assert read(stop=None, max_tokens=3, stream=None).stop == ()
        assert read(max_tokens=3).max_tokens == 3
        assert read().reasoning == Reasoning(show=True)

    @pytest.mark.parametrize(
        "members",
        [
            {"n": 2},
            {"logprobs": True},
            {"top_logprobs": 3},
            {"audio": {"voice": "alloy"}},
            {"modalities": ["text", "audio"]},
        ],
    )
    def test_what_nobody_else_can_do_is_refused_by_name(self, members):
        error = refused(**members)
        assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, next(iter(members)))
        assert json.loads(OPENAI_CHAT.write_error(error, "r").body)["error"]["code"] == "unsupported_parameter"

    def test_what_changes_nothing_is_not_refused(self):
        assert read(n=1, logprobs=False, modalities=["text"], audio=None).dropped == ()

    def test_what_is_dropped_is_named(self):
        found = read(seed=1, frequency_penalty=0.5, logit_bias={}, store=False, metadata={"a": "b"}, future_field=1)
        assert found.dropped == ("seed", "frequency_penalty", "metadata", "future_field")

    @pytest.mark.parametrize(
        ("members", "reasoning"),
        [
            ({"reasoning_effort": "high"}, Reasoning(enabled=True, effort="high", show=True)),
            ({"reasoning_effort": "none"}, Reasoning(enabled=False, show=True)),
            ({"reasoning": {"effort": "low"}}, Reasoning(enabled=True, effort="low", show=True)),
            ({"reasoning": {"max_tokens": 9}}, Reasoning(enabled=True, budget_tokens=9, show=True)),
            ({"reasoning": {"enabled": False}}, Reasoning(enabled=False, show=True)),
            ({"reasoning": {"exclude": True}}, Reasoning(show=False)),
        ],
    )
    def test_reasoning(self, members, reasoning):
        assert read(**members).reasoning == reasoning

    def test_response_formats(self):
        schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": True}}
        wanted = Format(FormatKind.JSON_SCHEMA, b'{"type": "object"}', "x", strict=True)
        assert read(response_format=schema).format == wanted
        assert read(response_format={"type": "json_object"}).format == Format(FormatKind.JSON_OBJECT)
        assert read(response_format={"type": "text"}).format is None
        assert refused(response_format={"type": "xml"}).param == "response_format.type"
        assert refused(response_format={"type": "json_schema"}).param == "response_format.json_schema.schema"

    def test_a_field_of_the_wrong_type_is_named(self):
        assert refused(temperature="hot").param == "temperature"
        assert refused(messages=[USER, {"content": "x"}]).param == "messages.1.role"


class TestWrite:
    def test_the_smallest_request(self):
        assert write() == ({"model": "sent", "messages": [USER]}, ())

    def test_the_token_limit_goes_where_the_upstream_reads_it_and_no_further_than_it_goes(self):
        assert write(max_tokens=9)[0]["max_tokens"] == 9
        assert write(profile=profiles.OPENAI, max_tokens=9)[0]["max_completion_tokens"] == 9
        assert write(profile=Profile(max_output_tokens=4), max_tokens=9)[0]["max_tokens"] == 4

    def test_no_token_at_all_is_refused(self):
        with pytest.raises(PatchbayError) as raised:
            write(max_tokens=0)
        assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "max_tokens")

    def test_sampling_goes_only_where_it_is_accepted(self):
        asked = {"temperature": 0.0, "top_p": 0.9, "top_k": 5}
        assert write(**asked) == ({"model": "sent", "messages": [USER], "temperature": 0.0, "top_p": 0.9}, ("top_k",))
        assert write(profile=Profile(sampling="temp_only", top_k=True), **asked)[1] == ("top_p",)
        assert write(profile=profiles.OPENAI, **asked)[1] == ("temperature", "top_p", "top_k")

    def test_stops_are_an_array_no_longer_than_allowed(self):
        assert write(stop=("", "a"))[0]["stop"] == ["a"]
        body, dropped = write(stop=tuple("abcdef"))
        assert (body["stop"], dropped) == (list("abcd"), ("stop[4:]",))
        body, dropped = write(profile=Profile(stop_max=0), stop=("a",))
        assert ("stop" in body, dropped) == (False, ("stop",))

    def test_a_stream_asks_for_its_usage_where_it_may(self):
        assert write(stream=True)[0]["stream_options"] == {"include_usage": True}
        assert "stream_options" not in write(profile=Profile(stream_usage=False), stream=True)[0]

    def test_json_by_schema(self):
        wanted = Format(FormatKind.JSON_SCHEMA, SCHEMA)
        described = write(format=wanted)[0]["response_format"]["json_schema"]
        assert described == {"name": "output", "strict": True, "schema": json.loads(SCHEMA)}
        loose = Format(FormatKind.JSON_SCHEMA, b'{"type":"object"}', "n", strict=True)
        assert write(format=loose)[0]["response_format"]["json_schema"]["strict"] is False

    def test_json_by_asking_for_it(self):
        wanted = Format(FormatKind.JSON_SCHEMA, SCHEMA)
        body, _ = write(profile=profiles.DEEPSEEK, format=wanted)
        assert body["response_format"] == {"type": "json_object"}
        assert body["messages"][0]["role"] == "system"
        assert SCHEMA.decode() in body["messages"][0]["content"]
        body, _ = write(profile=Profile(response_format="none"), format=Format(FormatKind.JSON_OBJECT))
        assert body["messages"][0] == {"role": "system", "content": JSON_ONLY}
        body, _ = write(format=Format(FormatKind.JSON_OBJECT))
        assert (body["response_format"], len(body["messages"])) == ({"type": "json_object"}, 1)

    def test_identities_are_short_and_go_where_they_are_known(self):
        who = '{"device_id":"d","session_id":"s"}'
        body, _ = write(profile=profiles.OPENAI, user_id=who, session_id="s")
        assert body["prompt_cache_key"] == "s"
        assert body["safety_identifier"].startswith("u_")
        assert len(body["safety_identifier"]) == 34
        assert write(profile=profiles.OPENROUTER, user_id="u9")[0]["user"] == "u9"
        assert write(user_id="u9", session_id="s")[0].keys() == {"model", "messages"}

    def test_the_service_tier_of_anthropic_clients(self):
        assert write(profile=profiles.OPENAI, service_tier="standard_only")[0]["service_tier"] == "default"
        assert "service_tier" not in write(service_tier="standard_only")[0]
        assert "service_tier" not in write(profile=profiles.OPENAI, service_tier="auto")[0]
