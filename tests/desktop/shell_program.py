"""The whole face over fake services, as a program for the tray tests: prints what the services are asked.

Arguments: --hidden starts into the tray, --empty without a provider. Ends when the user quits.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.fakes.services import FakeServices


class Told(list):
    """The calls, each printed as it is made."""

    def append(self, call):
        if call[0] in {"use", "choose", "pause", "resume", "snippet"}:
            print(*call, flush=True)
        super().append(call)


def fake(folder: Path) -> FakeServices:
    made = FakeServices.empty if "--empty" in sys.argv else FakeServices.lively
    services = made(folder) if "--empty" in sys.argv else made(folder, now_s=time.monotonic())
    calls = Told()
    for room in (services.proxy, services.providers, services.routes, services.keys, services.insight):
        room.calls = calls
    services.calls = calls
    return services


async def main() -> int:
    from app.ui.app import Desktop

    done = asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        desktop = Desktop(
            fake(Path(folder)),
            layout_path=Path(folder) / "layout.ini",
            hidden="--hidden" in sys.argv,
            quit=done.set,
        )
        desktop.start()
        print("ready", flush=True)
        async with asyncio.timeout(120):
            await done.wait()
        await desktop.close()
    print("done", flush=True)
    return 0


if __name__ == "__main__":
    from app.loop import run

    sys.exit(run(main()))
