from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from app.domain.settings import Theme
from app.ui import style, theme
from app.ui.palette import DARK, LIGHT, contrast


@pytest.mark.parametrize(("wanted", "colors"), [(Theme.LIGHT, LIGHT), (Theme.DARK, DARK)])
def test_a_theme_reaches_the_widgets(themes, qapp, qtbot, wanted, colors):
    label = QLabel()
    qtbot.addWidget(label)
    themes.use(wanted)
    qapp.processEvents()
    assert theme.colors() is colors
    assert label.palette().color(QPalette.ColorRole.Base).name() == colors.base
    assert theme.color("accent").name() == colors.accent
    assert theme.series(9).name() == colors.series[1]


def test_whoever_lets_the_user_choose_needs_no_switch(themes):
    theme.use(Theme.DARK)
    assert theme.colors() is DARK


@pytest.mark.parametrize(("scheme", "colors"), [(Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)])
def test_the_system_is_followed(themes, monkeypatch, scheme, colors):
    monkeypatch.setattr(theme, "_system_is_dark", lambda: scheme is Qt.ColorScheme.Dark)
    themes.use(Theme.SYSTEM)
    themes._app.styleHints().colorSchemeChanged.emit(scheme)
    assert theme.colors() is colors


def test_a_choice_is_not_overruled_by_the_system(themes, monkeypatch):
    themes.use(Theme.LIGHT)
    monkeypatch.setattr(theme, "_system_is_dark", lambda: True)
    themes._app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.colors() is LIGHT


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_qt_gets_readable_pairs(colors):
    palette, roles = theme.qt_palette(colors), QPalette.ColorRole
    for text, ground in (
        (roles.WindowText, roles.Window),
        (roles.Text, roles.Base),
        (roles.Text, roles.AlternateBase),
        (roles.ButtonText, roles.Button),
        (roles.HighlightedText, roles.Highlight),
        (roles.ToolTipText, roles.ToolTipBase),
        (roles.PlaceholderText, roles.Base),
        (roles.Link, roles.Base),
    ):
        assert contrast(palette.color(text).name(), palette.color(ground).name()) >= 4.5, (text, ground)


@pytest.mark.parametrize(("wanted", "colors"), [(Theme.LIGHT, LIGHT), (Theme.DARK, DARK)])
def test_an_empty_tick_can_be_seen(themes, qapp, show, wanted, colors):
    page = QWidget()
    style.on_base(page)
    tick = QCheckBox(page)
    themes.use(wanted)
    show(page, 60, 40)
    picture = tick.grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert max(contrast(ink, colors.base) for ink in inks) >= 2.5


@pytest.mark.parametrize(("wanted", "colors"), [(Theme.LIGHT, LIGHT), (Theme.DARK, DARK)])
def test_the_field_with_the_focus_can_be_told(themes, qapp, show, wanted, colors):
    page = QWidget()
    style.on_base(page)
    field = QLineEdit(page)
    themes.use(wanted)
    show(page, 200, 40)
    page.activateWindow()
    field.setFocus()
    qapp.processEvents()
    picture = field.grab().toImage()
    edge = [picture.pixelColor(picture.width() // 2, y) for y in range(3)]
    assert max(contrast(ink.name(), colors.base) for ink in edge) >= 3
    assert any(ink.blue() > ink.red() + 40 for ink in edge)
