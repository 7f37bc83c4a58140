"""`patchbay env` and `patchbay key …`."""

from __future__ import annotations

import argparse

from app.cli.context import Context
from app.cli.patience import for_the_keyring


async def env(context: Context, options: argparse.Namespace) -> int:
    """Print the lines that point a client here, ready for `eval`."""
    with for_the_keyring(context.out):
        lines = await context.services.keys.snippet(options.client, options.shell)
    context.out.say(lines.rstrip("\n"))
    if not context.process:
        context.out.note("patchbay: not running now; start it for these lines to be of use")
    return 0


async def show(context: Context, options: argparse.Namespace) -> int:
    """List the client keys; the keys themselves are not kept."""
    keys = context.services.keys.all()
    if options.json:
        context.out.json([{"id": key.id, "name": key.name} for key in keys])
    else:
        context.out.table(("id", "name"), [(key.id, key.name) for key in keys])
    return 0


async def create(context: Context, options: argparse.Namespace) -> int:
    """Create a client key and print it, this once."""
    secret = await context.services.keys.create(options.name)
    context.out.say(secret.value)
    context.out.note("This key is shown only now; Patchbay keeps no more than its digest.")
    return 0


async def revoke(context: Context, options: argparse.Namespace) -> int:
    """Revoke a client key."""
    with for_the_keyring(context.out):
        key = await context.services.keys.revoke(options.key)
    context.out.note(f"Revoked {key.name} ({key.id}).")
    return 0
