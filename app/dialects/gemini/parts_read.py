"""Media in a client's parts -> pictures and documents; base64 of either alphabet becomes the common one."""

from __future__ import annotations

import base64
import binascii
import posixpath
from urllib.parse import urlsplit

from app.dialects.body import invalid
from app.dialects.gemini import wire_in as wire
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Image

_PDF = "application/pdf"
_TEXTS = ("application/json", "application/xml", "application/javascript", "application/x-javascript")
"""Types that are text although their name does not say so."""
_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_AT_GOOGLE = ("generativelanguage.googleapis.com", "www.youtube.com", "youtube.com", "youtu.be")
_ALPHABET = str.maketrans("-_", "+/")


def blob(given: wire.BlobIn, at: str) -> Image | Document:
    """Media that stands in the request; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with the place."""
    kind = _media_type(given.mime_type)
    if not kind:
        raise invalid("field required", f"{at}.mimeType")
    if not given.data:
        raise invalid("field required", f"{at}.data")
    data = _common(given.data)
    title = given.display_name or ""
    if kind.startswith("image/"):
        return Image(kind, data)
    if kind == _PDF:
        return Document(kind, data=data, title=title)
    if kind.startswith("text/") or kind in _TEXTS:
        return Document("text/plain", text=_text(data, f"{at}.data"), title=title)
    raise unsupported(f"media of type {kind[:60]}", f"{at}.mimeType")


def file(given: wire.FileIn, at: str) -> Image | Document:
    """Media at an address; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with the place."""
    if not given.file_uri:
        raise invalid("field required", f"{at}.fileUri")
    try:
        url = urlsplit(given.file_uri)
    except ValueError:
        raise invalid("the address cannot be read", f"{at}.fileUri") from None
    if url.scheme not in ("http", "https") or url.hostname in _AT_GOOGLE:
        raise unsupported("a file kept at Google", f"{at}.fileUri")
    ending = posixpath.splitext(url.path)[1].lower()
    kind = _media_type(given.mime_type) or _PICTURES.get(ending, _PDF if ending == ".pdf" else "")
    if kind.startswith("image/"):
        return Image(kind, url=given.file_uri)
    if kind == _PDF:
        return Document(kind, url=given.file_uri, title=given.display_name or "")
    raise unsupported(f"a file of type {kind[:60] or 'unknown'}", f"{at}.mimeType")


def unsupported(what: str, param: str) -> PatchbayError:
    """An UNSUPPORTED error that names the field."""
    return PatchbayError(ErrorKind.UNSUPPORTED, f"{param}: {what} cannot be carried to this upstream.", param=param)


def _media_type(given: str | None) -> str:
    """The type without its parameters, in small letters."""
    return (given or "").partition(";")[0].strip().lower()


def _common(data: str) -> str:
    """Base64 in the alphabet of RFC 4648, section 4: the SDK writes that of section 5."""
    if "-" in data or "_" in data:
        data = data.translate(_ALPHABET)
    return data + "=" * (-len(data) % 4)


def _text(data: str, at: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("the file is no text in UTF-8, encoded as base64", at) from None
