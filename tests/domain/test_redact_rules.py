from __future__ import annotations

import time

import pytest

from app.domain.redact import MASK, Redactor
from app.domain.redact_rules import BadRuleError, rule

GOOD = (
    r"ACME-\d{8}",
    r"\b\d{3}-\d{2}-\d{4}\b",
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}",
    r"customer_[a-z0-9]+",
    r"(?i)internal-[a-f0-9]{4,64}",
    r"(?:alpha|beta)-\d{2,9}",
    r"\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}",
    r"(ab){1,8}!",
    r"eyJ[\w-]{8,200}\.[\w-]{8,200}\.[\w-]{8,}",
)
SLOW = (
    r"(a+)+$",
    r"(a|aa)+b",
    r"(a|a)*b",
    r"[a-z]+@x",
    r".*secret",
    r"x*y*z",
    r"(\w{1,50}\s?){1,50}!",
    r"[a-z]{1,200}[a-z0-9]{1,200}!",
    r"(.*)(.*)(.*)x",
    r"a{1,100000}b",
    r"\w{1,100}\w{1,100}\w{1,100}#",
    r"(?:a{0,30}b?){20}c",
    r"(a?){30}a{30}",
    r"key=(\S+\s?)+;",
)
BROKEN = (r"(", r"[a", r"*a", r"a{5,2}", r"(?P<1>x)", "", "x" * 2_000, r"\1(a)", "\ud800")
ELSE = (r"(a)\1", r"(?=a)b", r"(?<!x)secret", r"a?", r"x*", r"(?:a|)", r"\b")


@pytest.mark.parametrize("pattern", GOOD)
def test_what_people_write_is_taken_and_quick_on_any_text(pattern):
    found = rule(pattern)
    texts = [bytes((one,)) * 50_000 for one in b"a1-.@ \\"] + [b"eyJaaaaaaaa." * 4_000, b"customer_" * 5_000]
    texts += [b"a1 " * 15_000, b"1234 " * 10_000, b"ab" * 25_000, b"internal-" * 5_000]
    began_s = time.process_time()
    for text in texts:
        found.sub(b"", text)
    assert time.process_time() - began_s < 3


@pytest.mark.parametrize("pattern", SLOW)
def test_what_could_take_for_ever_is_refused(pattern):
    with pytest.raises(BadRuleError, match="too long|without end|several ways"):
        rule(pattern)


@pytest.mark.parametrize("pattern", [*BROKEN, *ELSE])
def test_what_cannot_be_used_is_refused(pattern):
    with pytest.raises(BadRuleError):
        rule(pattern)


def test_the_redactor_masks_what_its_rules_find():
    redactor = Redactor(["topsecret-0123"], [rule(r"ACME-\d{4,12}"), rule("(?i)blue whale")])
    assert redactor.data(b"see ACME-12345678 of topsecret-0123, a Blue Whale") == (
        b"see [secret] of [secret], a [secret]"
    )
    assert redactor.headers((("x-note", "ACME-1234"),)) == (("x-note", MASK),)
    clean = b"nothing to see"
    assert redactor.data(clean) is clean
