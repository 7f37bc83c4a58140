from __future__ import annotations

import pytest

from app.control.asking import asked
from app.domain.errors import ErrorKind, PatchbayError
from app.store.queries.reader import HistoryUnavailableError


async def test_answers_come_back_and_other_errors_stay_what_they_are():
    assert await asked(sum, (1, 2)) == 3
    with pytest.raises(ZeroDivisionError):
        await asked(divmod, 1, 0)


async def test_a_history_that_cannot_be_read_is_an_error_with_words():
    def question():
        raise HistoryUnavailableError("history.db cannot be read: damaged")

    with pytest.raises(PatchbayError, match="damaged") as caught:
        await asked(question)
    assert caught.value.kind is ErrorKind.INTERNAL
