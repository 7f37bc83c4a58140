"""OpenAI's Chat Completions, the language of most upstreams and many clients, in both roles.

What it is for: `OPENAI_CHAT`, a `base.Dialect`. May import: `app.domain`, what the dialects share, msgspec.
Thread: any; a stream's reader or writer belongs to that stream.

Where what is:
  as the client's dialect    request_read, messages_read, tools_read; reply_write, stream_write, errors
  as the upstream's dialect  request_write, messages_write, parts_write, repair, tools_write, schema, effort;
                             stream_read (with blocks, calls, reasoning, content, plain, loose), reply_read, usage,
                             errors
  the wire                   wire (requests), wire_reply (answers), finish (why an answer ended)

Adding a vendor's habit: a field in `wire_reply`, read in `stream_read`; a difference in requests is a key of
`domain.provider.Profile`, never a vendor's name in the code.

Decisions: a whole answer is read as a stream of one chunk, so each server's habits are known once (lost: two readers
that drift apart). Text chunks are decoded by structs that fit nothing else (lost: one decoder with ten questions per
chunk). A stream that ends with neither a finish reason nor `[DONE]` was cut (lost: guessing that it was not).
"""

from __future__ import annotations

from app.dialects.base import Dialect
from app.dialects.openai_chat.dialect import OpenAIChat

OPENAI_CHAT: Dialect = OpenAIChat()
