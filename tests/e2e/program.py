"""Starts the real program as a user would, in a data directory of its own, and reads back what it recorded."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.store.queries.reader import HistoryReader

from app.domain.exchange import TERMINAL, Filter, Row

ROOT = Path(__file__).parents[2]
KEY = "pb_" + "e2e0" * 10 + "abc"
PROVIDER_KEY = "sk-upstream-secret-0123456789"
READY = "Patchbay listening on "


@dataclass
class Program:
    """A running Patchbay."""

    base_url: str
    data_dir: Path
    process: asyncio.subprocess.Process
    key: str = KEY

    async def rows(self, count: int) -> tuple[Row, ...]:
        """The newest rows first, once `count` of them have ended; fails after ten seconds."""
        reader = HistoryReader(self.data_dir / "history.db")
        async with asyncio.timeout(10):
            while True:
                rows = await asyncio.to_thread(reader.page, Filter())
                if len(rows) >= count and all(row.state in TERMINAL for row in rows):
                    return rows
                await asyncio.sleep(0.05)


def provider(name: str, vendor: str, base_url: str, *models: str) -> str:
    """A `[[provider]]` of patchbay.toml whose key comes from the environment."""
    listed = ", ".join(f'"{model}"' for model in models)
    return (
        f'[[provider]]\nname = "{name}"\nvendor = "{vendor}"\nbase_url = "{base_url}"\n'
        f'env_key = "E2E_PROVIDER_KEY"\nbig_models = [{listed}]\n'
    )


@asynccontextmanager
async def patchbay(data_dir: Path, config: str, *arguments: str) -> AsyncIterator[Program]:
    """Run the program headless on a free port; it must end by itself within ten seconds of SIGTERM, with code 0."""
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    (data_dir / "patchbay.toml").write_text(config, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "PATCHBAY_CLIENT_KEY": KEY,
        "E2E_PROVIDER_KEY": PROVIDER_KEY,
        "PYTHONUNBUFFERED": "1",
    }
    command = (sys.executable, "-m", "app", "--headless", "--port", "0", "--data-dir", str(data_dir), *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    drain: asyncio.Task[None] | None = None
    try:
        base_url = await _ready(process)
        drain = asyncio.get_running_loop().create_task(_drain(process), name="drain the program's output")
        yield Program(base_url, data_dir, process)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if drain is not None:
            await drain


async def _ready(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    seen = []
    async with asyncio.timeout(20):
        while line := await process.stdout.readline():
            text = line.decode(errors="replace").strip()
            seen.append(text)
            if text.startswith(READY):
                return text.removeprefix(READY)
    raise AssertionError("the program ended before it was ready:\n" + "\n".join(seen))


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(65536):
        pass
