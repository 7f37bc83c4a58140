"""The data plane: a client's request comes in, goes to the chosen provider, and the answer comes back.

Start with `pipeline.py`: one coroutine, one line a stage. May import: domain, dialects, vendors; third-party: aiohttp,
truststore, brotli, zstandard. Thread: the loop's, every line of it; it runs on the desktop loop, on uvloop and on
asyncio's own. There is no Qt here, no database, no keyring: what it needs to know is in one frozen `Snapshot`.

    server -> pipeline: gate -> auth -> limiter -> body -> router -> lane -> upstream
                                                             passthrough | convert   -> relay + tap -> record

Adding a stage is a line in `pipeline.py` and a file; a path that clients may call comes from a dialect's `endpoints`
and nowhere else, so nothing can be reached around the gate.

Decisions: `aiohttp.web.Server` with one handler (lost: Application with routes and middlewares, which costs a third
more per request and lets a route be added beside the gate). One watchdog that sweeps all deadlines (lost: a timer per
wait, which is most of what a stream costs). The tap reads what goes by and can neither raise nor wait (lost: parsing
in the relay, where a bug in a parser damages a stream that needed no parsing).
"""
