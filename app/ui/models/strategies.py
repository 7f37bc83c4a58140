"""The strategies as people choose them: a short name, a line that explains it, words for the middle of a sentence."""

from __future__ import annotations

from app.domain.routing import Strategy

STRATEGY_LABELS = {
    Strategy.PRIORITY: "In my order",
    Strategy.ROUND_ROBIN: "In turn",
    Strategy.LEAST_USED: "Least busy",
    Strategy.LATENCY: "Fastest",
    Strategy.CHEAPEST: "Cheapest",
}
STRATEGY_HINTS = {
    Strategy.PRIORITY: "The first of the list that can answer.",
    Strategy.ROUND_ROBIN: "Each takes its share of the requests, by weight.",
    Strategy.LEAST_USED: "Whoever has the fewest requests running.",
    Strategy.LATENCY: "Whoever lately began to answer soonest.",
    Strategy.CHEAPEST: "Whoever asks least for the request; unknown prices come last.",
}
STRATEGY_TURNS = {
    Strategy.PRIORITY: "in your order",
    Strategy.ROUND_ROBIN: "in turn",
    Strategy.LEAST_USED: "the least busy first",
    Strategy.LATENCY: "the fastest first",
    Strategy.CHEAPEST: "the cheapest first",
}
"""As they stand behind "then the others"."""
