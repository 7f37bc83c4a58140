"""Pictures and files inside the requests of OpenAI's clients -> neutral parts; the same in both of its dialects."""

from __future__ import annotations

import base64
import binascii
from typing import Protocol
from urllib.parse import unquote_to_bytes

from app.dialects.body import invalid
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import CacheMark, Document, Image

PDF = "application/pdf"


class Given(Protocol):
    """What a client says of a file."""

    filename: str | None
    file_data: str | None
    """A data URL, bare base64 of a PDF, or, as OpenRouter's clients have it, an address."""
    file_id: str | None


def unsupported(what: str, param: str) -> PatchbayError:
    """An UNSUPPORTED error that names the field."""
    return PatchbayError(ErrorKind.UNSUPPORTED, f"{param}: {what} cannot be carried to this upstream.", param=param)


def image(url: str, at: str, cache: CacheMark | None) -> Image:
    """A picture by its address or as a data URL; raises INVALID_REQUEST with its place."""
    if not url.startswith("data:"):
        return Image(url=url, cache=cache)
    media_type, data = _data_url(url, at)
    return Image(media_type, data, cache=cache)


def document(data: str, title: str, at: str, cache: CacheMark | None) -> Document:
    """A file as a data URL, or as bare base64 of a PDF; raises INVALID_REQUEST or UNSUPPORTED with its place."""
    if not data.startswith("data:"):
        return Document(PDF, data=data, title=title, cache=cache)
    media_type, data = _data_url(data, at)
    if media_type == PDF:
        return Document(media_type, data=data, title=title, cache=cache)
    if not media_type.startswith("text/"):
        raise unsupported(f"a file of type {media_type[:40] or 'unknown'}", at)
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("the file is no text in UTF-8, encoded as base64", at) from None
    return Document(media_type, text=text, title=title, cache=cache)


def file(given: Given, at: str, cache: CacheMark | None) -> Document:
    """A file inside the request, or by its address in the place of its content; raises as `document` does."""
    title = given.filename or ""
    if not given.file_data:
        if given.file_id:
            raise unsupported("a file kept at OpenAI", f"{at}.file_id")
        raise invalid("the file's content is required", f"{at}.file_data")
    if given.file_data.startswith(("http://", "https://")):
        return Document(PDF, url=given.file_data, title=title, cache=cache)
    return document(given.file_data, title, f"{at}.file_data", cache)


def _data_url(url: str, at: str) -> tuple[str, str]:
    """The media type and the base64 data of a data URL (RFC 2397)."""
    head, comma, data = url.removeprefix("data:").partition(",")
    if not comma:
        raise invalid("the data URL has no data", at)
    media_type, *options = head.split(";")
    if "base64" not in options:
        data = base64.b64encode(unquote_to_bytes(data)).decode()
    return media_type.lower(), data
