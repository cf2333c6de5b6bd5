"""Addresses that are for those who work on a park, and for nobody else."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from parks.access import rights_of
from parks.models import Park

# Problems of reading there, beside those of all reading
ROLE_PROBLEMS: Mapping[str, Collection[int]] = {
    **dict.fromkeys(("list", "retrieve", "csv", "history"), (403,)),
    "xlsx": (403, 413),
}


def require_role(actor: Any, park: int | None = None) -> None:
    """Raise `NotAuthenticated` or `PermissionDenied` for who has no role in a park, or in any."""
    if not actor.is_authenticated:
        raise NotAuthenticated
    rights = rights_of(actor)
    is_theirs = bool(rights.parks) if park is None else park in rights.parks
    if not (rights.is_superuser or is_theirs):
        raise PermissionDenied(_("This is for those who have a role in a park."))


def select_worked_parks(actor: Any) -> Any:
    """Select the parks in which a person has a role; all of them for superusers."""
    rights = rights_of(actor)
    return Park.objects.all() if rights.is_superuser else Park.objects.filter(pk__in=rights.parks)


class ForRolesMixin(APIView):
    """Refuses whoever has no role in a park."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.require_role()

    def require_role(self) -> None:
        """Raise what is to be said to those who have no role in any park."""
        require_role(self.request.user)
