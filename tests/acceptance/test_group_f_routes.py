"""Group F, the ways: rules, pins and switches in the running program, from the file and from the terminal."""

from __future__ import annotations

import asyncio
import json
import tomllib

import pytest

from tests.e2e.program import KEY, base_environment, command, configure, launched, provider
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

UPSTREAMS = 2
MORE = """
[config]
provider = "A"

# Long prompts go elsewhere, whoever asks.
[[route]]
name = "Long"
min_tokens = "60k"
to = "A1:long"

[[route]]
models = ["*-preview", "o3"]
clients = "curl"
to = ["Gone:x", "A1:preview"]
only = true

[[route]]
thinking = true
image = false
to = "A1:thinker"

[[route]]
image = true
to = "A1:eyes"

[[route]]
web_search = true
tools = false
to = "A1:searcher"

[[route]]
subagent = true
to = "A1:helper"

[[pin]]
name = "website"
to = "A1:pinned"
"""
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
TOOL = {"name": "Read", "input_schema": {"type": "object"}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
CLAUDE_CODE = "User-Agent: claude-cli/2.1.197 (external, cli)"


@pytest.fixture
async def p(p):
    for one in (p.upstream, *p.others):
        one.script = whole(ANTHROPIC.whole())
    before = (p.data_dir / "patchbay.toml").read_text("utf-8")
    yield p
    if (p.data_dir / "patchbay.toml").read_text("utf-8") != before:
        (p.data_dir / "patchbay.toml").write_text(before, "utf-8")
        await p.running.command("pin", "list")  # has the program look at its files


def sent(p):
    """Which upstream was asked last, and for which model."""
    (found,) = [(place, seen) for place, one in enumerate((p.upstream, *p.others)) for seen in one.seen]
    for one in (p.upstream, *p.others):
        one.seen.clear()
    place, seen = found
    return place, json.loads(seen.body)["model"]


async def asked(p, *headers, path="", **fields):
    fields.setdefault("model", "claude-opus-4-8")
    body = ANTHROPIC.request(**fields)
    reply = await p.ask(path + ANTHROPIC.path, body, *ANTHROPIC.headers, *headers)
    return reply.status, sent(p)


async def changed(p, wanted=lambda _: True):
    """A running program takes a changed file over within a second or so."""
    return await p.running.status(wanted)


# --- rules from the file --------------------------------------------------------------------------------------------


async def test_f_what_fits_no_rule_goes_the_usual_way(p):
    assert await asked(p, tools=[TOOL]) == (200, (0, "model-a"))
    assert await asked(p, model="some-preview") == (200, (0, "model-a"))


@pytest.mark.parametrize(
    ("headers", "fields", "model"),
    [
        ((), {"messages": [{"role": "user", "content": "word " * 50_000}], "thinking": {"type": "adaptive"}}, "long"),
        (("User-Agent: curl/8.5.0",), {"model": "GPT-Preview"}, "preview"),
        ((), {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2048}, "thinker"),
        ((), {"messages": [{"role": "user", "content": [PICTURE]}], "thinking": {"type": "adaptive"}}, "eyes"),
        ((), {"tools": [SEARCH]}, "searcher"),
        ((CLAUDE_CODE, "X-Claude-Code-Agent-Id: a1"), {"tools": [TOOL]}, "helper"),
        ((CLAUDE_CODE,), {}, "helper"),
    ],
    ids=["long", "model and client", "thinking", "image", "search", "subagent", "side task"],
)
async def test_f_the_first_rule_that_fits_counts(p, headers, fields, model):
    assert await asked(p, *headers, **fields) == (200, (1, model))
    await p.settle()


async def test_f_a_rule_counts_in_every_dialect(p):
    for one in (p.upstream, *p.others):
        one.script = whole(ANTHROPIC.whole())
    reply = await p.ask(CHAT.path, CHAT.request(model="claude-opus-4-8", reasoning_effort="high"), *CHAT.headers)
    assert reply.status == 200
    assert sent(p) == (1, "thinker")


async def test_f_a_rule_that_names_a_provider_that_is_not_there_is_a_notice(p):
    told = await changed(p)
    (notice,) = [one for one in told["notices"] if one["id"] == "routes-lost"]
    assert "route 2, to: there is no provider 'Gone'" in notice["text"]


# --- pins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["/p/website", "/p/WebSite", f"/k/{KEY}/p/website", f"/p/website/k/{KEY}"])
async def test_f_a_pin_in_the_url_wins_over_every_rule(p, way):
    body = ANTHROPIC.request(model="C:model-c", thinking={"type": "adaptive"})
    key = None if KEY in way else KEY
    reply = await p.ask(way + ANTHROPIC.path, body, *ANTHROPIC.headers, key=key)
    assert (reply.status, sent(p)) == (200, (1, "pinned"))
    row = await p.row()
    detail = await p.detail(row)
    assert detail.client_request.line.lower() == f"post /p/website{ANTHROPIC.path}"
    assert KEY not in detail.client_request.line


async def test_f_a_pin_that_is_not_there_is_named_in_the_client_s_dialect(p, wire):
    reply = await p.ask("/p/other" + wire.path, wire.request(model="claude-opus-4-8"), *wire.headers)
    assert reply.status == 404
    assert "no pin 'other'" in reply.json()["error"]["message"]
    assert p.upstream.lines == p.others[0].lines == []


async def test_f_models_below_a_pinned_url_begin_with_the_pinned_one(p):
    reply = await p.ask("/p/website/v1/models", b"", *ANTHROPIC.headers, method="GET")
    assert reply.json()["data"][0]["id"] == "pinned"
    assert (await p.ask("/p/website", b"", method="HEAD", key=None)).status == 200


async def test_f_a_client_key_is_pinned_from_the_terminal(p):
    key = (await p.running.command("key", "create", "shop")).out.strip()
    added = await p.running.command("pin", "add", "shop", "A1:for-the-shop", "--key", "shop")
    assert added.err == "Pinned: base URL ending in /p/shop, and key shop → A1:for-the-shop and nowhere else\n"
    for wanted, its in (("for-the-shop", key), ("model-a", KEY)):
        body = ANTHROPIC.request(model="claude-opus-4-8", tools=[TOOL])
        reply = await p.ask(ANTHROPIC.path, body, *ANTHROPIC.headers, key=its)
        assert (reply.status, sent(p)[1]) == (200, wanted)
    assert (await p.running.command("pin", "remove", "shop")).code == 0
    reply = await p.ask(ANTHROPIC.path, ANTHROPIC.request(model="claude-opus-4-8"), *ANTHROPIC.headers, key=key)
    assert (reply.status, sent(p)) == (200, (0, "model-a"))


# --- the terminal and the file, while the program runs --------------------------------------------------------------


async def test_f_rules_come_and_go_from_the_terminal(p):
    before = (p.data_dir / "patchbay.toml").read_text("utf-8")
    added = await p.running.command("route", "add", "--model", "claude-opus-*", "--to", "A1:mapped", "--at", "1")
    assert added.code == 0
    assert await asked(p, tools=[TOOL]) == (200, (1, "mapped"))
    text = (p.data_dir / "patchbay.toml").read_text("utf-8")
    assert "# Long prompts go elsewhere, whoever asks.\n[[route]]" in text
    listed = (await p.running.command("route", "list", "--json")).json["rules"]
    assert [one["number"] for one in listed] == [1, 2, 3, 4, 5, 6, 7]
    assert listed[0]["words"] == "model claude-opus-* → A1:mapped, then the usual way"
    assert (await p.running.command("route", "remove", "1")).code == 0
    assert await asked(p, tools=[TOOL]) == (200, (0, "model-a"))
    assert tomllib.loads((p.data_dir / "patchbay.toml").read_text("utf-8")) == tomllib.loads(before)


async def test_f_what_the_terminal_foretells_is_what_happens(p):
    foretold = await p.running.command(
        *("route", "test", "--model", "claude-opus-4-8", "--tokens", "70k", "--thinking", "--json")
    )
    assert (foretold.json["why"], foretold.json["groups"][0]["targets"]) == (
        "rule Long: at least 60,000 tokens",
        ["A1:long"],
    )
    words = [{"role": "user", "content": "word " * 50_000}]
    assert await asked(p, messages=words) == (200, (1, "long"))
    await p.settle()
    pinned = await p.running.command("route", "test", "--model", "x", "--pin", "website")
    assert pinned.out.splitlines() == ["Pin website", "  1  A1:pinned"]
    refused = await p.running.command("route", "test", "--model", "x", "--pin", "other")
    assert (refused.code, "no pin 'other'" in refused.err) == (1, True)


async def test_f_a_switch_and_back_to_auto(p):
    assert (await p.running.command("use", "A1", "--only")).code == 0
    assert await asked(p, tools=[TOOL]) == (200, (1, "model-a"))
    told = await changed(p)
    assert (told["provider"], told["auto"], told["only"]) == ("A1", False, True)
    assert (await p.running.command("use", "auto")).code == 0
    told = await changed(p)
    assert (told["auto"], told["only"]) == (True, False)
    await p.running.command("provider", "order", "A1", "A")
    assert await asked(p, tools=[TOOL]) == (200, (1, "model-a"))
    await p.running.command("provider", "failover", "A1", "off")
    assert await asked(p, tools=[TOOL]) == (200, (0, "model-a"))


async def test_f_a_hand_edit_holds_at_once_and_a_wrong_one_changes_nothing(p):
    file = p.data_dir / "patchbay.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('to = "A1:pinned"', 'to = "A1:by-hand"'), "utf-8")
    async with asyncio.timeout(5):
        while (await asked(p, path="/p/website"))[1] != (1, "by-hand"):
            await asyncio.sleep(0.05)
    file.write_text(text.replace('min_tokens = "60k"', 'min_tokens = "plenty"'), "utf-8")
    told = await changed(p, lambda told: any(one["id"] == "config-broken" for one in told["notices"]))
    (notice,) = [one for one in told["notices"] if one["id"] == "config-broken"]
    line = text.split("\n").index('min_tokens = "60k"') + 1
    assert f"patchbay.toml, line {line}, route 1, min_tokens: must be a number of tokens" in notice["text"]
    assert await asked(p, path="/p/website") == (200, (1, "by-hand"))
    await p.settle()


async def test_f13_the_program_is_no_provider_of_its_own(tmp_path):
    data = tmp_path / "data"
    configure(data, "[config]\nport = 8079\n" + provider("A", "anthropic-compatible", "http://127.0.0.1:1", "m"))
    before = (data / "patchbay.toml").read_bytes()
    for url in ("http://127.0.0.1:8079", "http://localhost:8079/v1", "http://[::1]:8079"):
        arguments = (
            "provider",
            "add",
            "Loop",
            "--vendor",
            "openai-compatible",
            "--base-url",
            url,
            "--env-key",
            "X_KEY",
        )
        done = await command(data, *arguments, environment=base_environment())
        assert done.code == 1
        assert "points back at Patchbay itself" in done.err
    assert (data / "patchbay.toml").read_bytes() == before


async def test_f_a_start_with_rules_that_lead_nowhere_is_a_start(tmp_path):
    rule = '[[route]]\nto = "Gone"\nonly = true\n[[pin]]\nname = "p"\nto = "Gone"\n'
    configure(tmp_path / "data", rule + provider("A", "anthropic-compatible", "http://127.0.0.1:1", "m"))
    async with launched(tmp_path / "data", "--headless", "--port", "0", environment=base_environment()) as running:
        status, reply = await running.ask()
        assert status == 503
        assert "leads only to Gone, which does not exist" in reply["error"]["message"]
        assert [one["id"] for one in (await running.status())["notices"]] == ["routes-lost"]
