"""The docks that hold the charts: one each, made empty; the chart comes when its dock is first seen."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QShowEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QMenu, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, warm_up
from app.ui.charts import CHARTS, WINDOW_NAMES, WINDOWS_S, ChartEntry
from app.ui.charts.driver import ChartDriver
from app.ui.charts.span import Span
from app.ui.item_list import add_item
from app.ui.style import CAPTION, GRID, Label, font, on_base
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services
    from app.ui.charts.chart import Chart

TITLE_HEIGHT = 30
LEAST_SIZE = (240, 80)
BETWEEN_MS = 50
"""From one chart made to the next: meanwhile the first one is laid out and drawn, which takes as long again."""


def span_menu(span: Span, parent: QWidget) -> QMenu:
    """A menu to choose how much of the past is shown; follows the choice made elsewhere."""
    menu = QMenu("Chart window", parent)
    group, actions = QActionGroup(menu), {}
    for window_s in WINDOWS_S:
        action = add_item(menu, f"Last {WINDOW_NAMES[window_s]}", functools.partial(span.use, window_s))
        action.setCheckable(True)
        group.addAction(action)
        actions[window_s] = action

    def show(window_s: int) -> None:
        actions[window_s].setChecked(True)

    span.changed.connect(show)
    show(span.window_s)
    return menu


class _TitleBar(QWidget):
    """The title, the window of time where there is one, and the buttons; one drags the dock by it."""

    def __init__(self, dock: ChartDock, span: Span) -> None:
        super().__init__(dock)
        self.setFixedHeight(TITLE_HEIGHT)
        on_base(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID + GRID // 2, 4, GRID // 2, 0)
        row.setSpacing(2)
        title = Label(dock.entry.title, strong=True)
        # Qt drags the dock by presses that its title bar leaves alone.
        title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(title)
        row.addStretch(1)
        if dock.entry.windowed:
            row.addWidget(self._span_button(span))
        row.addWidget(self._button("dock-window", "Float or dock", lambda: dock.setFloating(not dock.isFloating())))
        row.addWidget(self._button("close", "Hide this chart", dock.close))

    def _span_button(self, span: Span) -> QToolButton:
        button = QToolButton(self, autoRaise=True)
        button.setFont(font(CAPTION))
        button.setToolTip("How much of the past all charts show")
        menu = span_menu(span, button)
        # Not the button's own menu: the style would draw a second arrow beside that of the text.
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))

        def show(window_s: int) -> None:
            button.setText(f"{WINDOW_NAMES[window_s]} ▾")
            button.setAccessibleName(f"Chart window, {WINDOW_NAMES[window_s]}")

        span.changed.connect(show)
        show(span.window_s)
        return button

    def _button(self, icon: str, tip: str, run: object) -> QToolButton:
        button = QToolButton(self, autoRaise=True)
        button.setToolTip(tip)
        button.setIcon(icons.symbol(icon, "muted"))
        button.setAccessibleName(tip)
        button.clicked.connect(run)
        return button


class ChartDock(QDockWidget):
    """One chart's dock."""

    seen = Signal()
    """Shown while its chart is not made yet."""

    def __init__(self, entry: ChartEntry, span: Span, window: QMainWindow) -> None:
        super().__init__(entry.title, window)
        self.entry = entry
        self.chart: Chart | None = None
        self.setObjectName(f"chart-{entry.name}")
        self.setAccessibleName(entry.title)
        self.setTitleBarWidget(_TitleBar(self, span))
        holder = QWidget()
        on_base(holder)
        holder.setMinimumSize(*LEAST_SIZE)
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setWidget(holder)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the chart."""
        super().showEvent(event)
        if self.chart is None:
            self.seen.emit()

    def hold(self, chart: Chart) -> None:
        """Show this chart from now on."""
        self.chart = chart
        self._column.addWidget(chart)


class ChartDocks(QObject):
    """All chart docks of a window, the driver that draws them and the window of time they share."""

    open_exchange = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, window: QMainWindow) -> None:
        super().__init__(window)
        self._services, self._tasks, self._window = services, tasks, window
        self.span = Span(self)
        self.driver = ChartDriver(self)
        self.docks = tuple(ChartDock(entry, self.span, window) for entry in CHARTS)
        self._warm = False
        # A timer of our own ends with us; a single shot would find the docks gone when the window closed meanwhile.
        self._turn = QTimer(self, singleShot=True, interval=BETWEEN_MS)
        self._turn.timeout.connect(self._make_next)
        for dock in self.docks:
            dock.seen.connect(self._load)
            dock.topLevelChanged.connect(self._floated)
        window.installEventFilter(self)

    def _load(self) -> None:
        if self._warm:
            self._turn.start()
        elif not self._tasks.running(self):
            self._tasks.spawn("load the charts", warm_up.charts(), self, then=self._warmed)

    def _warmed(self, _: object) -> None:
        self._warm = True
        self._turn.start()

    def _make_next(self) -> None:
        """One a turn of the loop: making one takes 15 ms."""
        waiting = [dock for dock in self.docks if dock.chart is None and dock.isVisible()]
        if not waiting:
            return
        chart = waiting[0].entry.load()(self._services, self._tasks, self.span)
        chart.open_exchange.connect(self.open_exchange)
        chart.legend.switched.connect(functools.partial(self.driver.redraw, chart))
        waiting[0].hold(chart)
        self.driver.add(chart)
        self._turn.start()

    def _floated(self, _floating: bool) -> None:  # noqa: FBT001 (the signal's argument)
        self.driver.poke()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that comes back from being minimized is drawn again."""
        if event.type() is QEvent.Type.WindowStateChange:
            self.driver.poke()
        return False
