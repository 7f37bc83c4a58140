"""What the Anthropic Messages API answers, whole and as a stream; unknown members are ignored.

Source: the typed models of the vendor's own SDK (`anthropic.types`). The events of a stream are untracked by the
garbage collector: they hold no containers, and hundreds come with every answer.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field


class StopDetails(Struct, gc=False):
    """Why the model refused."""

    explanation: str | None = None


class Reply(Struct):
    """The body of an answer; `usage` is checked number by number."""

    content: list[Raw]
    id: str = ""
    model: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    usage: Raw = Raw()


class MessageHead(Struct, gc=False):
    """The message inside `message_start`."""

    id: str = ""
    model: str = ""
    usage: Raw = Raw()


class Words(Struct, gc=False):
    """What a delta adds to its block, whatever the vendor calls it."""

    text: str = ""


class TextDelta(Words, tag="text_delta", gc=False):
    """More text."""


class ThinkingDelta(Words, tag="thinking_delta", gc=False):
    """More thinking."""

    text: str = field(default="", name="thinking")


class SignatureDelta(Struct, tag="signature_delta", gc=False):
    """The signature of a thinking block."""

    signature: str = ""


class InputDelta(Words, tag="input_json_delta", gc=False):
    """More of a tool's JSON arguments."""

    text: str = field(default="", name="partial_json")


class StopDelta(Struct, gc=False):
    """How the answer ended."""

    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None


class MessageStart(Struct, tag="message_start", gc=False):
    """The answer begins."""

    message: MessageHead


class BlockStart(Struct, tag="content_block_start", gc=False):
    """A block begins."""

    index: int
    content_block: Raw


class BlockDelta(Struct, tag="content_block_delta", gc=False):
    """A block goes on."""

    index: int
    delta: TextDelta | ThinkingDelta | SignatureDelta | InputDelta


class BlockStop(Struct, tag="content_block_stop", gc=False):
    """A block is complete."""

    index: int


class MessageDelta(Struct, tag="message_delta", gc=False):
    """The stop reason and the counts so far."""

    delta: StopDelta
    usage: Raw = Raw()


class MessageStop(Struct, tag="message_stop", gc=False):
    """The answer is complete."""


class Ping(Struct, tag="ping", gc=False):
    """The upstream is alive."""


class Error(Struct, tag="error", gc=False):
    """The answer ends here; the whole event goes to `upstream_error`."""


Event = MessageStart | BlockStart | BlockDelta | BlockStop | MessageDelta | MessageStop | Ping | Error
