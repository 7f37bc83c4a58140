"""The program in the tray of KDE, XFCE and most panels: its item, its menu, and what a choice there does."""

from __future__ import annotations

import asyncio
import sys

import pytest

from app.domain.exchange import State
from tests.e2e.program import KEY, OPENAI, configure, launched
from tests.e2e.scripted import PLAIN
from tests.fakes.desktop.sni import tray_host

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one


@pytest.fixture
async def tray(bus):
    async with tray_host(bus.address) as host:
        yield host


@pytest.fixture
async def program(tmp_path, desk, tray, upstream, other):
    """Into the tray, without a window, with the providers A and B."""
    data = tmp_path / "data"
    configure(data, upstream.entry("A", "model-a", "model-b") + other.entry("B", "model-c"))
    async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
        yield program


async def test_the_item_and_its_whole_menu(program, tray, screen):
    item = await tray.item()
    properties = await item.properties()
    assert properties["Title"] == "Patchbay"
    assert properties["Status"] == "Active"
    assert {width for width, _, _ in properties["IconPixmap"]} >= {16, 22, 24, 32, 48}
    tooltip = "\n".join(part for part in properties["ToolTip"] if isinstance(part, str) and part)
    assert tooltip.split("\n") == [
        "Patchbay: Running",
        program.base_url,
        "auto › 2 providers",
        "Today $0.00, 0 tokens, 0 requests",
    ]
    assert list((await item.menu()).lines()) == [
        f"● Running · port {program.port} (disabled)",
        "---",
        "Provider: Auto",
        "    (x) Auto",
        "    ( ) A: not used yet",
        "    ( ) B: not used yet",
        "    ---",
        "    ( ) Only this one (disabled)",
        "Model of A",
        "    Big: model-a",
        "        (x) model-a",
        "        ( ) model-b",
        "    Middle: model-a",
        "        (x) model-a",
        "        ( ) model-b",
        "    Small: model-a",
        "        (x) model-a",
        "        ( ) model-b",
        "Pause",
        "Copy settings for",
        "    Claude Code",
        "    Codex CLI",
        "    Gemini CLI",
        "    OpenAI SDK",
        "    Anthropic SDK",
        "    curl",
        "---",
        "Open window",
        "Export CSV…",
        "Settings",
        "---",
        "Quit",
    ]
    assert await asyncio.to_thread(screen.windows) == []


async def test_another_provider_serves_the_next_request_and_a_running_stream_ends_where_it_began(
    program, tray, upstream, other
):
    item = await tray.item()
    upstream.script.may_go_on.clear()
    async with program.post("claude-opus-4-8", stream=True) as running:
        assert b"message_start" in await running.content.readline()
        await item.click("Provider: Auto", "B: not used yet")
        status, reply = await program.ask("claude-opus-4-8")
        assert (status, reply["content"][0]["text"]) == (200, PLAIN)
        assert (upstream.models, other.models) == (["model-a"], ["model-c"])
        upstream.script.may_go_on.set()
        assert b"message_stop" in await running.read()
    switched, streamed = await program.rows(2)
    assert (streamed.provider, streamed.requested_model, streamed.sent_model) == ("A", "claude-opus-4-8", "model-a")
    assert (switched.provider, switched.requested_model, switched.sent_model) == ("B", "claude-opus-4-8", "model-c")
    assert (streamed.state, switched.state) == (State.DONE, State.DONE)
    menu = await item.menu_once(lambda menu: any("today" in label for label in menu.labels))
    assert [child.checked for child in menu["Provider: B"].children[:3]] == [False, False, True]
    config = (program.data_dir / "patchbay.toml").read_text("utf-8")
    assert 'provider = "B"' in config


async def test_another_model_of_a_tier_serves_the_next_request(program, tray, upstream):
    item = await tray.item()
    await item.click("Model of A", "Big: model-a", "model-b")
    await program.ask("claude-opus-4-8")
    await program.ask("claude-haiku-4-5")
    assert upstream.models == ["model-b", "model-a"]
    menu = await item.menu_once(lambda menu: "Big: model-b" in menu["Model of A"].labels)
    assert menu["Model of A"]["Big: model-b"]["model-b"].checked is True


async def test_pause_says_so_to_clients_and_in_the_tray_until_resume(program, tray, upstream):
    item = await tray.item()
    before = await item.properties()
    await item.click("Pause")
    status, reply = await program.ask()
    assert (status, reply["type"]) == (503, "error")
    assert "paused" in reply["error"]["message"]
    assert "Resume" in reply["error"]["message"]
    status, reply = await program.ask(to=OPENAI)
    assert status == 503
    assert "paused" in reply["error"]["message"]
    assert upstream.models == []
    menu = await item.menu_once(lambda menu: "Resume" in menu.labels)
    assert menu.labels[0].startswith(f"❙❙ Paused · port {program.port}")
    paused = await item.properties()
    assert "Patchbay: Paused" in "\n".join(str(part) for part in paused["ToolTip"])
    assert paused["IconPixmap"] != before["IconPixmap"]
    await item.click("Resume")
    assert (await program.ask())[0] == 200
    await item.menu_once(lambda menu: "Pause" in menu.labels)
    assert (await item.properties())["IconPixmap"] == before["IconPixmap"]


async def test_quit_ends_everything(program, tray):
    await (await tray.item()).click("Quit")
    assert await program.ended(10) == 0
    assert not (program.data_dir / "lock").read_bytes()


async def test_open_window_export_and_settings_open_the_window(program, tray, screen):
    item = await tray.item()
    await item.click("Open window")
    await asyncio.to_thread(screen.window, "Patchbay")
    await item.click("Settings")
    await item.click("Export CSV…")
    await asyncio.to_thread(screen.window, "Export")


async def test_copy_settings_puts_working_lines_on_the_clipboard(program, tray, desk):
    await (await tray.item()).click("Copy settings for", "Claude Code")
    async with asyncio.timeout(15):
        while not (text := await clipboard(desk)):
            pass
    assert text == f"export ANTHROPIC_BASE_URL={program.base_url}\nexport ANTHROPIC_AUTH_TOKEN={KEY}\n"


async def test_the_very_first_start_opens_the_window_and_asks_for_a_provider(tmp_path, desk, tray, screen):
    async with launched(tmp_path / "data", "--port", "0", environment=desk) as program:
        await asyncio.to_thread(screen.window, "Patchbay")
        menu = await (await tray.item()).menu()
        assert menu.labels[:2] == [f"● Running, no provider yet · port {program.port}", "Add a provider…"]
        assert not any(label.startswith(("Provider", "Model")) for label in menu.labels)
        status, reply = await program.ask()
        assert status == 503
        assert "no provider" in reply["error"]["message"]


async def clipboard(environment):
    """The text that a program of this display would paste."""
    code = "from PySide6.QtGui import QGuiApplication as A; a = A([]); print(a.clipboard().text(), end='')"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 10)
    return out.decode()
