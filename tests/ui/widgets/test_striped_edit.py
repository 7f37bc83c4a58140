from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextCursor

from app.ui import theme
from app.ui.widgets.striped_edit import STRIPE, STRIPE_LEFT, StripedEdit


def test_only_lines_that_ask_for_it_have_a_stripe(show):
    edit = show(StripedEdit())
    striped = QTextCharFormat()
    striped.setProperty(STRIPE, "accent")
    cursor = QTextCursor(edit.document())
    cursor.insertText("plain\n", QTextCharFormat())
    cursor.insertText("spoken\n\nand on\n", striped)
    cursor.insertText("plain", QTextCharFormat())
    picture = edit.viewport().grab().toImage()
    block, colors = edit.document().firstBlock(), []
    while block.isValid():
        place = edit.blockBoundingGeometry(block).translated(edit.contentOffset())
        colors.append(picture.pixelColor(STRIPE_LEFT + 1, int(place.center().y())) == theme.color("accent"))
        block = block.next()
    assert colors == [False, True, True, True, False]
