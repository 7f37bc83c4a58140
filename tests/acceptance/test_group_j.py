"""Group J, as far as it has no window: exports and logs. What anybody wrote is never a formula or a line of the log.

The window's half (J01, J03, J05, J13, J14, J16) stands in tests/ui: test_plain_text, pages, charts, models.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import stat

import pytest

from tests.acceptance.program import KEY
from tests.e2e.program import PROVIDER_KEY
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

DANGEROUS = [
    *("=cmd()", "+1", "-1", "@x", "\uff1dx", "\uff0bx", "\uff0dx", "\uff20x", " =x", "\u00a0=x", '"=1', ";=1"),
    "=HYPERLINK(http://x)",
]


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def exported(p, kind, *arguments):
    target = p.data_dir.parent / f"out.{kind}"
    done = await p.running.command("export", "--format", kind, "--out", str(target), *arguments)
    assert done.code == 0, done.err
    return target


async def test_j07_no_cell_of_an_export_is_a_formula(p):
    for name in DANGEROUS:
        p.upstream.script = whole(ANTHROPIC.error(f"{name} is no model\n=cmd()"), status=404)
        await p.chat(ANTHROPIC, model=f"A:{name}")
    await p.settle()
    target = await exported(p, "csv")
    rows = rows_of(target.read_bytes())
    assert len(rows) >= 5
    for row in rows:
        for name, cell in row.items():
            for line in cell.split("\n"):
                start = line.lstrip(" \u00a0")
                if start[:1] in "=+-@\t\r\uff1d\uff0b\uff0d\uff20" and start:
                    raise AssertionError((name, cell))
        assert row["input_tokens"] == "" or int(row["input_tokens"]) >= 0
        assert float(row["duration_ms"]) >= 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_j07_the_loss_free_form_keeps_every_letter(p):
    p.upstream.script = whole(ANTHROPIC.whole())
    await p.chat(ANTHROPIC, model="A:=odd")
    await p.settle()
    target = await exported(p, "jsonl")
    names = [json.loads(line)["requested_model"] for line in target.read_bytes().split(b"\n") if line]
    assert any(name.endswith("=odd") for name in names)


async def test_j09_an_export_that_fails_leaves_what_was_there(p):
    p.upstream.script = whole(ANTHROPIC.whole())
    await p.chat(ANTHROPIC)
    await p.settle()
    folder = p.data_dir.parent / "shut"
    folder.mkdir()
    target = folder / "out.csv"
    target.write_text("before", "utf-8")
    done = await p.running.command("export", "--format", "csv", "--out", str(folder / "missing" / "out.csv"))
    assert done.code == 1
    assert target.read_text("utf-8") == "before"
    assert [one.name for one in folder.iterdir()] == ["out.csv"]


ODD = ["a\r\nb", "\x1b[31mred\x1b[0m", '"},{"level":"x', "\u202eevil", "a\0b", "x" * 5000]


@pytest.mark.parametrize("text", ODD)
async def test_j15_each_record_of_the_log_is_one_line_of_json(p, text):
    clean = text.replace("\r", "").replace("\n", "").replace("\0", "")[:4000]
    p.upstream.script = whole(ANTHROPIC.error(text), status=500)
    await p.chat(ANTHROPIC, None, f"User-Agent: {clean}")
    await p.ask(f"/v1/{clean.encode().hex()}?x={clean.encode().hex()}", method="GET")
    await p.chat(CHAT, model=f"A:{clean[:200]}")
    async with await p.connect() as client:
        await client.send(text.encode() + b"\r\n\r\n")
        await client.ended()
    await asyncio.sleep(0)
    raw = (p.data_dir / "logs" / "patchbay.log").read_bytes()
    for line in raw.removesuffix(b"\n").split(b"\n"):
        assert isinstance(json.loads(line), dict)
        assert b"\x1b" not in line
    assert KEY.encode() not in raw
    assert PROVIDER_KEY.encode() not in raw
    await p.settle()
