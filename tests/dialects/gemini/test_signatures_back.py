from __future__ import annotations

from app.dialects import signatures
from app.dialects.gemini.signatures_back import SKIP
from app.domain.request import Message, Part, Role, Text, Thinking, ToolCall
from tests.dialects.gemini.answers import envelope
from tests.dialects.gemini.turns import OLDER, assistant, contents, result, user


def turn(*said: Part, model: str = "gemini-3.8-flash") -> list[dict[str, object]]:
    """The parts of the model's turn, with results for its calls after it."""
    answers = tuple(result(part.id, "r") for part in said if isinstance(part, ToolCall))
    found = contents(user("q"), assistant(*said), Message(Role.USER, answers or (Text("on"),)), model=model)
    return list(found[1]["parts"])


def signs(*said: Part, model: str = "gemini-3.8-flash") -> list[object]:
    return [part.get("thoughtSignature") for part in turn(*said, model=model)]


def test_a_call_s_own_signature_goes_back_with_it():
    assert signs(ToolCall("1", "f", "{}", signature=envelope("c2ln")), ToolCall("2", "f", "{}")) == ["c2ln", None]
    assert signs(ToolCall("1", "f", "{}", signature=envelope("b25l")), model=OLDER) == [None]


def test_the_thinking_before_a_call_carries_it_too():
    assert signs(Thinking("hm", envelope("c2ln")), ToolCall("1", "f", "{}"), ToolCall("2", "f", "{}")) == ["c2ln", None]
    both = (Thinking("", envelope("b3RoZXI=")), ToolCall("1", "f", "{}", signature=envelope("c2ln")))
    assert signs(*both) == ["c2ln"]


def test_each_call_gets_what_stands_before_it():
    said = (Thinking("", envelope("QQ==")), ToolCall("1", "f", "{}"), Thinking("", envelope("Qg==")))
    assert signs(*said, ToolCall("2", "f", "{}")) == ["QQ==", "Qg=="]


def test_a_text_gets_its_own_back():
    assert turn(Thinking("hm", envelope("c2ln")), Text("a")) == [{"text": "a", "thoughtSignature": "c2ln"}]


def test_a_text_never_gets_the_signature_of_a_call_behind_it():
    call = ToolCall("1", "f", "{}", signature=envelope("c2ln"))
    assert signs(Thinking("hm", envelope("c2ln")), Text("a"), call) == [None, "c2ln"]
    assert signs(Thinking("hm", envelope("b3Ro")), Text("a"), call) == ["b3Ro", "c2ln"]


def test_where_a_signature_is_lost_the_first_call_says_so():
    assert signs(ToolCall("1", "f", "{}"), ToolCall("2", "f", "{}")) == [SKIP, None]
    assert signs(ToolCall("1", "f", "{}"), ToolCall("2", "f", "{}", signature=envelope("c2ln"))) == [SKIP, "c2ln"]
    assert signs(Text("a"), ToolCall("1", "f", "{}")) == [None, SKIP]


def test_models_that_demand_none_get_none():
    assert signs(ToolCall("1", "f", "{}"), model=OLDER) == [None]


def test_nobody_gets_a_signature_that_he_did_not_make():
    strange = (
        signatures.wrap("gemini", "gemini-3.1-pro-preview", b'"c2ln"'),
        signatures.wrap("openrouter", "gemini-3.8-flash", b'"c2ln"'),
        signatures.wrap("gemini", "gemini-3.8-flash", b'[{"type":"x"}]'),
        signatures.wrap("gemini", "gemini-3.8-flash"),
        "ErUB-anthropic",
        "pxy1.damaged",
        "",
    )
    for one in strange:
        assert signs(Thinking("hm", one), ToolCall("1", "f", "{}", signature=one)) == [SKIP]
        assert turn(Thinking("hm", one), Text("a")) == [{"text": "a"}]


def test_thinking_itself_is_never_sent():
    assert turn(Thinking("secret", envelope("c2ln")), Thinking(redacted="x"), Text("a"))[0]["text"] == "a"
    assert len(contents(user("q"), assistant(Thinking("secret", envelope("c2ln"))), user("on"))) == 1
