from __future__ import annotations

from app.control.slots import Slot, slots, vault_name
from app.domain.provider import Account, AuthStyle, DialectName, Profile, Provider


def provider(name, *accounts):
    base = ("openai", "https://h/v1", DialectName.OPENAI_CHAT, AuthStyle.BEARER, Profile())
    return Provider(name, *base, env_key=f"{name}_KEY", accounts=accounts)


def test_own_keys_come_first_and_bear_their_variable():
    found = slots((provider("A", Account("x"), Account("y")), provider("B")))
    assert [(one.provider.name, one.account.name) for one in found] == [("A", ""), ("B", ""), ("A", "x"), ("A", "y")]
    assert found[0].account.env_key == "A_KEY"


def test_a_credential_has_one_name_everywhere():
    own, work = Slot(provider("A")), Slot(provider("A"), Account("work"))
    assert (own.id, own.vault_name, own.notice_id, own.label) == ("A", "provider/A", "key/A", "A")
    assert (work.id, work.vault_name) == ("A\nwork", "provider/A/account/work")
    assert (work.notice_id, work.label) == ("key/A/work", "A, account work")
    assert vault_name("A", "work") == work.vault_name
