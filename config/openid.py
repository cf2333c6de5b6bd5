"""What django-allauth is told where people sign in by OpenID Connect, and its names here."""

from collections.abc import Sequence
from typing import Any

OPENID_APPS = (
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
)
LABELS = ("account", "socialaccount")  # of their models
OPENID_MIDDLEWARE = "allauth.account.middleware.AccountMiddleware"
PROVIDER = "openid"  # our name of it, in addresses


def build_openid_settings(
    issuer: str, client: str, secret: str, name: str, scopes: Sequence[str]
) -> dict[str, Any]:
    """Build the settings of django-allauth for one provider; passwords stay as they are."""
    app = {
        "provider_id": PROVIDER,
        "name": name,
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    provider = {"OAUTH_PKCE_ENABLED": True, "SCOPE": [*scopes], "APPS": [app]}
    return {
        "ACCOUNT_ADAPTER": "parks.accounts.openid.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_ADAPTER": "parks.accounts.openid.OpenIDAdapter",
        "SOCIALACCOUNT_ONLY": True,
        # A link and no form, for which other sites would have to stand in form-action. What comes
        # back is held against what the session asked for.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": provider},
    }
