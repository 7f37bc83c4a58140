"""Getting rid of what was recorded, by the window of the running program: what is confirmed is gone from the files."""

from __future__ import annotations

import asyncio

import pytest

from tests.acceptance.program import QUICK, providers, toml
from tests.acceptance.rig import Rig
from tests.e2e.program import configure, launched
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, more on a busy one

CANARY = "canary-in-the-coal-mine"
DIALOG = """
from app.ui.dialogs.erase import EraseDialog
dialog = next(iter(window.findChildren(EraseDialog)), None)
"""
ASKED = f"{DIALOG}\nsay(dialog.headline.text() if dialog else '')"
AGREE = f"{DIALOG}\ndialog.action.click()"


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole(f"answer {CANARY}"))).start()
    yield made
    await made.stop()


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "rig").mkdir()
    return Rig(tmp_path / "rig")


@pytest.mark.parametrize("how", ["delete", "erase"])
async def test_what_the_window_deletes_is_in_no_file_any_more(tmp_path, rig, upstream, how):
    data = tmp_path / "data"
    configure(data, toml(QUICK, providers(upstream.url)))
    async with launched(data, "--port", "0", environment=rig.desktop) as one:
        for _ in range(3):
            assert (await one.ask("A:model-a", text=f"question {CANARY}"))[0] == 200
        await one.rows(3)
        await rig.until("window.go('history'); say(len(window.current.feed.model.rows))", "3")
        if how == "delete":
            await rig.do("window.current.totals.delete.click()")
        else:
            await rig.do("window.go('settings'); window.current.history.erase.click()")
        await rig.until(ASKED, f"{how.capitalize()} 3 exchanges?")
        await rig.do(AGREE)
        await rig.until("window.go('history'); say(len(window.current.feed.model.rows))", "0")
        async with asyncio.timeout(20):
            while found := [path.name for path in data.rglob("*") if path.is_file() and holds(path)]:
                await asyncio.sleep(0.2)
        assert found == []
        assert (await one.ask("A:model-a", text="another"))[0] == 200
        assert len(await one.rows(1)) == 1
        one.process.terminate()
        assert await one.ended() == 0


def holds(path):
    return CANARY.encode() in path.read_bytes()


async def test_a_pause_of_recording_leaves_no_row(tmp_path, rig, upstream):
    data = tmp_path / "data"
    configure(data, toml(QUICK, providers(upstream.url)))
    async with launched(data, "--port", "0", environment=rig.desktop) as one:
        assert (await one.ask("A:model-a"))[0] == 200
        await one.rows(1)
        await rig.until("window.go('settings'); say(window.current.history.rows_kept.isChecked())", "True")
        await rig.do("window.current.history.rows_kept.click()")
        await one.status(lambda now: now["recording"] == "counters")
        assert (await one.ask("A:model-a"))[0] == 200
        await rig.do("window.current.history.rows_kept.click()")
        await one.status(lambda now: now["recording"] == "everything")
        assert (await one.ask("A:model-a"))[0] == 200
        assert len(await one.rows(2)) == 2
