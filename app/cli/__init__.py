"""Patchbay in the terminal: the same use cases as the window's, printed.

What it is for: `parser.py` understands the command line, `commands.py` lists the commands, `running.py` reads what the
running program tells of itself, the other files are the commands. May import: domain, control. Thread: each command is
one coroutine on a loop of its own. No Qt anywhere.

Adding a command: a coroutine `(context, options) -> exit code`, its arguments in `parser.py`, a line in
`commands.COMMANDS`. Every command works beside a running Patchbay: it edits the same files, which the program watches.

Decisions: a key is never an argument, because arguments are seen by every user and kept by the shell; it is read from
standard input or asked for. Answers go to standard output, everything else to standard error, so that pipes stay clean.
"""
