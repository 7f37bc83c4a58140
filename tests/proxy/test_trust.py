from __future__ import annotations

import os
import ssl
import sys

import pytest

from app.domain.errors import ConfigError
from app.proxy.trust import tls_context
from tests.fakes import certificates


def test_the_systems_trust_is_kept_and_an_authority_is_added(tmp_path):
    for context in (tls_context(), tls_context(str(certificates.make(tmp_path).authority))):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "no such file"),
        (b"", "holds no certificates"),
        (b"just text", "holds no certificates"),
        (b"\x30\x82\x01\x0a" * 20, "holds no certificates"),
        (b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
    ],
)
def test_what_is_no_certificate_is_named_with_its_file(tmp_path, data, words):
    file = tmp_path / "authority.pem"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        tls_context(str(file))
    assert "authority.pem" in caught.value.message
    assert str(tmp_path) not in caught.value.message
    assert words in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="it is no file"):
        tls_context(str(tmp_path / "pipe"))
    with pytest.raises(ConfigError, match="it is no file"):
        tls_context(str(tmp_path))
