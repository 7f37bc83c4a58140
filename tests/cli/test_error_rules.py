from __future__ import annotations

import json
import tomllib

import pytest

PROVIDERS = """
[config]
port = 8083

[[provider]]
name = "Router"
vendor = "openrouter"
auth = "none"
"""


@pytest.fixture
def routed(cli):
    cli.folder.mkdir(parents=True)
    (cli.folder / "patchbay.toml").write_text(PROVIDERS, "utf-8")
    return cli


def written(cli):
    return tomllib.loads(cli.config())


def statuses(cli):
    return [one["status"] for one in json.loads(cli("error-rule", "list", "--json").out)]


def test_what_errors_mean(routed):
    assert "There are no rules about errors" in routed("error-rule", "list").err
    added = routed("error-rule", "add", "rate-limited", "--status", "403", "--text", "quota", "--provider", "Router")
    words = "the key has reached its limit, so it rests and another one is tried"
    assert added.err == f'Added: status 403 with "quota" in it, from Router: {words}\n'
    assert written(routed)["error_rule"] == [
        {"means": "rate_limited", "status": 403, "text": "quota", "provider": "Router"}
    ]
    assert routed("error-rule", "list").out.startswith("  1  status 403")
    assert json.loads(routed("error-rule", "list", "--json").out)[0]["means"] == "rate_limited"
    for arguments, refusal in (
        (("add", "refused"), "must say which errors it means"),
        (("add", "refused", "--status", "9"), "from 100 to 599"),
        (("remove", "7"), "there is no number 7"),
    ):
        assert refusal in routed("error-rule", *arguments).err
    assert routed("error-rule", "remove", "1").code == 0
    assert "error_rule" not in written(routed)


def test_the_order_counts_and_can_be_changed(routed):
    for status in ("500", "400"):
        routed("error-rule", "add", "overloaded", "--status", status)
    routed("error-rule", "add", "refused", "--status", "418", "--at", "1")
    assert statuses(routed) == [418, 500, 400]
    moved = routed("error-rule", "move", "3", "1")
    assert moved.err.startswith("Number 1 now: status 400: ")
    assert [one["status"] for one in json.loads(routed("error-rule", "move", "1", "9", "--json").out)] == [
        418,
        500,
        400,
    ]
    assert [one["status"] for one in written(routed)["error_rule"]] == [418, 500, 400]
    assert "there is no rule 4; the last one is 3" in routed("error-rule", "move", "4", "1").err


def test_a_rule_that_never_counts_says_so(routed):
    routed("error-rule", "add", "overloaded", "--status", "500")
    routed("error-rule", "add", "refused", "--status", "500", "--text", "bad schema")
    first, second = routed("error-rule", "list").out.splitlines()
    assert "never counts" not in first
    assert second.endswith("(never counts: rule 1 fits the same errors before it)")
