"""Whose capital a project is: as it is said, or else as its investors and their owners are.

An investor counts with two companies above it: as foreign if one of them is registered abroad,
else as of Hong Kong, Macao or Taiwan, else as domestic. One investor of which nothing is known
leaves the whole unknown, unless both sides are there already.
"""

from collections.abc import Iterable

from django.db.models import Case, CharField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from parks.models import Organisation
from parks.models.vocabularies import is_abroad, is_beyond_mainland
from parks.recording.change_rows import chunks
from parks.recording.recording import Unit
from projects.lifecycle.words import CapitalType
from projects.models import Investor, Project

ROLE = Investor.Role
OWNING_ROLES = (ROLE.LEAD, ROLE.CO, ROLE.FUND, ROLE.LAND)
OF_OWNERS = ("region", "parent")  # columns of organisations
_UPWARDS = ("region", "parent__region", "parent__parent__region")
_SIDES = (CapitalType.FOREIGN, CapitalType.HMT, CapitalType.DOMESTIC)


def find_capital() -> Case:
    """Build the SQL of the capital of a project; blank where it is not known."""
    stated = Q(capital_type_stated="")
    return Case(
        When(~stated, then=F("capital_type_stated")),
        default=Coalesce(Subquery(_sum_up_investors()), Value("")),
        output_field=CharField(),
    )


def _sum_up_investors() -> QuerySet:
    paths = [f"organisation__{path}" for path in _UPWARDS]
    rows = Investor.objects.order_by().filter(project=OuterRef("pk"), role__in=OWNING_ROLES)
    kind = Case(
        *(When(_is_somewhere(paths, side), then=Value(side.value)) for side in _SIDES),
        default=Value(""),
    )
    there = {
        name: Max(Case(When(kind=word, then=1), default=0))
        for name, word in (("unknown", ""), *((side.value, side.value) for side in _SIDES))
    }
    word = Case(
        When(Q(domestic=1) & (Q(foreign=1) | Q(hmt=1)), then=Value(CapitalType.JOINT.value)),
        When(unknown=1, then=Value("")),
        *(When(**{side.value: 1}, then=Value(side.value)) for side in _SIDES),
        default=Value(""),
    )
    return rows.annotate(kind=kind).values("project").annotate(**there).values_list(word)


def _is_somewhere(paths: Iterable[str], side: CapitalType) -> Q:
    """Select the rows with a region on one of these paths that makes them of this side."""
    found = Q(pk__in=[])
    for path in paths:
        if side == CapitalType.FOREIGN:
            found |= is_abroad(path)
        elif side == CapitalType.DOMESTIC:
            found |= Q(**{f"{path}__isnull": False})
        else:
            found |= is_beyond_mainland(path)
    return found


def settle_written_owners(unit: Unit) -> None:
    """Derive again the projects whose capital is another since their investors were written."""
    for chunk in chunks(unit.find_changed(Organisation, *OF_OWNERS)):
        owned = Q(pk__in=[])
        for path in ("pk", "parent", "parent__parent"):
            owned |= Q(**{f"{path}__in": chunk})
        organisations = Organisation.objects.filter(owned).order_by().values("pk")
        projects = Project.objects.filter(investors__organisation__in=organisations)
        changed = projects.annotate(now=find_capital()).exclude(capital_type=F("now"))
        unit.postpone(Project, changed.order_by().values_list("pk", flat=True))
    unit.derive()
