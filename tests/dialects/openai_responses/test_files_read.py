from __future__ import annotations

import base64

import pytest

from app.dialects.openai_responses.files_read import read_file, read_image, unsupported
from app.dialects.openai_responses.wire_in import ImageUrl, PartIn
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Image

TEXT = base64.b64encode("Grüße".encode()).decode()


@pytest.mark.parametrize(
    ("given", "image"),
    [
        ("https://e.x/a.png", Image(url="https://e.x/a.png")),
        (ImageUrl("https://e.x/a.png"), Image(url="https://e.x/a.png")),
        ("data:image/PNG;base64,AA", Image("image/png", "AA")),
        ("data:image/svg+xml,%3Csvg/%3E", Image("image/svg+xml", base64.b64encode(b"<svg/>").decode())),
    ],
)
def test_a_picture_by_address_or_inside(given, image):
    assert read_image(PartIn("input_image", image_url=given), "p", None) == image


@pytest.mark.parametrize(
    ("part", "document"),
    [
        (PartIn("f", file_url="https://e.x/a.pdf"), Document("application/pdf", url="https://e.x/a.pdf")),
        (PartIn("f", file_data="JVBE"), Document("application/pdf", data="JVBE")),
        (
            PartIn("f", file_data="data:application/pdf;base64,JVBE", filename="a.pdf"),
            Document("application/pdf", data="JVBE", title="a.pdf"),
        ),
        (PartIn("f", file_data=f"data:text/plain;base64,{TEXT}"), Document("text/plain", text="Grüße")),
    ],
)
def test_a_file_by_address_or_inside(part, document):
    assert read_file(part, "p", None) == document


@pytest.mark.parametrize(
    ("read", "part", "kind", "param"),
    [
        (read_image, PartIn("i"), ErrorKind.INVALID_REQUEST, "p.image_url"),
        (read_image, PartIn("i", file_id="f"), ErrorKind.UNSUPPORTED, "p.file_id"),
        (read_image, PartIn("i", image_url="data:image/png"), ErrorKind.INVALID_REQUEST, "p.image_url"),
        (read_file, PartIn("f"), ErrorKind.INVALID_REQUEST, "p.file_data"),
        (read_file, PartIn("f", file_id="f"), ErrorKind.UNSUPPORTED, "p.file_id"),
        (read_file, PartIn("f", file_data="data:audio/wav;base64,AA"), ErrorKind.UNSUPPORTED, "p.file_data"),
        (read_file, PartIn("f", file_data="data:text/plain;base64,!"), ErrorKind.INVALID_REQUEST, "p.file_data"),
    ],
)
def test_what_is_missing_or_kept_elsewhere_is_named(read, part, kind, param):
    with pytest.raises(PatchbayError) as raised:
        read(part, "p", None)
    assert (raised.value.kind, raised.value.param) == (kind, param)


def test_an_unsupported_field_begins_its_sentence():
    assert unsupported("a thing", "x.y").message.startswith("x.y: a thing")
