from __future__ import annotations

from app.control.configuration import IGNORED
from app.control.credentials import KEYRING
from app.control.doctor_files import Check
from app.control.doctor_notices import of_configuration, of_the_rest
from app.domain.status import Notice, Severity

UNUSED = Notice(IGNORED, Severity.INFO, "It holds x.")
LOST = Notice("routes-lost", Severity.WARNING, "It leads nowhere.")
SHUT = Notice("lan", Severity.ERROR, "Other machines cannot connect.")
RUNNING_LOW = Notice("budget/1", Severity.WARNING, "80 % are used.")


def test_without_notices_all_is_well_with_the_configuration():
    assert of_configuration((SHUT,), "2 providers") == (Check("configuration", ok=True, found="2 providers"),)


def test_what_may_be_anybody_elses_stands_beside_it():
    (check,) = of_configuration((UNUSED,), "2 providers")
    assert (check.ok, check.warns, check.found) == (True, False, "2 providers; It holds x.")


def test_a_warning_takes_its_place():
    assert of_configuration((UNUSED, LOST), "2 providers") == (
        Check("configuration", ok=True, found="It leads nowhere.", warns=True),
    )


def test_the_rest_is_told_once_and_an_error_is_wrong():
    keyring = Notice(KEYRING, Severity.WARNING, "It is locked.")
    assert [(one.what, one.ok) for one in of_the_rest((SHUT, LOST, RUNNING_LOW, keyring, UNUSED))] == [
        ("other machines", False),
        ("notice", True),
    ]
