from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time

import pytest

from app import terminal
from app.cli.parser import parser
from app.control.report import report
from app.loop import run_headless
from app.system.instance import Instance
from app.system.paths import locate, prepare
from tests.fakes.sample import empty_status

TODAY = (
    *("exchanges", "failed", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("cost_nusd", "unpriced"),
)


async def run(capsys, folder, *arguments):
    options = parser().parse_args([*arguments, "--data-dir", str(folder)])
    paths = locate(folder)
    prepare(paths)
    code = await terminal.run_command(options, paths)
    return code, capsys.readouterr().out


async def test_a_command_finds_the_running_program_and_where_it_listens(tmp_path, capsys):
    folder = tmp_path / "data"
    code, out = await run(capsys, folder, "status", "--json")
    assert (code, json.loads(out)["proxy"]) == (0, "stopped")
    instance = Instance.claim(locate(folder).lock)
    told = {"proxy": "paused", "version": "1", "base_url": "http://127.0.0.1:40123", "provider": "Demo", "tiers": {}}
    told |= {"detail": "", "providers": [], "notices": [], "today": dict.fromkeys(TODAY, 0)}
    await instance.serve(lambda token: None, lambda: json.dumps(told))
    instance.announce(40_123)
    try:
        code, out = await run(capsys, folder, "status", "--json")
        found = json.loads(out)
        assert (found["proxy"], found["provider"]) == ("paused", "Demo")
        code, out = await run(capsys, folder, "status")
        assert "is paused on http://127.0.0.1:40123" in out
        code, out = await run(capsys, folder, "env", "--client", "anthropic")
        assert "export ANTHROPIC_BASE_URL=http://127.0.0.1:40123\n" in out
    finally:
        instance.release()


async def test_a_command_that_changes_something_ends_when_the_running_program_has_seen_it(tmp_path, capsys):
    folder, seen = tmp_path / "data", []
    paths = locate(folder)
    prepare(paths)
    paths.config.write_text(
        '[[provider]]\nname = "A"\nvendor = "ollama"\n[[provider]]\nname = "B"\nvendor = "ollama"\n', "utf-8"
    )

    async def look():
        seen.append('provider = "B"' in paths.config.read_text("utf-8"))

    instance = Instance.claim(paths.lock)
    await instance.serve(lambda token: None, lambda: report(empty_status()), look)
    try:
        assert (await run(capsys, folder, "use", "B"))[0] == 0
        assert seen == [True]
        assert (await run(capsys, folder, "status"))[0] == 0
        assert seen == [True]
    finally:
        instance.release()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
def test_ctrl_c_ends_a_command_whatever_it_comes_upon():
    def interrupted():
        with contextlib.suppress(KeyboardInterrupt):  # lost, for whatever reason
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    async def command():
        with terminal.interruptible():
            asyncio.get_running_loop().call_later(0, interrupted)
            await asyncio.sleep(20)
            raise AssertionError("nobody heard it")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises((KeyboardInterrupt, asyncio.CancelledError)):
        run_headless(command())
    assert signal.getsignal(signal.SIGINT) is before
