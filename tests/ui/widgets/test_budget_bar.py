from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui import theme
from app.ui.budget_words import Shares
from app.ui.palette import DARK, LIGHT, contrast
from app.ui.widgets.budget_bar import OVERHANG, BudgetBar, draw_bar, lighter


def drawn(shares, width=200, ratio=1):
    """One row of pixels through the bar's middle, and one above it where only the tick is."""
    image = QImage(width * ratio, 14 * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.magenta)
    with QPainter(image) as painter:
        draw_bar(painter, QRect(0, 0, width, 14), shares)
    row = lambda y: [image.pixelColor(x, y * ratio).name() for x in range(0, width * ratio, ratio)]
    return row(10), row(1)


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("wanted", [Theme.LIGHT, Theme.DARK])
def test_used_reserved_rest_and_tick(themes, wanted, ratio):
    themes.use(wanted)
    middle, above = drawn(Shares(0.5, 0.25, 0.9, "accent"), ratio=ratio)
    ink = theme.color("accent")
    assert middle.count(ink.name()) == 100
    assert middle.count(lighter(ink).name()) == 50
    assert middle[150] == theme.color("line").name()
    assert [x for x, color in enumerate(above) if color == theme.color("text").name()] == [180]


def test_little_is_seen_and_full_is_full(themes):
    middle, _ = drawn(Shares(0.0001, 0.0001, 0, "accent"))
    assert middle[0] == theme.color("accent").name()
    assert middle[1] == lighter(theme.color("accent")).name()
    middle, above = drawn(Shares(1.0, 0.0, 0, "error"))
    assert set(middle) == {theme.color("error").name()}
    assert theme.color("text").name() not in above


def test_a_tick_at_the_very_end_is_inside(themes):
    _, above = drawn(Shares(0, 0, 1.0, "accent"))
    assert above[199] == theme.color("text").name()


def test_the_used_part_is_told_from_the_rest_and_from_the_reserved():
    for roles in (LIGHT, DARK):
        for role in (roles.accent, roles.warning, roles.error):
            assert contrast(role, roles.line) >= 3


def test_the_widget_says_in_words_what_it_shows(show, themes):
    bar = show(BudgetBar(), 200, 14)
    bar.show_shares(Shares(1.0, 0, 0.8, "error"), "$20.00 of $20.00")
    QApplication.processEvents()
    assert bar.accessibleName() == "$20.00 of $20.00"
    image = bar.grab().toImage()
    assert image.pixelColor(image.width() // 2, OVERHANG + 3) == theme.color("error")
