"""Content parts for an upstream: text, pictures and documents, as far as the upstream can read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from app.dialects import wording
from app.dialects.notes import Notes
from app.dialects.openai_chat import wire
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import CacheMark, Document, Foreign, Image, Part, Text


def content(parts: Iterable[wire.PartOut], separator: str) -> wire.Content:
    """The parts as one string where they are plain text, else as they are."""
    listed = list(parts)
    texts = [part.text for part in listed if isinstance(part, wire.TextOut) and part.cache_control is None]
    return separator.join(texts) if len(texts) == len(listed) else listed


class PartWriter:
    """Writes parts for one upstream."""

    def __init__(self, profile: Profile, notes: Notes) -> None:
        self._profile = profile
        self._notes = notes

    def write(self, part: Part) -> Iterator[wire.PartOut]:
        """The content parts for one part of a user or assistant message; none for what has no place there."""
        if isinstance(part, Text):
            yield from self.text(part.text, part.cache)
        elif isinstance(part, Image):
            yield self.image(part)
        elif isinstance(part, Document):
            yield from self.document(part)
        elif isinstance(part, Foreign):
            if not part.text:
                self._notes.drop(f"messages: {part.kind}")
            yield from self.text(part.text)

    def text(self, text: str, cache: CacheMark | None = None) -> Iterator[wire.TextOut]:
        """A text part; none for an empty text, which upstreams reject."""
        if not text:
            return
        mark = None
        if cache is not None and self._profile.cache_control:
            mark = wire.CacheControl(ttl=cache.ttl or UNSET)
        yield wire.TextOut(text, mark)

    def image(self, image: Image) -> wire.PartOut:
        """A picture part, or a text that says that it was left out."""
        if self._profile.images == "none":
            self._notes.drop("image")
            return wire.TextOut(wording.IMAGE_OMITTED)
        if image.data:
            return wire.ImageOut(wire.ImageUrl(f"data:{image.media_type};base64,{image.data}"))
        if self._profile.images == "data":
            raise PatchbayError(
                ErrorKind.UNSUPPORTED,
                "This upstream takes pictures only inside the request, not by their address: send the image as base64.",
                param="messages",
            )
        return wire.ImageOut(wire.ImageUrl(image.url))

    def document(self, document: Document) -> Iterator[wire.PartOut]:
        """A document: as a file, as its text with its title around it, or a text that says that it was left out."""
        if document.text:
            yield wire.TextOut(f"{wording.opening(document)}\n{document.text}\n</document>")
        elif document.parts:
            yield wire.TextOut(wording.opening(document))
            for part in document.parts:
                yield from self.write(part)
            yield wire.TextOut("</document>")
        elif document.url:
            yield self._linked(document)
        else:
            yield self._file(document)

    def can_attach(self, part: Part) -> bool:
        """Whether a part is a picture or file that the upstream reads, in a user message only."""
        if isinstance(part, Image):
            return self._profile.images != "none"
        return isinstance(part, Document) and not document_text(part) and self._profile.pdf == "file"

    def _linked(self, document: Document) -> wire.PartOut:
        if self._profile.kind != "openrouter":
            raise PatchbayError(
                ErrorKind.UNSUPPORTED,
                "This upstream cannot fetch a document from an address: send it as base64 or as text.",
                param="messages",
            )
        return wire.FileOut(wire.File(document.title or "document.pdf", document.url))

    def _file(self, document: Document) -> wire.PartOut:
        if self._profile.pdf == "file":
            data = f"data:{document.media_type or 'application/pdf'};base64,{document.data}"
            return wire.FileOut(wire.File(document.title or "document.pdf", data))
        self._notes.drop("document")
        return wire.TextOut(wording.file_omitted(document))


def document_text(document: Document) -> bool:
    """Whether a document is made of text."""
    return bool(document.text or document.parts)
