"""A `Filter` as conditions on the exchange table."""

from __future__ import annotations

from peewee import SQL, Expression

from app.domain.exchange import Filter
from app.store.packing import ANSWER, CLIENT_REQUEST
from app.store.search import MAX_QUERY, terms
from app.store.tables import Exchange

Condition = Expression | SQL

# From the blocks that hold the words up through the nodes they are part of to the exchanges: what a client sent, and
# the answer. Each term is asked for by itself, because the words may stand in different messages.
_HOLDS = f"""(
    WITH RECURSIVE up (id) AS (
        SELECT rowid FROM search WHERE search MATCH ?
        UNION
        SELECT link.parent FROM link JOIN up ON link.child = up.id
    )
    SELECT side.exchange FROM up JOIN side ON side.block = up.id WHERE side.kind IN ({CLIENT_REQUEST}, {ANSWER})
)"""  # noqa: S608 (two constants of ours)
NOTHING = SQL("0")
_NAMED = (
    "provider || ' ' || sent_model || ' ' || requested_model || ' ' || client || ' ' || session_id || ' ' || "
    "error_kind || ' ' || error LIKE ? ESCAPE '!'"
)


def _like(word: str) -> str:
    text = word.encode("utf-8", "replace").decode().replace("\0", " ")
    return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


def conditions(wanted: Filter) -> list[Condition]:
    """What a row must fulfil; none for an empty filter."""
    found: list[Condition] = []
    if wanted.providers:
        found.append(Exchange.provider.in_(wanted.providers))
    if wanted.models:
        found.append(Exchange.sent_model.in_(wanted.models) | Exchange.requested_model.in_(wanted.models))
    if wanted.states:
        found.append(Exchange.state.in_([state.value for state in wanted.states]))
    if wanted.clients:
        found.append(Exchange.client.in_(wanted.clients))
    if wanted.client_keys:
        found.append(Exchange.client_key.in_(wanted.client_keys))
    if wanted.session_id:
        found.append((Exchange.session_id == wanted.session_id) & (Exchange.session_id != ""))  # as its index has it
    if wanted.since_us:
        found.append(Exchange.started_us >= wanted.since_us)
    if wanted.until_us:
        found.append(Exchange.started_us < wanted.until_us)
    found += [SQL(_NAMED, (_like(word),)) for word in wanted.names[:MAX_QUERY].replace('"', " ").split()]
    if wanted.search.strip():
        found += [Exchange.seq.in_(SQL(_HOLDS, (term,))) for term in terms(wanted.search)] or [NOTHING]
    return found
