"""What a client key may do, and every way round it that leads nowhere."""

from __future__ import annotations

import hmac
import time
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest

from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.key_use import KeyUse
from app.domain.route import Target
from app.domain.routing import Choice, Group, Pin, Plan, Routing, Rule
from app.domain.settings import AuthMode
from app.proxy import auth
from app.proxy.auth import Caller
from app.proxy.permissions import Admission, narrow, opens, shows
from tests.fakes.rig import KEY, PEPPER, error_type, provider, snapshot
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

UP = provider(ANTHROPIC, "http://127.0.0.1:1", models=("claude-haiku-4-5", "claude-opus-4-8"))
DEAR = provider(CHAT, "http://127.0.0.1:1", name="Dear", models=("gpt-5.5", "claude-haiku-4-5"))
PLAN = Plan((Group((Target(UP, "claude-opus-4-8"),)), Group((Target(DEAR, "gpt-5.5"),))), "auto")


def key(**policy):
    return ClientKey("1", "laptop", policy=KeyPolicy(**policy))


def call(model, *models, pin=""):
    """A request for a model with a key that lists these."""
    return SimpleNamespace(
        caller=Caller("laptop", (), key(models=models)),
        snapshot=snapshot(UP, DEAR),
        peek=SimpleNamespace(model=model),
        pin=pin,
    )


def may(asked, *models, plan=PLAN, pin=""):
    """(provider, model) of everything that such a request may go to."""
    try:
        return [(one.provider.name, one.model) for one in narrow(call(asked, *models, pin=pin), plan).targets]
    except PatchbayError as error:
        return [] if (error.kind, error.param) == (ErrorKind.NOT_PERMITTED, "model") else [("", error.message)]


ALL = [("Up", "claude-opus-4-8"), ("Dear", "gpt-5.5")]


@pytest.mark.parametrize("asked", ["claude-haiku-4-5", "CLAUDE-HAIKU-4-5", "claude-via/claude-3-5-haiku-latest"])
def test_a_listed_name_of_claude_s_may_go_wherever_the_user_s_tiers_lead(asked):
    assert may(asked, "claude-*haiku-*") == ALL


def test_a_name_that_is_listed_letter_by_letter_may_go_wherever_the_user_s_routes_lead():
    assert may("fast", "fast") == may("claude-via/fast", "fast") == may("claude-hai-4", "claude-hai-4") == ALL
    assert may("FAST", "fast") == may("fast*", "fast*") == []


@pytest.mark.parametrize(
    "asked",
    [
        *("claude-opus-4-8", "CLAUDE-OPUS-4-8", "Up:claude-opus-4-8", "UP:Claude-Opus-4-8", "gpt-5.5", "Dear:gpt-5.5"),
        *("claude-via/Dear:gpt-5.5", "CLAUDE-VIA/dear:gpt-5.5", "claude-via/claude-opus-4-8", "claude-sonnet", ""),
        *("Dear:", ":claude-haiku-4-5", "Nobody:claude-haiku-4-5", " claude-haiku-4-5", "claude-haiku-4-5\n"),
        "Dear:claude-haiku-4-5",
    ],
)
def test_b15_no_other_spelling_gets_round_the_list(asked):
    assert may(asked, "claude-haiku-4-5") == []


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        *(("claude-sonnet-opus", "claude-sonnet-*"), ("claude-hai-opus", "claude-hai*"), ("claude-x", "claude-*")),
        *(("qwen-opus", "qwen*"), ("gpt-5-max", "gpt-5*"), ("model-x", "model-*"), ("opus-mini", "*-mini")),
    ],
)
def test_b15_no_invented_name_gets_round_a_pattern(asked, listed):
    plan = Plan((Group((Target(DEAR, "dear"),)),), "what serves its tier")
    assert may(asked, listed, plan=plan) == []
    as_it_is = Plan((Group((Target(DEAR, asked),)),), "a model that the provider lists")
    assert may(asked, listed, plan=as_it_is) == [("Dear", asked)]


def test_a_name_that_is_not_listed_may_go_to_a_model_that_is():
    assert may("claude-sonnet-4-5", "gpt-5.5") == [("Dear", "gpt-5.5")]
    assert may("claude-sonnet-4-5", "Dear:*") == [("Dear", "gpt-5.5")]
    assert may("claude-sonnet-4-5", "*:claude-opus-*") == [("Up", "claude-opus-4-8")]
    assert may("claude-sonnet-4-5", "GPT-*", "CLAUDE-OPUS-4-8") == ALL


def test_a_pattern_with_a_provider_speaks_of_that_one_alone():
    dear = Plan((Group((Target(DEAR, "claude-haiku-4-5"),)),), "")
    up = Plan((Group((Target(UP, "claude-haiku-4-5"),)),), "")
    for listed in ("Up:*", "Up:claude-haiku-4-5", "up:CLAUDE-*"):
        assert may("Dear:claude-haiku-4-5", listed, plan=dear) == []
        assert may("Dear:Up:claude-haiku-4-5", listed, plan=dear) == []
        assert may("up:claude-haiku-4-5", listed, plan=up) == [("Up", "claude-haiku-4-5")]


