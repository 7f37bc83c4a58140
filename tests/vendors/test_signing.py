from __future__ import annotations

import pytest

from app.domain.config import ProviderEntry
from app.domain.provider import Credential, CredentialState, DialectName, Secret
from app.vendors.resolve import resolve
from app.vendors.signing import is_oauth, sign, url

GENERATE = "/v1beta/models/m:generateContent"


def key(value):
    return Credential(CredentialState.READY, Secret(value))


def provider(**entry):
    return resolve(ProviderEntry(name="x", **entry))


@pytest.mark.parametrize(
    ("vendor", "value", "headers"),
    [
        ("anthropic", "sk-ant-api-1", {"x-api-key": "sk-ant-api-1"}),
        ("anthropic", "sk-ant-oat-1", {"Authorization": "Bearer sk-ant-oat-1"}),
        ("openai", "sk-1", {"Authorization": "Bearer sk-1"}),
        ("gemini", "AIza1", {"x-goog-api-key": "AIza1"}),
        ("ollama", "", {}),
        ("ollama", "secret", {"Authorization": "Bearer secret"}),
        ("openrouter", "sk-or-1", {"Authorization": "Bearer sk-or-1", "X-Title": "Patchbay"}),
    ],
)
def test_a_request_is_signed_as_its_vendor_wants(vendor, value, headers):
    credential = key(value) if value else Credential(CredentialState.NOT_NEEDED)
    assert dict(sign(provider(vendor=vendor), credential)) == headers


def test_azure_takes_its_own_header():
    azure = provider(vendor="azure", base_url="https://n.openai.azure.com")
    assert sign(azure, key("k")) == (("api-key", "k"),)


def test_a_passed_on_credential_is_not_signed_by_us():
    assert sign(provider(vendor="anthropic", auth="client"), key("ours")) == ()


def test_only_an_anthropic_oauth_token_wants_the_beta():
    assert is_oauth(provider(vendor="anthropic"), key("sk-ant-oat-x"))
    assert not is_oauth(provider(vendor="anthropic"), key("sk-ant-api-x"))
    assert not is_oauth(provider(vendor="openai"), key("sk-ant-oat-x"))


@pytest.mark.parametrize(
    ("entry", "path", "query", "expected"),
    [
        ({"vendor": "anthropic"}, "/v1/messages", "beta=true", "https://api.anthropic.com/v1/messages?beta=true"),
        (
            {"vendor": "anthropic-compatible", "base_url": "https://h/anthropic/v1"},
            "/v1/messages",
            "",
            "https://h/anthropic/v1/messages",
        ),
        ({"vendor": "openai"}, "/chat/completions", "", "https://api.openai.com/v1/chat/completions"),
        (
            {"vendor": "azure", "base_url": "https://n.openai.azure.com"},
            "/chat/completions",
            "",
            "https://n.openai.azure.com/openai/v1/chat/completions",
        ),
        (
            {"vendor": "azure", "base_url": "https://n.openai.azure.com/openai/v1"},
            "/models",
            "",
            "https://n.openai.azure.com/openai/v1/models",
        ),
        (
            {"vendor": "azure", "base_url": "https://n.openai.azure.com", "api_version": "2024-10-21"},
            "/chat/completions",
            "a=b",
            "https://n.openai.azure.com/openai/deployments/my%20model/chat/completions?a=b&api-version=2024-10-21",
        ),
        (
            {
                "vendor": "azure",
                "base_url": "https://n.openai.azure.com/openai/deployments/dep",
                "api_version": "2024-10-21",
            },
            "/chat/completions",
            "",
            "https://n.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21",
        ),
        ({"vendor": "gemini"}, GENERATE, "alt=sse", f"https://generativelanguage.googleapis.com{GENERATE}?alt=sse"),
        ({"vendor": "gemini-compatible", "base_url": "https://h/v1beta"}, GENERATE, "", f"https://h{GENERATE}"),
        (
            {"vendor": "gemini-compatible", "base_url": "https://h/g/v1"},
            GENERATE,
            "",
            "https://h/g/v1/models/m:generateContent",
        ),
        (
            {"vendor": "openai-responses-compatible", "base_url": "https://h/v1"},
            "/responses/compact",
            "",
            "https://h/v1/responses/compact",
        ),
    ],
)
def test_the_address_of_an_operation(entry, path, query, expected):
    assert url(provider(**entry), path, "my model", query) == expected


@pytest.mark.parametrize(
    ("base", "version", "expected"),
    [
        ("https://n.openai.azure.com", "", "https://n.openai.azure.com/openai/v1/responses"),
        ("https://n.openai.azure.com/openai/v1", "", "https://n.openai.azure.com/openai/v1/responses"),
        (
            "https://n.openai.azure.com",
            "2025-04-01",
            "https://n.openai.azure.com/openai/responses?api-version=2025-04-01",
        ),
        (
            "https://n.openai.azure.com/openai/deployments/dep",
            "2025-04-01",
            "https://n.openai.azure.com/openai/responses?api-version=2025-04-01",
        ),
    ],
)
def test_azure_s_responses_never_stand_below_a_deployment(base, version, expected):
    azure = provider(vendor="azure", base_url=base, api_version=version).speaking(DialectName.OPENAI_RESPONSES)
    assert azure is not None
    assert url(azure, "/responses", "my model") == expected
