from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind
from app.domain.provider import Profile
from app.domain.request import CacheMark, Document, Image, Text
from app.vendors import profiles
from tests.dialects.openai_responses.written import items, refused, user, written


def content(*parts, **more):
    return items(user(*parts), **more)[0]["content"]


def text(said):
    return {"type": "input_text", "text": said}


def test_pictures():
    assert content(Image("image/png", "AA"), Image(url="https://e.x/a.png")) == [
        {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"},
        {"type": "input_image", "image_url": "https://e.x/a.png", "detail": "auto"},
    ]


def test_a_model_that_cannot_see_is_told_so():
    made = written(user(Image("image/png", "AA")), profile=Profile(images="none"))
    assert b"[image omitted" in made.body
    assert made.dropped == ("image",)


def test_documents():
    assert content(
        Document("application/pdf", "QQ"),
        Document(url="https://e.x/a.pdf"),
        Document(text="plain", title="T", context="C"),
        Document(parts=(Text("in"), Image("image/png", "AA")), title="N"),
    ) == [
        {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,QQ"},
        {"type": "input_file", "file_url": "https://e.x/a.pdf"},
        text('<document title="T" context="C">\nplain\n</document>'),
        text('<document title="N">'),
        text("in"),
        {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"},
        text("</document>"),
    ]


def test_an_upstream_that_reads_no_files():
    made = written(user(Document("application/pdf", "QQQQ")), profile=profiles.GENERIC)
    assert b"omitted: this upstream cannot read PDFs" in made.body
    assert made.dropped == ("document",)
    error = refused(user(Document(url="https://e.x/a.pdf")), profile=profiles.GENERIC)
    assert (error.kind, error.param) == (ErrorKind.UNSUPPORTED, "messages")


@pytest.mark.parametrize("profile", profiles.PROFILES)
def test_cache_marks_stay_here(profile):
    made = written(user(Text("a", CacheMark("1h"))), profile=profile)
    assert b"cache_control" not in made.body
    assert b"prompt_cache_breakpoint" not in made.body