def test_a_provider_that_is_called_like_a_listed_model_gets_nobody_round_the_list():
    claude = replace(DEAR, name="claude-opus-4")
    sneaky = call("claude-opus-4:gpt-5.5", "claude-*")
    sneaky.snapshot = snapshot(UP, claude)
    with pytest.raises(PatchbayError):
        narrow(sneaky, Plan((Group((Target(claude, "gpt-5.5"),)),), ""))


def test_a_tag_in_a_model_s_name_is_no_provider():
    llama = Plan((Group((Target(DEAR, "llama3:8b"),)),), "")
    assert may("llama3:8b", "llama3:*", plan=llama) == may("x", "LLAMA*", plan=llama) == [("Dear", "llama3:8b")]
    assert may("llama3:8b", "qwen:*", plan=llama) == []


def test_a_pin_in_the_url_is_the_client_s_choice_and_is_judged_by_where_it_leads():
    pinned = Plan((Group((Target(DEAR, "gpt-5.5"),)),), "pin site")
    assert may("claude-haiku-4-5", "claude-haiku-*", plan=pinned, pin="site") == []
    assert may("claude-haiku-4-5", "gpt-*", plan=pinned, pin="site") == [("Dear", "gpt-5.5")]


def test_without_a_list_and_without_a_key_nothing_is_narrowed():
    open_call = call("anything")
    assert narrow(open_call, PLAN) is PLAN
    open_call.caller = Caller("open")
    assert narrow(open_call, PLAN) is PLAN
    assert shows(open_call)("Up", "anything")


def test_how_a_key_stands():
    use, now_us = KeyUse(), 1_000
    opens(None, now_us, use)
    opens(key(expires_us=1_001), now_us, use)
    assert use.used == {"1": now_us}
    for closed, kind, words in (
        (key(enabled=False), ErrorKind.KEY_DISABLED, "disabled"),
        (key(expires_us=1_000), ErrorKind.KEY_EXPIRED, "has expired"),
        (replace(key(), ends_us=999), ErrorKind.KEY_EXPIRED, "replaced by a new one"),
        (replace(key(expires_us=5_000), expired=True), ErrorKind.KEY_EXPIRED, "has expired"),
    ):
        with pytest.raises(PatchbayError, match=words) as found:
            opens(closed, now_us, use)
        assert found.value.kind is kind
    with pytest.raises(PatchbayError):
        opens(key(expires_us=1_000), 1, use)  # the clock went back


def test_why_a_running_request_may_not_run_on():
    mine = key()
    held = [replace(snapshot(UP), client_keys=MappingProxyType({b"0": mine}))]
    admission = Admission(mine, lambda: held[0], lambda: 1_000, KeyUse())
    assert admission() is None

    def now(*keys):
        present = {bytes([place]): one for place, one in enumerate(keys)}
        held[0] = replace(snapshot(UP), client_keys=MappingProxyType(present))
        return admission()

    assert now(mine) is None
    assert now(replace(mine, name="renamed")) is None
    assert now(replace(mine, ends_us=999), mine) is None, "it lives on under its new text"
    assert now().kind is ErrorKind.KEY_DISABLED
    assert "revoked" in now(ClientKey("2", "laptop")).message
    assert now(key(enabled=False)).kind is ErrorKind.KEY_DISABLED
    assert now(key(expires_us=1_000)).kind is ErrorKind.KEY_EXPIRED


def narrowed(rig, **policy):
    """Give the rig's one key a policy."""
    keys = {digest: replace(one, policy=KeyPolicy(**policy)) for digest, one in rig.snapshot.client_keys.items()}
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType(keys))


@pytest.fixture
def served(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    return wire


async def test_a_closed_key_says_why(rig, served):
    for policy, code in (({"enabled": False}, "key_disabled"), ({"expires_us": 1}, "key_expired")):
        narrowed(rig, **policy)
        reply = await rig.chat(served)
        assert reply.status == 401
        assert error_type(served, reply) == ("authentication_error" if served.is_anthropic else "invalid_request_error")
        if not served.is_anthropic:
            assert reply.json()["error"]["code"] == code
        assert (await rig.ask(f"/k/{KEY}/health", method="GET", key=None)).status == 401
    assert rig.no_row()
    assert rig.upstream.lines == []


async def test_b15_a_key_for_one_dialect_opens_no_other(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole())
    narrowed(rig, dialects=("anthropic_messages",))
    for path in ("/v1/chat/completions", "/chat/completions", "/v1/responses", "/responses"):
        reply = await rig.ask(path, CHAT.request())
        assert reply.status in (403, 404), path
    assert (await rig.ask("/v1beta/models/the-model:generateContent", b"{}")).status == 403
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert (await rig.ask("/v1/messages/count_tokens", ANTHROPIC.request(), *ANTHROPIC.headers)).status == 200
    narrowed(rig, dialects=("openai_chat",))
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        reply = await rig.ask(path, ANTHROPIC.request(), *ANTHROPIC.headers)
        assert reply.status == 403
        assert error_type(ANTHROPIC, reply) == "permission_error"


async def test_codex_may_list_what_it_may_ask_for(rig):
    rig.configure(CHAT)
    narrowed(rig, dialects=("openai_responses",))
    assert (await rig.ask("/v1/models", method="GET")).status == 200
    narrowed(rig, dialects=("gemini",))
    assert (await rig.ask("/v1/models", method="GET")).status == 403


async def test_a_key_for_one_client_opens_for_no_other(rig, served):
    narrowed(rig, clients=("claude-code",))
    assert (await rig.chat(served)).status == 403
    agent = "User-Agent: claude-cli/2.1.0 (external, cli)"
    assert (await rig.ask(served.path, served.request(), agent, *served.headers)).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "CF-Connecting-IP"])
