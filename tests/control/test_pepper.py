from __future__ import annotations

import pytest

from app.control.pepper import load_pepper
from app.domain.errors import ConfigError


def test_the_pepper_is_made_once_and_a_damaged_one_is_not_replaced(desk):
    path = desk.folder / "pepper"
    pepper = load_pepper(path, desk.write)
    assert len(pepper) == 32
    assert load_pepper(path, desk.write) == pepper
    path.write_bytes(b"short")
    with pytest.raises(ConfigError, match="must hold 32 bytes"):
        load_pepper(path, desk.write)
    assert path.read_bytes() == b"short"


def test_a_pepper_that_cannot_be_kept_is_said_with_its_file(desk):
    desk.failing = True
    with pytest.raises(ConfigError, match=r"pepper: cannot be read or written \(No space left"):
        load_pepper(desk.folder / "pepper", desk.write)
