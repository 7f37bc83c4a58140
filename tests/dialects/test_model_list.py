from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from anthropic.types import ModelInfo
from openai.types import Model

from app.dialects.base import ModelEntry
from app.dialects.model_list import read_models, write_model, write_models
from app.domain.errors import ErrorKind, PatchbayError

MODELS = (ModelEntry("claude-x", "Claude X", "Demo", 1_760_000_000), ModelEntry("gpt-y", "", "OpenAI", 0))


def test_both_sdks_read_every_entry() -> None:
    listed = json.loads(write_models(MODELS))
    for entry, model in zip(listed["data"], MODELS, strict=True):
        ours = ModelInfo.model_validate(entry, strict=False)
        assert (ours.id, ours.display_name) == (model.id, model.label or model.id)
        assert ours.created_at == datetime.fromtimestamp(model.created_s, UTC)
        theirs = Model.model_validate(entry)
        assert (theirs.id, theirs.created, theirs.owned_by) == (model.id, model.created_s, model.owner)


def test_the_list_has_the_members_of_both_vendors() -> None:
    listed = json.loads(write_models(MODELS))
    assert listed["object"] == "list"
    assert (listed["has_more"], listed["first_id"], listed["last_id"]) == (False, "claude-x", "gpt-y")
    assert listed["data"][0]["created_at"] == "2025-10-09T08:53:20Z"


def test_no_model_is_a_list_too() -> None:
    assert json.loads(write_models(())) == {
        "object": "list",
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }


def test_one_model_is_its_entry() -> None:
    assert json.loads(write_model(MODELS[0])) == json.loads(write_models(MODELS))["data"][0]
    assert json.loads(write_model(ModelEntry("m", "", "", 10**15)))["created_at"] == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    "body",
    [
        b'{"object":"list","data":[{"id":"a","created":1},{"id":"b"},{"id":"a"}]}',
        b'{"data":[{"id":"a","type":"model"},{"id":"b"}],"has_more":false}',
        b'{"models":[{"name":"models/a"},{"name":"b"},{}]}',
        b'[{"id":"a"},{"id":"b"}]',
    ],
)
def test_an_upstreams_list_is_read_in_every_shape(body: bytes) -> None:
    assert read_models(body) == ("a", "b")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data":"x"}', b'{"data":[7]}', b'"x"', b"\xff"])
def test_what_is_no_list_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(PatchbayError) as raised:
        read_models(body)
    assert raised.value.kind is ErrorKind.BAD_REPLY