async def test_b09_a_key_for_one_address_believes_no_header(rig, served, header):
    narrowed(rig, networks=("127.0.0.5", "10.0.0.0/8", "::5"))
    value = "for=127.0.0.5" if header == "Forwarded" else "127.0.0.5"
    reply = await rig.ask(served.path, served.request(), f"{header}: {value}", *served.headers)
    assert reply.status == 403
    assert error_type(served, reply) == "permission_error" if served.is_anthropic else True
    assert "127.0.0" not in reply.json()["error"]["message"]
    narrowed(rig, networks=("127.0.0.0/8",))
    assert (await rig.chat(served)).status == 200


async def test_b15_every_name_of_a_model_that_is_not_listed_is_refused(rig, served):
    rig.configure(served, models=("the-model", "dear-opus"))
    rig.snapshot = replace(
        rig.snapshot,
        settings=replace(rig.snapshot.settings, big_model="dear-opus"),
        routing=Routing(
            pins=(Pin("site", Choice("Up", "dear-opus")),),
            rules=(Rule(models=("mapped",), to=(Choice("Up", "dear-opus"),), only=True),),
        ),
    )
    narrowed(rig, models=("the-model",))
    asked = ("dear-opus", "DEAR-Opus", "Up:dear-opus", "claude-via/up:dear-opus", "claude-opus-4-8", "mapped")
    for model in asked:
        reply = await rig.ask(served.path, served.request(model), *served.headers)
        assert reply.status == 403, model
        assert "may use the-model" in reply.json()["error"]["message"]
    pinned = await rig.ask(f"/p/site{served.path}", served.request("the-model"), *served.headers)
    assert pinned.status == 403
    assert rig.upstream.lines == []
    for model in ("the-model", "THE-MODEL", "up:the-model", "claude-via/Up:the-model"):
        assert (await rig.ask(served.path, served.request(model), *served.headers)).status == 200, model
    row = rig.recorder.ends[0]
    assert (row.error_kind, row.client_status) == ("not_permitted", 403)


async def test_only_models_that_may_be_used_are_listed(rig, served):
    rig.configure(served, models=("the-model", "dear-model"))
    narrowed(rig, models=("the-*",))
    listed = (await rig.ask("/v1/models", b"", *served.headers, method="GET")).json()["data"]
    assert {one["id"] for one in listed} == {"the-model", "Up:the-model", "claude-via/Up:the-model"}
    assert (await rig.ask("/v1/models/dear-model", b"", *served.headers, method="GET")).status == 404
    assert (await rig.ask("/v1/models/the-model", b"", *served.headers, method="GET")).status == 200


async def test_in_open_mode_a_key_narrows_nothing(rig, served):
    narrowed(rig, enabled=False, models=("nothing",))
    rig.snapshot = replace(rig.snapshot, settings=replace(rig.snapshot.settings, auth=AuthMode.OPEN))
    for key_shown in (KEY, None):
        reply = await rig.ask(served.path, served.request(), *served.headers, key=key_shown)
        assert reply.status == 200


async def test_what_opened_something_is_noted_and_what_did_not_is_not(rig, served):
    assert rig.server.key_use.used == {}
    assert (await rig.chat(served)).status == 200
    assert abs(rig.server.key_use.used["1"] / 1e6 - time.time()) < 60
    rig.server.key_use.used.clear()
    narrowed(rig, enabled=False)
    assert (await rig.chat(served)).status == 401
    assert rig.server.key_use.used == {}


def test_b06_a_key_is_looked_up_by_one_digest_whatever_its_length(monkeypatch):
    asked = []
    new = hmac.new

    def counted(*arguments):
        asked.append(arguments[1])
        return new(*arguments)

    monkeypatch.setattr(auth.hmac, "new", counted)
    known = snapshot(UP)
    for text in (KEY, "", "x", "k" * 8_000, KEY[:-1], "ключ", "\udcff"):
        asked.clear()
        found = auth._known(text, known)
        assert len(asked) == 1
        assert (found is not None) == (text == KEY)
    assert hmac.digest(PEPPER, KEY.encode(), "sha256") in known.client_keys
