from __future__ import annotations

import json

from app.dialects.base import ModelEntry
from app.dialects.gemini import GEMINI


def test_a_list_has_no_next_page():
    assert json.loads(GEMINI.write_models([])) == {"models": []}


def test_a_model_bears_its_name_and_the_limits_that_are_known():
    known = ModelEntry("openai/gpt-5", "GPT 5", "openai", 5, 400_000, 128_000)
    assert json.loads(GEMINI.write_model(known)) == {
        "name": "models/openai/gpt-5",
        "displayName": "GPT 5",
        "inputTokenLimit": 400_000,
        "outputTokenLimit": 128_000,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
    assert set(json.loads(GEMINI.write_models([ModelEntry("m", "", "o", 5)]))["models"][0]) == {
        "name",
        "displayName",
        "supportedGenerationMethods",
    }


def test_what_is_listed_is_read_back():
    entries = [ModelEntry("a/b", "B", "a", 5), ModelEntry("c", "", "d", 6)]
    assert GEMINI.read_models(GEMINI.write_models(entries)) == ("a/b", "c")
