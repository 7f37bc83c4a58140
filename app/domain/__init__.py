"""Nouns and arithmetic of Patchbay; standard library only.

What it is for: the values that every other room speaks in. May import: nothing of ours. Thread: any; every value is
frozen, and the few that change (`measure.Meter`) say so. There is no I/O here, no clock, no thread.

Adding one: a new noun is a new file named after it. Decisions: frozen slotted dataclasses rather than dicts or
pydantic models (a typo is an error at type-check time, and nothing is validated twice); JSON that we do not
interpret crosses rooms as `bytes`, never as a dict.
"""
