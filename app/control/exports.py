"""The history as a file: written in a thread, with progress, and cancelled without leaving half a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.control.background import in_thread
from app.domain.exchange import Filter

if TYPE_CHECKING:
    from app.store.queries import HistoryReader


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
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> int:
        """Write the rows to `path` ("csv" or "jsonl"); how many. A failed or cancelled export leaves an older file.

        `progress(done, of)` is called on the loop, `cancelled()` in the thread. Raises KeyError for another format,
        OSError where the file cannot be written, `Cancelled` where it was.
        """
        from app.export import export_file

        total = await in_thread(self._reader.count, wanted)
        loop = asyncio.get_running_loop()

        def tell(done: int) -> None:
            loop.call_soon_threadsafe(progress, done, max(done, total))

        return await in_thread(export_file, path, self._reader.rows(wanted), format, progress=tell, cancelled=cancelled)
