from __future__ import annotations

import pytest

from app.dialects import DIALECTS
from app.dialects.base import Operation
from app.domain.provider import DialectName
from app.proxy.paths import Paths

PATHS = Paths(DIALECTS)
A, C = DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT


@pytest.mark.parametrize(
    ("path", "anthropic", "dialect", "operation"),
    [
        ("/v1/messages", False, A, Operation.CHAT),
        ("/v1/messages/count_tokens", False, A, Operation.COUNT_TOKENS),
        ("/v1/chat/completions", True, C, Operation.CHAT),
        ("/chat/completions", False, C, Operation.CHAT),
        ("/v1/models", True, A, Operation.MODELS),
        ("/v1/models", False, C, Operation.MODELS),
        ("/v1/models/x", True, A, Operation.MODEL),
        ("/v1/models/x", False, C, Operation.MODEL),
    ],
)
def test_what_a_path_means(path, anthropic, dialect, operation):
    match = PATHS.find(path, anthropic=anthropic)[0]
    assert (match.dialect.name, match.operation) == (dialect, operation)
    assert PATHS.voice(path, anthropic=anthropic).name is dialect


def test_a_model_may_hold_what_a_path_may_not():
    assert PATHS.find("/v1/models/a%2Fb%3A1/c", anthropic=True)[0].model == "a/b:1/c"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/messages/", "/v1/models/", "/V1/messages", "/v1//messages", ""])
def test_what_is_no_path(path):
    assert PATHS.find(path, anthropic=False) == ()


@pytest.mark.parametrize(
    ("path", "anthropic", "dialect"), [("/x", False, C), ("/x", True, A), ("/v1/messages/x", False, A)]
)
def test_who_speaks_about_an_unknown_path(path, anthropic, dialect):
    assert PATHS.voice(path, anthropic=anthropic).name is dialect


def test_a_program_of_one_dialect_speaks_that():
    assert Paths(DIALECTS[:1]).voice("/x", anthropic=False) is DIALECTS[0]
