"""Who comes first, and who may step in: the providers in the user's order, the strategy, and what goes with it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.routing import Strategy
from app.domain.status import AppStatus, ProviderStatus
from app.ui import formats
from app.ui.icons import symbol
from app.ui.models.listed import Listed
from app.ui.models.pins import BY_TIER
from app.ui.models.strategies import STRATEGY_HINTS, STRATEGY_LABELS
from app.ui.models.ways import stop_of
from app.ui.pages.history_settings import line
from app.ui.style import CAPTION, GRID, MARGIN, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.form import Form
from app.ui.widgets.reorder_list import ReorderList

if TYPE_CHECKING:
    from app.control.services import Services

CHECKS_S = (
    (0, "Off"),
    (60, "Every minute"),
    (300, "Every 5 minutes"),
    (900, "Every 15 minutes"),
    (3_600, "Every hour"),
)
AFFINITY_HINT = "So that the provider's prompt cache stays warm. It moves only while its provider cannot answer."
CHECKS_HINT = "Providers that rest, or were not heard of, are asked for their list of models. That costs no tokens."
STEPS_IN = "May stand in for others"
ORDER_HINT = "Drag, or Alt with the arrow keys."


class RoutesOrder(QWidget):
    """A list to put in order, and the choices below it."""

    said = Signal(str)

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self.list = ReorderList("Providers in order", tick_right=True)
        self.up = self._button("Move &up", "arrow-up", -1)
        self.down = self._button("Move &down", "arrow-down", 1)
        self.strategy, self.checks = CalmCombo(), CalmCombo()
        for strategy, label in STRATEGY_LABELS.items():
            self.strategy.addItem(label, strategy.value)
        for seconds, label in CHECKS_S:
            self.checks.addItem(label, seconds)
        self.affinity = QCheckBox("&Keep a conversation where it began")
        self.form = Form(captions=11 * GRID)
        self._lay_out()
        self.list.moved.connect(self._moved)
        self.list.ticked.connect(self._ticked)
        self.list.selected.connect(self._show_buttons)
        self.strategy.activated.connect(self._use_strategy)
        self.checks.activated.connect(self._use_checks)
        self.affinity.clicked.connect(self._use_affinity)

    def _button(self, label: str, icon: str, by: int) -> QPushButton:
        button = QPushButton(label)
        button.setIcon(symbol(icon))
        button.clicked.connect(lambda _checked=False: self.list.step(by))
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, GRID, MARGIN, GRID // 2)
        head.addWidget(Label(ORDER_HINT, scale=CAPTION, role="muted", wrap=True), 1)
        head.addWidget(Label(STEPS_IN, scale=CAPTION, role="muted"))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(MARGIN, GRID, MARGIN, GRID + 4)
        buttons.setSpacing(GRID)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch(1)
        self.strategy_row = self.form.add("strategy", "&Strategy", line(self.strategy), focus=self.strategy)
        self.form.add("affinity", "", self.affinity, hint=AFFINITY_HINT)
        self.affinity.setAccessibleName("Keep a conversation where it began")
        self.form.add("health_check_s", "Health &checks", line(self.checks), focus=self.checks, hint=CHECKS_HINT)
        self.form.setContentsMargins(MARGIN, GRID + 4, MARGIN, MARGIN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        column.addWidget(Hairline())
        column.addWidget(self.form)

    # what is shown

    def show_status(self, status: AppStatus, now_us: int) -> None:
        """Bring everything up to date, in place."""
        ordered = in_order(status)
        self.list.rows.set_rows([_listed(status, one, place, now_us) for place, one in enumerate(ordered, start=1)])
        routing = status.routing
        self.strategy.setCurrentIndex(self.strategy.findData(routing.strategy.value))
        self.strategy_row.set_hint(_strategy_hint(status))
        self.affinity.setChecked(routing.affinity)
        place = self.checks.findData(routing.health_check_s)
        if place < 0:  # somebody wrote another number into the file
            self.checks.addItem(f"Every {routing.health_check_s:,} s", routing.health_check_s)
            place = self.checks.count() - 1
        self.checks.setCurrentIndex(place)
        self._show_buttons()

    def _show_buttons(self) -> None:
        row, count = self.list.row, self.list.rows.rowCount()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    # what is done

    def _moved(self, _row: int, _to: int) -> None:
        self._spawn("change the order", self._services.routes.order(self.list.rows.keys))

    def _ticked(self, row: int, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        name = self.list.rows.keys[row]
        self._spawn(f"change whether {name} may stand in", self._services.routes.failover(name, on))

    def _use_strategy(self, place: int) -> None:
        self._spawn("change the strategy", self._services.routes.strategy(Strategy(self.strategy.itemData(place))))

    def _use_affinity(self, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        self._spawn("change where conversations stay", self._services.routes.affinity(on))

    def _use_checks(self, place: int) -> None:
        self._spawn("change the health checks", self._services.routes.health_checks(int(self.checks.itemData(place))))

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(name, work, self, failed=lambda text: self._failed(name, text))

    def _failed(self, name: str, text: str) -> None:
        """Show again what holds."""
        self.list.rows.set_rows(())
        self.show_status(self._services.status.current, 0)
        self._tasks.failed.emit(f"Could not {name}: {text}")


def in_order(status: AppStatus) -> tuple[ProviderStatus, ...]:
    """The providers in the user's order; who is not named in it comes after, as in the file."""
    order = {name: place for place, name in enumerate(status.routing.order)}
    return tuple(sorted(status.providers, key=lambda one: order.get(one.name, len(order))))


def _listed(status: AppStatus, one: ProviderStatus, place: int, now_us: int) -> Listed:
    stop = stop_of(status, one.name, BY_TIER, place, now_us)
    note = stop.why if stop.word == "resting" else f"{stop.word}: {stop.why}" if stop.why else stop.word
    title = formats.one_line(one.name, 60)
    if one.active and not status.auto:
        note = f"preferred  ·  {note}"
    return Listed(
        one.name, title, note, str(place), one.color, stop.icon, stop.role, ticked=one.failover, tick_words=STEPS_IN
    )


def _strategy_hint(status: AppStatus) -> str:
    hint, name = STRATEGY_HINTS[status.routing.strategy], formats.one_line(status.active, 40)
    if status.auto:
        return hint
    if status.only:
        return f"Not used now: requests go to {name} only."
    if len(status.providers) < 3:
        return f"Not used now: requests go to {name} first, and at most one other stands in for it."
    return f"{hint} It orders those that stand in for {name}."
