from __future__ import annotations

from app.domain.provider import AuthStyle, DialectName, Profile, Provider
from app.domain.route import Target
from app.domain.routing import Choice, Group, Plan


def test_a_choice_as_it_stands_in_the_file():
    assert str(Choice("OpenRouter", "z-ai/glm-5:free")) == "OpenRouter:z-ai/glm-5:free"
    assert str(Choice("Ollama")) == "Ollama"


def test_the_targets_of_a_plan_are_those_of_its_groups_in_order():
    one = Provider("A", "v", "http://127.0.0.1:1", DialectName.OPENAI_CHAT, AuthStyle.BEARER, Profile())
    first, second, third = (Target(one, model) for model in "xyz")
    assert Plan((Group((first, second)), Group((third,))), "auto").targets == (first, second, third)
    assert Plan((), "auto").targets == ()
