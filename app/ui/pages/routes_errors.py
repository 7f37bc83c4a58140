"""The error rules: what providers' errors really mean, in sentences and in the order in which they are looked at."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from app.domain.error_meaning import covered_by
from app.domain.routing import ErrorRule
from app.domain.rule_words import error_rule_words, error_words, meaning_words
from app.domain.status import AppStatus
from app.ui.dialogs.error_rule_editor import open_error_rule
from app.ui.formats import one_line
from app.ui.models.listed import Listed
from app.ui.pages.routes_ordered import WORDS, Ordered, Words
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

ERRORS = Words(
    name="Error rules in order",
    one="error rule",
    add="&Add a rule…",
    hint="The first rule that fits counts. Drag, or Alt with the arrow keys.",
    icon="alert-circle-outline",
    nothing="No error rules",
    about="Patchbay knows what the usual errors of providers mean. Where one of yours means something else, say so "
    "here: a 400 that says “busy” is overload, so another provider is tried instead of the client being told.",
)


class RoutesErrors(Ordered[ErrorRule]):
    """One that never counts, because one before it fits the same errors, says so."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks, ERRORS)

    def _of(self, status: AppStatus) -> tuple[ErrorRule, ...]:
        return status.routing.error_rules

    def _listed(self, place: int) -> Listed:
        rule = self._entries[place]
        title, words = _capital(one_line(error_words(rule), WORDS)), _capital(meaning_words(rule.means))
        covered, number = covered_by(self._entries, place), str(place + 1)
        if covered is None:
            return Listed(str(place), title, words, number)
        never = f"Never counts: rule {covered + 1} fits the same errors"
        return Listed(str(place), title, never, number, icon="triangle", role="warning", on=False)

    def _open(self, place: int | None) -> None:
        open_error_rule(self, self._services, self._tasks, place)

    def _question(self, place: int) -> tuple[str, str]:
        words = one_line(error_rule_words(self._entries[place]), WORDS)
        text = f"“{_capital(words)}” is taken out of patchbay.toml. Such errors then fall to the rules after it, and "
        return f"Remove error rule {place + 1}?", f"{text}without one they mean what they usually do."

    def _put_copy(self, place: int) -> Coroutine[Any, Any, None]:
        return self._services.routes.put_error_rule(self._entries[place], at=place + 1)

    def _take_out(self, place: int) -> Coroutine[Any, Any, None]:
        return self._services.routes.remove_error_rule(place)

    def _move(self, place: int, to: int) -> Coroutine[Any, Any, None]:
        return self._services.routes.move_error_rule(place, to)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
