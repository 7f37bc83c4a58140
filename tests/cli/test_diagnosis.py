from __future__ import annotations

import json

from app.control.report import report
from app.domain.status import AppStatus, Notice, ProxyState, Severity


def test_status_says_what_there_is_without_leaving_a_trace(cli):
    answer = cli("status")
    assert "does not run" in answer.out
    assert "Provider  none yet" in answer.out
    assert "0 requests" in answer.out
    assert not (cli.folder / "patchbay.toml").exists()
    data = json.loads(cli("status", "--json").out)
    assert (data["process"], data["proxy"], data["today"]["cost_nusd"]) == (None, "stopped", 0)


def test_a_broken_configuration_is_named_by_status_and_doctor(cli):
    cli("status")
    (cli.folder / "patchbay.toml").write_text("[config]\nport = 'x'\n", "utf-8")
    assert "patchbay.toml, line 2, config.port: must be a whole number" in cli("status").out
    doctor = cli("doctor")
    assert doctor.code == 1
    assert "wrong  configuration" in doctor.out
    assert {one["what"] for one in json.loads(cli("doctor", "--json").out)} >= {"port", "keyring", "display"}


def test_the_doctor_shows_the_warnings_that_status_shows(cli):
    cli("provider", "add", "Router", "--vendor", "ollama")
    cli("route", "add", "--to", "Router")
    wrong = cli.config().replace('to = ["Router"]', 'to = ["Nobody"]') + "[routing]\nstratgy = 'cheapest'\n"
    (cli.folder / "patchbay.toml").write_text(wrong, "utf-8")
    status, doctor = cli("status").out, cli("doctor")
    for words in ("there is no provider 'Nobody'", "(did you mean strategy?)"):
        assert words in status
        (line,) = (line for line in doctor.out.splitlines() if words in line)
        assert line.startswith("warn   configuration")
    assert "ok     configuration" not in doctor.out
    found = [one for one in json.loads(cli("doctor", "--json").out) if one["what"] == "configuration"]
    assert [(one["ok"], one["warns"]) for one in found] == [(True, True), (True, True)]


def test_the_doctor_tells_what_the_running_program_says(cli):
    cli("provider", "add", "Router", "--vendor", "ollama")
    shut = Notice("lan", Severity.ERROR, "Other machines cannot connect: nobody made a key.")
    auto = Notice("config-active", Severity.WARNING, "There is no provider 'X'.")
    cli.beside(report(AppStatus(ProxyState.RUNNING, notices=(shut, auto))))
    doctor = cli("doctor")
    assert doctor.code == 1
    assert "wrong  other machines" in doctor.out
    assert "nobody made a key" in doctor.out
    assert "There is no provider 'X'" in doctor.out


def test_all_is_well_with_a_provider_and_a_keyring(cli):
    cli("provider", "add", "Router", "--vendor", "openrouter", stdin="sk-0123456789abcdef\n")
    (cli.folder / "patchbay.toml").write_text(cli.config().replace("port = 8", "port = 1"), "utf-8")
    assert "wrong" not in cli("doctor").out


def test_a_damaged_state_is_told_and_moved_aside_only_where_repair_is_asked_for(cli):
    cli("key", "create", "laptop")
    for beside in cli.folder.glob("state.db*"):
        beside.unlink()
    (cli.folder / "state.db").write_bytes(b"no database" * 1_000)
    for command in (("doctor",), ("status",), ("provider", "list")):
        answer = cli(*command)
        if command == ("doctor",):
            assert answer.code == 1
            assert "state.db cannot be read" in answer.out
    assert (cli.folder / "state.db").read_bytes() == b"no database" * 1_000
    assert not list(cli.folder.glob("state.corrupt-*"))
    cli("doctor", "--repair")
    (aside,) = cli.folder.glob("state.corrupt-*.db")
    assert aside.read_bytes() == b"no database" * 1_000
    assert cli("key", "list").code == 0
