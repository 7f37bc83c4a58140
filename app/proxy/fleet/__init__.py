"""Who serves next: the targets of a plan in the order of its strategy, without those that rest or cannot.

May import domain. Everything here belongs to the loop's thread, returns at once and reads no clock but the one it is
given. `fleet.py` is the page to read first: `arrange` orders, `unfit` says who is skipped and why, `permit` counts who
runs, and `Permit.end` is the only way in which anything is learned. `breaker`, `cooldown`, `affinity`, `wheel`, `loads`
and `latencies` each remember one thing; `strategies` orders by them; `fitness` compares a request with what a target
can do. To add a strategy: a word in `domain.routing.Strategy` and a function in `strategies.ORDERS`.

Decided: state hangs on (provider, account), for a key's limit and a key's outage are the account's; a breaker for each
model as well would need five failures of each to learn of one outage. Nothing is written to disk: after a start each
provider is asked once, which costs less than a rest that is out of date.
"""
