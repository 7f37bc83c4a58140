"""Measures Patchbay against a bare aiohttp relay, in one run on one machine, and prints the tables as Markdown.

    python -m tests.bench [--quick] [--endurance N] [--only PART]

Quote ratios from one run, never absolute times across runs: what else the machine does moves everything.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import load, routing, subjects
from tests.bench.subjects import KEY, Subject

PROMPT = "Explain in a few words what a patch bay is. " * 20
ROADS = (
    ("anthropic to anthropic", "/v1/messages", "Canned:canned", False),
    ("chat to chat", "/v1/chat/completions", "Chat:canned", False),
    ("anthropic to chat", "/v1/messages", "Chat:canned", True),
    ("chat to anthropic", "/v1/chat/completions", "Canned:canned", True),
)
CONNECTIONS = (1, 16)
CLIENTS = {
    "anthropic": ("/v1/messages", {"max_tokens": 500, "messages": [{"role": "user", "content": PROMPT}]}),
    "chat": ("/v1/chat/completions", {"max_tokens": 500, "messages": [{"role": "user", "content": PROMPT}]}),
    "responses": ("/v1/responses", {"max_output_tokens": 500, "input": PROMPT}),
    "gemini": ("/v1beta/models/{model}:streamGenerateContent?alt=sse", {"contents": [{"parts": [{"text": PROMPT}]}]}),
}
UPSTREAMS = {"anthropic": "Canned", "chat": "Chat", "responses": "Responses", "gemini": "Gemini"}


def body(model: str, *, streamed: bool) -> str:
    """A small request that is valid in both dialects."""
    request = {"model": model, "max_tokens": 500, "messages": [{"role": "user", "content": PROMPT}]}
    return json.dumps({**request, "stream": True} if streamed else request)


def measure(subject: Subject, path: str, model: str, *, streamed: bool, connections: int, requests: int) -> load.Result:
    """One row of the roads that both programs have."""
    said = body(model, streamed=streamed)
    return load_of(subject, path, said, connections=connections, requests=requests)


def load_of(subject: Subject, path: str, said: str, *, connections: int, requests: int) -> load.Result:
    """Send one request many times; from a process of its own, so that it does not slow the subject's interpreter."""
    command = [sys.executable, "-m", "tests.bench.load", subject.url + path, "--body", said]
    command += ["-c", str(connections), "-n", str(requests), "--pid", str(subject.pid), "-H", f"x-api-key: {KEY}"]
    done = subprocess.run(command, cwd=subjects.ROOT, capture_output=True, text=True, check=True)
    return load.Result(**json.loads(done.stdout))


@contextmanager
def desktop() -> Iterator[dict[str, str]]:
    """A display with a window manager and a tray, for the forms that need one; yields their environment."""
    from tests.fakes.desktop.display import display
    from tests.fakes.desktop.xembed import panel

    with (
        tempfile.TemporaryDirectory(prefix="patchbay-screen-") as folder,
        display(Path(folder)) as screen,
        panel(screen, Path(folder)),
    ):
        yield dict(screen.environment)


def compare(found: list[Subject], requests: int) -> None:
    """The table of roads, every subject on every road that it has."""
    titles = ("road", "form", "connections", "program", "CPU ms/request", "× bare", "first byte p50 / p99 ms")
    titles += ("added p50 / p99 ms", "requests/s", "errors")
    print(f"\n| {' | '.join(titles)} |")
    print("|---" * len(titles) + "|")
    for road, path, model, converts in ROADS:
        for streamed in (True, False):
            for connections in CONNECTIONS:
                row(found, (road, path, model, converts), streamed=streamed, connections=connections, requests=requests)


def row(
    found: list[Subject], road: tuple[str, str, str, bool], *, streamed: bool, connections: int, requests: int
) -> None:
    """The lines of one road in one form: the bare relay carries the client's dialect, whatever the road converts to."""
    name, path, model, _converts = road
    base: load.Result | None = None
    for subject in found:
        bare = subject.name == "bare relay"
        result = measure(
            subject, path, "canned" if bare else model, streamed=streamed, connections=connections, requests=requests
        )
        base = result if bare else base
        assert base is not None
        form = "streamed" if streamed else "whole"
        times = result.cpu_ms / base.cpu_ms
        added = f"{result.total_p50_ms - base.total_p50_ms:.2f} / {result.total_p99_ms - base.total_p99_ms:.2f}"
        print(
            f"| {name} | {form} | {connections} | {subject.name} | {result.cpu_ms:.3f} | {times:.2f} |"
            f" {result.first_p50_ms:.2f} / {result.first_p99_ms:.2f} | {added} | {result.per_second:.0f} |"
            f" {result.errors}{' ' + result.first_error if result.errors else ''} |",
            flush=True,
        )


