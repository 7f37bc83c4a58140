from __future__ import annotations

from PySide6.QtCore import QSize

from app.domain.settings import Theme
from app.ui import theme
from app.ui.widgets.dot import dot


def middle(icon):
    return icon.pixmap(QSize(16, 16), 1.0).toImage().pixelColor(8, 8)


def test_a_provider_has_its_series_color_in_both_themes(themes):
    for wanted in (Theme.LIGHT, Theme.DARK):
        themes.use(wanted)
        assert middle(dot(2)) == theme.series(2)
        assert middle(dot(None)) == theme.color("muted")


def test_the_dot_is_sharp_at_twice_the_size(themes):
    assert dot(1).pixmap(QSize(16, 16), 2.0).toImage().pixelColor(16, 16) == theme.series(1)
