"""OpenAI's Responses, the only language of Codex, in both roles.

What it is for: `OPENAI_RESPONSES`, a `base.Dialect`. May import: `app.domain`, what the dialects share, msgspec.
Thread: any; a stream's reader or writer belongs to that stream.

Where what is:
  as the client's dialect    request_read, items_read (with hosted_read, files_read), tools_read, echo, compact;
                             reply_write, output_items, stream_write, stream_items, ids, usage, error_write; sealed
  as the upstream's dialect  request_write, items_write, parts_write, tools_write, passing; reply_read, stream_read
                             (with answer and its likes), usage_read
  the wire                   wire_in (requests of clients), wire_out (ours), wire_answer (answers)

Adding an item: a struct in `wire_in`, a reader in `items_read`; one that only OpenAI can make is a name in
`hosted_read` and becomes a short text.

Decisions: items in a row become one message, because chat and Anthropic upstreams answer 400 to an answer in pieces
(lost: a message for each item). A tool search that the client runs itself becomes a function, so that Codex finds its
deferred tools over any upstream (lost: dropping it). Reasoning and summaries travel in `encrypted_content` as
envelopes of ours with their text inside (lost: trusting a client to repeat the summary to the letter). A call that
was cut off is never called done, for Codex runs what is done.
"""

from __future__ import annotations

from app.dialects.openai_responses.dialect import OpenAIResponses

OPENAI_RESPONSES = OpenAIResponses()
