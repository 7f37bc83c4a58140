"""Pictures and files in a request -> neutral parts."""

from __future__ import annotations

from app.dialects import openai_files
from app.dialects.body import invalid
from app.dialects.openai_files import PDF, unsupported
from app.dialects.openai_responses import wire_in
from app.domain.request import CacheMark, Document, Image


def read_image(part: wire_in.PartIn, at: str, cache: CacheMark | None) -> Image:
    """A picture by its address or inside the request; raises INVALID_REQUEST or UNSUPPORTED with its place."""
    given = part.image_url
    url = given.url if isinstance(given, wire_in.ImageUrl) else given
    if not url:
        if part.file_id:
            raise unsupported("a file kept at OpenAI", f"{at}.file_id")
        raise invalid("an address or data URL is required", f"{at}.image_url")
    return openai_files.image(url, f"{at}.image_url", cache)


def read_file(part: wire_in.PartIn, at: str, cache: CacheMark | None) -> Document:
    """A file by its address or inside the request; raises INVALID_REQUEST or UNSUPPORTED with its place."""
    if part.file_url:
        return Document(PDF, url=part.file_url, title=part.filename or "", cache=cache)
    return openai_files.file(part, at, cache)
