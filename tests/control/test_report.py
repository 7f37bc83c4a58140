from __future__ import annotations

import json

from app.control.report import report
from app.domain.provider import CredentialState
from app.domain.routing import ModelWindow
from app.domain.status import AccountStatus, AppStatus, ProxyState
from tests.fakes import sample

OWN = AccountStatus("", CredentialState.READY, "this session")


def test_the_status_is_one_line_of_json_that_scripts_can_rely_on():
    now = sample.status()
    text = report(now)
    assert "\n" not in text
    told = json.loads(text)
    assert told["proxy"] == now.proxy
    assert told["base_url"] == now.base_url
    assert told["provider"] == now.active
    assert [one["name"] for one in told["providers"]] == [one.name for one in now.providers]
    assert told["today"]["cost_nusd"] == now.today.cost_nusd
    assert set(told["tiers"]) == {"big", "middle", "small"}


def test_what_was_learned_of_windows_is_told():
    learned = (ModelWindow("A", "m", 8_192),)
    told = json.loads(report(AppStatus(ProxyState.RUNNING, windows=learned)))["windows"]
    assert told == [{"provider": "A", "model": "m", "tokens": 8_192}]


def test_keys_are_told_as_they_are_in_the_program():
    (told,) = json.loads(report(AppStatus(ProxyState.RUNNING, providers=(sample.provider("A", accounts=(OWN,)),))))[
        "providers"
    ]
    assert (told["key"], told["key_source"]) == ("ready", "system keyring")
    assert told["accounts"] == [{"name": "", "key": "ready", "key_source": "this session", "weight": 1}]


def test_the_uses_of_client_keys_are_told():
    assert json.loads(report(AppStatus(ProxyState.RUNNING), {"k1": 7}))["keys_used"] == {"k1": 7}
