"""A request that passes through to Google, without the signatures that only we can read.

They are in the history of a client that spoke to another vendor before. Google refuses a signature that it did not make
("Corrupted thought signature") and, of its current turn's first call, a missing one; so a word that it takes instead
stands in the place of ours. Not another byte changes. Source: Google, "Thought signatures".
"""

from __future__ import annotations

import base64
import re

from app.dialects.gemini.signatures_back import SKIP
from app.dialects.signatures import PREFIX

_BEGINNING = base64.b64encode(PREFIX.encode())[:6]
"""How our envelopes begin in base64: six of its letters, of which the rest depends on what follows."""
_OURS = re.compile(rb'("thought(?:Signature|_signature)"[ \t\r\n]*:[ \t\r\n]*")%b[^"]*"' % re.escape(_BEGINNING))


def pass_request(body: bytes) -> bytes:
    """The request as Google may see it; the same object where it holds no signature of ours."""
    if _BEGINNING not in body:
        return body
    return _OURS.sub(rb"\g<1>%b" % SKIP.encode() + b'"', body)
