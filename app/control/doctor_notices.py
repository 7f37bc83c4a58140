"""What the notices add to an examination: the same warnings that the window and `patchbay status` show."""

from __future__ import annotations

from collections.abc import Iterable

from app.control.configuration import BROKEN, CONFIGURATION
from app.control.credentials import KEYRING, MISSING
from app.control.doctor_files import Check
from app.control.keys import UNUSABLE
from app.control.proxy import PORT_TAKEN
from app.domain.status import Notice, Severity

_LOOKED_AT = frozenset({BROKEN, KEYRING, MISSING, UNUSABLE, PORT_TAKEN, "no-provider"})
"""What the examination looks at by itself."""
_CALLED = {"lan": "other machines", "auth-open": "client keys"}


def of_configuration(notices: Iterable[Notice], words: str) -> tuple[Check, ...]:
    """The configuration: `words` where all is well with it, what is not used beside them, each warning by itself."""
    mine = [one for one in notices if one.id in CONFIGURATION]
    warnings = [one for one in mine if one.severity is not Severity.INFO]
    told = "; ".join([words, *(one.text for one in mine if one not in warnings)])
    return tuple(_check(one, "configuration") for one in warnings) or (Check("configuration", ok=True, found=told),)


def of_the_rest(notices: Iterable[Notice]) -> tuple[Check, ...]:
    """Whatever else was said that needs somebody."""
    rest = (one for one in notices if one.id not in CONFIGURATION and one.id not in _LOOKED_AT)
    return tuple(_check(one, _CALLED.get(one.id, "notice")) for one in rest if one.severity is not Severity.INFO)


def _check(notice: Notice, what: str) -> Check:
    return Check(what, ok=notice.severity is not Severity.ERROR, found=notice.text, warns=True)
