from __future__ import annotations

import pytest

from app.domain.redact import Redactor
from app.domain.redact_rules import BadRuleError
from app.store.masking import Masking


def test_the_redactor_stays_the_same_until_a_secret_or_a_rule_changes():
    secrets = [Redactor(["topsecret-0123"])]
    masking = Masking(lambda: secrets[0])
    assert masking() is secrets[0]
    masking.use(["ACME-[0-9]{4}"])
    first = masking()
    assert first.data(b"ACME-1234 topsecret-0123") == b"[secret] [secret]"
    masking.use(["ACME-[0-9]{4}"])
    assert masking() is first
    secrets[0] = Redactor(["topsecret-0123", "another-secret"])
    assert masking() is not first
    assert masking().data(b"another-secret ACME-1234") == b"[secret] [secret]"
    masking.use([])
    assert masking() is secrets[0]


def test_a_bad_rule_changes_nothing():
    masking = Masking(Redactor)
    masking.use(["ACME-[0-9]{4}"])
    with pytest.raises(BadRuleError):
        masking.use(["(a+)+b"])
    assert masking().data(b"ACME-1234") == b"[secret]"
