from __future__ import annotations

from app.ui.pages.detail.headers import HeadersTab
from tests.fakes import sample
from tests.fakes.conversations import agent_detail
from tests.ui.conftest import until


async def test_all_sides_with_their_lines_and_masked_secrets(show, tasks):
    tab = show(HeadersTab(tasks), 600, 600)
    tab.show_detail(agent_detail(sample.rows(3)[2]), "")
    await until(lambda: "Client reply" in tab.text.edit.toPlainText())
    lines = tab.text.edit.toPlainText().split("\n")
    assert lines[:2] == ["Client request", "POST /v1/messages?beta=true"]
    assert "authorization: [secret]" in lines
    assert lines.count("200 OK") == 2
    assert "request-id: req_011CT" in lines
    tab.forget()
    await until(lambda: not tab.text.edit.toPlainText())


async def test_a_header_cannot_break_out_of_its_line(show, tasks):
    from dataclasses import replace

    from app.domain.exchange import StoredSide

    detail = replace(
        agent_detail(sample.rows(3)[2]), client_request=StoredSide("GET /", (("x-a\r\nb", "1\n2\u2028<b>3</b>"),))
    )
    tab = show(HeadersTab(tasks), 600, 600)
    tab.show_detail(detail, "")
    await until(lambda: "x-a" in tab.text.edit.toPlainText())
    assert "x-a b: 1 2 <b>3</b>" in tab.text.edit.toPlainText().split("\n")
