from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.ui.widgets.period import PRESETS, PeriodButton, microseconds

NOW = datetime(2026, 5, 3, 14, 30, tzinfo=UTC)


def bounds(key):
    return next(one for one in PRESETS if one.key == key).bounds(NOW)


def test_presets_are_counted_from_now():
    midnight = NOW.replace(hour=0, minute=0)
    assert bounds("any") == (None, None)
    assert bounds("hour") == (NOW - timedelta(hours=1), None)
    assert bounds("today") == (midnight, None)
    assert bounds("yesterday") == (midnight - timedelta(days=1), midnight)
    assert bounds("week") == (midnight - timedelta(days=6), None)
    assert bounds("month") == (midnight - timedelta(days=29), None)
    assert bounds("this_month") == (midnight.replace(day=1), None)


def test_a_preset_is_chosen_from_the_menu(show, qtbot):
    button = show(PeriodButton(lambda: NOW))
    assert not button.narrows
    with qtbot.waitSignal(button.changed):
        next(action for action in button.menu().actions() if action.text() == "Yesterday").trigger()
    day = 86_400_000_000
    until = microseconds(NOW.replace(hour=0, minute=0))
    assert button.bounds_us() == (until - day, until)
    assert button.text() == "Yesterday"
    assert button.narrows
    button.reset()
    assert button.bounds_us() == (0, 0)


def test_custom_asks_first_and_changes_nothing_until_answered(show, qtbot):
    button = show(PeriodButton(lambda: NOW))
    custom = next(action for action in button.menu().actions() if action.text() == "Custom…")
    with qtbot.waitSignal(button.custom_wanted), qtbot.assertNotEmitted(button.changed):
        custom.trigger()
    assert button.text() == "Any time"
    assert not custom.isChecked()
    with qtbot.waitSignal(button.changed):
        button.set_custom(microseconds(NOW), 0)
    assert button.text().startswith("since 2026-05-03")
    assert custom.isChecked()
    assert button.bounds_us() == (microseconds(NOW), 0)
    assert button.custom == (microseconds(NOW), 0)
