"""How an older file becomes a newer one: for each database an ordered list of small functions.

The number of a file (`PRAGMA user_version`) is how many of them it has seen. A file without any table is made from
`tables.py` at once; `tests/house/test_schema.py` proves that both ways lead to the same schema. A function that has
been released is never changed. Each gets the connection inside a transaction and may use constant SQL only: the models
in `tables.py` describe today's tables, not those of its time.
"""
