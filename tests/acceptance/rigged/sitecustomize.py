"""Runs at the start of an interpreter whose PYTHONPATH names this folder: turns the screws of the computer around the
real program. What to turn is told by files in the folder that RIG_DIR names; a file that is not there turns nothing.

`clock` (seconds, a C double) moves the wall clock; `hurry` (seconds) is how often the program looks what is due, in
place of once a second, and lets health checks be a second apart; `storm` (a number) logs so many warnings a second;
`flood` (bytes) logs so much at once and is deleted then; `keyring.json` is the keyring, as narrow as Windows' own;
`keyring-full` makes writing to it fail; `do.py` is run on the program's loop and deleted, `said` is what it printed.
"""

from __future__ import annotations

import os
import pathlib
import struct
import sys
import threading
import time

import guard_off  # noqa: F401 (switches a guard of the program off where that is wanted)

FOLDER = pathlib.Path(os.environ["RIG_DIR"])
POLL_S = 0.02
RECORD_BYTES = 20_000


def move_clock() -> None:
    import mmap

    file = FOLDER / "clock"
    if not file.exists():
        return
    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), 8, prot=mmap.PROT_READ)
    real_time, real_time_ns = time.time, time.time_ns
    time.time = lambda: real_time() + struct.unpack("d", shared[:8])[0]
    time.time_ns = lambda: real_time_ns() + int(struct.unpack("d", shared[:8])[0] * 1e9)
    from app.system import clock

    clock.watch_for_resume.__kwdefaults__["every_s"] = 0.2


def hurry() -> None:
    if (FOLDER / "hurry").exists():
        from app.control import watch
        from app.store.config import routing_reading

        watch.Watch.__init__.__kwdefaults__["every_s"] = float((FOLDER / "hurry").read_text())
        routing_reading.LEAST_CHECK_S = 1


def use_keyring() -> None:
    if (FOLDER / "keyring.json").exists():
        from app.vault import backends

        backends.KNOWN = (("narrow_keyring", "a narrow keyring", 1200),)
        os.environ["PYTHON_KEYRING_BACKEND"] = "narrow_keyring.Keyring"


def log_much() -> None:
    import logging

    while True:
        storm, flood = FOLDER / "storm", FOLDER / "flood"
        if storm.exists():
            many = int(storm.read_text() or 0)
            for number in range(many // 50):
                logging.getLogger("app.rig").warning("warning %d of a storm", number)
        if flood.exists():
            _flood(int(flood.read_text()))
            flood.unlink()
        time.sleep(POLL_S)


def _flood(wanted: int) -> None:
    """Each record from another line of code, so that the limit for one line does not spare the disk."""
    import logging

    (entry,) = logging.getLogger().handlers
    logger, text = logging.getLogger("app.rig"), "much " * (RECORD_BYTES // 5)
    for number in range(wanted // RECORD_BYTES):
        while entry.queue.qsize() > 500:
            time.sleep(0.001)
        logger.handle(logger.makeRecord("app.rig", logging.WARNING, f"{number}.py", number, text, (), None))
    while entry.queue.qsize():
        time.sleep(POLL_S)


def do_as_told() -> None:
    """Scripts for the window: each runs between two turns of Qt's loop."""
    while True:
        script = FOLDER / "do.py"
        if script.exists():
            from PySide6.QtCore import QCoreApplication, QTimer

            text, app = script.read_text(), QCoreApplication.instance()
            script.unlink()
            QTimer.singleShot(0, app, lambda text=text: _run(text))
        time.sleep(POLL_S)


def _run(text: str) -> None:
    from PySide6.QtWidgets import QApplication

    windows = (one for one in QApplication.topLevelWidgets() if type(one).__name__ == "MainWindow")
    window = next((one for one in windows if one.whole), None)
    said: list[str] = []
    try:
        exec(text, {"window": window, "say": lambda *words: said.append(" ".join(map(str, words)))})
    except Exception as error:  # noqa: BLE001 (said to the test)
        said.append(f"{type(error).__name__}: {error}")
    part = FOLDER / "said.part"
    part.write_text("\n".join(said))
    part.replace(FOLDER / "said")


if "app" in sys.orig_argv:  # the program itself, none of the interpreters it may start
    move_clock()
    hurry()
    use_keyring()
    threading.Thread(target=log_much, daemon=True).start()
    if os.environ.get("RIG_WINDOW"):
        threading.Thread(target=do_as_told, daemon=True).start()
