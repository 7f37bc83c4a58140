"""A scripted upstream that speaks the four dialects and plays a two-step tool round trip in each.

First turn: it thinks, says a few words and asks for the tools of its script. Second turn: it looks for the tools'
results in what came back and answers with them, so that only a client that really ran the tools can show the right
words. Requests without those tools (titles, summaries, warm-ups) get a short plain answer. It notes every request it
saw and everything about it that the real server would have refused: `*_play.py` says what it answers, `*_rules.py`
what it would refuse and why.
"""

from __future__ import annotations

from tests.e2e.scripted.script import BEFORE, PLAIN, THOUGHT, Ask, Fault, Script
from tests.e2e.scripted.server import serve

__all__ = ["BEFORE", "PLAIN", "THOUGHT", "Ask", "Fault", "Script", "serve"]
