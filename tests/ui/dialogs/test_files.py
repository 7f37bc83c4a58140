from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui.dialogs.files import choose_open, choose_save


def test_a_place_to_save_is_asked_for_without_a_loop_of_its_own(show, tmp_path):
    chosen = []
    dialog = choose_save(show(QWidget()), "Export", "history.csv", "CSV (*.csv)", chosen.append)
    assert dialog.isVisible()
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert dialog.nameFilters() == ["CSV (*.csv)"]
    dialog.fileSelected.emit(str(tmp_path / "x.csv"))
    assert chosen == [tmp_path / "x.csv"]
    dialog.reject()


@pytest.mark.parametrize("there", [True, False])
def test_without_a_documents_folder_it_begins_at_home(show, tmp_path, monkeypatch, there):
    home, documents = tmp_path / "home", tmp_path / "home" / "Documents"
    (documents if there else home).mkdir(parents=True)
    places = {"DocumentsLocation": documents, "HomeLocation": home}
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda kind: str(places[kind.name]))
    dialog = choose_save(show(QWidget()), "Export", "history.csv", "CSV (*.csv)", print)
    assert Path(dialog.directory().absolutePath()) == (documents if there else home)
    dialog.reject()


def test_a_file_that_exists_is_asked_for(show, tmp_path):
    chosen = []
    dialog = choose_open(show(QWidget()), "Import", tmp_path, "TOML (*.toml)", chosen.append)
    assert Path(dialog.directory().absolutePath()) == tmp_path
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
    dialog.reject()
    assert chosen == []
