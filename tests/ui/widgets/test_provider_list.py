from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.settings import Theme
from app.ui import theme
from app.ui.models.providers import ProviderModel
from app.ui.widgets.provider_list import ProviderList, radio_place
from tests.fakes import sample


@pytest.fixture
def listing(show):
    made = ProviderList()
    model = ProviderModel()
    model.setParent(made)
    model.set_providers(sample.providers())
    made.setModel(model)
    return show(made, 320, 300)


def test_the_radio_makes_a_provider_active_and_the_rest_of_its_line_selects(listing, qtbot):
    second = listing.visualRect(listing.model().index(1))
    with qtbot.assertNotEmitted(listing.use_wanted):
        qtbot.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=second.center())
    assert listing.currentIndex().row() == 1
    third = radio_place(listing.visualRect(listing.model().index(2))).center()
    with qtbot.waitSignal(listing.use_wanted) as caught:
        qtbot.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=third)
    assert caught.args == ["Ollama"]


def test_space_uses_what_the_arrow_keys_reach(listing, qtbot):
    listing.setCurrentIndex(listing.model().index(0))
    with qtbot.waitSignal(listing.selected):
        qtbot.keyClick(listing, Qt.Key.Key_Down)
    with qtbot.waitSignal(listing.use_wanted) as caught:
        qtbot.keyClick(listing, Qt.Key.Key_Space)
    assert caught.args == ["OpenAI work"]


def test_health_and_color_are_painted_in_both_themes(listing, themes):
    for wanted in (Theme.LIGHT, Theme.DARK):
        themes.use(wanted)
        picture = listing.viewport().grab().toImage()
        inks = {picture.pixelColor(x, y).name() for x in range(120) for y in range(168)}
        for role in ("ok", "warning", "accent"):
            assert theme.color(role).name() in inks
        assert theme.series(1).name() in inks


def test_names_and_captions_are_drawn(listing):
    picture = listing.viewport().grab().toImage()
    item = listing.visualRect(listing.model().index(1))

    def inks(top, bottom):
        return {
            picture.pixelColor(x, y).name()
            for x in range(60, 300)
            for y in range(item.top() + top, item.top() + bottom)
        }

    assert theme.color("text").name() in inks(8, 26)
    assert theme.color("muted").name() in inks(30, 50)
