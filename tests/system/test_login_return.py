from __future__ import annotations

import asyncio

import pytest

from app.domain.provider import Secret
from app.system.login_return import LoginReturn, Returned

STATE = "state-0123456789"


async def ask(back, target=None, *, head=None, host=None):
    """One request as a browser sends it; the answer, whole."""
    port = int(back.url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = head or f"GET {target} HTTP/1.1\r\nHost: {host or back.url.split('/')[2]}\r\nAccept: */*\r\n\r\n"
    writer.write(line.encode())
    try:
        async with asyncio.timeout(10):
            return (await reader.read()).decode()
    finally:
        writer.close()


async def returned(back):
    async with asyncio.timeout(10):
        return await back.returned()


async def test_the_right_answer_ends_the_wait_and_the_page_says_that_the_window_can_be_closed():
    async with LoginReturn("127.0.0.1", STATE) as back:
        page = await ask(back, f"/callback?code=abc%2Fd&state={STATE}")
        assert await returned(back) == Returned(Secret("abc/d"))
    assert page.startswith("HTTP/1.1 200 OK\r\n")
    assert "This window can be closed." in page
    assert "abc" not in page
    assert "Content-Security-Policy: default-src 'none'" in page


async def test_a_refusal_is_told_by_its_word():
    async with LoginReturn("127.0.0.1", STATE) as back:
        await ask(back, f"/callback?error=access_denied&error_description=%3Cb%3E&state={STATE}")
        assert await returned(back) == Returned(None, "access_denied")


async def test_words_that_are_none_are_not_repeated():
    async with LoginReturn("127.0.0.1", STATE) as back:
        page = await ask(back, f"/callback?error=%3Cscript%3E&state={STATE}")
        assert await returned(back) == Returned(None, "")
        assert "script" not in page


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/callback?code=x&state=wrong", 400),
        ("/callback?code=x", 400),
        (f"/callback?code=x&state={STATE}&state={STATE}", 400),
        (f"/other?code=x&state={STATE}", 404),
        ("/favicon.ico", 404),
        ("/callback?" + "&".join(f"a{number}=1" for number in range(50)), 400),
    ],
)
async def test_other_answers_neither_end_nor_finish_the_login(target, status):
    async with LoginReturn("127.0.0.1", STATE) as back:
        assert (await ask(back, target)).startswith(f"HTTP/1.1 {status} ")
        await ask(back, f"/callback?code=right&state={STATE}")
        assert (await returned(back)).code == Secret("right")


@pytest.mark.parametrize(
    "head",
    [
        f"POST /callback?code=x&state={STATE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        f"GET /callback?code=x&state={STATE} HTTP/1.1\r\n\r\n",
        "\r\n\r\n",
        "GET /" + "x" * 40_000 + " HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_request_of_a_browser_is_turned_away(head):
    async with LoginReturn("127.0.0.1", STATE) as back:
        answer = await ask(back, head=head)
        assert not answer or answer.startswith("HTTP/1.1 400 ")
        assert not back._answer.done()


async def test_a_page_that_another_name_leads_here_is_turned_away():
    async with LoginReturn("127.0.0.1", STATE) as back:
        answer = await ask(back, f"/callback?code=x&state={STATE}", host="evil.example:80")
        assert answer.startswith("HTTP/1.1 400 ")
        assert not back._answer.done()


async def test_two_logins_have_ports_of_their_own():
    async with LoginReturn("127.0.0.1", "one") as first, LoginReturn("localhost", "two") as second:
        assert first.url.startswith("http://127.0.0.1:")
        assert second.url.startswith("http://localhost:")
        await ask(second, "/callback?code=b&state=two")
        await ask(first, "/callback?code=a&state=two")
        assert first.strange
        await ask(first, "/callback?code=a&state=one")
        assert ((await returned(first)).code, (await returned(second)).code) == (Secret("a"), Secret("b"))


async def test_nothing_listens_after_the_login():
    async with LoginReturn("127.0.0.1", STATE) as back:
        url = back.url
    assert url
    with pytest.raises(OSError):
        await ask(back, "/callback")


async def test_whoever_says_nothing_does_not_hold_the_end_up():
    async with LoginReturn("127.0.0.1", STATE) as back:
        port = int(back.url.split(":")[2].partition("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await ask(back, f"/callback?code=x&state={STATE}")
        await returned(back)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 2
    writer.close()
