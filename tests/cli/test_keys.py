from __future__ import annotations

import json
import re


def test_lines_for_a_client_are_ready_to_be_evaluated(cli):
    answer = cli("env")
    assert re.fullmatch(
        r"export ANTHROPIC_BASE_URL=http://127\.0\.0\.1:80\d\d\nexport ANTHROPIC_AUTH_TOKEN=pb_[\w-]{43}\n", answer.out
    )
    assert "not running" in answer.err
    assert cli("env").out == answer.out
    key = answer.out.strip().rpartition("=")[2]
    assert cli.leaked(key) == []
    assert f'$env:OPENAI_API_KEY = "{key}"' in cli("env", "--client", "openai", "--shell", "powershell").out


def test_a_key_is_shown_once_listed_by_name_and_revoked(cli):
    created = cli("key", "create", "laptop")
    secret = created.out.strip()
    assert re.fullmatch(r"pb_[\w-]{43}", secret)
    assert "only now" in created.err
    assert cli.leaked(secret) == []
    (listed,) = json.loads(cli("key", "list", "--json").out)
    assert listed["name"] == "laptop"
    assert listed["id"] in cli("key", "list").out
    assert secret not in cli("key", "list").out
    assert cli("key", "revoke", listed["id"]).code == 0
    assert json.loads(cli("key", "list", "--json").out) == []
    assert cli("key", "revoke", "laptop").code == 1
