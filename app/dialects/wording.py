"""Words that a conversion puts where an upstream has no form for something: one wording for every dialect.

The model reads them, so they say what is missing; they are the same in every turn, or no prompt cache would hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.request import Document

BILLING_HEADER = "x-anthropic-billing-header:"
"""How Claude Code's attribution begins; it changes with every request, so it would break any other vendor's cache."""
NO_OUTPUT = "(no output)"
JSON_ONLY = "Reply with one valid JSON object and nothing else."
IMAGE_OMITTED = "[image omitted: this model cannot see images]"

_SAYS_ERROR = re.compile(r"\s*(?:error|<tool_use_error>)", re.IGNORECASE)


def as_error(text: str) -> str:
    """The text of a tool's failure, so that it says that it is one."""
    if _SAYS_ERROR.match(text):
        return text
    return f"Error: {text}" if text else "Error"


def reminder(text: str) -> str:
    """An instruction in mid-conversation, for upstreams that take such only from the user."""
    return f"<system-reminder>\n{text}\n</system-reminder>"


def not_available(tools: Iterable[str]) -> str:
    """A sentence for the system text about tools that were left out."""
    names = ", ".join(sorted(tools))
    return f"These tools are not available here: {names}. Where one would be needed, say that it is not available."


def json_schema_wanted(schema: str) -> str:
    """A sentence for the system text of an upstream that cannot be bound to a schema."""
    return f"{JSON_ONLY} It must match this JSON Schema:\n{schema}"


def opening(document: Document) -> str:
    """The tag before a document's text; `</document>` ends it."""
    named = (("title", document.title), ("context", document.context))
    attributes = "".join(f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in named if value)
    return f"<document{attributes}>"


def file_omitted(document: Document) -> str:
    """Stands for a document that an upstream cannot read."""
    size = len(document.data) * 3 // 4
    title = f' "{document.title}"' if document.title else ""
    return f"[document{title} (PDF, {size} bytes) omitted: this upstream cannot read PDFs]"
