from __future__ import annotations

import tomllib
from pathlib import Path

from app.control.version import version


def test_the_program_and_its_metadata_bear_the_same_version():
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    assert version() == project["project"]["version"]
