"""Every command of the terminal, by what stands on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from app.cli import accounts, budgets, diagnosis, error_rules, history, keys, prices, providers, routes, upkeep
from app.cli.context import Context
from app.cli.output import accept_every_letter
from app.domain.errors import ConfigError, PatchbayError, VaultError

Command = Callable[[Context, argparse.Namespace], Awaitable[int]]

COMMANDS: dict[tuple[str, str], Command] = {
    ("env", ""): keys.env,
    ("provider", "list"): providers.show,
    ("provider", "add"): providers.add,
    ("provider", "test"): providers.test,
    ("provider", "remove"): providers.remove,
    ("provider", "account"): accounts.execute,
    ("provider", "order"): routes.order,
    ("provider", "failover"): routes.failover,
    ("use", ""): routes.use,
    ("route", "list"): routes.show,
    ("route", "add"): routes.add,
    ("route", "remove"): routes.remove,
    ("route", "move"): routes.move,
    ("route", "enable"): routes.switch,
    ("route", "disable"): routes.switch,
    ("route", "test"): routes.try_out,
    ("route", "strategy"): routes.strategy,
    ("route", "affinity"): routes.affinity,
    ("route", "health-checks"): routes.health_checks,
    ("error-rule", "list"): error_rules.show,
    ("error-rule", "add"): error_rules.add,
    ("error-rule", "move"): error_rules.move,
    ("error-rule", "remove"): error_rules.remove,
    ("pin", "list"): routes.show_pins,
    ("pin", "add"): routes.add_pin,
    ("pin", "remove"): routes.remove_pin,
    ("key", "list"): keys.show,
    ("key", "create"): keys.create,
    ("key", "change"): keys.change,
    ("key", "rotate"): keys.rotate,
    ("key", "revoke"): keys.revoke,
    ("key", "enable"): keys.enable,
    ("key", "disable"): keys.disable,
    ("budget", "list"): budgets.show,
    ("budget", "add"): budgets.add,
    ("budget", "change"): budgets.change,
    ("budget", "remove"): budgets.remove,
    ("price", "list"): prices.show,
    ("price", "set"): prices.put,
    ("price", "remove"): prices.remove,
    ("export", ""): history.export,
    ("import", ""): history.take_over,
    ("status", ""): diagnosis.status,
    ("doctor", ""): diagnosis.doctor,
    ("backup", ""): upkeep.backup,
    ("delete", ""): upkeep.delete,
    ("purge", ""): upkeep.purge,
    ("rekey", ""): upkeep.rekey,
}
ONLY_LOOK = frozenset({"status", "doctor", "backup", "delete", "purge", "rekey"})
"""Commands that change no setting; the others settle the port at a very first use, as a start does."""


async def execute(context: Context, options: argparse.Namespace) -> int:
    """Run the command; what goes wrong is said on standard error, with exit code 1."""
    accept_every_letter()
    command = COMMANDS[options.command, getattr(options, "action", "")]
    try:
        return await command(context, options)
    except (ConfigError, VaultError, PatchbayError) as error:
        context.out.note(f"patchbay: {error}")
    except BrokenPipeError:
        pass  # whoever read our output has enough of it
    except OSError as error:
        context.out.note(f"patchbay: {error.filename or 'a file'}: {error.strerror}")
    return 1
