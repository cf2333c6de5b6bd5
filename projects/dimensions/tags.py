"""Which projects have an investor with a tag, on the day of the signature or on another."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from config.database import history
from parks.access import Publication, rights_of
from parks.models import Organisation, OrganisationTag
from parks.models.tags import holds_on
from projects.models import Investor

# From an investor to its organisation, to what that belongs to, and once more
_OWN = "organisation__"
_GROUPS = ("organisation__parent__", "organisation__parent__parent__")


def list_tagged_investors(
    actor: Any, on: date | None, codes: Collection[str] | None = None, **of: Any
) -> Iterator[tuple[QuerySet, str]]:
    """List the investors with a tag of their own, then those whose group has one that counts.

    With each the path to its tags. A tag holds on the day `on`; where that is None, on the day
    when the project was signed, or today if it is not. A date known in part is its first day.
    """
    today = history.today()
    day: Any = on or Coalesce(F("project__signed_on"), Value(today))
    year: Any = on.year if on else Coalesce(F("project__signed_year"), Value(today.year))
    for path in (_OWN, *_GROUPS):
        tags = f"{path}tags__"
        condition = Q(**{f"{tags}tag__in": codes} if codes else {f"{path}tags__isnull": False})
        if path != _OWN:
            condition &= Q(**{f"{tags}tag__is_of_group": True})
        condition &= holds_on(day, year, tags) & _is_seen(actor, path)
        if codes:
            condition &= _is_narrowed_to(path, codes)
        investors = Investor.objects.exclude(role=Investor.Role.VEHICLE)
        yield investors.filter(condition, **of).order_by(), tags


def _is_narrowed_to(path: str, codes: Collection[str]) -> Q:
    """Select the investors that may have one of these tags, so that all others are not looked at.

    It says no more than the joins do. But these tell no planner that few have a tag.
    """
    bearers: QuerySet = (
        OrganisationTag.objects.filter(tag__in=codes).order_by().values("organisation")
    )
    for _step in range(path.count("parent__")):
        bearers = Organisation.objects.filter(parent__in=bearers).order_by().values("pk")
    return Q(organisation__in=bearers)


def list_owned_investors() -> QuerySet:
    """List the investors of whom it is known how they are owned; the project company is none."""
    investors = Investor.objects.exclude(role=Investor.Role.VEHICLE)
    return investors.exclude(organisation__ownership="").order_by()


def find_tagged_projects(
    actor: Any, on: date | None, codes: Collection[str] | None = None
) -> QuerySet:
    """Find the keys of the projects with one of these tags, or any, among their investors."""
    own, *of_groups = [
        investors.values("project") for investors, _tags in list_tagged_investors(actor, on, codes)
    ]
    return own.union(*of_groups)


def _is_seen(actor: Any, path: str) -> Q:
    """Select those whose organisation, at the end of the path, the person sees."""
    rights = rights_of(actor)
    if rights.edits_shared:
        return Q()
    is_open = Q(**{f"{path}publication__in": ["", Publication.PUBLISHED]})
    return is_open | Q(**{f"{path}park__in": rights.parks}) if rights.parks else is_open
