"""Dialogs delete themselves when they close; whoever waits for that must not touch what is gone."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QDialog

from app.ui.tasks import Tasks


def closed(dialog: QDialog) -> bool:
    return not shiboken6.isValid(dialog) or not dialog.isVisible()


def take_down(dialog: QDialog, tasks: Tasks) -> None:
    if shiboken6.isValid(dialog):
        tasks.cancel(dialog)
        dialog.done(0)
