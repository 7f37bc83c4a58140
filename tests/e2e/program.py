"""Starts the real program as a user would, in a data directory of its own, speaks to it as clients and as the terminal
do, and reads back what it recorded."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from app.domain.exchange import TERMINAL, Filter, Row
from app.store.queries.reader import HistoryReader

ROOT = Path(__file__).parents[2]
KEY = "pb_" + "e2e0" * 10 + "abc"
PROVIDER_KEY = "sk-upstream-secret-0123456789"
READY = "Patchbay listening on "
START_S = 20.0
POLL_S = 0.02
ANTHROPIC, OPENAI = "/v1/messages", "/v1/chat/completions"


@dataclass(frozen=True)
class Finished:
    """How a command of the terminal ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Program:
    """A running Patchbay."""

    base_url: str
    data_dir: Path
    process: asyncio.subprocess.Process
    key: str = KEY
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    said: list[str] = field(default_factory=list)
    """Every line it printed so far."""

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    async def says(self, words: str, limit_s: float = START_S) -> str:
        """Wait for a line that contains `words`."""
        async with asyncio.timeout(limit_s):
            while True:
                for line in self.said:
                    if words in line:
                        return line
                if self.process.returncode is not None:
                    raise AssertionError(f"ended with {self.process.returncode} without saying {words!r}: {self.said}")
                await asyncio.sleep(POLL_S)

    async def ready(self, limit_s: float = START_S) -> None:
        """Wait until it accepts connections."""
        line = await self.says(READY, limit_s)
        self.base_url = line.partition(READY)[2]

    async def ended(self, limit_s: float = 15.0) -> int:
        """Wait for its end; the exit code."""
        return await asyncio.wait_for(self.process.wait(), limit_s)

    @asynccontextmanager
    async def post(
        self, model: str = "claude-opus-4-8", *, to: str = ANTHROPIC, stream: bool = False, text: str = "A question"
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request as a client does; the reply, still to be read."""
        body = {"model": model, "max_tokens": 50, "messages": [{"role": "user", "content": text}], "stream": stream}
        headers = {"authorization": f"Bearer {self.key}"}
        if to == ANTHROPIC:
            headers["anthropic-version"] = "2023-06-01"
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(f"{self.base_url}{to}", json=body, headers=headers) as reply,
        ):
            yield reply

    async def ask(self, model: str = "claude-opus-4-8", *, to: str = ANTHROPIC, text: str = "A question") -> Any:
        """Ask without streaming; the status and the JSON of the reply."""
        async with self.post(model, to=to, text=text) as reply:
            return reply.status, await reply.json()

    async def rows(self, count: int) -> tuple[Row, ...]:
        """The newest rows first, once `count` of them have ended; fails after ten seconds."""
        reader = HistoryReader(self.data_dir / "history.db")
        async with asyncio.timeout(10):
            while True:
                rows = await asyncio.to_thread(reader.page, Filter())
                if len(rows) >= count and all(row.state in TERMINAL for row in rows):
                    return rows
                await asyncio.sleep(0.05)

    async def command(self, *arguments: str, text_in: str = "") -> Finished:
        """Run a command of the terminal beside the program."""
        return await command(self.data_dir, *arguments, environment=self.environment, text_in=text_in)

    async def status(self, wanted: Callable[[Any], object] = lambda _: True, limit_s: float = 15.0) -> Any:
        """What `patchbay status --json` says, once it is as wanted."""
        told: Any = None
        try:
            async with asyncio.timeout(limit_s):
                while told is None or not wanted(told):
                    told = (await self.command("status", "--json")).json
        except TimeoutError:
            raise AssertionError(f"not within {limit_s:g} s; the last status was {told}") from None
        return told


def provider(name: str, vendor: str, base_url: str, *models: str) -> str:
    """A `[[provider]]` of patchbay.toml whose key comes from the environment."""
    listed = ", ".join(f'"{model}"' for model in models)
    return (
        f'[[provider]]\nname = "{name}"\nvendor = "{vendor}"\nbase_url = "{base_url}"\n'
        f'env_key = "E2E_PROVIDER_KEY"\nbig_models = [{listed}]\n'
    )


def configure(data_dir: Path, config: str) -> None:
    """Write a configuration before the first start."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / "patchbay.toml"
    file.write_text(config, encoding="utf-8")
    file.chmod(0o600)


def base_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every program here is started with: no proxies of the machine, the keys of these tests."""
    return {
        **{name: value for name, value in environment.items() if not name.lower().endswith("_proxy")},
        "PATCHBAY_CLIENT_KEY": KEY,
        "E2E_PROVIDER_KEY": PROVIDER_KEY,
        "PYTHONUNBUFFERED": "1",
    }


async def command(
    data_dir: Path, *arguments: str, environment: Mapping[str, str], text_in: str = "", limit_s: float = START_S
) -> Finished:
    """Run `patchbay …` to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "--data-dir", str(data_dir), *arguments),
        cwd=ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(text_in.encode()), limit_s)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def launched(
    data_dir: Path, *arguments: str, environment: Mapping[str, str], ready: bool = True
) -> AsyncIterator[Program]:
    """Start the program, and wait until it listens if `ready`; killed on the way out if nobody ended it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "--data-dir", str(data_dir), *arguments),
        cwd=ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program("", data_dir, process, environment=environment)
    drain = asyncio.get_running_loop().create_task(_drain(program), name="read what the program prints")
    try:
        if ready:
            await program.ready()
        yield program
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await drain


@asynccontextmanager
async def patchbay(data_dir: Path, config: str, *arguments: str) -> AsyncIterator[Program]:
    """Run the program headless on a free port; it must end by itself within fifteen seconds of SIGTERM, with code 0."""
    configure(data_dir, config)
    headless = ("--headless", "--port", "0", *arguments)
    async with launched(data_dir, *headless, environment=base_environment()) as program:
        yield program
        program.process.send_signal(signal.SIGTERM)
        assert await program.ended() == 0


async def _drain(program: Program) -> None:
    assert program.process.stdout is not None
    while line := await program.process.stdout.readline():
        program.said.append(line.decode(errors="replace").rstrip())
