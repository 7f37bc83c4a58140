"""Content parts for a Responses upstream, in messages and in tool results: text, pictures and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.dialects import wording
from app.dialects.notes import Notes
from app.dialects.openai_responses import wire_out
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Document, Foreign, Image, Part, Text


class PartWriter:
    """Writes parts for one upstream, as far as it can read them."""

    def __init__(self, profile: Profile, notes: Notes) -> None:
        self._profile = profile
        self._notes = notes

    def write(self, parts: Iterable[Part]) -> list[wire_out.PartOut]:
        """The content parts; none for an empty text, which upstreams reject."""
        return [one for part in parts for one in self._part(part)]

    def output(self, parts: Iterable[Part], *, is_error: bool) -> wire_out.Content:
        """What a tool answered: a string where it is plain text, else parts."""
        written = self.write(parts)
        texts = [part.text for part in written if isinstance(part, wire_out.TextOut)]
        if len(texts) == len(written):
            said = "\n".join(texts)
            return (wording.as_error(said) if is_error else said) or wording.NO_OUTPUT
        if is_error:
            first = written[0]
            if isinstance(first, wire_out.TextOut):
                first.text = wording.as_error(first.text)
            else:
                written.insert(0, wire_out.TextOut(wording.as_error("")))
        return written

    def _part(self, part: Part) -> Iterator[wire_out.PartOut]:
        match part:
            case Text(text):
                yield from _text(text)
            case Image():
                yield self._image(part)
            case Document():
                yield from self._document(part)
            case Foreign():
                if not part.text:
                    self._notes.drop(f"messages: {part.kind}")
                yield from _text(part.text)
            case _:
                pass

    def _image(self, image: Image) -> wire_out.PartOut:
        if self._profile.images == "none":
            self._notes.drop("image")
            return wire_out.TextOut(wording.IMAGE_OMITTED)
        if image.data:
            return wire_out.ImageOut(f"data:{image.media_type};base64,{image.data}")
        if self._profile.images == "data":
            raise PatchbayError(
                ErrorKind.UNSUPPORTED,
                "This upstream takes pictures only inside the request, not by their address: send the image as base64.",
                param="messages",
            )
        return wire_out.ImageOut(image.url)

    def _document(self, document: Document) -> Iterator[wire_out.PartOut]:
        if document.text:
            yield wire_out.TextOut(f"{wording.opening(document)}\n{document.text}\n</document>")
        elif document.parts:
            yield wire_out.TextOut(wording.opening(document))
            yield from self.write(document.parts)
            yield wire_out.TextOut("</document>")
        elif self._profile.pdf == "file":
            yield _file(document)
        elif document.url:
            raise PatchbayError(
                ErrorKind.UNSUPPORTED,
                "This upstream cannot fetch a document from an address: send it as text.",
                param="messages",
            )
        else:
            self._notes.drop("document")
            yield wire_out.TextOut(wording.file_omitted(document))


def _text(text: str) -> Iterator[wire_out.TextOut]:
    if text:
        yield wire_out.TextOut(text)


def _file(document: Document) -> wire_out.FileOut:
    if document.url:
        return wire_out.FileOut(file_url=document.url)
    data = f"data:{document.media_type or 'application/pdf'};base64,{document.data}"
    return wire_out.FileOut(document.title or "document.pdf", data)
