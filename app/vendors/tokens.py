"""How many tokens a text has, counted with OpenAI's tables, which lie inside a package; nothing is downloaded.

No other vendor publishes its tokenizer, so their models' counts are this one times a factor. Every number from here is
an estimate and must be shown as one.
"""

from __future__ import annotations

import functools
import math
import re
import threading
import warnings
from collections.abc import Iterable, Iterator
from typing import Protocol


class _Tokenizer(Protocol):
    def count(self, text: str) -> int: ...


OLDER_CLAUDE = 1.15
NEWER_CLAUDE = 1.35
"""Anthropic's own word on its tokenizers since Opus 4.7: 1.0 to 1.35 times the tokens of the one before."""
_OLDEST_OF_THE_NEWER = (4, 7)
_CLAUDE = re.compile(r"claude[a-z-]*?-?(\d{1,2})(?:[.-](\d{1,2})(?!\d))?")
_SLICE_CHARS = 32 * 1024
"""Counting holds the interpreter: 32 kB are a millisecond, after which others may run."""
_LOADING = threading.Lock()


def count(texts: Iterable[str], model: str) -> int:
    """The tokens of some texts as a model would count them, roughly.

    The first call loads the tables (0.7 s, 90 MB), and a megabyte takes 30 ms: a thread's work.
    """
    tokenizer = _tokenizer()
    counted = sum(tokenizer.count(one) for text in texts for one in _slices(text))
    return math.ceil(counted * factor(model))


def factor(model: str) -> float:
    """How many tokens a model makes of what OpenAI's models make one of."""
    found = _CLAUDE.search(model.lower())
    if found is None:
        return NEWER_CLAUDE if "claude" in model.lower() else 1.0
    version = (int(found[1]), int(found[2] or 0))
    return NEWER_CLAUDE if version >= _OLDEST_OF_THE_NEWER else OLDER_CLAUDE


def _slices(text: str) -> Iterator[str]:
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair, which the tokenizer refuses
    for start in range(0, len(text), _SLICE_CHARS):
        yield text[start : start + _SLICE_CHARS]


def _tokenizer() -> _Tokenizer:
    with _LOADING:  # a client asks a dozen times at once; one loads
        return _loaded()


@functools.cache
def _loaded() -> _Tokenizer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it opens its files in a way that Python 3.11 calls old
        # The counter alone: the package's own class makes a list of every token.
        from bpe_openai import registry
        from bpe_openai._bindings import tokenizer_for_encoding
    # Its import reads the tables of three encodings into dictionaries (40 MB) that counting does not need.
    for known in (*registry.ENCODING_CONSTRUCTORS.values(), registry._load_mergeable_ranks):  # noqa: SLF001 (no other way)
        known.cache_clear()
    found: _Tokenizer = tokenizer_for_encoding("o200k_base")
    return found
