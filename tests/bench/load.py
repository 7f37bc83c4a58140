"""Bounded load on one loopback address, and what it cost the process that answered.

    python -m tests.bench.load URL --body JSON -c CONNECTIONS -n REQUESTS --pid PID -H 'x-api-key: …'

Prints one JSON line: requests a second, first-byte and total percentiles in milliseconds, errors, and the CPU
milliseconds per request and the resident memory of that process and its children.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import psutil

WARM_UP = 40


@dataclass(frozen=True)
class Result:
    """One measurement."""

    requests: int
    errors: int
    per_second: float
    first_p50_ms: float
    first_p99_ms: float
    total_p50_ms: float
    total_p99_ms: float
    cpu_ms: float
    rss_mib: float
    first_error: str = ""


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def cpu_s(pid: int) -> float:
    """CPU seconds that a process and its children have used."""
    return sum(times.user + times.system for times in (one.cpu_times() for one in family(pid)))


def rss_mib(pid: int) -> float:
    """Resident memory of a process and its children, MiB."""
    return float(sum(one.memory_info().rss for one in family(pid))) / 2**20


class Client:
    """Keep-alive connections that send the same request again and again."""

    def __init__(self, url: str, body: bytes, headers: list[str]) -> None:
        parts = urlsplit(url)
        assert parts.hostname == "127.0.0.1", "load goes to this machine only"
        self.address = (parts.hostname, parts.port)
        lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json", *headers]
        head = "\r\n".join([*lines, f"content-length: {len(body)}"])
        self.request = head.encode() + b"\r\n\r\n" + body
        self.times: list[tuple[float, float]] = []
        self.errors: list[str] = []

    async def run(self, connections: int, requests: int) -> float:
        """Send so many requests over so many connections; seconds that it took."""
        self.times, self.errors = [], []
        left = iter(range(requests))
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._connection(left))
        return time.perf_counter() - start

    async def _connection(self, left: object) -> None:
        reader, writer = await asyncio.open_connection(*self.address, limit=2**22)
        for _ in left:  # type: ignore[attr-defined]
            try:
                self.times.append(await asyncio.wait_for(self._one(reader, writer), 60))
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.errors.append(repr(error)[:200])
                writer.close()
                reader, writer = await asyncio.open_connection(*self.address, limit=2**22)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[float, float]:
        start = time.perf_counter()
        writer.write(self.request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        first = 0.0
        if b"transfer-encoding: chunked" in head:
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await reader.readexactly(size + 2)
                first = first or time.perf_counter()
            await reader.readexactly(2)
            body = b""
        else:
            body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        end = time.perf_counter()
        if b" 200 " not in head[:16]:
            raise ValueError(f"{head[:40]!r} {body[:150]!r}")
        return (first or end) - start, end - start


def percentile(values: list[float], share: float) -> float:
    """A percentile in milliseconds; 0 without any values."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3) if ordered else 0.0


async def measure(url: str, body: bytes, headers: list[str], connections: int, requests: int, pid: int) -> Result:
    """Warm up, then measure."""
    client = Client(url, body, headers)
    await client.run(connections, WARM_UP)
    before = cpu_s(pid)
    seconds = await client.run(connections, requests)
    used = cpu_s(pid) - before
    firsts, totals = [one for one, _ in client.times], [two for _, two in client.times]
    return Result(
        requests=requests,
        errors=len(client.errors),
        per_second=round(len(client.times) / seconds, 1),
        first_p50_ms=percentile(firsts, 0.5),
        first_p99_ms=percentile(firsts, 0.99),
        total_p50_ms=percentile(totals, 0.5),
        total_p99_ms=percentile(totals, 0.99),
        cpu_ms=round(used * 1000 / requests, 3),
        rss_mib=round(rss_mib(pid), 1),
        first_error=client.errors[0] if client.errors else "",
    )


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--body", required=True)
    parser.add_argument("-c", type=int, default=1)
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("--pid", type=int, required=True)
    mine = parser.parse_args()
    import uvloop

    print(json.dumps(asdict(uvloop.run(measure(mine.url, mine.body.encode(), mine.H, mine.c, mine.n, mine.pid)))))


if __name__ == "__main__":
    main()
