from __future__ import annotations

from app.control.conversation import conversation
from app.ui.pages.detail.turns import pieces, split, summary
from tests.fakes import sample
from tests.fakes.conversations import ANSWER, SYSTEM, agent_detail

READ = conversation(agent_detail(sample.rows(3)[2]))


def text(*, whole):
    return "".join(piece.text for piece in pieces(READ, whole=whole))


def test_the_newest_turns_begin_after_the_models_last_word():
    earlier, newest = split(READ)
    assert [turn.speaker for turn in newest] == ["tool", "assistant"]
    assert newest[-1].is_reply
    assert len(earlier) == 21


def test_what_stands_before_is_summed_up():
    assert summary(READ).replace("\u00a0", " ") == "System prompt 3.72 kB  ·  5 tools  ·  20 earlier turns"


def test_only_the_newest_are_shown_at_first():
    shown = text(whole=False)
    assert shown.startswith("Tool\nResult\ndef get(self")
    assert "Thinking\nAll tests pass; I should sum up" in shown
    assert ANSWER in shown
    assert 'Calls Bash\n{\n  "command": "ruff format --check app"' in shown
    assert SYSTEM[:30] not in shown


def test_the_whole_conversation_begins_with_tools_and_system():
    shown = text(whole=True)
    assert shown.startswith("Tools offered: Bash, Edit, Glob, Grep, Read\n\nSystem\n")
    assert shown.index("Add a timeout") < shown.index("Show me the function") < shown.index(ANSWER[:20])


def test_every_piece_of_a_turn_bears_its_speaker_and_kind():
    styles = {piece.style for piece in pieces(READ, whole=True)}
    assert {"note", "user-name", "assistant-thinking", "tool-tool_result", "assistant-title", "gap"} <= styles
