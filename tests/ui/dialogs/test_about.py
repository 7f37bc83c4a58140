from __future__ import annotations

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from app.ui.dialogs.about import LIBRARIES, open_about
from tests.ui.conftest import until


async def test_it_names_version_libraries_and_their_licences(show, services, tasks):
    dialog = open_about(show(QWidget(), 700, 600), services, tasks)
    await until(lambda: "zstandard" in dialog.libraries.edit.toPlainText())
    text = dialog.libraries.edit.toPlainText()
    assert f"Qt {qVersion()}" in text
    assert "Lesser General Public License" in text
    for name, licence in LIBRARIES:
        line = next(line for line in text.split("\n") if line.startswith(f"{name} "))
        assert line.endswith(licence)
        assert any(char.isdigit() for char in line.removesuffix(licence)), line
    dialog.close()


def test_every_library_of_the_program_is_named(root):
    import tomllib

    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {one.split(";")[0].split(">")[0].strip().lower() for one in wanted}
    optional = {"secretstorage", "uvloop"}  # on one system only; named in the lock
    assert names - optional == {name.lower() for name, _ in LIBRARIES}
