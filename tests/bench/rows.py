"""Fills a history with a million rows straight through SQL: names as in life, conversations for a part of them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.store.packing import pack_ids
from tests.fakes.exchanges import exchange_id

DAYS = 180
DAY_US = 86_400_000_000
TURNS = 50
SECTION = 16
MODELS = ("claude-opus-4-8", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5.1", "gemini-3-pro")
PROVIDERS = ("Anthropic", "OpenRouter", "OpenAI", "Local")
CLIENTS = ("claude-code", "codex", "openai-python", "curl")
_INSERT = """
    INSERT INTO exchange (seq, id, boot, started_us, state, client, client_key, session_id, provider, vendor,
        requested_model, sent_model, client_dialect, upstream_dialect, streaming, operation, client_status,
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, usage_source,
        total_nusd, duration_ms, ended_us)
    VALUES (?, ?, 'b', ?, ?, ?, 'default', ?, ?, 'anthropic', ?, ?, 'anthropic_messages', 'anthropic_messages', 1,
        'chat', 200, 1000, 30000, 500, 0, 200, 'reported', 2000000, 1500, ?)
"""
_BLOCK = "INSERT INTO block (id, hash, codec, size_bytes, dialect, data) VALUES (?, ?, ?, ?, ?, ?)"
WORDS = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
)


def rows(count: int, until_us: int) -> Iterator[tuple[Any, ...]]:
    """The rows, oldest first; one in a thousand of a rare provider, one in fifty failed."""
    chance = random.Random(5)
    step_us = DAYS * DAY_US // count
    for number in range(1, count + 1):
        started_us = until_us - (count - number) * step_us
        provider = "Rare" if number % 1_000 == 0 else PROVIDERS[min(int(chance.expovariate(1)), 3)]
        model = "rare-model" if number % 10_000 == 0 else MODELS[min(int(chance.expovariate(1)), 4)]
        state = "failed" if number % 50 == 0 else "done"
        client = CLIENTS[min(int(chance.expovariate(1.2)), 3)]
        yield (
            *(number, exchange_id(number), started_us, state, client, f"session-{number // TURNS}", provider),
            *(model, model, started_us + 1_500_000),
        )


@dataclass
class Conversations:
    """Blocks, links and sides of the newest exchanges, as the writer would make them."""

    first: int
    count: int
    last_block: int = 0

    def write(self, connection: sqlite3.Connection) -> None:
        chance = random.Random(9)
        blocks: list[tuple[Any, ...]] = []
        links: list[tuple[int, int]] = []
        sides: list[tuple[int, int, int, None, int]] = []
        system = self._leaf(blocks, "you are a helpful agent that works in a project")
        parts: list[int] = []
        closed: list[int] = []
        for index in range(self.count):
            if index % TURNS == 0:
                parts, closed = [system], []
            number = self.first + index
            said = " ".join(chance.choices(WORDS, k=30))
            parts.append(self._leaf(blocks, f"number{number} {said} turn{index % TURNS}"))
            sections = [*closed, self._node(blocks, links, parts)]
            sides.append((number, 0, 1_000, None, self._node(blocks, links, sections)))
            answer = self._leaf(blocks, f"answer{number} " + " ".join(chance.choices(WORDS, k=10)))
            sides.append((number, 4, 100, None, answer))
            parts.append(answer)
            if len(parts) >= SECTION:
                closed.append(self._node(blocks, links, parts))
                parts = []
        connection.executemany(_BLOCK, blocks)
        connection.executemany("INSERT OR IGNORE INTO link (child, parent) VALUES (?, ?)", links)
        connection.executemany("INSERT INTO side VALUES (?, ?, ?, ?, ?)", sides)

    def _leaf(self, blocks: list[tuple[Any, ...]], text: str) -> int:
        self.last_block += 1
        blocks.append((self.last_block, self.last_block.to_bytes(16), 0, len(text), "text", text.encode()))
        return self.last_block

    def _node(self, blocks: list[tuple[Any, ...]], links: list[tuple[int, int]], parts: list[int]) -> int:
        if len(parts) == 1:
            return parts[0]
        self.last_block += 1
        blocks.append((self.last_block, self.last_block.to_bytes(16), 2, 0, "", pack_ids(parts)))
        links += [(part, self.last_block) for part in parts]
        return self.last_block


def fill(connection: sqlite3.Connection, count: int, conversing: int, until_us: int) -> None:
    """So many rows, the newest `conversing` of them with conversations."""
    connection.execute("BEGIN")
    connection.executemany(_INSERT, rows(count, until_us))
    Conversations(count - conversing + 1, conversing).write(connection)
    connection.execute("COMMIT")
