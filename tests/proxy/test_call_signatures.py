from __future__ import annotations

from app.domain.request import Message, Request, Role, Text, ToolCall
from app.proxy.call_signatures import CallSignatures


def request(*calls):
    return Request("m", (Message(Role.USER, (Text("Hi"),)), Message(Role.ASSISTANT, (Text("Well"), *calls))))


def signatures(found):
    return [part.signature for message in found.messages for part in message.parts if isinstance(part, ToolCall)]


def test_a_call_that_comes_back_bare_gets_its_signature_again():
    kept = CallSignatures()
    kept.remember("call_1", "sig 1")
    asked = request(
        ToolCall("call_1", "f", "{}"), ToolCall("call_2", "f", "{}"), ToolCall("call_1", "f", "{}", signature="own")
    )
    filled = kept.fill(asked)
    assert signatures(filled) == ["sig 1", "", "own"]
    assert filled.messages[0] is asked.messages[0]
    assert filled.messages[1].parts[0] == Text("Well")


def test_a_request_without_known_calls_stays_what_it_is():
    kept = CallSignatures()
    asked = request(ToolCall("call_1", "f", "{}"))
    assert kept.fill(asked) is asked
    kept.remember("call_9", "sig")
    kept.remember("", "sig")
    kept.remember("call_8", "")
    assert kept.fill(asked) is asked


def test_the_longest_unused_one_makes_room():
    kept = CallSignatures(most=2)
    kept.remember("a", "1")
    kept.remember("b", "2")
    kept.fill(request(ToolCall("a", "f", "{}")))
    kept.remember("c", "3")
    assert signatures(kept.fill(request(*(ToolCall(one, "f", "{}") for one in "abc")))) == ["1", "", "3"]


def test_the_newest_word_counts_and_bytes_are_bounded():
    kept = CallSignatures(most_bytes=20)
    kept.remember("a", "x" * 10)
    kept.remember("a", "y" * 10)
    assert signatures(kept.fill(request(ToolCall("a", "f", "{}")))) == ["y" * 10]
    kept.remember("b", "z" * 12)
    assert signatures(kept.fill(request(*(ToolCall(one, "f", "{}") for one in "ab")))) == ["", "z" * 12]
    kept.remember("c", "w" * 100)
    assert signatures(kept.fill(request(*(ToolCall(one, "f", "{}") for one in "abc")))) == ["", "", ""]
