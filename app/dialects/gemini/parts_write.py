"""Content parts for a Gemini upstream: text, pictures and documents, as far as it can read them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from app.dialects import wording
from app.dialects.gemini.families import Family
from app.dialects.gemini.wire_out import BlobOut, FileOut, PartOut
from app.dialects.notes import Notes
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Document, Foreign, Image, Part, Text

_OWN_HOSTS = ("generativelanguage.googleapis.com", "www.youtube.com", "youtube.com", "youtu.be")
"""Whose addresses every model reads: files that were uploaded to Google, and films."""
_MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}


class PartWriter:
    """Writes parts for one upstream."""

    def __init__(self, family: Family, profile: Profile, notes: Notes) -> None:
        self._family = family
        self._profile = profile
        self._notes = notes

    def write(self, part: Part) -> Iterator[PartOut]:
        """The content parts for one part of a message; none for empty text, which is a 400, or what has no place."""
        match part:
            case Text():
                if part.text:
                    yield PartOut(text=part.text)
            case Image():
                yield self._image(part)
            case Document():
                yield from self._document(part)
            case Foreign():
                if part.text:
                    yield PartOut(text=part.text)
                else:
                    self._notes.drop(f"messages: {part.kind}")
            case _:
                pass

    def _image(self, image: Image) -> PartOut:
        if self._profile.images == "none":
            self._notes.drop("image")
            return PartOut(text=wording.IMAGE_OMITTED)
        if image.url:
            return self._linked(image.url, image.media_type, "image")
        kind = "image/jpeg" if image.media_type == "image/jpg" else image.media_type
        return PartOut(inline_data=BlobOut(kind or "image/png", image.data))

    def _document(self, document: Document) -> Iterator[PartOut]:
        if document.text:
            yield PartOut(text=f"{wording.opening(document)}\n{document.text}\n</document>")
        elif document.parts:
            yield PartOut(text=wording.opening(document))
            for part in document.parts:
                yield from self.write(part)
            yield PartOut(text="</document>")
        elif self._profile.pdf != "file":
            self._notes.drop("document")
            yield PartOut(text=wording.file_omitted(document))
        elif document.url:
            yield self._linked(document.url, document.media_type, "document")
        else:
            yield PartOut(inline_data=BlobOut(document.media_type or "application/pdf", document.data))

    def _linked(self, url: str, media_type: str, what: str) -> PartOut:
        """Media at an address, which the upstream fetches by itself."""
        parts = _split(url)
        own = parts.scheme == "gs" or (parts.hostname or "") in _OWN_HOSTS
        public = self._profile.images == "url" and self._family.fetches and parts.scheme in {"http", "https"}
        if not (own or public):
            raise PatchbayError(
                ErrorKind.UNSUPPORTED,
                f"This model cannot fetch the {what} from that address: send it inside the request, as base64.",
                param="messages",
            )
        ending = posixpath.splitext(parts.path)[1].lower()
        return PartOut(file_data=FileOut(url, media_type or _MEDIA_TYPES.get(ending, "")))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # no address at all
        return SplitResult("", "", "", "", "")
