"""Ends a run with a table of the clients and the upstreams that they met."""

from __future__ import annotations

from typing import Any

import pytest

PASSED, FAILED = "pass", "FAIL"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table where a run had cells of it."""
    cells = results(terminalreporter.stats)
    if cells:
        terminalreporter.section("tool round trips of real clients")
        terminalreporter.write_line(table(cells))


def results(stats: dict[str, list[Any]]) -> dict[tuple[str, str], str]:
    """How each client did with each upstream; a cell of several tests passes if all of them do."""
    cells: dict[tuple[str, str], str] = {}
    for outcome, said in (("passed", PASSED), ("error", FAILED), ("failed", FAILED)):
        for report in stats.get(outcome, []):
            cell = dict(getattr(report, "user_properties", ())).get("cell")
            if cell is not None:
                cells[cell] = said
    return cells


def table(cells: dict[tuple[str, str], str]) -> str:
    """The cells in Markdown, clients downwards and upstreams across, in the order in which they were met."""
    clients, upstreams = (list(dict.fromkeys(cell[at] for cell in cells)) for at in (0, 1))
    rows = [["client", *upstreams], ["---"] * (len(upstreams) + 1)]
    rows += [[client, *(cells.get((client, upstream), "") for upstream in upstreams)] for client in clients]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    filled = [
        [text.ljust(width, "-" if text == "---" else " ") for text, width in zip(row, widths, strict=True)]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in filled)
