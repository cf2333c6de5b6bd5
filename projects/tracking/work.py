"""Work information: what a park writes about a project for itself, for its own roles alone."""

from typing import Any

from django.db.models import Q

from parks.access import rights_of


def sees_work(actor: Any, project: str = "") -> Q:
    """Select the rows of whose project, at the end of this path, the person sees the work."""
    rights = rights_of(actor)
    if rights.is_superuser:
        return Q(**{f"{project}pk__isnull": False})
    return Q(**{f"{project}park__in": rights.parks}) if rights.parks else Q(pk__in=[])
