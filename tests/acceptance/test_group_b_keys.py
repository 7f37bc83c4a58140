"""Group B, client keys: which text is one, what each may do, when it ends, and that none is written anywhere."""

from __future__ import annotations

import asyncio
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from app.control.keys import new_key
from app.domain.client_key import KeyPolicy
from app.domain.exchange import State
from app.store.state import ClientKeys
from app.system.clock import SystemClock
from tests.acceptance.contract import alive, bounded, err, norow, up
from tests.acceptance.program import Patchbay, started
from tests.acceptance.rig import Rig
from tests.e2e.program import KEY, PROVIDER_KEY
from tests.fakes.rawclient import RawClient, Reply
from tests.fakes.scripted import Line, Seen, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT, PAIRS, WIRES, Wire

LIMITS = {"idle_s": 20, "first_byte_s": 20, "max_stream_s": 60}
MORE = """[config]
provider = "A"
big_model = "A:model-dear"
middle_model = "A:model-dear"
small_model = "A:model-dear"
[routing]
only = true
"""
"""What A does not list by its exact name goes to a model that is dear, and nowhere else."""
_ODD = (
    *("' OR '1'='1", '"; DROP TABLE key;--', "%00", "\\ud800", "k" * 8_000, "🔑", "", " ", "null", "undefined"),
    *("pb_", "pb_" + "A" * 43, KEY[:-1], KEY + "x", KEY.upper()),
)


async def made(p: Patchbay, name: str, *options: str) -> str:
    """A key that another process makes while the program runs; its text."""
    done = await p.running.command("key", "create", name, *options)
    assert done.code == 0, done.err
    return done.out.strip()


MADE = {
    **{f"five {one.name}": KeyPolicy(networks=("127.0.0.5",)) for one in WIRES},
    **{f"slow {one.name}": KeyPolicy(requests_per_minute=5) for one in WIRES},
    **{f"thrifty {one.name}": KeyPolicy(tokens_per_minute=50) for one in WIRES},
    **{f"closed {client.name} {upstream.name}": KeyPolicy() for client, upstream in PAIRS},
    "models": KeyPolicy(models=("model-a*",)),
    "dialect": KeyPolicy(dialects=("anthropic_messages",)),
    "rotated": KeyPolicy(),
    "": KeyPolicy(),
}
"""Keys that another process than the program writes into its state, at once because each command takes its time."""


@pytest.fixture(scope="module")
async def keys(running: Patchbay) -> dict[str, str]:
    """The texts of `MADE`, once the program has seen the last of them."""
    pepper = (running.data_dir / "pepper").read_bytes()
    stored = ClientKeys(running.data_dir / "state.db", clock=SystemClock())
    texts = {name: new_key().value for name in MADE}
    for name, policy in MADE.items():
        await asyncio.to_thread(stored.add, name, hmac.digest(pepper, texts[name].encode(), "sha256"), policy=policy)
    async with asyncio.timeout(10):
        while (await running.ask("/v1/models", method="GET", key=texts[""])).status != 200:
            await asyncio.sleep(0.1)
    return texts


async def listed(p: Patchbay) -> dict[str, dict[str, object]]:
    """What the terminal tells of the keys, by name."""
    return {one["name"]: one for one in (await p.running.command("key", "list", "--json")).json}


def answers(p: Patchbay, wire: Wire) -> None:
    p.upstream.script = whole(wire.whole())


async def chat(p: Patchbay, wire: Wire, key: str, **fields: object) -> Reply:
    """A request with a key."""
    return await p.ask(wire.path, p.body(wire, **fields), *wire.headers, key=key)


