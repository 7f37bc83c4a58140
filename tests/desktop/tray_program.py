"""The smallest program with a tray icon, for the tests of the tray hosts: prints what is done to it."""

from __future__ import annotations

import sys

import shiboken6
from PySide6 import QtCore, QtGui, QtWidgets


def main(app: QtWidgets.QApplication) -> int:
    app.setQuitOnLastWindowClosed(False)
    pixmap = QtGui.QPixmap(32, 32)
    pixmap.fill(QtGui.QColor("teal"))
    window = QtWidgets.QLabel("a window")
    window.setWindowTitle("Tray program")
    menu = QtWidgets.QMenu()
    colors = menu.addMenu("&Color")
    group = QtGui.QActionGroup(menu)
    for name in ("Red", "Blue"):
        action = colors.addAction(name)
        action.setCheckable(True)
        group.addAction(action)
        action.triggered.connect(lambda _, name=name: print(name, flush=True))
    menu.addSeparator()
    menu.addAction("Tell").triggered.connect(lambda: tray.showMessage("Told", "a text"))
    menu.addAction("Open").triggered.connect(window.show)
    menu.addAction("Quit").triggered.connect(app.quit)
    tray = QtWidgets.QSystemTrayIcon(QtGui.QIcon(pixmap))
    tray.setContextMenu(menu)
    tray.activated.connect(lambda reason: print(reason.name, flush=True))
    tray.messageClicked.connect(lambda: print("message", flush=True))
    QtCore.QTimer.singleShot(60_000, app.quit)
    tray.show()
    print("ready", flush=True)
    code = app.exec()
    # The icon goes before its menu, the menu before the application: in another order Qt crashes on the way out.
    shiboken6.delete(tray)
    shiboken6.delete(menu)
    return code


if __name__ == "__main__":
    application = QtWidgets.QApplication(["tray-program"])
    sys.exit(main(application))
