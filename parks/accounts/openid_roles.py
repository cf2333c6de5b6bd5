"""The claims of an OpenID Connect provider about a user, and the roles of its groups."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.checks import CheckMessage, Error, Warning
from django.db import transaction

from parks.access import EDIT_VOCABULARIES, Role
from parks.models import Membership, Park, Region
from parks.recording.recording import leave_marks

SUPERUSER, SHARED = "superuser", "vocabulary_editor"
_OF_ALL_PARKS = (SUPERUSER, SHARED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GroupRole:
    """The role of a group; `park` is the code of its park or region, or blank for all parks."""

    group: str
    role: str
    park: str = ""

    @property
    def kind(self) -> str:
        return "region" if self.role == Role.DISTRICT else "park"

    def find_place(self) -> tuple[int | None, str | None] | None:
        """Find the keys of its park and of its region, one of them None; None if it is unknown."""
        if self.role == Role.DISTRICT:
            region = Region.objects.filter(code=self.park.upper()).first()
            return (None, region.pk) if region else None
        park = Park.objects.filter(code_key=self.park).first()
        return (park.pk, None) if park else None


def parse_group_role(text: str) -> GroupRole:
    """Parse `group=editor:baodi-zgc`, `group=district:120115` or `group=superuser`.

    Raise ValueError for anything else.
    """
    group, _sign, granted = text.rpartition("=")
    role, _colon, park = granted.strip().partition(":")
    is_of_park = role in Role and bool(park)
    if not group.strip() or not (is_of_park or (role in _OF_ALL_PARKS and not park)):
        raise ValueError(text)
    return GroupRole(group.strip(), role, park.strip().lower())


def list_group_roles() -> list[GroupRole]:
    """List the roles in `OPENID_ROLES`, without malformed ones, which a check reports."""
    return [role for _text, role in _parse_settings() if role]


def _parse_settings() -> Iterator[tuple[str, GroupRole | None]]:
    for text in settings.OPENID_ROLES:
        try:
            yield text, parse_group_role(text)
        except ValueError:
            yield text, None


def give_roles(account: Any, groups: Collection[str]) -> None:
    """Give an account exactly the roles of its groups; do nothing without `OPENID_ROLES`."""
    rules = list_group_roles()
    if not rules:
        return
    granted = [rule for rule in rules if rule.group in groups]
    words = {rule.role for rule in granted}
    with transaction.atomic():
        _set_memberships(account, granted)
        if any(rule.role == SHARED for rule in rules):
            right = Permission.objects.get(**EDIT_VOCABULARIES)
            permissions = account.user_permissions
            (permissions.add if SHARED in words else permissions.remove)(right)
        if any(rule.role == SUPERUSER for rule in rules):
            account.is_superuser = SUPERUSER in words
        account.is_staff = bool(granted) or account.is_superuser
        account.save(update_fields=["is_superuser", "is_staff"])
        leave_marks()  # cached responses depend on rights


def _set_memberships(account: Any, granted: Sequence[GroupRole]) -> None:
    wanted: dict[Any, str] = {}
    for rule in granted:
        place = rule.find_place() if rule.park else None
        if place and wanted.get(place) != Role.EDITOR:
            wanted[place] = rule.role
        elif rule.park and not place:
            logger.warning("OPENID_ROLES names a %s that does not exist: %s", rule.kind, rule.park)
    for each in account.memberships.all():
        if (each.park_id, each.region_id) not in wanted:
            each.delete()
    for (park, region), role in wanted.items():
        Membership.objects.update_or_create(
            user=account, park_id=park, region_id=region, defaults={"role": role}
        )


def check_group_roles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report E024: a malformed rule of `OPENID_ROLES`."""
    return [
        Error(
            f"OPENID_ROLES has “{text}”, which is not understood.",
            hint="Write GROUP=editor:PARK, GROUP=viewer:PARK, GROUP=district:REGION, "
            "GROUP=superuser or GROUP=vocabulary_editor, separated by commas.",
            id="ledger.E024",
        )
        for text, role in _parse_settings()
        if role is None
    ]


def examine_group_roles() -> Iterator[CheckMessage]:
    """Report W025: `OPENID_ROLES` names a park or region that does not exist."""
    named = {
        (role.kind, role.park) for role in list_group_roles() if role.park and not role.find_place()
    }
    for kind, code in sorted(named):
        yield Warning(
            f"OPENID_ROLES names the {kind} “{code}”, which does not exist.",
            hint=f"Write the code of the {kind}, as its page shows it.",
            id="ledger.W025",
        )


def merge_claims(data: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the claims of the ID token and of the user information, which has priority."""
    return {**data.get("id_token", {}), **data.get("userinfo", {})}


def read_groups(claims: Mapping[str, Any]) -> set[str]:
    """Read the groups of a user: a list, or words separated by blanks or commas."""
    given = claims.get(settings.OPENID_GROUPS_CLAIM, [])
    listed = given.replace(",", " ").split() if isinstance(given, str) else given
    return {str(each) for each in listed} if isinstance(listed, list | tuple) else set()


def find_by_email(claims: Mapping[str, Any]) -> Any:
    """Find the one account with the verified address, if `OPENID_JOIN_BY_EMAIL` is on."""
    email = claims.get("email")
    if not settings.OPENID_JOIN_BY_EMAIL or not email or claims.get("email_verified") is not True:
        return None
    found = get_user_model()._default_manager.filter(email__iexact=email)[:2]
    return found[0] if len(found) == 1 else None