def state_of(p: Patchbay) -> list[tuple[object, ...]]:
    """Tables and their numbers of rows."""
    with closing(sqlite3.connect(p.data_dir / "state.db")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [(name, *connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in sorted(tables)]


async def test_b04_one_key_in_two_places_is_one_and_two_keys_are_none(p, wire):
    answers(p, wire)
    body = p.body(wire)
    for lines, status in (
        ((f"x-api-key: {KEY}", f"Authorization: Bearer {KEY}"), 200),
        ((f"Authorization: bearer {KEY}",), 200),
        ((f"x-api-key: {KEY}", f"x-goog-api-key: {KEY}"), 200),
        ((f"x-api-key: {KEY}", "Authorization: Bearer other"), 401),
        (("x-api-key: other", f"Authorization: Bearer {KEY}"), 401),
        ((f"x-api-key: {KEY}", "x-api-key: other"), 401),
        ((f"Authorization: Bearer {KEY}", "Authorization: Bearer other"), 401),
        ((f"x-patchbay-key: {KEY}", "x-patchbay-key: other"), 401),
    ):
        p.upstream.seen.clear()
        reply = await p.ask(wire.path, body, *lines, *wire.headers, key=None)
        assert reply.status == status, lines
        up(p, 1 if status == 200 else 0)
        if status != 200:
            err(wire, reply, status)


@pytest.mark.timed
async def test_b05_no_odd_key_is_more_than_a_wrong_one(p, wire):
    before = state_of(p)
    async with bounded(p, lag_ms=50):
        for key in _ODD:
            for line in (f"x-api-key: {key}", f"Authorization: Bearer {key}", f"Authorization: Bearer  {key}"):
                reply = await p.ask(wire.path, p.body(wire), line, *wire.headers, key=None)
                assert reply.status in (400, 401), line[:60]
        for line in ("Authorization: Bearer", f"Authorization: {KEY}", f"Authorization: Basic {KEY}"):
            assert (await p.ask(wire.path, p.body(wire), line, *wire.headers, key=None)).status == 401, line
        for path in (f"/k/{KEY[:-1]}{wire.path}", f"/k/%00{wire.path}", f"/k/' OR '1'='1{wire.path}"):
            assert (await p.ask(path, p.body(wire), *wire.headers, key=None)).status in (400, 401)
    up(p, 0)
    assert state_of(p) == before
    assert await asyncio.to_thread(p.page) == ()
    await alive(p)


@asynccontextmanager
async def rigged(folder: Path) -> AsyncIterator[tuple[Patchbay, Rig]]:
    rig = Rig(folder)
    rig.move_clock(0)
    async with started(LIMITS, environment={**rig.environment}) as one:
        yield one, rig


async def test_b07_a_key_ends_on_time_and_no_clock_brings_it_back(tmp_path):
    async with rigged(tmp_path) as (p, rig):
        answers(p, CHAT)
        key = await made(p, "for a day", "--expires", "1d")
        began = time.monotonic()
        rig.move_clock(86_400 - 30)
        assert (await chat(p, CHAT, key)).status == 200
        assert time.monotonic() - began < 25
        rig.move_clock(86_400)
        reply = await chat(p, CHAT, key)
        err(CHAT, reply, 401)
        assert reply.json()["error"]["code"] == "key_expired"
        models = await p.ask("/v1/models", method="GET", key=key)
        assert (models.status, models.json()["error"]["code"]) == (401, "key_expired"), "where nothing is sent on, too"
        rig.move_clock(-86_400)
        assert (await chat(p, CHAT, key)).status == 401
        async with asyncio.timeout(10):
            while (await listed(p))["for a day"]["state"] != "expired":
                pass
        up(p, 1)
        rig.move_clock(0)
        assert (await chat(p, ANTHROPIC, key)).status == 401, "and what is stored says so too"


async def test_b09_a_key_for_one_address_opens_from_no_other(p, wire, keys):
    answers(p, wire)
    key = keys[f"five {wire.name}"]
    for line in ("X-Forwarded-For: 127.0.0.5", "Forwarded: for=127.0.0.5", "X-Real-IP: 127.0.0.5", "X-None: 1"):
        reply = await p.ask(wire.path, p.body(wire), line, *wire.headers, key=key)
        err(wire, reply, 403, "permission_error" if wire.is_anthropic else "", echo="127.0.0.5")
    up(p, 0)
    await norow(p, "not_permitted", 4)
    reader, writer = await asyncio.open_connection("127.0.0.1", p.port, local_addr=("127.0.0.5", 0), limit=2**24)
    async with RawClient(reader, writer, p.port) as client:
        lines = (f"x-api-key: {key}", "Content-Type: application/json", *wire.headers)
        await client.request(wire.path, p.body(wire), *lines)
        assert (await client.reply()).status == 200
    up(p, 1)


async def test_b11_the_sixth_request_of_a_minute_waits(p, wire, keys):
    answers(p, wire)
    key = keys[f"slow {wire.name}"]
    replies = await asyncio.gather(*(chat(p, wire, key) for _ in range(6)))
    assert sorted(one.status for one in replies) == [200] * 5 + [429]
    refusal = next(one for one in replies if one.status == 429)
    err(wire, refusal, 429, "rate_limit_error")
    assert 1 <= int(refusal.get("retry-after") or 0) <= 60
    if wire.is_anthropic:
        assert refusal.get("anthropic-ratelimit-requests-remaining") == "0"
    else:
        named = {one: refusal.get(f"x-ratelimit-{one}-requests") for one in ("limit", "remaining")}
        assert named == {"limit": "5", "remaining": "0"}
    up(p, 5)
    # Every dialect counts for the same key, and a change of the configuration begins nothing anew.
    file = p.data_dir / "patchbay.toml"
    file.write_text(f"{file.read_text('utf-8')}\n", "utf-8")
    other = CHAT if wire.is_anthropic else ANTHROPIC
    assert (await chat(p, other, key)).status == 429
    await p.rows(5)


async def test_b11_tokens_of_a_minute_are_those_that_were_used(p, wire, keys):
    answers(p, wire)
    key = keys[f"thrifty {wire.name}"]
    assert (await chat(p, wire, key)).status == 200  # 18 tokens, says the upstream
    assert (await chat(p, wire, key)).status == 200
    refusal = await chat(p, wire, key)
    err(wire, refusal, 429, "rate_limit_error")
    assert "tokens a minute" in refusal.json()["error"]["message"]
    await p.rows(2)


async def test_b15_no_spelling_or_way_leads_a_key_to_a_model_that_is_not_its_own(p, keys):
    answers(p, ANTHROPIC)
    key = keys["models"]
    asked = ("model-dear", "MODEL-A", "claude-via/MODEL-A", "model-a*", "claude-opus-4-8", "C:model-c", "c:MODEL-C")
    paths = ("/v1/messages", "/v1/messages/count_tokens", "/v1/chat/completions", "/chat/completions", "/v1/responses")
    refused = 0
    for path in paths:
        for model in asked:
            body = ANTHROPIC.request(model) if "messages" in path else CHAT.request(model)
            reply = await p.ask(path, body, key=key)
            assert reply.status in (403, 404), (path, model, reply.body)
            refused += reply.status == 403
    assert refused >= len(asked)
    up(p, 0)
    names = {one["id"] for one in (await p.ask("/v1/models", method="GET", key=key)).json()["data"]}
    assert names
    assert all(name.endswith("model-a") for name in names)
    for model in ("model-a", "A:model-a", "a:model-a", "claude-via/A:model-a"):
        assert (await chat(p, ANTHROPIC, key, model=model)).status == 200, model
    assert {json.loads(one.body)["model"] for one in p.upstream.seen} == {"model-a"}


async def test_b15_a_key_for_one_dialect_opens_no_other(p, keys):
    answers(p, ANTHROPIC)
    key = keys["dialect"]
    for path in ("/v1/chat/completions", "/chat/completions", "/v1/responses", "/v1beta/models/m:generateContent"):
        assert (await p.ask(path, CHAT.request(), key=key)).status in (403, 404), path
    up(p, 0)
    assert (await chat(p, ANTHROPIC, key)).status == 200


def stalled(wire: Wire):
    """An upstream that says something and then nothing more."""

    async def script(line: Line, seen: Seen) -> None:
        await line.send(head(200, "text/event-stream"), *map(chunk, wire.events("Hel", "lo", ended=False)))
        await line.stall()

    return script


async def rest_of(client: RawClient) -> bytes:
    """What still comes of a chunked answer."""
    got = b""
    while (data := await client.chunk()) is not None:
        got += data
    return got


@pytest.mark.timed
async def test_a_running_stream_ends_within_a_second_of_its_key(p, pair, keys):
    client_wire, upstream = pair
    p.upstream.script = stalled(upstream)
    name = f"closed {client_wire.name} {upstream.name}"
    key, action = keys[name], "disable" if client_wire is upstream else "revoke"
    async with await p.connect() as client:
        body = p.body(client_wire, upstream, stream=True)
        lines = (f"x-api-key: {key}", "Content-Type: application/json", *client_wire.headers)
        await client.request(client_wire.path, body, *lines)
        assert (await client.head()).status == 200
        got = b""
        while b"Hel" not in got:
            got += await client.chunk() or b""
        reading = asyncio.get_running_loop().create_task(rest_of(client), name="read to the end")
        assert (await p.running.command("key", action, name)).code == 0
        async with bounded(p, within_s=1.0):  # the command comes back when the program has seen the change
            async with asyncio.timeout(10):
                got += await reading
    assert client_wire.stream_error(got)["message"]
    assert not client_wire.ended_well(got)
    row = await p.row()
    assert (row.state, row.error_kind) == (State.FAILED, "key_disabled")
    assert (await chat(p, client_wire, key)).status == 401


async def test_both_texts_of_a_rotated_key_open_until_the_overlap_is_over(p, keys):
    answers(p, CHAT)
    texts = [keys["rotated"]]
    for overlap, statuses in (("1h", [200, 200]), ("0", [401, 401, 200])):
        texts.append((await p.running.command("key", "rotate", "rotated", "--overlap", overlap)).out.strip())
        assert [(await chat(p, CHAT, one)).status for one in texts] == statuses
    assert len(set(texts)) == 3
    await p.rows(3)


async def test_b20_no_key_no_digest_and_no_pepper_is_in_anything_that_is_shown_or_kept(p):
    answers(p, ANTHROPIC)
    keys = [await made(p, "canary"), (await p.running.command("key", "rotate", "canary")).out.strip()]
    for key in keys:
        assert (await chat(p, ANTHROPIC, key)).status == 200
        assert (await p.ask(f"/k/{key}/v1/messages", p.body(ANTHROPIC), key=None)).status == 200
        assert (await p.ask(f"/v1/messages?key={key}", p.body(ANTHROPIC), key=None)).status == 200
        assert (await p.ask(f"/k/{key}/nothing", b"{}", key=None)).status == 404
    pepper = (p.data_dir / "pepper").read_bytes()
    with closing(sqlite3.connect(p.data_dir / "state.db")) as connection:
        digests = [digest for (digest,) in connection.execute("SELECT digest FROM client_key_digest")]
    assert len(digests) >= 2
    out = p.data_dir / "export.csv"
    shown = [
        await p.running.command(*command)
        for command in (
            *(("key", "list"), ("key", "list", "--json"), ("status", "--json"), ("doctor", "--json")),
            ("export", "--format", "jsonl", "--out", "-"),
            ("export", "--format", "csv", "--out", str(out)),
        )
    ]
    said = "".join(one.out + one.err for one in shown) + "\n".join(p.running.said)
    for secret in (*keys, KEY, PROVIDER_KEY, pepper.hex(), *(digest.hex() for digest in digests)):
        assert secret not in said
    for path in p.data_dir.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for key in (*keys, KEY, PROVIDER_KEY):
            assert key.encode() not in content, path.name
        assert pepper not in content or path.name == "pepper"
        for digest in digests:
            assert digest not in content or path.name.startswith("state.db"), path.name
            assert digest.hex().encode() not in content, path.name


async def test_b20_what_is_no_path_for_models_is_no_path_at_all(p):
    wanted = await p.ask("/nothing", method="GET")
    assert wanted.status == 404
    for path in ("/api", "/api/keys", "/api/keys/1", "/admin", "/metrics"):
        reply = await p.ask(path, method="GET")
        assert (reply.status, reply.json()["error"]["message"]) == (404, wanted.json()["error"]["message"]), path


async def test_b21_a_name_can_do_nothing_wherever_it_is_shown(p):
    answers(p, ANTHROPIC)
    for name in ("a\r\nX-Evil: 1", "\u202egnp.exe"):
        done = await p.running.command("key", "create", name)
        assert (done.code, done.out) == (1, ""), name[:20]
        assert len(done.err) < 300
    known = []
    for name in ("<img src=x onerror=alert(1)>", '=cmd|" /C calc"!A0'):
        key = await made(p, name)
        assert (await chat(p, ANTHROPIC, key)).status == 200
        row = await p.row()
        assert row.client_key == name
        known.append(name)
    assert set(known) <= set(await listed(p))
    exported = await p.running.command("export", "--format", "csv", "--out", "-")
    assert ",=cmd|" not in exported.out
    assert not any(line.startswith("=cmd") for line in exported.out.splitlines())
