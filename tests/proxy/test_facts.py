from __future__ import annotations

import json
import time
import timeit

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from app.dialects import DIALECTS
from app.dialects.base import BodyFacts, Peek
from app.domain.provider import DialectName
from app.proxy.facts import RequestFacts

BY_NAME = {one.name: one for one in DIALECTS}
CLAUDE_CODE = "claude-cli/2.1.197 (external, cli)"
TURN = {"max_tokens": 100, "tools": [{"name": "Read"}], "messages": [{"role": "user", "content": "hello"}]}


def facts(body=TURN, dialect=DialectName.ANTHROPIC_MESSAGES, session="", started_us=0, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    peek = Peek("the-model", False, session)
    return RequestFacts(peek, data, BY_NAME[dialect], named, key="work", pin="p", started_us=started_us)


def test_what_is_known_without_the_body():
    known = facts(User_Agent=CLAUDE_CODE)
    assert (known.model, known.client, known.key, known.pin) == ("the-model", "claude-code", "work", "p")
    assert known.dialect == "anthropic_messages"


class Unread:
    name = DialectName.GEMINI

    def __init__(self):
        self.count = 0

    def facts(self, body):
        self.count += 1
        return BodyFacts(output_tokens=5)


def test_the_body_is_read_once_and_only_if_asked():
    dialect = Unread()
    known = RequestFacts(Peek("m", False, "s"), b"{}", dialect, CIMultiDictProxy(CIMultiDict()))
    assert (known.model, known.client, known.minute >= 0, known.session) == ("m", "other", True, "s")
    assert known.prompt_tokens >= 1
    assert dialect.count == 0
    assert (known.output_tokens, known.tools, known.thinking, known.image, known.web_search) == (5, *[False] * 4)
    assert known.answers == 1
    assert dialect.count == 1


def test_sessions():
    assert facts(session="body", X_Claude_Code_Session_Id="header").session == "header"
    assert facts(session="body").session == "body"
    said = facts()
    assert len(said.session) == 16
    turns = [*TURN["messages"], {"role": "assistant", "content": "yes"}, {"role": "user", "content": "more"}]
    assert facts({**TURN, "messages": turns}).session == said.session
    assert facts({"messages": [{"role": "user", "content": "other"}]}).session != said.session
    assert facts({"messages": []}).session == ""


def test_the_minute_of_the_local_day():
    moment = time.mktime((2026, 11, 21, 23, 30, 15, 0, 0, -1))
    assert facts(started_us=int(moment * 1e6)).minute == 23 * 60 + 30


def test_subagents():
    assert not facts(User_Agent=CLAUDE_CODE).subagent
    assert facts(User_Agent=CLAUDE_CODE, X_Claude_Code_Agent_Id="a1").subagent
    assert not facts(User_Agent=CLAUDE_CODE, X_Claude_Code_Agent_Id=" ").subagent
    no_tools = {"messages": TURN["messages"]}
    assert facts(no_tools, User_Agent=CLAUDE_CODE).subagent
    assert not facts(no_tools, User_Agent="curl/8").subagent
    codex = {"input": "x"}
    assert not facts(codex, DialectName.OPENAI_RESPONSES, User_Agent="codex_exec/0.169.0").subagent
    headers = {"User_Agent": "codex_exec/0.169.0", "x_openai_subagent": "review"}
    assert facts(codex, DialectName.OPENAI_RESPONSES, **headers).subagent


@pytest.mark.parametrize("dialect", DialectName)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"tools": 7, "messages": {}}', b"\xff\xfe", b"[" * 5000])
def test_a_malformed_body_says_nothing_and_raises_nothing(dialect, body):
    known = facts(body, dialect)
    assert (known.output_tokens, known.thinking, known.tools, known.web_search) == (0, False, False, False)
    assert (known.image, known.session, known.subagent) == (False, "", False)
    assert known.prompt_tokens >= 1


def test_a_turn_of_a_hundred_kilobytes_takes_well_under_a_millisecond():
    turns = [{"role": "user", "content": [{"type": "text", "text": "word " * 200}]} for _ in range(100)]
    body = json.dumps({**TURN, "messages": turns}).encode()

    def read():
        known = facts(body, User_Agent=CLAUDE_CODE)
        return known.prompt_tokens, known.thinking, known.subagent

    assert min(timeit.repeat(read, number=20, repeat=5)) / 20 < 1e-3
