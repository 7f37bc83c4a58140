from __future__ import annotations

import pytest

from app.cli.parser import parser


@pytest.mark.parametrize(
    "line",
    [
        "route add",
        "route remove 0",
        "route remove x",
        "route remove \u0663",
        "route strategy best",
        "route affinity maybe",
        "use A --only --also-others",
        "provider failover A perhaps",
        "route test",
    ],
)
def test_what_is_not_understood(line, capsys):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(line.split())
    assert caught.value.code == 2
    assert "usage: patchbay" in capsys.readouterr().err


def test_a_fact_may_be_wanted_or_not_or_not_matter():
    options = parser().parse_args(["route", "add", "--to", "A", "--thinking", "--no-web-search"])
    assert (options.thinking, options.web_search, options.image) == (True, False, None)
