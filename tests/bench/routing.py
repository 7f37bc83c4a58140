"""What each strategy makes of the same hour of outages, slowdowns and limits, on a clock that costs no time."""

from __future__ import annotations

from app.domain.routing import Strategy
from tests.proxy.fleet.simulation import REQUESTS, Result, World

TITLES = ("strategy", "answered", "asked per request", "added p99 ms", "first token p50 / p99 s", "cost", "spread")


def compare() -> None:
    """The table of strategies, and what one provider alone or conversations that do not stay make of it."""
    print(f"\n{REQUESTS:,} requests of conversations to six targets in an hour, simulated:\n")
    print(f"| {' | '.join(TITLES)} |")
    print("|---" * len(TITLES) + "|")
    for strategy in Strategy:
        row(strategy.value.replace("_", " "), World(strategy).run())
    for strategy in (Strategy.ROUND_ROBIN, Strategy.LATENCY):
        row(f"{strategy.value.replace('_', ' ')}, no affinity", World(strategy, affinity=False).run())
    row("one provider only", World(Strategy.PRIORITY, only=True).run())


def row(name: str, result: Result) -> None:
    """One line; the spread is the share of the answers by each target, the busiest first."""
    shares = sorted((share / result.answered for share in result.shares.values()), reverse=True)
    cells = (
        name,
        f"{result.answered_share:.2%}",
        f"{result.amplification:.3f}",
        f"{result.at(result.added_s, 0.99) * 1000:.0f}",
        f"{result.at(result.first_s, 0.5):.2f} / {result.at(result.first_s, 0.99):.2f}",
        f"${result.nusd / 1e9:.0f}",
        " ".join(f"{share:.0%}" for share in shares),
    )
    print(f"| {' | '.join(cells)} |", flush=True)
