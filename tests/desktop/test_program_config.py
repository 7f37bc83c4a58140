"""Editing patchbay.toml by hand while the program runs, and starting with one that is broken."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from tests.e2e.program import base_environment, configure, launched, patchbay

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one


def notice(status, notice_id):
    return next((one["text"] for one in status["notices"] if one["id"] == notice_id), "")


async def edit(program, text):
    """As an editor saves a file: a new one in its place."""
    file = program.data_dir / "patchbay.toml"
    new = file.with_name("patchbay.toml.new")
    await asyncio.to_thread(new.write_text, text, "utf-8")
    new.replace(file)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


BROKEN = [
    ('[[provider]]\nname = "A"\nvendor = "anthropic-compatible"\nbase_url = 5\n', "line 4", "base_url"),
    ("[config]\nport = 'many'\n", "line 2", "port"),
    ('[[provider]]\nname = "A"\nvendor "x"\n', "line 3", ""),
    ('[[provider]]\nname = "A"\nvendor = "nobody"\n', "line 3", "vendor"),
]


async def test_a_mistake_leaves_the_old_configuration_and_is_named_until_it_is_mended(tmp_path, upstream, other):
    async with patchbay(tmp_path / "data", upstream.entry("A", "model-a")) as program:
        for text, line, key in BROKEN:
            await edit(program, text)
            status = await program.status(lambda now, line=line, key=key: says(now, line, key))
            assert status["provider"] == "A"
            assert (await program.ask())[0] == 200
            assert (program.data_dir / "patchbay.toml").read_text("utf-8") == text
        assert upstream.models == ["model-a"] * len(BROKEN)
        (program.data_dir / "patchbay.toml").unlink()
        await program.status(lambda now: says(now, "is gone"))
        assert (await program.ask())[0] == 200
        await edit(program, other.entry("B", "model-b"))
        await program.status(lambda now: now["provider"] == "B" and not notice(now, "config-broken"))
        assert (await program.ask())[0] == 200
        assert other.models == ["model-b"]


def says(status, *words):
    return all(word in notice(status, "config-broken") for word in ("patchbay.toml", *words))


async def test_a_start_with_a_broken_file_uses_the_last_good_one_and_says_so(tmp_path, upstream):
    data = tmp_path / "data"
    async with patchbay(data, upstream.entry("A", "model-a")):
        pass
    broken = '[[provider]]\nname = "A"\nvendor = "anthropic-compatible"\nbase_url = 5\n'
    async with patchbay(data, broken) as program:
        status = await program.status()
        assert "line 4" in notice(status, "config-broken")
        assert status["provider"] == "A"
        assert (await program.ask())[0] == 200
        checked = await program.command("doctor", "--json")
        assert checked.code == 1
        (about,) = [one for one in checked.json if one["what"] == "configuration"]
        assert not about["ok"]
        assert "base_url" in about["found"]
        refused = await program.command("use", "A")
        assert refused.code == 1
        assert "line 4" in refused.err
    assert (data / "patchbay.toml").read_text("utf-8") == broken


async def test_a_port_that_is_edited_is_moved_to_and_clients_of_the_old_one_end_well(tmp_path, upstream):
    data = tmp_path / "data"
    before, after = free_ports(2)
    configure(data, f"[config]\nport = {before}\n" + upstream.entry("A", "model-a"))
    async with launched(data, "--headless", environment=base_environment()) as program:
        assert program.port == before
        upstream.script.may_go_on.clear()
        async with program.post(stream=True) as running:
            assert b"message_start" in await running.content.readline()
            await edit(program, f"[config]\nport = {after}\n" + upstream.entry("A", "model-a"))
            upstream.script.may_go_on.set()
            assert b"message_stop" in await running.read()
        await program.says(f"127.0.0.1:{after}")
        program.base_url = f"http://127.0.0.1:{after}"
        assert (await program.ask())[0] == 200
        status = await program.status(lambda now: now["base_url"] == program.base_url)
        assert status["proxy"] == "running"


async def test_a_comment_and_unknown_keys_survive_what_the_program_writes(tmp_path, upstream, other):
    text = (
        "# my notes\n[config]\nfuture = 1 # not yet\n\n" + upstream.entry("A", "model-a") + other.entry("B", "model-b")
    )
    async with patchbay(tmp_path / "data", text) as program:
        assert (await program.command("use", "B", "--big", "model-b")).code == 0
        await program.status(lambda now: now["provider"] == "B")
        assert (await program.ask())[0] == 200
        assert other.models == ["model-b"]
        written = (program.data_dir / "patchbay.toml").read_text("utf-8")
    assert written.startswith("# my notes\n[config]\nfuture = 1 # not yet\n")
    assert 'provider = "B"' in written
