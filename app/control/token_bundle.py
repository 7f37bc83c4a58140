"""What a login left: an access token that expires and what renews it, as the one secret that the keyring keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from app.domain.provider import Secret

_MARK = "patchbay_tokens"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class TokenBundle:
    """Both tokens, and where they are renewed: a token is never sent to another place than the one it came from."""

    access: Secret
    refresh: Secret | None
    """None where the provider gave none; then the user logs in again when the access token expires."""
    expires_us: int
    """UTC; 0 where the provider named no time."""
    given_us: int
    """UTC."""
    token_url: str
    client_id: str = ""
    scopes: tuple[str, ...] = field(default=())

    def secret(self) -> Secret:
        """As the keyring keeps it."""
        return Secret(
            json.dumps(
                {
                    _MARK: _VERSION,
                    "access": self.access.value,
                    "refresh": self.refresh.value if self.refresh else "",
                    "expires_us": self.expires_us,
                    "given_us": self.given_us,
                    "token_url": self.token_url,
                    "client_id": self.client_id,
                    "scopes": list(self.scopes),
                },
                separators=(",", ":"),
            )
        )


def read_bundle(secret: Secret) -> TokenBundle | None:
    """The tokens that a secret holds; None where it is a plain key, or tokens that cannot be read."""
    if not secret.value.startswith(f'{{"{_MARK}":'):
        return None
    try:
        found = json.loads(secret.value)
        return TokenBundle(
            access=Secret(str(found["access"])),
            refresh=Secret(str(found["refresh"])) if found["refresh"] else None,
            expires_us=int(found["expires_us"]),
            given_us=int(found["given_us"]),
            token_url=str(found["token_url"]),
            client_id=str(found["client_id"]),
            scopes=tuple(str(one) for one in found["scopes"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
