"""Gemini's `generateContent`: Gemini CLI and the Google GenAI SDKs as clients; Google and its likes as upstreams.

What it is for: `GEMINI`, the dialect in both roles. May import: `app.domain`, the shared files of `app.dialects`,
msgspec. Thread: any; a stream's reader or writer belongs to that stream.

    as a client dialect      request_read (spelling, contents_read, parts_read, tools_read, schema_read,
                             generation_read), reply_write, stream_write, error_write, model_list_write, carried
    as an upstream dialect   request_write (contents_write, parts_write, signatures_back, tools_write, schema,
                             thinking_write, families), reply_read, stream_read (framing, answer_parts, finish_read,
                             grounding, loose, usage_read), models_read, passing
    the wire                 wire_in (what clients send), wire_out (what we send), wire_reply (what upstreams answer)

The model and whether a stream is wanted stand in the path, never in the body. A new generation of Gemini is a line in
`families`; a new member of Google's is a field in `wire_in`.

Decisions: requests are decoded once by structs that refuse what they do not know, and rewritten only where they did
(lost: two names for every field). A call is written when it is complete (lost: `partialArgs`, which clients do not
read). What other vendors want back rides in `thoughtSignature`, for that alone is replayed by Gemini's clients (lost: a
store of our own, which a second machine has not).
"""

from __future__ import annotations

from app.dialects.base import Dialect
from app.dialects.gemini.dialect import Gemini

GEMINI: Dialect = Gemini()
