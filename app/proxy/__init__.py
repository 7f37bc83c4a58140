"""The data plane: a client's request comes in, goes to the chosen provider, and the answer comes back.

Start with `pipeline.py`: one coroutine, one line a stage. May import: domain, dialects, vendors; third-party: aiohttp,
truststore, brotli, zstandard, limits. Thread: the loop's, every line of it; it runs on the desktop loop, on uvloop and
on asyncio's own. There is no Qt here, no database, no keyring: what it needs to know is in one frozen `Snapshot`.

    server -> pipeline: gate -> auth -> permissions -> rates -> limiter -> body -> router -> failover -> lane
                                        lane: passthrough | convert -> upstream, relay + tap -> record

Adding a stage is a line in `pipeline.py` and a file; a path that clients may call comes from a dialect's `endpoints`
and nowhere else, so nothing can be reached around the gate.

Decisions: `aiohttp.web.Server` with one handler (lost: Application with routes and middlewares, which costs a third
more per request and lets a route be added beside the gate). One watchdog that sweeps all deadlines (lost: a timer per
wait, which is most of what a stream costs). The tap reads what goes by and can neither raise nor wait (lost: parsing
in the relay, where a bug in a parser damages a stream that needed no parsing). A key's list of models is about where
a request leads, not about what it is called (`permissions.py`; lost: the name alone, which a client can invent). Rates
are windows of the `limits` library over a storage of ours (`rate_memory.py`; lost: the library's own, which starts a
task and asks a thread for every hit and goes by the clock on the wall): requests in the exact moving window, tokens in
the sliding counter (lost: the moving window, an entry for each token). A request under a key that is closed is ended by
the watchdog's sweep, which asks every running one (lost: a list of requests for each key to keep right).
"""
