from __future__ import annotations

import pytest

from app.domain.error_words import in_words
from app.domain.errors import ErrorKind


@pytest.mark.parametrize("kind", ErrorKind)
def test_no_kind_is_shown_as_a_code(kind):
    assert "_" not in in_words(kind.word)


def test_known_ones_have_words_and_sentences_stay():
    assert in_words("billing") == "quota used up"
    assert in_words("model_not_found") == "model not found"
    assert in_words("") == ""
    assert in_words("Overloaded: the max_tokens are gone") == "Overloaded: the max_tokens are gone"
