from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap

from app.domain.settings import Theme
from app.ui import icons, theme
from app.ui.standing import Mark


def pixels(pixmap):
    image = pixmap.toImage()
    return [image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())]


@pytest.mark.parametrize("which", Mark)
@pytest.mark.parametrize("size", icons.SIZES)
def test_the_mark_is_drawn_at_every_size(qapp, which, size):
    drawn = icons.render(which, size)
    assert drawn.width() == size
    assert len(set(pixels(drawn))) > 3


@pytest.mark.parametrize("size", [16, 22, 24, 32])
def test_states_differ_in_many_pixels(qapp, size):
    drawn = {which: pixels(icons.render(which, size)) for which in Mark}
    for one, other in itertools.combinations(drawn.values(), 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) > size * size / 20


def test_an_icon_has_all_sizes(qapp):
    assert {size.width() for size in icons.mark().availableSizes()} == set(icons.SIZES)
    assert icons.menu_bar_mark().isMask()
    assert not icons.mark().isMask()


def test_a_symbol_takes_the_colors_of_the_theme(themes):
    icon = icons.symbol("close", "error")
    light = pixels(icon.pixmap(QSize(32, 32)))
    assert theme.color("error").name() in light
    themes.use(Theme.DARK)
    assert theme.color("error").name() in pixels(icon.pixmap(QSize(32, 32)))


def test_a_symbol_shows_that_it_is_chosen(themes):
    icon = icons.symbol("close", "muted", active="accent")
    on = icon.pixmap(QSize(32, 32), icons.QIcon.Mode.Normal, icons.QIcon.State.On)
    assert theme.color("accent").name() in pixels(on)


def test_a_symbol_leaves_the_painter_as_it_was(themes):
    canvas = QPixmap(32, 32)
    painter = QPainter(canvas)
    before = painter.font(), painter.pen()
    icons.symbol("close").paint(painter, 0, 0, 32, 32)
    assert (painter.font(), painter.pen()) == before
    painter.end()


def test_every_symbol_of_the_charts_and_pages_exists(themes):
    from app.ui import pages
    from app.ui.charts import CHARTS

    for name in (*(page.icon for page in pages.load()), *(chart.icon for chart in CHARTS)):
        assert len(set(pixels(icons.symbol(name).pixmap(QSize(32, 32))))) > 1, name
