"""Dialogs: every one opens with `open()` and stands over the window; none ever runs a loop of its own.

What it is for: what needs an answer before it goes on. May import: `domain`, `control` (through the services it is
given), the shell and `widgets`. Thread: the loop's. To add one: a subclass of `base.Dialog`, or of
`waiting.WaitingDialog` where it saves or asks something, in a file named after what it does, with an `open_...`
function that the pages and menus call.

Decisions: `exec()` and the static helpers of QMessageBox and QFileDialog lost: a nested event loop stops the proxy's
tasks. QMessageBox itself lost too: it takes foreign text for rich text.
"""
