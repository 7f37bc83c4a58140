"""The history as a file: written in a thread, with progress, and cancelled without leaving half a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.control.asking import asked
from app.domain.exchange import Filter

if TYPE_CHECKING:
    from app.store.queries.reader import HistoryReader


class ExportControl:
    """Exports of the history."""

    def __init__(self, reader: HistoryReader) -> None:
        self._reader = reader

    async def export(
        self,
        path: Path,
        format: str,  # noqa: A002 (the word people use for it)
        wanted: Filter,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> int:
        """Write the rows to `path` ("csv" or "jsonl"); how many. A failed or cancelled export leaves an older file.

        `progress(done, of)` is called on the loop, `cancelled()` in the thread. Raises KeyError for another format,
        OSError where the file cannot be written, `Cancelled` where it was.
        """
        from app.export import export_file

        total = await asked(self._reader.count, wanted)
        loop = asyncio.get_running_loop()

        def tell(done: int) -> None:
            if progress is not None:
                loop.call_soon_threadsafe(progress, done, max(done, total))

        return await asked(export_file, path, self._reader.entries(wanted), format, progress=tell, cancelled=cancelled)

    async def write(self, out: BinaryIO, format: str, wanted: Filter) -> int:  # noqa: A002 (as above)
        """Write the rows to an open file, such as standard output; how many."""
        from app.export import write

        return await asked(
            write, self._reader.entries(wanted), out, format, progress=lambda _done: None, cancelled=lambda: False
        )
