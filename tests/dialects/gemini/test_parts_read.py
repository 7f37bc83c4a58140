from __future__ import annotations

import base64

import pytest

from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.parts_read import blob, file
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Image


def b64(data):
    return base64.b64encode(data).decode()


def refused(read, given):
    with pytest.raises(PatchbayError) as raised:
        read(given, "at")
    return raised.value.kind, raised.value.param


def test_pictures_and_documents():
    assert blob(wire.BlobIn("image/PNG; x=y", "aaaa"), "") == Image("image/png", "aaaa")
    pdf = Document("application/pdf", data="aaaa", title="a.pdf")
    assert blob(wire.BlobIn("application/pdf", "aaaa", "a.pdf"), "") == pdf
    assert blob(wire.BlobIn("text/markdown", b64("# ü".encode())), "") == Document("text/plain", text="# ü")
    assert blob(wire.BlobIn("application/json", b64(b"{}")), "") == Document("text/plain", text="{}")


def test_base64_of_the_other_alphabet_becomes_the_common_one():
    data = bytes(range(240, 256))
    given = base64.urlsafe_b64encode(data).decode().rstrip("=")
    found = blob(wire.BlobIn("image/png", given), "")
    assert isinstance(found, Image)
    assert base64.b64decode(found.data, validate=True) == data


def test_what_cannot_be_carried_is_refused_by_name():
    assert refused(blob, wire.BlobIn("audio/wav", "aaaa")) == (ErrorKind.UNSUPPORTED, "at.mimeType")
    assert refused(blob, wire.BlobIn("video/mp4", "aaaa")) == (ErrorKind.UNSUPPORTED, "at.mimeType")
    assert refused(blob, wire.BlobIn(None, "aaaa")) == (ErrorKind.INVALID_REQUEST, "at.mimeType")
    assert refused(blob, wire.BlobIn("image/png", "")) == (ErrorKind.INVALID_REQUEST, "at.data")
    assert refused(blob, wire.BlobIn("text/plain", "!!!")) == (ErrorKind.INVALID_REQUEST, "at.data")
    assert refused(blob, wire.BlobIn("text/plain", b64(b"\xff"))) == (ErrorKind.INVALID_REQUEST, "at.data")


def test_files_at_an_address():
    assert file(wire.FileIn("https://x/a", "image/webp"), "") == Image("image/webp", url="https://x/a")
    assert file(wire.FileIn("https://x/a.JPG?b"), "") == Image("image/jpeg", url="https://x/a.JPG?b")
    pdf = Document("application/pdf", url="https://x/a.pdf", title="A")
    assert file(wire.FileIn("https://x/a.pdf", None, "A"), "") == pdf


@pytest.mark.parametrize(
    "uri",
    [
        "gs://bucket/a.png",
        "https://generativelanguage.googleapis.com/v1beta/files/abc",
        "https://www.youtube.com/watch?v=x",
    ],
)
def test_files_that_only_google_can_open_are_refused(uri):
    assert refused(file, wire.FileIn(uri, "image/png")) == (ErrorKind.UNSUPPORTED, "at.fileUri")


def test_files_of_unknown_kind_are_refused():
    assert refused(file, wire.FileIn("https://[bad/a.png")) == (ErrorKind.INVALID_REQUEST, "at.fileUri")
    assert refused(file, wire.FileIn("https://x/a")) == (ErrorKind.UNSUPPORTED, "at.mimeType")
    assert refused(file, wire.FileIn("https://x/a", "video/mp4")) == (ErrorKind.UNSUPPORTED, "at.mimeType")
    assert refused(file, wire.FileIn(None, "image/png")) == (ErrorKind.INVALID_REQUEST, "at.fileUri")
