"""What Responses and Gemini servers refuse, and in which words: each changes one thing of the profile."""

from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.proxy.heal import better_profile

PROFILE = Profile(effort=("minimal", "low", "medium", "high", "xhigh"), user_field="user", top_k=True)


def better(text, param=None, profile=PROFILE):
    return better_profile(PatchbayError(ErrorKind.UPSTREAM_INVALID_REQUEST, text, param=param), profile)


@pytest.mark.parametrize(
    ("text", "param", "key", "value"),
    [
        ("Unsupported parameter: 'reasoning.effort' is not supported with this model.", None, "effort", ()),
        ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature", "sampling", "none"),
        ("Unsupported parameter: 'text.format' is not supported.", "text.format", "response_format", "none"),
        (
            "Your organization must be verified to generate reasoning summaries. Please go to: https://x.example",
            "reasoning.summary",
            "reasoning_summary",
            False,
        ),
        ("Unsupported parameter: 'reasoning.summary' is not supported.", None, "reasoning_summary", False),
        (
            "Invalid JSON payload received. Unknown name \"parametersJsonSchema\" at 'tools[0]': Cannot find field.",
            None,
            "parameters_schema",
            True,
        ),
        ("Function call is missing a thought_signature in functionCall parts.", None, "signed_calls", True),
        ("Thinking level is not supported for this model.", None, "effort", ()),
        ("Thinking budget is not supported for this model.", None, "effort", ()),
    ],
)
def test_a_complaint_changes_one_thing(text, param, key, value):
    changed = better(text, param)
    assert changed is not None
    assert getattr(changed, key) == value
    assert better(text, param, changed) is None


@pytest.mark.parametrize("name", ["reasoning_effort", "reasoning.effort"])
def test_the_efforts_that_are_named_instead_are_taken(name):
    text = (
        f"Unsupported value: '{name}' does not support 'minimal' with this model. "
        "Supported values are: 'high', 'low', and 'medium'."
    )
    changed = better(text, name)
    assert changed is not None
    assert changed.effort == ("low", "medium", "high")
    assert better(text, name, changed) == Profile(user_field="user", top_k=True), "the second time none is sent"
