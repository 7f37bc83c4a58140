"""Group H, files: a broken configuration, saves that fail, modes and owners, and the log's size."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.acceptance.contract import alive
from tests.acceptance.program import QUICK, providers, started, toml
from tests.acceptance.rig import Rig
from tests.e2e.program import ROOT, base_environment, command, configure, launched
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC

HEADLESS = ("--headless", "--port", "0")
ROOTS = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole())).start()
    yield made
    await made.stop()


@pytest.fixture
def data(tmp_path, upstream):
    folder = tmp_path / "data"
    configure(folder, toml(QUICK, providers(upstream.url)))
    return folder


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    folder.mkdir()
    return Rig(folder)


def notice(told, name):
    return next((one["text"] for one in told["notices"] if one["id"] == name), "")


# H05


def put_folder(file):
    file.unlink()
    file.mkdir()
    (file / "inside").write_text("kept too")


def put_pipe(file):
    file.unlink()
    os.mkfifo(file)


DAMAGE = {
    "truncated": lambda file: file.write_bytes(file.read_bytes()[:-20]),
    "empty": lambda file: file.write_bytes(b""),
    "nuls": lambda file: file.write_bytes(bytes(len(file.read_bytes()))),
    "half nuls": lambda file: file.write_bytes(file.read_bytes() + bytes(4096)),
    "wrong type": lambda file: file.write_text("[config]\nport = []\n"),
    "wrong shape": lambda file: file.write_text("provider = 5\n"),
    "50 MB": lambda file: file.write_bytes(b"# " + b"x" * 50_000_000),
    "binary": lambda file: file.write_bytes(bytes(range(256)) * 40),
    "UTF-16": lambda file: file.write_bytes(file.read_text("utf-8").encode("utf-16")),
    "deep": lambda file: file.write_bytes(b"x = " + b"[" * 50_000),
    "folder": put_folder,
    "pipe": put_pipe,
}


@pytest.mark.parametrize("how", DAMAGE)
async def test_h05_the_last_good_content_is_used_and_the_bad_file_is_kept(data, how):
    file = data / "patchbay.toml"
    file.with_name("patchbay.toml.bak").write_bytes(file.read_bytes())
    file.with_name("patchbay.toml.bak").chmod(0o600)
    DAMAGE[how](file)
    broken = file.read_bytes() if file.is_file() else None
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        assert (await one.ask())[0] == 200, "the providers are those of the last good content"
        text = await one.says("last good content")
        assert "patchbay.toml" in text
        kept = list(data.glob("patchbay.toml.broken-*"))
        assert len(kept) == 1
        assert kept[0].name in text
        if broken is not None:
            assert kept[0].read_bytes() == broken
            assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
        if how == "folder":
            assert (kept[0] / "inside").read_text() == "kept too"


@pytest.mark.parametrize("how", ["nuls", "folder"])
async def test_h05_what_nobody_can_mend_is_mended_by_the_next_change(data, how):
    file = data / "patchbay.toml"
    file.with_name("patchbay.toml.bak").write_bytes(file.read_bytes())
    DAMAGE[how](file)
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        done = await one.command("use", "C")
        assert done.code == 0, done.err
        told = await one.status(lambda now: now["provider"] == "C" and not notice(now, "config-broken"))
        assert [entry["name"] for entry in told["providers"]] == ["A", "C"]
    assert 'provider = "C"' in file.read_text("utf-8")


async def test_h05_without_an_earlier_content_it_says_so_and_invents_nothing(data):
    (data / "patchbay.toml").write_bytes(b"\0" * 100)
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        told = await one.status(lambda now: now["notices"])
        assert "no provider is set up" in notice(told, "config-broken")
        assert (await one.ask())[0] == 503
        assert (data / "patchbay.toml").read_bytes() == b"\0" * 100


# H06

FAILING = """
import os, pathlib, sys, tempfile
name, nth, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
seen = 0

def counted(real, is_ours):
    def call(*arguments, **more):
        global seen
        if is_ours(*arguments):
            seen += 1
            if seen == nth:
                raise OSError(28, "No space left on device")
        return real(*arguments, **more)
    return call

def is_directory(handle):
    import stat
    return stat.S_ISDIR(os.fstat(handle).st_mode)

in_folder = lambda *arguments: any(str(one).startswith(folder) and "patchbay.toml" in str(one) for one in arguments)
if name == "open":
    tempfile.mkstemp = counted(tempfile.mkstemp, lambda *_: True)
if name == "write":
    os.fdopen = counted(os.fdopen, lambda *_: True)
if name == "fsync":
    os.fsync = counted(os.fsync, lambda handle: not is_directory(handle))
if name == "dir-fsync":
    os.fsync = counted(os.fsync, is_directory)
if name == "replace":
    pathlib.Path.replace = counted(pathlib.Path.replace, in_folder)
