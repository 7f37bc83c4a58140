from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Image, Text
from app.vendors import profiles
from tests.dialects.gemini.turns import parts, user, written

BLIND = replace(profiles.GEMINI, images="none", pdf="none")


def test_pictures_and_files_stand_inside():
    assert parts(user(Image("image/webp", "aaaa"), Document("", "bbbb"))) == [
        {"inlineData": {"mimeType": "image/webp", "data": "aaaa"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "bbbb"}},
    ]


def test_a_common_misspelling_is_mended():
    assert parts(user(Image("image/jpg", "aaaa")))[0]["inlineData"]["mimeType"] == "image/jpeg"


def test_what_the_upstream_cannot_see_is_said():
    sent = written(user(Image("image/png", "aaaa"), Document("application/pdf", "bbbb", title="T")), profile=BLIND)
    assert sent.dropped == ("image", "document")
    first, second = parts(user(Image("image/png", "aaaa"), Document(url="https://a/b.pdf")), profile=BLIND)
    assert "omitted" in first["text"]
    assert "omitted" in second["text"]


def test_documents_of_text_are_text():
    nested = Document(parts=(Text("a"), Image("image/png", "aaaa")), title="N")
    found = parts(user(Document(text="body", title='T"', context="c"), nested))
    assert found == [
        {"text": '<document title="T&quot;" context="c">\nbody\n</document>'},
        {"text": '<document title="N">'},
        {"text": "a"},
        {"inlineData": {"mimeType": "image/png", "data": "aaaa"}},
        {"text": "</document>"},
    ]


@pytest.mark.parametrize(
    ("part", "file"),
    [
        (Image(url="https://a/b.PNG?x=1"), {"fileUri": "https://a/b.PNG?x=1", "mimeType": "image/png"}),
        (Image("image/webp", url="https://a/b"), {"fileUri": "https://a/b", "mimeType": "image/webp"}),
        (Document(url="https://a/b.pdf"), {"fileUri": "https://a/b.pdf", "mimeType": "application/pdf"}),
        (Document(url="https://a/b"), {"fileUri": "https://a/b"}),
    ],
)
def test_addresses_are_fetched_by_google(part: Image | Document, file: dict[str, str]):
    assert parts(user(part)) == [{"fileData": file}]


OWN = "https://generativelanguage.googleapis.com/v1beta/files/abc"


@pytest.mark.parametrize("url", [OWN, "gs://bucket/x.png", "https://youtu.be/x", "https://www.youtube.com/watch?v=x"])
def test_google_s_own_addresses_are_read_by_every_model(url: str):
    assert parts(user(Image(url=url)), model="gemini-2.0-flash")[0]["fileData"]["fileUri"] == url


@pytest.mark.parametrize(
    ("url", "model", "images"),
    [
        ("https://a/b.png", "gemini-2.0-flash", "url"),
        ("https://a/b.png", "gemini-3.8-flash", "data"),
        ("ftp://a/b.png", "gemini-3.8-flash", "url"),
        ("http://[", "gemini-3.8-flash", "url"),
    ],
)
def test_other_addresses_are_refused(url: str, model: str, images: str):
    with pytest.raises(PatchbayError) as raised:
        written(user(Image(url=url)), model=model, profile=replace(profiles.GEMINI, images=images))
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "messages")
