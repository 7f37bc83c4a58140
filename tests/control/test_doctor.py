from __future__ import annotations

import socket

import pytest

from app.control.doctor import Doctor
from app.system.paths import Paths


@pytest.fixture
def examine(desk):
    async def run(text="", *, running_port=0, display=""):
        desk.folder.chmod(0o700)
        await desk.begin(text)
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
        "configuration",
        "port",
        "keyring",
        "key of A",
        "history",
        "state",
        "display",
    ]
    assert checks["key of A"].found == "environment variable OPENAI_API_KEY"


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
