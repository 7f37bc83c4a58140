"""Pictures and files inside a request of OpenAI's clients."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from app.dialects.openai_files import PDF, document, file, image
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Image

TEXT = base64.b64encode("héllo".encode()).decode()


def test_a_picture_stays_at_its_address_or_is_taken_out_of_its_data_url():
    assert image("https://host/a.png", "at", None) == Image(url="https://host/a.png")
    assert image("data:image/PNG;base64,AAAA", "at", None) == Image("image/png", "AAAA")
    assert image("data:image/svg+xml,%3Csvg%2F%3E", "at", None).data == base64.b64encode(b"<svg/>").decode()


def test_a_file_is_a_pdf_or_a_text():
    assert document("JVBERi0=", "a.pdf", "at", None) == Document(PDF, data="JVBERi0=", title="a.pdf")
    assert document(f"data:{PDF};base64,JVBERi0=", "", "at", None) == Document(PDF, data="JVBERi0=")
    assert document(f"data:text/plain;base64,{TEXT}", "n", "at", None) == Document(
        "text/plain", text="héllo", title="n"
    )


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        ("data:image/png", ErrorKind.INVALID_REQUEST, "no data"),
        ("data:application/zip;base64,AAAA", ErrorKind.UNSUPPORTED, "application/zip"),
        ("data:text/plain;base64,!!!!", ErrorKind.INVALID_REQUEST, "UTF-8"),
        (f"data:text/plain;base64,{base64.b64encode(bytes([255])).decode()}", ErrorKind.INVALID_REQUEST, "UTF-8"),
    ],
)
def test_what_is_neither_is_refused_with_its_place(data, kind, words):
    with pytest.raises(PatchbayError) as refused:
        document(data, "", "messages.0.content.1.file_data", None)
    assert refused.value.kind is kind
    assert words in refused.value.message
    assert refused.value.param == "messages.0.content.1.file_data"


@dataclass
class Said:
    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


def test_a_file_comes_by_its_content_or_its_address():
    assert file(Said("a.pdf", "JVBE"), "at", None) == Document(PDF, data="JVBE", title="a.pdf")
    assert file(Said(None, "https://e.x/a.pdf"), "at", None) == Document(PDF, url="https://e.x/a.pdf")
    assert file(Said(None, "JVBE", "file-1"), "at", None) == Document(PDF, data="JVBE")


@pytest.mark.parametrize(
    ("said", "kind", "param"),
    [
        (Said("a", None, "file-1"), ErrorKind.UNSUPPORTED, "at.file_id"),
        (Said("a", ""), ErrorKind.INVALID_REQUEST, "at.file_data"),
    ],
)
def test_a_file_that_is_elsewhere_or_nowhere_is_refused(said, kind, param):
    with pytest.raises(PatchbayError) as refused:
        file(said, "at", None)
    assert (refused.value.kind, refused.value.param) == (kind, param)
