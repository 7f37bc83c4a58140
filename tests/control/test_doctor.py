from __future__ import annotations

import socket
import sqlite3
from contextlib import closing

import pytest

from app.control.doctor import Doctor
from app.control.doctor_files import Files
from app.store.intake import Started
from app.store.ledger.file import LedgerFile
from app.store.opening import prepare, reopen
from app.system.paths import Paths
from tests.fakes.exchanges import NOW_US, injected, start
from tests.fakes.ledgers import budget


@pytest.fixture
def examine(desk):
    async def run(text="", *, running_port=0, display=""):
        desk.folder.chmod(0o700)
        await desk.begin(text)
        for path in desk.folder.iterdir():
            path.chmod(0o600)
        doctor = Doctor(
            desk.core,
            desk.configuration,
            Paths(desk.folder, "patchbay-test"),
            running_port=running_port,
            display_problem=lambda: display,
        )
        return {one.what: one for one in await doctor.examine()}

    return run


async def test_a_healthy_program_has_nothing_wrong(desk, examine):
    desk.environment["OPENAI_API_KEY"] = "sk-0123456789"
    checks = await examine('[[provider]]\nname = "A"\nvendor = "openai"\n', running_port=8082)
    assert all(one.ok for one in checks.values()), checks
    assert list(checks) == [
        "data folder",
        "files",
        "configuration",
        "port",
        "keyring",
        "key of A",
        "history",
        "state",
        "budgets",
        "display",
    ]
    assert checks["key of A"].found == "environment variable OPENAI_API_KEY"


async def test_every_account_has_a_line_and_an_own_key_may_be_missing_beside_one(desk, examine):
    desk.environment["WORK_KEY"] = "sk-0123456789"
    account = '\n[[provider.account]]\nname = "work"\n'
    checks = await examine(f'[[provider]]\nname = "A"\nvendor = "openai"\n{account}env_key = "WORK_KEY"\n')
    assert (checks["key of A"].ok, checks["key of A"].found) == (True, "missing, but account work has one")
    assert checks["key of A, account work"].found == "environment variable WORK_KEY"
    del desk.environment["WORK_KEY"]
    checks = await examine(f'[[provider]]\nname = "A"\nvendor = "openai"\n{account}')
    assert not checks["key of A"].ok
    assert not checks["key of A, account work"].ok


async def test_budgets_are_counted_and_their_loss_is_told(desk, examine):
    await desk.keys.open()
    LedgerFile(desk.folder / "state.db").put(budget(), 1)
    assert (await examine())["budgets"].found == "1, kept in state.db"
    with closing(sqlite3.connect(desk.folder / "state.db")) as connection:
        connection.execute("DROP TABLE budget")
    checks = await examine()
    assert not checks["budgets"].ok
    assert "no request is sent" in checks["budgets"].found


async def test_what_is_wrong_is_named(desk, examine):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        (desk.folder / "history.db").write_bytes(b"not a database" * 100)
        checks = await examine(f"[config]\nport = {port}\n", display="there is no display")
    assert not checks["port"].ok
    assert "python" in checks["port"].found
    assert not checks["history"].ok
    assert not checks["providers"].ok
    assert checks["display"].found.startswith("there is no display: ")
    desk.folder.chmod(0o755)
    assert (
        "other users"
        in Doctor._folder(
            Doctor(desk.core, desk.configuration, Paths(desk.folder, ""), running_port=0, display_problem=str)
        ).found
    )


async def test_a_broken_configuration_is_quoted(examine):
    assert "line 1" in (await examine("[config"))["configuration"].found


async def test_files_are_closed_and_leftovers_deleted(desk):
    await desk.begin("[config]\nport = 9000\n")
    for path in desk.folder.iterdir():
        path.chmod(0o600)
    (desk.folder / "patchbay.toml").chmod(0o644)
    (desk.folder / ".patchbay.toml.x1.tmp").write_bytes(b"half")
    (desk.folder / ".out.csv.x1.part").write_bytes(b"half")
    files = Files(desk.folder, running=False)
    loose, left = files.wrong()
    assert "patchbay.toml can" in loose or "patchbay.toml," in loose
    assert {".out.csv.x1.part", ".patchbay.toml.x1.tmp"} <= set(left.replace(",", "").split())
    assert all(one.ok for one in files.mend())
    assert files.wrong() == ()
    assert not list(desk.folder.glob(".*"))


async def test_a_running_program_keeps_its_young_temporary_files(desk):
    await desk.begin("")
    (desk.folder / ".patchbay.toml.x1.tmp").write_bytes(b"half")
    assert not [one for one in Files(desk.folder, running=True).wrong() if "left" in one]
    assert [one for one in Files(desk.folder, running=False).wrong() if "left" in one]


async def test_a_damaged_history_is_put_aside_and_what_was_cut_is_ended(desk):
    await desk.begin("")
    paths = Paths(desk.folder, "patchbay-test")
    paths.history.write_bytes(b"not a database" * 500)
    doctor = Doctor(desk.core, desk.configuration, paths, running_port=0, display_problem=str)
    done = {one.what: one for one in await doctor.repair()}
    assert "corrupt" in done["history"].found
    assert list(desk.folder.glob("history.corrupt-*"))
    prepare(paths.history, NOW_US, injected())
    opened = reopen(paths.history, NOW_US, injected(), damaged=False)
    opened.recording.apply([Started(start(1), None)])
    opened.close()
    checks = {one.what: one for one in await doctor.examine()}
    assert not checks["interrupted rows"].ok
    assert [one.what for one in await doctor.repair() if one.what == "interrupted rows"]
    assert "interrupted rows" not in {one.what for one in await doctor.examine()}
