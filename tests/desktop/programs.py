"""Starts `shell_program` and reads what it prints."""

from __future__ import annotations

import asyncio
import contextlib
import sys

SHELL = [sys.executable, "-m", "tests.desktop.shell_program"]


@contextlib.asynccontextmanager
async def run_shell(environment):
    """A function that starts the program with arguments, in that environment and what is added; all end with it."""
    processes = []

    async def start(*arguments, **added):
        process = await asyncio.create_subprocess_exec(
            *SHELL, *arguments, env=environment | added, stdout=asyncio.subprocess.PIPE
        )
        processes.append(process)
        assert await line(process, 30) == "ready"
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process, limit_s=10):
    """The next line."""
    return (await asyncio.wait_for(process.stdout.readline(), limit_s)).decode().strip()
