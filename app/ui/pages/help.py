"""The help: our own texts from `resources/help`, as plain labels, because nothing here shows rich text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.icons import RESOURCES
from app.ui.pages import Page
from app.ui.style import GRID, HEADLINE, MARGIN, Label
from app.ui.tasks import Tasks
from app.ui.widgets.scroll import Scroll
from app.ui.widgets.topic import TopicButton

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 88 * GRID
TOPICS = (("start", "Getting started"), ("security", "Security and privacy"))
"""(file in `resources/help` and argument of `go_to`, name): the order of the buttons."""
READ = "read the help"


class HelpPage(Page):
    """One topic at a time; the buttons above lead to the others."""

    name, title, icon = "help", "Help", "help-circle-outline"
    in_rail = False

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(services, tasks)
        self.topics = {topic: TopicButton(name) for topic, name in TOPICS}
        group, bar = QButtonGroup(self), QHBoxLayout()
        bar.setContentsMargins(MARGIN, MARGIN, MARGIN, 0)
        bar.setSpacing(GRID)
        for topic, button in self.topics.items():
            button.clicked.connect(lambda _checked=False, topic=topic: self.arrive(topic))
            group.addButton(button)
            bar.addWidget(button)
        bar.addStretch(1)
        self.area = Scroll(width=WIDTH)
        self.area.column.setSpacing(GRID)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # there is nothing else to read on with the keyboard
        self.area.setAccessibleName("Help text")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.area, 1)
        self._shown: list[QWidget] = []
        self.arrive("")

    def arrive(self, argument: str) -> None:
        """Show that topic; the first where it is none."""
        topic = argument if argument in self.topics else TOPICS[0][0]
        self.topics[topic].setChecked(True)
        file = RESOURCES / "help" / f"{topic}.md"
        self._tasks.cancel(self)
        self._tasks.spawn(READ, asyncio.to_thread(file.read_text, "utf-8"), self, then=self._show)

    def _show(self, text: str) -> None:
        for widget in self._shown:
            self.area.column.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()
        self._shown = list(_labels(text))
        for widget in self._shown:
            self.area.column.addWidget(widget)
        self.area.verticalScrollBar().setValue(0)


def _labels(text: str) -> Iterator[QWidget]:
    """`# ` begins a title, `## ` a section, `- ` an item of a list; every line is one paragraph."""
    for line in filter(None, text.split("\n")):
        if line.startswith("# "):
            label = Label(line[2:], scale=HEADLINE, strong=True, wrap=True)
        elif line.startswith("## "):
            label = Label(line[3:], scale=1.2, strong=True, wrap=True)
            label.setContentsMargins(0, MARGIN, 0, 0)
        elif line.startswith("- "):
            yield _item(line[2:])
            continue
        else:
            label = Label(line, wrap=True)
        yield _readable(label)


def _item(text: str) -> QWidget:
    """A line of a list, its mark hanging."""
    item = QWidget()
    row = QHBoxLayout(item)
    row.setContentsMargins(GRID, 0, 0, 0)
    row.setSpacing(GRID)
    row.addWidget(Label("\N{EN DASH}", role="muted"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_readable(Label(text, wrap=True)), 1)
    return item


def _readable(label: Label) -> Label:
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
