"""Qt models over frozen rows: what the tables and lists show, without any widget.

What it is for: rows in, `data()` out; a model never queries, it is handed pages by a feed. May import: `domain`,
`control` (through the services it is given), the shell's `formats`, `theme`, `style` and `tasks`. Thread: the loop's.
To add a column to the history: one entry in `columns.COLUMNS`.

Decisions: keyset pages that grow with scrolling (`fetchMore`) and a total in words beside the table, because counting
and numbering 100,000 rows for the sake of an exact scroll bar lost: it puts a query on every step. Rows are replaced by
id when they change, so that selection and position survive every refresh.
"""
