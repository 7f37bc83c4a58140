from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.ui.widgets.choice import MOST_CHOICES, ChoiceButton


def opened(button):
    menu = button.menu()
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    QApplication.processEvents()
    return menu


def labels(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_several_values_are_ticked_without_the_menu_closing(show, qtbot):
    button = show(ChoiceButton("Provider"))
    button.set_values(["Anthropic", "R&D", "Ollama"])
    menu = opened(button)
    assert labels(menu) == ["Any provider", "Anthropic", "R&&D", "Ollama"]
    with qtbot.waitSignals([button.changed, button.changed]):
        for place in (2, 3):
            action = menu.actions()[place]
            qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert menu.isVisible()
    assert button.chosen == ("Anthropic", "R&D")
    assert button.text() == "Anthropic +1"
    assert button.accessibleName() == "Provider: Anthropic, R&D"
    menu.close()


def test_space_ticks_what_the_arrow_keys_reach(show, qtbot):
    button = show(ChoiceButton("Model"))
    button.set_values(["opus", "haiku"])
    menu = opened(button)
    menu.setActiveAction(menu.actions()[2])
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    assert button.chosen == ("opus",)
    assert menu.isVisible()
    menu.close()


def test_any_takes_every_tick_back(show, qtbot):
    button = show(ChoiceButton("Model"))
    button.set_values(["opus"])
    button.choose(["opus", "gone"])
    menu = opened(button)
    assert labels(menu)[1:] == ["gone", "opus"]
    with qtbot.waitSignal(button.changed):
        menu.actions()[0].trigger()
    assert button.chosen == ()
    assert button.text() == "Model"
    menu.close()


def test_what_stands_there_without_a_tick_may_have_words_of_its_own(show):
    button = show(ChoiceButton("Client", anything="Every client"))
    button.set_values(["codex"])
    assert button.text() == "Every client"
    assert labels(opened(button)) == ["Every client", "codex"]
    button.choose(["codex"])
    assert button.text() == "codex"
    button.menu().close()


def test_a_long_list_is_cut_but_never_what_is_chosen(show):
    button = show(ChoiceButton("Model"))
    values = [f"model-{number}" for number in range(300)]
    button.set_values(values)
    button.choose(["model-250"])
    menu = opened(button)
    assert len(labels(menu)) == MOST_CHOICES + 1
    assert "model-250" in labels(menu)
    menu.close()


def test_a_foreign_name_is_one_line_without_a_mnemonic(show):
    button = show(ChoiceButton("Model"))
    button.set_values(["a\nb&c<b>" + "x" * 200])
    menu = opened(button)
    (_, shown) = labels(menu)
    assert shown.startswith("a b&&c<b>")
    assert len(shown) < 70
    menu.close()


def test_an_empty_history_says_so(show):
    menu = opened(show(ChoiceButton("Client")))
    assert labels(menu)[-1] == "Nothing recorded yet"
    menu.close()


def test_in_a_form_it_is_as_high_as_before(show):
    button = show(ChoiceButton("Dialect", anything="Every dialect"))
    before = button.sizeHint().height()
    button.align_left()
    assert button.minimumHeight() == before
