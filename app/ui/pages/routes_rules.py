"""The rules: which requests go elsewhere, in sentences and in the order in which they are looked at."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.domain.routing import Rule
from app.domain.rule_words import rule_words
from app.domain.status import AppStatus
from app.ui.dialogs.rule_editor import open_rule
from app.ui.formats import one_line
from app.ui.models.listed import Listed
from app.ui.pages.routes_ordered import WORDS, Ordered, Words
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

RULES = Words(
    name="Rules in order",
    one="rule",
    add="&Add a rule…",
    hint="The first rule that fits counts. Drag, or Alt with the arrow keys; Space switches one on or off.",
    icon="call-split",
    nothing="No rules",
    about="Without rules every request goes the usual way. A rule sends some of them elsewhere: long prompts to a "
    "model with room for them, side tasks to a cheap one, one project to a model on this machine.",
    note_lines=2,
)


class RoutesRules(Ordered[Rule]):
    """They bear a tick each: one that is switched off stays in its place."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks, RULES)
        self.list.ticked.connect(self._ticked)

    def _of(self, status: AppStatus) -> tuple[Rule, ...]:
        return status.routing.rules

    def _listed(self, place: int) -> Listed:
        rule = self._entries[place]
        title, words, number = _title(place, rule), one_line(rule_words(rule), WORDS), str(place + 1)
        words, title = words[:1].upper() + words[1:], title[:1].upper() + title[1:]
        return Listed(str(place), title, words, number, ticked=rule.enabled, tick_words="switched on", on=rule.enabled)

    def _open(self, place: int | None) -> None:
        open_rule(self, self._services, self._tasks, place)

    def _question(self, place: int) -> tuple[str, str]:
        rule = self._entries[place]
        words = one_line(rule_words(rule), WORDS)
        text = f"The rule “{words}” is taken out of patchbay.toml. Its requests then go on to the rules after it."
        return f"Remove {_title(place, rule)}?", text

    def _put_copy(self, place: int) -> Coroutine[Any, Any, None]:
        rule = self._entries[place]
        name = f"{rule.name} copy" if rule.name else ""
        return self._services.routes.put_rule(replace(rule, name=name), at=place + 1)

    def _take_out(self, place: int) -> Coroutine[Any, Any, None]:
        return self._services.routes.remove_rule(place)

    def _move(self, place: int, to: int) -> Coroutine[Any, Any, None]:
        return self._services.routes.move_rule(place, to)

    def _ticked(self, row: int, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        rule = replace(self._entries[row], enabled=on)
        self._spawn("switch the rule", self._services.routes.put_rule(rule, replaces=row))


def _title(place: int, rule: Rule) -> str:
    return one_line(rule.name, 60) or f"rule {place + 1}"
