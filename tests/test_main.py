"""The program as people start it: whole processes, without a display and without a keyring."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time

import aiohttp
import pytest

from app import main
from app.system.instance import read_holder
from tests.fakes.upstream import provider, upstream

KEY = "pb_main-0123456789abcdefghijklmnopqrstuvwxyz"
READY = "Patchbay listening on http://127.0.0.1:"
ASKED = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "A question"}]}


class Process:
    """One start of the program, with its folder below the test's."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder / "data"
        self.process = None
        self.port = 0

    async def start(self, *arguments, **environment):
        command = (sys.executable, "-m", "app", *arguments, "--data-dir", str(self.folder))
        self.process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.root,
            env={**os.environ, "QT_QPA_PLATFORM": "", "PATCHBAY_CLIENT_KEY": KEY, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def ready(self):
        """Wait for the line that says where it listens."""
        async with asyncio.timeout(20):
            line = (await self.process.stdout.readline()).decode()
        assert line.startswith(READY), line + (await self.process.stderr.read()).decode()
        self.port = int(line.removeprefix(READY))
        return self

    async def ended(self):
        """Wait for its end; (exit code, standard output, standard error)."""
        async with asyncio.timeout(20):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()

    async def quit(self):
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ask(self):
        headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
        url = f"http://127.0.0.1:{self.port}/v1/messages"
        async with aiohttp.ClientSession() as session, session.post(url, json=ASKED, headers=headers) as reply:
            return reply.status, await reply.json()


@pytest.fixture
async def program(root, tmp_path):
    made = []

    async def start(*arguments, **environment):
        made.append(Process(root, tmp_path))
        return await made[-1].start(*arguments, **environment)

    yield start
    for one in made:
        if one.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                one.process.kill()
            await one.process.communicate()


@pytest.fixture
async def headless(program):
    async def start(*arguments, **environment):
        return await (await program("--headless", "--port", "0", *arguments, **environment)).ready()

    return start


async def test_it_says_when_it_is_ready_serves_and_ends_politely(headless, tmp_path):
    async with upstream() as there:
        (tmp_path / "data").mkdir(mode=0o700)
        text = provider(there.base_url, more='env_key = "KEY_HERE"\n')
        (tmp_path / "data" / "patchbay.toml").write_text(text, "utf-8")
        running = await headless(KEY_HERE="sk-canary-0123456789")
        assert (await running.ask())[0] == 200
        assert there.keys == ["sk-canary-0123456789"]
        code, out, err = await running.quit()
    assert (code, out, err) == (0, "", "")
    log = (running.folder / "logs" / "patchbay.log").read_text("utf-8")
    told = [json.loads(line)["message"] for line in log.split("\n") if line]
    assert told[0].startswith("starting: Patchbay ")
    assert f"listening on port {running.port}" in told
    assert told[-1] == "ended"
    written = b"".join(path.read_bytes() for path in running.folder.rglob("*") if path.is_file())
    assert b"canary" not in written
    assert KEY.encode() not in written


async def test_closed_streams_do_not_matter(root, tmp_path):
    command = f'exec "{sys.executable}" -m app --headless --port 0 --data-dir "{tmp_path / "data"}" <&- >&- 2>&-'
    process = await asyncio.create_subprocess_exec("sh", "-c", command, cwd=root)
    async with asyncio.timeout(20):
        while (holder := read_holder(tmp_path / "data" / "lock")) is None or not holder.proxy_port:
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_second_start_is_refused_and_a_killed_one_leaves_no_lock(headless, program):
    first = await headless()
    began = time.monotonic()
    code, _, err = await (await program("--headless")).ended()
    assert code == main.ALREADY_RUNNING
    assert f"process {first.process.pid}, port {first.port}" in err
    assert time.monotonic() - began < 5
    first.process.kill()
    await first.ended()
    third = await headless()
    assert (await third.quit())[0] == 0


async def test_without_a_display_it_says_so_and_runs(program):
    running = await (await program("--port", "0", DISPLAY="", WAYLAND_DISPLAY="")).ready()
    code, _, err = await running.quit()
    assert code == 0
    assert "there is no display" in err


async def test_a_display_that_is_gone_is_named_and_it_runs_all_the_same(program):
    running = await (await program("--port", "0", DISPLAY=":4094", WAYLAND_DISPLAY="")).ready()
    code, _, err = await running.quit()
    assert code == 0
    assert err.startswith("patchbay: the display :4094 cannot be opened, so this runs without tray and window")


async def test_a_taken_port_is_named_and_taken_once_it_is_free(program):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        running = await program("--headless", "--port", str(port))
        async with asyncio.timeout(20):
            said = (await running.process.stderr.readline()).decode()
        assert said.startswith(f"patchbay: Port {port} is used by python")
    freed = time.monotonic()
    await running.ready()
    assert running.port == port
    assert time.monotonic() - freed < 7
    assert (await running.quit())[0] == 0


async def test_a_broken_configuration_leaves_the_last_good_one_in_use(headless, tmp_path):
    async with upstream() as there:
        (tmp_path / "data").mkdir(mode=0o700)
        file = tmp_path / "data" / "patchbay.toml"
        file.write_text(provider(there.base_url, more='auth = "none"\n'), "utf-8")
        assert (await (await headless()).quit())[0] == 0
        file.write_bytes(b"\0" * 300)
        running = await headless()
        assert (await running.ask())[0] == 200
        await running.quit()
    assert file.read_bytes() == b"\0" * 300


async def test_commands_work_beside_it_and_reach_it(headless, program, tmp_path):
    async with upstream() as there:
        running = await headless()
        assert (await running.ask())[0] == 503
        added = await program(
            "provider",
            "add",
            "Local",
            "--vendor",
            "anthropic-compatible",
            "--base-url",
            there.base_url,
            "--env-key",
            "K",
        )
        assert (await added.ended())[0] == 0
        code, out, _ = await (await program("status", "--json")).ended()
        status = json.loads(out)
        assert (code, status["proxy"], status["base_url"]) == (0, "running", f"http://127.0.0.1:{running.port}")
        async with asyncio.timeout(10):
            while (await running.ask())[1]["error"]["message"].startswith("Patchbay has no provider"):
                await asyncio.sleep(0.2)
        code, out, _ = await (await program("key", "create", "laptop")).ended()
        assert code == 0
        assert out.startswith("pb_")
        assert (await running.quit())[0] == 0


async def test_no_command_loads_qt(root):
    code = (
        "import sys, app.main, app.terminal, app.cli.commands; "
        "print(*(name for name in sys.modules if name.startswith(('PySide6', 'shiboken6', 'qasync', 'app.ui'))))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=root, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.strip() == b""


async def test_a_data_folder_that_cannot_be_used_is_an_error_with_words(program, tmp_path):
    (tmp_path / "data").write_text("a file", "utf-8")
    code, _, err = await (await program("--headless")).ended()
    assert code == main.FAILED
    assert "is a file, not a folder" in err
