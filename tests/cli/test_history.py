from __future__ import annotations

import datetime as dt
import json

import pytest

from app.cli.history import moment_us
from app.domain.errors import ConfigError

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("24h", NOW - dt.timedelta(hours=24)),
        ("7d", NOW - dt.timedelta(days=7)),
        ("2026-11-01", dt.datetime(2026, 11, 1).astimezone()),
        ("2026-11-01T08:30", dt.datetime(2026, 11, 1, 8, 30).astimezone()),
        ("2026-11-01T08:30+02:00", dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)),
    ],
)
def test_times_are_dates_or_so_long_ago(text, when):
    assert moment_us(text, NOW) == int(when.timestamp() * 1e6)


def test_no_time_is_open_and_a_wrong_one_an_error():
    assert moment_us("") == 0
    with pytest.raises(ConfigError, match="'yesterday' is no time"):
        moment_us("yesterday")


def test_an_export_of_nothing_has_its_head(cli, tmp_path):
    written = cli("export", "--since", "7d", "--status", "failed", "--out", str(tmp_path / "out.csv"))
    assert (written.code, written.err) == (0, f"Wrote 0 rows to {tmp_path / 'out.csv'}.\n")
    assert (tmp_path / "out.csv").read_bytes().startswith(b'"timestamp"')
    assert cli("export", "--since", "soon", "--out", "x.csv").code == 1
    assert "No such file" in cli("export", "--out", str(tmp_path / "absent" / "out.csv")).err


def test_an_import_is_shown_before_it_is_done(cli, root):
    path = str(root / "tests/data/configs/providers.toml")
    dry = cli("import", "cc-proxy", path, "--dry-run")
    assert dry.out.startswith("Would import 3 new and 0 changed providers.\n  OpenAI\n")
    assert "[[provider]]" not in cli.config()
    assert cli("import", "cc-proxy", path).out.startswith("Imported 3 new")
    assert cli.leaked("canary") == []
    again = json.loads(cli("import", "cc-proxy", path, "--json").out)
    assert (again["imported"], again["providers"]) == (0, [])
    assert "cannot be read" in cli("import", "cc-proxy", "absent.toml").err
