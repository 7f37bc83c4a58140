"""Everything about one exchange, beside the history: the conversation, the four sides, headers, timeline and cost.

What it is for: reading. May import: what `pages` may. Thread: the loop's; whatever reads a body (parsing, indenting,
comparing) runs in a thread through `TextView`. To add a tab: a `DetailTab` in a file of its own and a line in
`panel.TABS`.

Decisions: one text view for a whole conversation, with a coloured stripe for each speaker, rather than a widget for
each turn: a coding agent sends hundreds, and search, selection and copying work across turns.
"""
