"""Pictures and files in a request -> neutral parts."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

from app.dialects.body import invalid
from app.dialects.openai_responses import wire_in
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import CacheMark, Document, Image

_PDF = "application/pdf"


def unsupported(what: str, param: str) -> PatchbayError:
    """An UNSUPPORTED error that names the field."""
    return PatchbayError(ErrorKind.UNSUPPORTED, f"{param}: {what} cannot be carried to this upstream.", param=param)


def read_image(part: wire_in.PartIn, at: str, cache: CacheMark | None) -> Image:
    """A picture by its address or inside the request; raises INVALID_REQUEST or UNSUPPORTED with its place."""
    given = part.image_url
    url = given.url if isinstance(given, wire_in.ImageUrl) else given
    if not url:
        if part.file_id:
            raise unsupported("a file kept at OpenAI", f"{at}.file_id")
        raise invalid("an address or data URL is required", f"{at}.image_url")
    if not url.startswith("data:"):
        return Image(url=url, cache=cache)
    media_type, data = _data_url(url, f"{at}.image_url")
    return Image(media_type, data, cache=cache)


def read_file(part: wire_in.PartIn, at: str, cache: CacheMark | None) -> Document:
    """A file by its address or inside the request; raises INVALID_REQUEST or UNSUPPORTED with its place."""
    title = part.filename or ""
    if part.file_url:
        return Document(_PDF, url=part.file_url, title=title, cache=cache)
    if not part.file_data:
        if part.file_id:
            raise unsupported("a file kept at OpenAI", f"{at}.file_id")
        raise invalid("the file's content is required", f"{at}.file_data")
    if not part.file_data.startswith("data:"):
        return Document(_PDF, data=part.file_data, title=title, cache=cache)
    media_type, data = _data_url(part.file_data, f"{at}.file_data")
    if media_type == _PDF:
        return Document(media_type, data=data, title=title, cache=cache)
    if not media_type.startswith("text/"):
        raise unsupported(f"a file of type {media_type[:40] or 'unknown'}", f"{at}.file_data")
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("the file is no text in UTF-8, encoded as base64", f"{at}.file_data") from None
    return Document(media_type, text=text, title=title, cache=cache)


def _data_url(url: str, at: str) -> tuple[str, str]:
    """The media type and the base64 data of a data URL (RFC 2397)."""
    head, comma, data = url.removeprefix("data:").partition(",")
    if not comma:
        raise invalid("the data URL has no data", at)
    media_type, *options = head.split(";")
    if "base64" not in options:
        data = base64.b64encode(unquote_to_bytes(data)).decode()
    return media_type.lower(), data