from app.main import run
code = run(["--data-dir", folder, "use", "C"])
print(seen, code)
"""


@pytest.mark.time_limit(60)  # fifteen starts on a busy machine
@pytest.mark.parametrize("name", ["open", "write", "fsync", "replace", "dir-fsync"])
async def test_h06_whatever_fails_first_second_or_third_the_file_is_the_old_or_the_new_one(data, name):
    file = data / "patchbay.toml"
    old = file.read_bytes()
    outcomes = set()
    for nth in (1, 2, 3):
        file.write_bytes(old)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", FAILING, name, str(nth), str(data)),
            cwd=ROOT,
            env=base_environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, said = await asyncio.wait_for(process.communicate(), 20)
        assert b"Traceback" not in said, said.decode()
        seen, code = map(int, out.split()[-2:])
        now = file.read_bytes()
        assert now == old or b'provider = "C"' in now
        assert code == 0 or b"written (No space left" in said, "a save that failed is said in words"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(data.glob(".*.tmp")) == []
        outcomes.add((now == old, code))
        if seen < nth:
            break
    if name != "dir-fsync":  # the new name stands already then, and only a power cut could take it back
        assert (True, 1) in outcomes, "the first failure must have been met"


# H08


@pytest.mark.parametrize(("mode", "of_folder"), [(0o666, 0o777), (0o604, 0o750)])
async def test_h08_loose_modes_are_tightened_with_a_notice(data, mode, of_folder):
    (data / "patchbay.toml").chmod(mode)
    data.chmod(of_folder)
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        told = await one.status(lambda now: now["notices"])
        said = " ".join(entry["text"] for entry in told["notices"])
        assert str(data) in said
        assert "patchbay.toml" in said
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "patchbay.toml").stat().st_mode) == 0o600


async def test_h08_links_are_refused_and_a_linked_configuration_is_held_to_the_same(data, tmp_path):
    (tmp_path / "link").symlink_to(data)
    refused = await command(tmp_path / "link", *HEADLESS, environment=base_environment())
    assert (refused.code, "symbolic link" in refused.err) == (1, True)
    (data / "state.db").symlink_to(tmp_path / "elsewhere")
    refused = await command(data, *HEADLESS, environment=base_environment())
    assert (refused.code, "state.db" in refused.err) == (1, True)
    assert not (tmp_path / "elsewhere").exists()
    (data / "state.db").unlink()
    kept = tmp_path / "kept.toml"
    (data / "patchbay.toml").rename(kept)
    kept.chmod(0o666)
    (data / "patchbay.toml").symlink_to(kept)
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        assert (await one.ask())[0] == 200
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@ROOTS
@pytest.mark.parametrize("name", ["", "patchbay.toml", "state.db", "pepper"])
async def test_h08_what_belongs_to_someone_else_is_refused_by_name(data, name):
    path = data / name
    if name and not path.exists():
        path.write_bytes(b"")
    os.chown(path, 54321, 54321)
    refused = await command(data, *HEADLESS, environment=base_environment())
    assert refused.code == 1
    assert "belongs to another user" in refused.err
    assert str(path) in refused.err
    assert "Traceback" not in refused.err


async def test_h08_a_umask_of_nothing_opens_nothing(tmp_path):
    data = tmp_path / "new"
    before = os.umask(0)
    try:
        async with launched(data, *HEADLESS, "--demo", environment=base_environment()) as one:
            assert (await one.ask())[0] == 200
            await one.rows(1)
            open_to_others = [path for path in (data, *data.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]
            assert open_to_others == []
    finally:
        os.umask(before)


# H20


@pytest.mark.slow  # a hundred megabytes are formatted, masked and written
@pytest.mark.time_limit(180)
async def test_h20_a_hundred_megabytes_of_log_are_kept_to_fifty(rig):
    async with started(environment=rig.environment) as p:
        (rig.folder / "flood").write_text("100000000")
        async with asyncio.timeout(170):
            while (rig.folder / "flood").exists():
                await asyncio.sleep(0.2)
        await alive(p)
        sizes = sorted(path.stat().st_size for path in (p.data_dir / "logs").iterdir())
        assert sum(sizes) <= 5 * 10_100_000
        assert sum(sizes) > 35_000_000, "the flood must have come"
        assert len([one for one in sizes if one > 1_000_000]) <= 5


async def test_h20_a_full_disk_for_the_log_is_the_logs_affair_alone(data, rig):
    logs = data / "logs"
    logs.mkdir(mode=0o700)
    (logs / "patchbay.log").symlink_to("/dev/full")
    (rig.folder / "storm").write_text("1000")
    async with launched(data, *HEADLESS, environment=rig.environment) as one:
        for _ in range(20):
            assert (await one.ask())[0] == 200
        await one.rows(20)
        one.process.terminate()
        assert await one.ended() == 0


async def test_h20_lines_are_json_and_numbered_in_order(data):
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        one.process.terminate()
        assert await one.ended() == 0
    text = Path(data, "logs", "patchbay.log").read_text("utf-8")
    numbers = [json.loads(line)["number"] for line in text.split("\n") if line]
    assert numbers == list(range(1, len(numbers) + 1))
