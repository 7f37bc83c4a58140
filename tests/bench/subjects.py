"""What is measured: the bare relay and Patchbay in its forms, each a process of its own, ended by its own id."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEY = "pb_" + "bench000" * 5 + "abc"
CONFIG = """
[config]
provider = "Canned"
open_window_at_start = {window}

[[provider]]
name = "Canned"
vendor = "anthropic-compatible"
base_url = "{upstream}"
env_key = "BENCH_PROVIDER_KEY"
models = ["canned"]

[[provider]]
name = "Chat"
vendor = "openai-compatible"
base_url = "{upstream}/v1"
env_key = "BENCH_PROVIDER_KEY"
models = ["canned"]

[[provider]]
name = "Responses"
vendor = "openai-responses-compatible"
base_url = "{upstream}/v1"
env_key = "BENCH_PROVIDER_KEY"
models = ["canned"]

[[provider]]
name = "Gemini"
vendor = "gemini-compatible"
base_url = "{upstream}"
env_key = "BENCH_PROVIDER_KEY"
models = ["canned"]
"""


@dataclass(frozen=True)
class Subject:
    """A program that relays."""

    name: str
    url: str
    pid: int
    ready_s: float


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def process(
    command: list[str], ready: str, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """Start a program, wait for the line that says it is ready; yields it, that line and the seconds it took."""
    start = time.perf_counter()
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if re.search(ready, line):
                yield running, line.strip(), time.perf_counter() - start
                break
        else:
            raise RuntimeError(f"{command} ended before it was ready")
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def canned(chunks: int, gap_ms: float = 0.0) -> Iterator[str]:
    """The canned upstream; yields its address."""
    command = [sys.executable, "-m", "tests.bench.canned", "0", "--chunks", str(chunks), "--gap-ms", str(gap_ms)]
    with process(command, r"^\d+$", dict(os.environ)) as (_, line, _s):
        yield f"http://127.0.0.1:{line}"


@contextmanager
def bare_relay(upstream: str) -> Iterator[Subject]:
    """aiohttp and nothing else."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bare_relay", str(port), upstream]
    with process(command, r"^bare relay", dict(os.environ)) as (running, _, seconds):
        yield Subject("bare relay", f"http://127.0.0.1:{port}", running.pid, seconds)


@contextmanager
def patchbay(upstream: str, *, window: bool | None, screen: dict[str, str] | None = None) -> Iterator[Subject]:
    """Patchbay: headless (`window` None), hidden in the tray (False), or with its window open (True)."""
    with tempfile.TemporaryDirectory(prefix="patchbay-bench-") as folder:
        data = Path(folder)
        data.chmod(0o700)
        text = CONFIG.format(upstream=upstream, window="true" if window else "false")
        (data / "patchbay.toml").write_text(text, encoding="utf-8")
        environment = {
            **(screen or os.environ),
            "PATCHBAY_CLIENT_KEY": KEY,
            "BENCH_PROVIDER_KEY": "sk-bench-0123456789abcdef",
        }
        mode = {None: ["--headless"], False: ["--hidden"], True: []}[window]
        command = [sys.executable, "-m", "app", *mode, "--port", "0", "--data-dir", folder]
        with process(command, r"^Patchbay listening on", environment) as (running, line, seconds):
            name = {None: "headless", False: "tray", True: "window"}[window]
            yield Subject(name, line.rsplit(" ", 1)[1], running.pid, seconds)
