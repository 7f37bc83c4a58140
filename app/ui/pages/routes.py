"""Which request goes where: a picture of it, and beside it what decides: order, rules, pins, and a place to try it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.status import AppStatus
from app.ui import formats
from app.ui.models.ways import Kind, next_change_us, picture, usual_words
from app.ui.pages import Page
from app.ui.pages.routes_errors import RoutesErrors
from app.ui.pages.routes_order import RoutesOrder
from app.ui.pages.routes_pins import RoutesPins
from app.ui.pages.routes_rules import RoutesRules
from app.ui.pages.routes_try import RoutesTry
from app.ui.style import GRID, MARGIN, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.dot import dot
from app.ui.widgets.empty import Empty
from app.ui.widgets.halves import Halves
from app.ui.widgets.scroll import Fitted
from app.ui.widgets.way_view import WayView

if TYPE_CHECKING:
    from app.control.services import Services

PICTURE_WIDTH, SIDE_WIDTH = 46 * GRID, 56 * GRID
LONGEST_WAIT_MS = 3_600_000
AUTO = "Auto"
WAITS_FOR_OTHERS = "Another provider steps in while it cannot answer. Running answers end where they began."
NOBODY_ELSE = "Requests fail while it cannot answer."
AUTO_WORDS = "All providers that may stand in for others are asked, as the strategy says."


class RoutesPage(Page):
    """The picture on the left; what decides on the right."""

    name, title, icon = "routes", "Routes", "directions-fork"

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks)
        self._drawn: tuple[object, ...] = ()
        self._rest_ends = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._rest_ends.timeout.connect(lambda: self._status_changed(services.status.current))

    def parts(self) -> Iterator[None]:
        """The picture, each part beside it, and what they show."""
        services, tasks = self._services, self._tasks
        self.preferred = CalmCombo()
        self.preferred.setAccessibleName("Requests go to")
        self.preferred.setMinimumWidth(26 * GRID)
        self.only = QCheckBox("&Only this one")
        self.words = Label(role="muted", wrap=True)
        self.view = WayView("Where requests go")
        self.empty = Empty("directions-fork")
        self.empty.say(
            "Nothing to route yet",
            "Add a provider first. Then this page shows which request goes to which model, and who steps in.",
            ("&Add a provider…", lambda: self.go_to.emit("providers", "add")),
        )
        yield
        self.order = RoutesOrder(services, tasks)
        yield
        self.rules = RoutesRules(services, tasks)
        yield
        self.pins = RoutesPins(services, tasks)
        yield
        self.errors = RoutesErrors(services, tasks)
        yield
        self.attempt = RoutesTry(services)
        yield
        yield from self._lay_out()
        self._connect()
        yield
        yield from self._show(services.status.current)
        stop = services.status.subscribe(self._status_changed)
        self.destroyed.connect(lambda *_: stop())
        self._status_changed(services.status.current)  # it may be another by now

    def _lay_out(self) -> Iterator[None]:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName("What decides")
        parts: tuple[tuple[QWidget, str], ...] = (
            (self.order, "Order"),
            (self.rules, "Rules"),
            (self.pins, "Pins"),
            (self.errors, "Errors"),
            (self.attempt, "Try it"),
        )
        self._sheets: dict[QWidget, Fitted] = {}
        for part, title in parts:
            self._sheets[part] = Fitted(part)
            self.tabs.addTab(self._sheets[part], title)
            yield
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(Hairline())
        self._halves = Halves(self.view, "Picture", self.tabs, (PICTURE_WIDTH, SIDE_WIDTH))
        column.addWidget(self._halves, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(whole)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _head(self) -> QHBoxLayout:
        caption = Label("&Requests go to")
        caption.setBuddy(self.preferred)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, GRID + 4, MARGIN, GRID + 4)
        head.setSpacing(GRID)
        for widget in (caption, self.preferred, self.only):
            head.addWidget(widget)
        head.addSpacing(GRID)
        head.addWidget(self.words, 1)
        return head

    def _connect(self) -> None:
        self.preferred.activated.connect(self._prefer)
        self.only.clicked.connect(self._only)
        self.view.opened.connect(self._open)
        self.view.chosen.connect(self._choose)
        for part in (self.order, self.rules, self.pins, self.errors):
            part.said.connect(self.said)

    # what is shown

    def _status_changed(self, status: AppStatus) -> None:
        for _ in self._show(status):
            pass

    def _show(self, status: AppStatus) -> Iterator[None]:
        """Bring everything up to date, part by part."""
        now_us = time.time_ns() // 1_000
        end_us = next_change_us(status, now_us)
        if end_us:
            self._rest_ends.start(min(LONGEST_WAIT_MS, (end_us - now_us) // 1_000 + 1))
        # Whatever else changes (requests in flight, today's cost) leaves this page as it is.
        drawn = (status.providers, status.routing, status.resting, status.auto, status.only, status.active)
        settings = (status.tiers, status.base_url, status.windows, end_us)
        if (*drawn, *settings) == self._drawn:
            return
        self._drawn = (*drawn, *settings)
        self._stack.setCurrentIndex(0 if status.providers else 1)
        if not status.providers:
            return
        self._show_preferred(status)
        self.view.ways.set_ways(picture(status, self._services.routes.usual, now_us))
        yield
        self.order.show_status(status, now_us)
        yield
        counted = (
            (self.rules, "Rules", len(status.routing.rules)),
            (self.pins, "Pins", len(status.routing.pins)),
            (self.errors, "Errors", len(status.routing.error_rules)),
        )
        for part, title, count in counted:
            part.show_status(status)
            self.tabs.setTabText(self.tabs.indexOf(self._sheets[part]), f"{title} {count}" if count else title)
            yield
        self.attempt.show_status(status)

    def _show_preferred(self, status: AppStatus) -> None:
        wanted = ["", *(one.name for one in status.providers)]
        box = self.preferred
        if [box.itemData(place) for place in range(box.count())] != wanted:
            box.clear()
            box.addItem(AUTO, "")
            for one in status.providers:
                box.addItem(dot(one.color), formats.one_line(one.name, 40), one.name)
        box.setCurrentIndex(0 if status.auto else max(0, box.findData(status.active)))
        self.only.setEnabled(not status.auto)
        self.only.setChecked(status.only and not status.auto)
        name = formats.one_line(status.active, 40)
        if status.auto:
            self.words.setText(AUTO_WORDS)
        else:
            self.words.setText(f"{name} alone. {NOBODY_ELSE}" if status.only else WAITS_FOR_OTHERS)
        self.preferred.setAccessibleDescription(usual_words(status))

    # what is done

    def _prefer(self, place: int) -> None:
        name = str(self.preferred.itemData(place))
        self._show_preferred(self._services.status.current)  # it moves when the choice has been made
        self._tasks.spawn(f"switch to {name or AUTO}", self._services.routes.use(name), self)

    def _only(self, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        self.only.setChecked(self._services.status.current.only)
        self._tasks.spawn("change who may step in", self._services.routes.only(on), self)

    def _choose(self, kind: Kind, key: str) -> None:
        if kind is Kind.RULE:
            self.rules.select(int(key))
        elif kind is Kind.PIN:
            self.pins.select(key)

    def _open(self, kind: Kind, key: str) -> None:
        self._choose(kind, key)
        if kind is Kind.RULE:
            self._show_part(self.rules)
            self.rules.edit_selected()
        elif kind is Kind.PIN:
            self._show_part(self.pins)
            self.pins.edit_selected()
        elif kind is Kind.TIER and not self._services.status.current.auto:
            self.go_to.emit("providers", self._services.status.current.active)

    # what the window asks

    def arrive(self, argument: str) -> None:
        """Lead to a part ("order", "rules", "pins", "errors", "try"), or to a new one ("rule", "pin", "error")."""
        parts: dict[str, QWidget] = {
            "order": self.order,
            **dict.fromkeys(("rules", "rule"), self.rules),
            **dict.fromkeys(("pins", "pin"), self.pins),
            **dict.fromkeys(("errors", "error"), self.errors),
            "try": self.attempt,
        }
        adds = {"rule": self.rules.add_one, "pin": self.pins.add_one, "error": self.errors.add_one}
        part = parts.get(argument)
        if part is not None and self._services.status.current.providers:
            self._show_part(part)
            if argument in adds:
                adds[argument]()

    def _show_part(self, part: QWidget) -> None:
        self.tabs.setCurrentWidget(self._sheets[part])

    def refresh(self) -> None:
        """F5: read patchbay.toml anew."""
        self._tasks.spawn("read patchbay.toml", self._services.settings.reload(), self)

    def save_layout(self) -> bytes:
        """Where the two halves meet."""
        return self._halves.state()

    def restore_layout(self, state: bytes) -> None:
        """Put it back."""
        if state:
            self._halves.restore(state)
