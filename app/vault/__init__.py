"""Secrets: the system keyring, and memory; never a database, never a file in clear text.

What it is for: provider keys and the client key, read once, kept in memory, masked everywhere by the `Redactor` that
this room feeds. May import: domain; it is the only room that knows `keyring`. Thread: the public methods run on the
loop and never block it; every call into the keyring runs in a daemon thread of our own (`worker.py`).

Adding a keyring: one line in `backends.KNOWN`.

Decisions: a thread of our own rather than an executor, because a keyring whose service never answers blocks for ever
and every executor joins its threads at exit. An allow-list of backends rather than keyring's own choice, because
`keyrings.alt`, once installed, silently writes secrets to a plain file. No encrypted file of our own: without a
keyring a key lives in memory for the session or in an environment variable, and the user is told so.
"""
