from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.domain.settings import Theme
from app.ui import style, theme
from tests.ui.conftest import focus_chain


def test_three_sizes_of_one_font(qapp):
    sizes = [style.font(scale).pointSizeF() for scale in (style.CAPTION, style.BODY, style.HEADLINE)]
    assert sizes == sorted(set(sizes))
    assert style.font(strong=True).weight() == QFont.Weight.DemiBold
    assert style.font().isFeatureSet(QFont.Tag("tnum"))


def test_labels_show_plain_text_in_the_color_of_their_role(show, themes):
    label = show(style.Label("<b>x</b>", role="error"))
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme.color("error")
    label.set_role("muted")
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme.color("muted")
    themes.use(Theme.DARK)
    QApplication.processEvents()
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme.color("muted")


def test_figures_stand_right_and_can_be_copied(qapp):
    label = style.numeric_label("1.2 k")
    assert label.alignment() & Qt.AlignmentFlag.AlignRight
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_a_hairline_is_one_pixel(show):
    assert show(style.Hairline()).height() == 1
    assert show(style.Hairline(vertical=True)).width() == 1


def test_a_tooltip_shows_foreign_text_as_it_is():
    assert style.plain_tooltip("a < b") == "a < b"
    shown = style.plain_tooltip("<img src='http://127.0.0.1/x'>")
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_tab_follows_the_order_that_is_given(show):
    top = QWidget()
    third, first, second = (QPushButton(word, top) for word in "312")
    style.tab_along(first, second, third)
    show(top)
    assert [one.text() for one in focus_chain(first) if isinstance(one, QPushButton)] == ["1", "2", "3"]
