"""An exchange's bodies as a conversation that a person can read.

What it is for: the detail view and `patchbay` exports for people; it observes and is never on the request's path. May
import: domain. Thread: an executor's, never the loop's; a conversation of a coding agent is often half a megabyte.

Every reader is tolerant: JSON of any shape, cut streams and unknown blocks give fewer or opaque blocks, never an
exception. Adding a dialect is one function in `request.py` and one in `reply.py`, listed in the table there.

Decisions: plain `json` and not the dialect packages, because those refuse what they cannot carry and this shows what
was there (control may not import dialects either); large bodies go through the standard library's decoder in Python,
which is slower but lets the loop's thread run, where the C scanner would hold it for the whole body.
"""

from __future__ import annotations

from app.control.conversation.breath import Breath
from app.control.conversation.loose import plain_body
from app.control.conversation.reading import conversation, side_of
from app.control.conversation.turns import Block, BlockKind, Conversation, Speaker, Turn

__all__ = ["Block", "BlockKind", "Breath", "Conversation", "Speaker", "Turn", "conversation", "plain_body", "side_of"]
