"""Questions to the history: in a thread, and a file that cannot be read is an error with words for the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from app.control.background import in_thread
from app.domain.errors import ErrorKind, PatchbayError
from app.store.queries.reader import HistoryUnavailableError

P = ParamSpec("P")
T = TypeVar("T")


async def asked(question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The answer to a blocking question; raises PatchbayError where the history cannot be read."""
    try:
        return await in_thread(question, *args, **kwargs)
    except HistoryUnavailableError as error:
        raise PatchbayError(ErrorKind.INTERNAL, str(error)) from None
