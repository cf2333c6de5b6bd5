"""What a provider of OpenID Connect claims of a person: groups, and an address that it verified."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model


def merge_claims(said: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what the ID token and the user's information say; the latter comes first."""
    return {**said.get("id_token", {}), **said.get("userinfo", {})}


def read_groups(claims: Mapping[str, Any]) -> set[str]:
    """Read the groups of a person: a list, or texts separated by blanks or commas."""
    given = claims.get(settings.OPENID_GROUPS_CLAIM, [])
    listed = given.replace(",", " ").split() if isinstance(given, str) else given
    return {str(each) for each in listed} if isinstance(listed, list | tuple) else set()


def find_by_email(claims: Mapping[str, Any]) -> Any:
    """Find the one account with the address that the provider verified, where that is trusted."""
    email = claims.get("email")
    if not settings.OPENID_JOIN_BY_EMAIL or not email or claims.get("email_verified") is not True:
        return None
    found = get_user_model()._default_manager.filter(email__iexact=email)[:2]
    return found[0] if len(found) == 1 else None
