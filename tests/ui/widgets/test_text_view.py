from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat

from app.domain.settings import Theme
from app.ui import theme
from app.ui.widgets.text_pages import PAGE_BYTES, Piece
from app.ui.widgets.text_view import TextView
from tests.ui.conftest import until


def styles():
    look = QTextCharFormat()
    look.setForeground(theme.color("link"))
    return {"key": look}


async def shown(view, qtbot=None):
    done = []
    view.filled.connect(lambda: done.append(1))
    await until(lambda: done)


async def test_foreign_text_stays_text(show, tasks):
    view = show(TextView(tasks, "Body"))
    view.show_text('<b>bold</b> <img src="file:///etc/passwd"> & more')
    await shown(view)
    assert view.edit.toPlainText() == '<b>bold</b> <img src="file:///etc/passwd"> & more'
    assert view.edit.isReadOnly()
    assert view.edit.accessibleName() == "Body"


async def test_one_page_is_shown_and_the_next_on_demand(show, tasks, qtbot):
    view = show(TextView(tasks, "Body"))
    text = "0123456789\n" * 20_000
    view.show_text(text)
    await shown(view)
    assert len(view.edit.toPlainText()) <= PAGE_BYTES
    assert view._bar.isVisible()
    assert "of 220" in view._extent.text()
    for _ in range(3):
        qtbot.mouseClick(view._more, Qt.MouseButton.LeftButton)
        await shown(view)
    assert view.edit.toPlainText() == text
    assert not view._bar.isVisible()


async def test_another_text_replaces_one_that_is_still_being_put_in(show, tasks):
    view = show(TextView(tasks, "Body"))
    view.show_text("old " * 16_000)
    await until(lambda: view._waiting)
    view.show_text("new")
    await until(lambda: view.edit.toPlainText() == "new")
    assert not view._waiting


async def test_a_line_of_400_kilobytes_never_holds_the_loop(show, tasks, monkeypatch):
    worst = 0.0
    step = TextView._step

    def timed(self):
        nonlocal worst
        start = time.thread_time()
        step(self)
        worst = max(worst, time.thread_time() - start)

    monkeypatch.setattr(TextView, "_step", timed)
    view = show(TextView(tasks, "Body"), 700, 800)
    view.show_text("x" * 400_000)
    await shown(view)
    assert worst < 0.03  # 2 ms on a quiet machine; the whole line at once would be seconds


async def test_styles_follow_the_theme(show, tasks, themes):
    view = show(TextView(tasks, "Body", styles=styles))
    view.show_pieces(lambda: (Piece("name", "key"), Piece(": value")))
    await shown(view)

    def color():
        return view.edit.document().firstBlock().begin().fragment().charFormat().foreground().color()

    assert color() == theme.color("link")
    before = color()
    themes.use(Theme.DARK)
    await until(lambda: view.edit.toPlainText() and color() == theme.color("link"))
    assert color() != before


async def test_words_that_were_searched_for_are_marked(show, tasks):
    view = show(TextView(tasks, "Body"))
    view.show_text("Alpha beta.\nGamma alpha")
    await shown(view)
    view.mark('alpha "gamma')
    assert sorted(one.cursor.selectedText().lower() for one in view.edit.extraSelections()) == [
        "alpha",
        "alpha",
        "gamma",
    ]
    view.mark("")
    assert view.edit.extraSelections() == []


async def test_clear_shows_nothing(show, tasks):
    view = show(TextView(tasks, "Body"))
    view.show_text("secret" * 20_000)
    await shown(view)
    view.clear()
    await shown(view)
    assert view.edit.toPlainText() == ""
    assert not view._bar.isVisible()
