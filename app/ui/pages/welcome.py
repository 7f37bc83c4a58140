"""The first start: three ways to begin, and the two lines that point Claude Code here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.dialogs.importer import open_import
from app.ui.dialogs.provider_editor import open_editor
from app.ui.icons import mark, symbol
from app.ui.pages import Page
from app.ui.pages.client_lines import ClientLines
from app.ui.style import GRID, HEADLINE, MARGIN, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.busy import Busy
from app.ui.widgets.scroll import Scroll

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 104 * GRID
DOOR_WIDTH = 30 * GRID
MARK = 56
DEMO = "start the demo"


class Door(QFrame):
    """One way to begin: a picture, what it is, and the button."""

    def __init__(self, icon: str, title: str, text: str, verb: str, action: Callable[[], None]) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._icon, self._picture = symbol(icon, "accent"), QLabel()
        self.button = QPushButton(verb)
        self.button.setAccessibleDescription(text)
        self.button.clicked.connect(lambda _checked=False: action())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(GRID)
        layout.addWidget(self._picture)
        layout.addWidget(Label(title, strong=True))
        words = Label(text, role="muted", wrap=True)
        words.setMinimumWidth(DOOR_WIDTH - 2 * MARGIN)
        layout.addWidget(words, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(self._icon.pixmap(QSize(4 * GRID, 4 * GRID), self.devicePixelRatioF()))

    def changeEvent(self, event: object) -> None:
        """Follow the theme."""
        super().changeEvent(event)  # type: ignore[arg-type]
        if event.type() == event.Type.PaletteChange:  # type: ignore[attr-defined]
            self._draw()


class WelcomePage(Page):
    """Shown while there is no provider."""

    name, title, icon = "welcome", "Welcome", "hand-wave-outline"
    in_rail = False

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks)
        scroll = Scroll(width=WIDTH, margin=2 * MARGIN, centered=True)
        scroll.column.setSpacing(MARGIN)
        picture = QLabel()
        picture.setPixmap(mark().pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))
        title = Label("Welcome to Patchbay", scale=HEADLINE, strong=True)
        words = Label(
            "Claude Code and every Anthropic or OpenAI SDK talk to one address here; you choose in the tray who "
            "answers and see what each request said, took and cost. It runs already. Give it someone to send "
            "requests to:",
            wrap=True,
        )
        self.busy, self.problem = Busy(), Label(role="error", wrap=True)
        self.problem.hide()
        self.lines = ClientLines(services, tasks, only="claude-code")
        self.lines.copied.connect(self.said)
        self.busy.cancelled.connect(self._cancel)
        above: tuple[QWidget, ...] = (picture, title, words)
        below: tuple[QWidget, ...] = (self.busy, self.problem, Hairline())
        for widget in above:
            scroll.column.addWidget(widget)
        scroll.column.addLayout(self._doors())
        for widget in below:
            scroll.column.addWidget(widget)
        scroll.column.addWidget(Label("Then point Claude Code here", strong=True, scale=1.2))
        scroll.column.addWidget(Label("Paste these lines into a terminal and start claude there.", role="muted"))
        scroll.column.addWidget(self.lines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def _doors(self) -> QHBoxLayout:
        self.add = Door(
            "server-plus",
            "You have a key",
            "For Anthropic, OpenAI, OpenRouter, Gemini, DeepSeek, Azure, or a model on this machine.",
            "&Add a provider…",
            self._open_editor,
        )
        self.bring = Door(
            "file-import-outline",
            "You used CC-Proxy",
            "Take over its providers.toml; you see first what would be imported. The file stays as it is.",
            "&Import providers.toml…",
            lambda: open_import(self, self._services, self._tasks),
        )
        self.demo = Door(
            "play-circle-outline",
            "You want to look around",
            "A built-in provider answers by itself. It needs no key, and nothing leaves this machine.",
            "&Try the demo",
            self._start_demo,
        )
        line = QHBoxLayout()
        line.setSpacing(MARGIN)
        for door in (self.add, self.bring, self.demo):
            line.addWidget(door, 1)
        return line

    def showEvent(self, event: QShowEvent) -> None:
        """The port may have changed since."""
        super().showEvent(event)
        self.lines.show_lines()

    def _open_editor(self) -> None:
        open_editor(self, self._services, self._tasks).accepted.connect(lambda: self.go_to.emit("providers", ""))

    def _start_demo(self) -> None:
        self.problem.hide()
        self.demo.button.setEnabled(False)
        self.busy.start("Starting the demo…")
        self._tasks.spawn(DEMO, _demo(self._services), self, then=self._demo_runs, failed=self._demo_failed)

    def _demo_runs(self, _: None) -> None:
        self._stop()
        self.go_to.emit("live", "")

    def _demo_failed(self, text: str) -> None:
        self._stop()
        self.problem.setText(f"The demo did not start: {text}.")
        self.problem.show()

    def _cancel(self) -> None:
        self._tasks.cancel(self, DEMO)
        self._stop()

    def _stop(self) -> None:
        self.busy.stop()
        self.demo.button.setEnabled(True)


async def _demo(services: Services) -> None:
    await services.proxy.start_demo()
    await services.proxy.send_sample()
