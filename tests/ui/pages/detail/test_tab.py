from __future__ import annotations

import pytest

from app.ui.pages.detail.panel import TABS
from app.ui.pages.detail.tab import DetailTab


async def test_every_tab_has_a_title_with_a_mnemonic_of_its_own(qapp, tasks):
    keys = [kind.title[kind.title.index("&") + 1].lower() for kind in TABS]
    assert len(set(keys)) == len(TABS)
    for kind in TABS:
        assert kind(tasks).accessibleName() == kind.title.replace("&", "")


async def test_a_tab_must_show_something(qapp, tasks):
    class Bare(DetailTab):
        title = "&Bare"

    with pytest.raises(NotImplementedError):
        Bare(tasks).show_detail(None, "")
