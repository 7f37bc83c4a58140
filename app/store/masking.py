"""What is masked now: the secrets that are loaded, and what the user's own rules find."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.domain.redact import Redactor
from app.domain.redact_rules import rule


class Masking:
    """Gives the present redactor, the same one as long as nothing changes. Told by the loop, asked by the writer."""

    def __init__(self, secrets: Callable[[], Redactor]) -> None:
        self._secrets = secrets
        self._patterns: tuple[str, ...] = ()
        self._rules: tuple[re.Pattern[bytes], ...] = ()
        self._made: tuple[Redactor, tuple[re.Pattern[bytes], ...], Redactor] | None = None

    def use(self, patterns: Sequence[str]) -> None:
        """Mask by these rules too; raises redact_rules.BadRuleError."""
        if tuple(patterns) != self._patterns:
            self._rules = tuple(map(rule, patterns))
            self._patterns = tuple(patterns)

    def __call__(self) -> Redactor:
        """What masks now."""
        secrets, rules = self._secrets(), self._rules
        if not rules:
            return secrets
        if self._made is None or self._made[0] is not secrets or self._made[1] is not rules:
            self._made = (secrets, rules, secrets.with_rules(rules))
        return self._made[2]
