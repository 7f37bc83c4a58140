"""The window: rail, notices, pages, chart docks, state line. Closing it is for `Desktop` to decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.domain.exchange import Filter
from app.domain.status import AppStatus, Notice, Severity
from app.ui import icons, pages
from app.ui.ahead import Ahead
from app.ui.charts.dock import ChartDocks
from app.ui.commands import Commands
from app.ui.in_parts import InParts
from app.ui.layout import Layout
from app.ui.menus import Menus, keep_out_of_context_menu
from app.ui.notices import NoticesBar
from app.ui.pages import Page
from app.ui.rail import Rail
from app.ui.state_line import StateLine
from app.ui.tasks import Tasks
from app.ui.widgets.scroll import Fitted

if TYPE_CHECKING:
    from app.control.services import Services

FIRST_SIZE = QSize(1200, 800)
LEAST_SIZE = QSize(704, 200)
"""Of a page, whichever is shown: it scrolls where it needs more, so that the window never grows by a page."""
LIVE, WELCOME = "live", "welcome"
_CHARTS_SHARE = 0.62
"""Of the height of the page `live` at its first showing."""
_BESIDE_WIDTH = 400


class MainWindow(InParts, QMainWindow):
    """Everything a person sees beside the tray."""

    closing = Signal()
    """The user closes the window; whether that hides it or ends the program is not decided here."""

    def __init__(self, services: Services, tasks: Tasks, commands: Commands, layout: Layout) -> None:
        super().__init__()
        self._services, self._tasks, self._layout = services, tasks, layout
        self.commands = commands
        self._classes = pages.load()
        self.rail_pages = tuple(page for page in self._classes if page.in_rail)
        self._pages: dict[str, Page] = {}
        """Those that are begun."""
        self._frames: dict[str, Fitted] = {}
        """Those that are whole."""
        self._current = ""
        self._shown: AppStatus | None = None
        self._floating: list[QDockWidget] = []
        self.may_close = False
        """Set when the program ends; until then closing is only a wish."""
        self.setWindowTitle("Patchbay")
        self.setWindowIcon(icons.mark())
        self.setDockOptions(self.DockOption.AllowNestedDocks | self.DockOption.AllowTabbedDocks)
        keep_out_of_context_menu(self)
        self._ahead = Ahead(self._others(), self)

    def parts(self) -> Iterator[None]:
        """The bars, the docks, the menus and the first page."""
        self.rail = Rail(self.rail_pages, self)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.rail)
        yield
        self._fill_middle()
        yield
        self.charts = ChartDocks(self._services, self._tasks, self)
        self.charts.span.use(self._layout.chart_window_s)
        yield
        self._menus = Menus(self)
        yield
        self._connect()
        first = self._first_page()
        yield from self._page_parts(first)
        self._restore(first)

    def _fill_middle(self) -> None:
        self.notices = NoticesBar()
        self._stack = QStackedWidget()
        self._stack.setMinimumSize(LEAST_SIZE)
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(center)
        self.state_line = StateLine()
        self.setStatusBar(self.state_line)

    def _connect(self) -> None:
        self.rail.chosen.connect(lambda place: self.go(self.rail_pages[place].name))
        self.notices.answered.connect(self.commands.answer)
        self.commands.said.connect(self.state_line.say)
        self.charts.open_exchange.connect(lambda exchange: self.go("history", exchange))
        self._tasks.failed.connect(self.complain)
        for dock in self.charts.docks:
            dock.toggleViewAction().triggered.connect(self._beside)
        self._unsubscribe = self._services.status.subscribe(self.show_status)

    def _first_page(self) -> str:
        if not self._services.status.current.providers:
            return WELCOME
        names = [page.name for page in self.rail_pages]
        return self._layout.current_page if self._layout.current_page in names else names[0]

    def _restore(self, page: str) -> None:
        if not self._layout.restore_window(self):
            screen = QGuiApplication.primaryScreen().availableGeometry().size()
            self.resize(FIRST_SIZE.boundedTo(screen * 0.95))
        self.go(page)

    # pages

    def go(self, name: str, argument: str = "") -> None:
        """Show a page and hand it an argument; a page that does not exist is ignored."""
        if not any(page.name == name for page in self._classes):
            return
        if name != self._current:
            self._leave()
            self.setUpdatesEnabled(False)
            self.page(name)
            self._stack.setCurrentWidget(self._frames[name])
            self._current = name
            self._arrange(name)
            self.setUpdatesEnabled(True)
            places = [page.name for page in self.rail_pages]
            if name in places:
                self.rail.show_chosen(places.index(name))
            self.current.setFocus()
        self.current.arrive(argument)

    @property
    def current(self) -> Page:
        """The page that is shown."""
        return self.page(self._current)

    def page(self, name: str) -> Page:
        """A page by its name, whole; made when first wanted."""
        for _ in self._page_parts(name):
            pass
        return self._pages[name]

    def _page_parts(self, name: str) -> Iterator[None]:
        """Make what is not made yet of a page, step by step; it has its place once it is whole."""
        if name not in self._pages:
            kind = next(page for page in self._classes if page.name == name)
            self._pages[name] = kind(self._services, self._tasks)
            yield
        made = self._pages[name]
        while made.make_part():
            yield
        if name not in self._frames:
            made.go_to.connect(self.go)
            made.said.connect(self.state_line.say)
            self._layout.restore_page(made)
            self._frames[name] = Fitted(made)
            self._stack.addWidget(self._frames[name])

    def _others(self) -> Iterator[None]:
        """Each page of the rail that nobody came to yet, and its fonts and colors after it."""
        for page in self.rail_pages:
            if page.name not in self._frames:
                yield from self._page_parts(page.name)
                yield
                _polish(self._pages[page.name])
                yield

    # docks

    def _arrange(self, name: str) -> None:
        for dock in self.charts.docks:
            if not dock.isFloating():
                dock.hide()  # or the window would grow to hold them where they only pass through
        if not self._layout.restore_docks(self, name):
            self.reset_docks()

    def reset_docks(self) -> None:
        """The docks as they are at first: two by two below the live page, none beside another."""
        for dock in self.charts.docks:
            dock.setFloating(False)
        if self._current != LIVE:
            for dock in self.charts.docks:
                self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
                dock.hide()
            return
        one, two, three, four = self.charts.docks
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, one)
        self.splitDockWidget(one, two, Qt.Orientation.Horizontal)
        self.splitDockWidget(one, three, Qt.Orientation.Vertical)
        self.splitDockWidget(two, four, Qt.Orientation.Vertical)
        for dock in self.charts.docks:
            dock.show()
        self._balance()
        # Sizes given before the window is on the screen are forgotten.
        QTimer.singleShot(0, self._balance)

    def _balance(self) -> None:
        one, two, three, four = self.charts.docks
        height = int(self.height() * _CHARTS_SHARE) // 2
        self.resizeDocks([one, two], [self.width() // 2] * 2, Qt.Orientation.Horizontal)
        self.resizeDocks([one, three], [height, height], Qt.Orientation.Vertical)
        self.resizeDocks([two, four], [height, height], Qt.Orientation.Vertical)

    def _beside(self) -> None:
        """The user brought a chart beside a page: those at the right share the height."""
        right = Qt.DockWidgetArea.RightDockWidgetArea
        docks = [
            dock
            for dock in self.charts.docks
            if dock.isVisible() and not dock.isFloating() and self.dockWidgetArea(dock) is right
        ]
        if docks:
            self.resizeDocks(docks, [self.height() // len(docks)] * len(docks), Qt.Orientation.Vertical)
        if len(docks) == 1:
            self.resizeDocks(docks, [_BESIDE_WIDTH], Qt.Orientation.Horizontal)

    def _leave(self) -> None:
        if self._current:
            self._layout.save_docks(self, self._current)
            self._layout.save_page(self.current)

    def save_layout(self) -> None:
        """Write down where everything is."""
        if not self._floating:
            self._leave()
        self._layout.save_window(self)
        self._layout.current_page = self._current
        self._layout.chart_window_s = self.charts.span.window_s
        self._layout.sync()

    # what menus ask

    def search(self) -> None:
        """To the search field of the page, or to that of the history."""
        if not self.current.focus_search():
            self.go("history")
            self.current.focus_search()

    def refresh(self) -> None:
        """Read the page anew."""
        self.current.refresh()

    def export(self) -> None:
        """Export what the page shows, or everything."""
        from app.ui.dialogs.export import open_export

        open_export(self, self._services, self._tasks, self.current.shown_filter() or Filter())

    def open_import(self) -> None:
        """Take over another tool's providers."""
        from app.ui.dialogs.importer import open_import

        open_import(self, self._services, self._tasks)

    def open_about(self) -> None:
        """Version, licences, where things are."""
        from app.ui.dialogs.about import open_about

        open_about(self, self._services, self._tasks)

    # status

    def show_status(self, status: AppStatus) -> None:
        """Bring bars and menus up to date, if anyone sees them."""
        if self.isVisible() and status != self._shown:
            self._shown = status
            self.state_line.show_status(status)
            self.notices.show_notices(status.notices)
            self._menus.show_status(status)

    def complain(self, text: str) -> None:
        """Something that was asked for did not work."""
        self.notices.post(Notice("task", Severity.ERROR, text))

    # the window

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened, and bring back the docks that float."""
        super().showEvent(event)
        self.show_status(self._services.status.current)
        if not event.spontaneous():
            for dock in self._floating:
                dock.show()
            self._floating = []
            self._ahead.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Docks that float are windows of their own and would stay on the screen."""
        super().hideEvent(event)
        self._ahead.stop()
        if not event.spontaneous() and not self._floating:
            self.save_layout()
            self._floating = [dock for dock in self.charts.docks if dock.isFloating() and dock.isVisible()]
            for dock in self._floating:
                dock.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave it to `Desktop`."""
        if self.may_close:
            self.save_layout()
            self._unsubscribe()
            event.accept()
        else:
            event.ignore()
            self.closing.emit()

    def event(self, event: QEvent) -> bool:
        """What is left between docks is space, without the dots that the style would draw as handles."""
        return True if event.type() is QEvent.Type.Paint else super().event(event)


def _polish(page: Page) -> None:
    """Do now what showing a page for the first time would do to each of its parts."""
    for part in page.findChildren(QWidget):
        part.ensurePolished()
