"""The headers that sign a request to a provider, and the URL it goes to."""

from __future__ import annotations

import re
from urllib.parse import quote

from app.domain.provider import AuthStyle, Credential, DialectName, Provider

OAUTH_PREFIX = "sk-ant-oat"
OAUTH_BETA = "oauth-2025-04-20"
ANTHROPIC_VERSION = "2023-06-01"
"""Still accepted, and the last one that keeps sampling fields for older models."""
_AZURE = (DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES)
_ENDS_IN_VERSION = re.compile(r"/v\d+[a-z]*\d*$")
_VERSION = re.compile(r"^/v\d+[a-z]*\d*/")


def sign(provider: Provider, credential: Credential) -> tuple[tuple[str, str], ...]:
    """The headers that carry the credential, and the vendor's own extras; exactly one header holds the key."""
    value = credential.secret.value if credential.secret else ""
    return (*_credential_headers(provider.auth, value), *provider.extra_headers)


def _credential_headers(style: AuthStyle, value: str) -> tuple[tuple[str, str], ...]:
    if not value or style is AuthStyle.CLIENT:
        return ()
    if style is AuthStyle.X_API_KEY and not value.startswith(OAUTH_PREFIX):
        return (("x-api-key", value),)
    if style is AuthStyle.API_KEY:
        return (("api-key", value),)
    if style is AuthStyle.GOOGLE:
        return (("x-goog-api-key", value),)
    return (("Authorization", f"Bearer {value}"),)


def is_oauth(provider: Provider, credential: Credential) -> bool:
    """Whether Anthropic must be told, by the beta `OAUTH_BETA`, that the bearer token is an OAuth one."""
    secret = credential.secret
    return provider.auth is AuthStyle.X_API_KEY and secret is not None and secret.value.startswith(OAUTH_PREFIX)


def url(provider: Provider, path: str, model: str, query: str = "") -> str:
    """The address of an operation: base URL, the dialect's path, Azure's rules, the client's own query.

    A base URL that ends in a version keeps that one. Azure knows two forms: `…/openai/v1` takes the model in the body
    and no version; the classic one needs `api-version` and names a chat's deployment in the path
    (learn.microsoft.com, "Azure OpenAI API version lifecycle").
    """
    base = provider.base_url
    if provider.vendor == "azure" and provider.dialect in _AZURE:
        base, query = _azure(provider, path, model, query)
    elif _ENDS_IN_VERSION.search(base):
        path = _VERSION.sub("/", path, count=1)
    return f"{base}{path}{'?' + query if query else ''}"


def _azure(provider: Provider, path: str, model: str, query: str) -> tuple[str, str]:
    base = provider.base_url
    if base.endswith("/openai/v1"):
        return base, query
    if not provider.api_version:
        return f"{base.removesuffix('/openai')}/openai/v1", query
    version = f"api-version={quote(provider.api_version, safe='')}"
    root = base if base.endswith("/openai") else f"{base}/openai"
    # A base URL may name its deployment already, as CC-Proxy's users wrote it; only chat stands below one.
    if path != "/chat/completions":
        root = root.partition("/deployments/")[0]
        root = root if root.endswith("/openai") else f"{root}/openai"
    elif "/deployments/" in base:
        root = base
    else:
        root = f"{root}/deployments/{quote(model, safe='')}"
    return root, f"{query}&{version}" if query else version