def convert(headless: Subject, requests: int) -> None:
    """All sixteen roads, streamed: what a conversion costs beside the pass-through of the same client."""
    print(f"\n| client | {' | '.join(f'to {name}' for name in UPSTREAMS)} |")
    print("|---" * (len(UPSTREAMS) + 1) + "|")
    for client, (path, said) in CLIENTS.items():
        costs = {}
        for upstream, provider in UPSTREAMS.items():
            model = f"{provider}:canned"
            told = said if "{model}" in path else {"model": model, "stream": True, **said}
            result = load_of(headless, path.format(model=model), json.dumps(told), connections=16, requests=requests)
            assert not result.errors, result.first_error
            costs[upstream] = result.cpu_ms
        cells = [f"{cost:.3f} ms, {cost / costs[client]:.2f}×" for cost in costs.values()]
        print(f"| {client} | {' | '.join(cells)} |", flush=True)


def endurance(upstream: str, requests: int) -> None:
    """Speed and memory over many requests: both should stay flat."""
    print(f"\n{requests:,} streamed requests, headless, 16 connections:\n")
    print("| after | requests/s | CPU ms/request | RSS MiB | errors |\n|---|---|---|---|---|")
    with subjects.patchbay(upstream, window=None) as subject:
        for part in range(10):
            result = measure(subject, *ROADS[0][1:3], streamed=True, connections=16, requests=requests // 10)
            done = (part + 1) * requests // 10
            print(
                f"| {done:,} | {result.per_second:.0f} | {result.cpu_ms:.3f} | {result.rss_mib} | {result.errors} |",
                flush=True,
            )


def idle(upstream: str, screen: dict[str, str], seconds: float) -> None:
    """What an idle Patchbay in the tray costs."""
    with subjects.patchbay(upstream, window=False, screen=screen) as subject:
        time.sleep(10)  # start-up work that comes after the first answer is not idleness
        before = load.cpu_s(subject.pid)
        time.sleep(seconds)
        share = (load.cpu_s(subject.pid) - before) / seconds * 100
        print(
            f"\nIdle in the tray: {share:.2f} % CPU over {seconds:.0f} s, {load.rss_mib(subject.pid):.0f} MiB resident"
        )


def starts(upstream: str, screen: dict[str, str], times: int) -> None:
    """How long until the first request can be served."""
    for window in (None, False):
        taken = []
        for _ in range(times):
            with subjects.patchbay(upstream, window=window, screen=screen) as subject:
                taken.append(subject.ready_s)
        name = "headless" if window is None else "tray"
        print(f"Ready to serve ({name}): median {statistics.median(taken):.2f} s, worst {max(taken):.2f} s of {times}")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    parser.add_argument("--endurance", type=int, default=100_000, help="requests of the long run; 0 leaves it out")
    parser.add_argument("--only", choices=("routing", "roads", "conversions", "endurance", "idle", "starts"))
    mine = parser.parse_args()
    requests = 200 if mine.quick else 2000
    if mine.only in (None, "routing"):
        routing.compare()
    if mine.only == "routing":
        return
    with subjects.canned(100) as upstream, desktop() as screen:
        if mine.only in (None, "starts"):
            starts(upstream, screen, 2 if mine.quick else 5)
        if mine.only in (None, "idle"):
            idle(upstream, screen, 10 if mine.quick else 60)
        if mine.only in (None, "roads"):
            with (
                subjects.bare_relay(upstream) as bare,
                subjects.patchbay(upstream, window=None) as headless,
                subjects.patchbay(upstream, window=True, screen=screen) as window,
            ):
                compare([bare, headless, window], requests)
        if mine.only in (None, "conversions"):
            with subjects.patchbay(upstream, window=None) as headless:
                convert(headless, requests)
        if mine.only in (None, "endurance") and mine.endurance:
            endurance(upstream, mine.endurance // (10 if mine.quick else 1))


if __name__ == "__main__":
    main()
