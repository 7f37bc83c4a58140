"""Whatever a conversion drops or refuses stands in the table of losses."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.dialects import DIALECTS, losses
from app.dialects.base import Dialect
from app.dialects.losses import LOSSES, READ, WRITE, Effect, Loss, Side, explained
from app.domain.errors import PatchbayError
from app.domain.provider import DialectName, Profile
from app.domain.request import Request
from tests.dialects.case_files import Case, of_kind
from tests.dialects.conversations import REQUESTS
from tests.dialects.test_sixteen_roads import MODELS, PROFILES, asked

PACKAGES = Path(losses.__file__).parent
MODULES = sorted(path for path in PACKAGES.rglob("*.py") if path.name != "losses.py")


def pattern(node: ast.expr) -> str:
    """The text of a literal; what is put into it at run time is an asterisk, and so is anything but a literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "*" for one in node.values)
    return "*"


def drops(tree: ast.AST) -> Iterator[str]:
    """Every name that a module drops."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        called, owner = node.func.attr, ast.unparse(node.func.value)
        if called == "drop" or (called == "append" and owner.endswith("dropped")):
            yield pattern(node.args[0])


def refusals(tree: ast.AST) -> Iterator[str]:
    """Every field that a module refuses by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("PatchbayError"):
            if node.args and ast.unparse(node.args[0]).endswith("UNSUPPORTED"):
                yield from (pattern(one.value) for one in node.keywords if one.arg == "param")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "unsupported" and len(node.args) == 2:
            yield pattern(node.args[1])


def known(field: str, effect: Effect, dialect: str) -> bool:
    """Whether a row speaks of what a module names; a name put together at run time is known by its shape."""
    names = [DialectName(dialect)] if dialect in set(DialectName) else list(DialectName)
    sides = [(name, side) for name in names for side in Side]
    if not field.strip("*."):
        return True
    places = [at + field[1:] for at in ("messages.*", "input.*", "contents.*")] if field.startswith("*.") else [field]
    return any(explained(name, side, one.replace("*", "0"), effect) for name, side in sides for one in places)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGES)))
def test_what_a_module_drops_or_refuses_is_in_the_table(module: Path) -> None:
    tree, dialect = ast.parse(module.read_text("utf-8")), module.parent.name
    found = [(field, Effect.DROPPED) for field in drops(tree)] + [(field, Effect.REFUSED) for field in refusals(tree)]
    assert [one for one in found if not known(*one, dialect)] == []


def test_the_modules_name_what_they_drop() -> None:
    """The search above would be worth nothing if it found nothing."""
    every = [field for module in MODULES for field in drops(ast.parse(module.read_text("utf-8")))]
    assert {"tool_choice", "reasoning_effort", "image", "document", "tools[*:]", "stop"} <= set(every)
    assert sum(field == "*" for field in every) <= 8


def lost(client: Dialect, upstream: Dialect, request: Request, model: str, profile: Profile) -> list[str]:
    """What the table does not know of what is lost between a request that was read and the one that is written."""
    sent = attempted(lambda: upstream.write_request(request, model, profile))
    if isinstance(sent, PatchbayError):
        return [] if explained(upstream.name, Side.WRITE, sent.param or "", Effect.REFUSED) else [str(sent.param)]
    unread = [field for field in request.dropped if not explained(client.name, Side.READ, field)]
    written = [field for field in sent.dropped if field not in request.dropped]
    return unread + [field for field in written if not explained(upstream.name, Side.WRITE, field)]


def attempted(what: Callable[[], Any]) -> Any:
    """What it gives, or why it was refused."""
    try:
        return what()
    except PatchbayError as refusal:
        return refusal


@pytest.mark.parametrize("name", of_kind("request"))
def test_what_the_recorded_requests_lose_is_in_the_table(name: str) -> None:
    case = Case(name)
    request = attempted(case.request)
    if isinstance(request, PatchbayError):
        assert explained(case.client.name, Side.READ, request.param or "", Effect.REFUSED)
        return
    assert lost(case.client, case.upstream, request, case.config["target_model"], case.profile) == []


@pytest.mark.parametrize("name", REQUESTS)
def test_what_a_conversation_loses_is_in_the_table(name: str) -> None:
    for client in DIALECTS:
        request = asked(client, REQUESTS[name])
        for upstream in DIALECTS if request else ():
            assert request
            assert lost(client, upstream, request, MODELS[upstream.name], PROFILES[upstream.name]) == []


def test_every_row_says_why_and_none_stands_twice() -> None:
    assert all(loss.why for loss in LOSSES)
    keys = [(loss.dialect, loss.side, loss.field, loss.effect) for loss in LOSSES]
    assert len(keys) == len(set(keys))
    assert {loss.side for loss in READ} == {Side.READ}
    assert {loss.side for loss in WRITE} == {Side.WRITE}


def test_a_row_covers_its_dialect_side_field_and_effect() -> None:
    row = Loss(DialectName.GEMINI, Side.WRITE, "tools[*:]", Effect.DROPPED, "more than it takes")
    assert row.covers(DialectName.GEMINI, Side.WRITE, "tools[128:]", Effect.DROPPED)
    assert not row.covers(DialectName.GEMINI, Side.WRITE, "tools[128]", Effect.DROPPED)
    assert not row.covers(DialectName.OPENAI_CHAT, Side.WRITE, "tools[128:]", Effect.DROPPED)
    assert not row.covers(DialectName.GEMINI, Side.READ, "tools[128:]", Effect.DROPPED)
    assert not row.covers(DialectName.GEMINI, Side.WRITE, "tools[128:]", Effect.REFUSED)
    assert explained(DialectName.GEMINI, Side.WRITE, "no such field") == ""


def test_a_loss_is_told_with_its_reason() -> None:
    fields = ("top_k", "seed")
    assert losses.told(DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES, fields) == (
        "top_k (the upstream takes no such sampling)",
        "seed (only OpenAI's own servers have a use for it; Anthropic's compatible endpoint leaves out the same)",
    )
