"""Pointing AI tools at Patchbay: the lines a person pastes into a shell.

What it is for: the text behind "Copy settings for …" and `patchbay env`. May import: domain. Thread: any; pure text.

Adding a client: one row in `snippets.CLIENTS`. Decision: environment variables rather than edits of the tools' files,
because they are visible, belong to one terminal, and leave nothing behind.
"""
