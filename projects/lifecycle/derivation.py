"""Derive a project's stage, dates, headline amount and capital type from its rows, in SQL.

An investor counts with two companies above it: as foreign if one of them is registered abroad,
else as of Hong Kong, Macao or Taiwan, else as domestic. One investor of which nothing is known
leaves the whole unknown, unless both sides are there already.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.db.models.sql import UpdateQuery
from django.utils.translation import gettext as _

from config.database.prepared import GivenKeys, prepare
from parks.models import Organisation, Park, Sector
from parks.models.claims import ClaimQuerySet
from parks.models.vocabularies import is_abroad, is_beyond_mainland
from parks.recording.change_rows import chunks
from parks.recording.recording import RevisionWriter, recorded
from projects.models import (
    Funding,
    Investor,
    Milestone,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
)
from projects.models.words import (
    BINDING,
    DATED_STAGES,
    DERIVED,
    FROM_PROGRESS,
    SIGNING_TYPES,
    STAGES,
    CapitalType,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
    rank,
)
from sheets.amounts import say_money
from sheets.dates import PartialDate, PeriodEnd, Precision

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


def settle_written_owners(writer: RevisionWriter) -> None:
    """Derive again the projects whose capital is another since their investors were written."""
    for chunk in chunks(writer.find_changed(Organisation, *OF_OWNERS)):
        owned = Q(pk__in=[])
        for path in ("pk", "parent", "parent__parent"):
            owned |= Q(**{f"{path}__in": chunk})
        organisations = Organisation.objects.filter(owned).order_by().values("pk")
        projects = Project.objects.filter(investors__organisation__in=organisations)
        changed = projects.annotate(now=find_capital()).exclude(capital_type=F("now"))
        writer.postpone(Project, changed.order_by().values_list("pk", flat=True))
    writer.derive()


FIXED_INVESTMENT = "fixed_investment"  # the indicator of 固定资产投资
IS_LEASED = Q(site_mode=Project.SiteMode.LEASE)
# Land that is bought (出让), of a known area: leased floors have none of their own
IS_BOUGHT = Q(site_mode=Project.SiteMode.LAND, land_mu__gt=0)
HAS_AGREED_PER_MU = IS_BOUGHT & Q(
    investment_basis=InvestmentBasis.AGREED, investment_cny__isnull=False
)


def find_fixed_investments() -> ClaimQuerySet:
    """Find the standing claims of what is invested in fixed assets of a whole project, in yuan."""
    claims = ProjectFigure.objects.standing().of_the_whole().order_by()
    return claims.filter(indicator=FIXED_INVESTMENT, amount_cny__isnull=False)


def has_investment_intensity() -> Q:
    """Select the projects on bought land of which such a claim stands."""
    return IS_BOUGHT & Q(pk__in=find_fixed_investments().values("project"))


# The columns of a project from which others are derived, by their names in the database
READ_TO_DERIVE = frozenset(
    [
        *("park_id", "region_id", "sector_id", "capital_type_stated"),
        *("reported_on", "reported_on_precision"),
    ]
)


def derive(projects: QuerySet) -> None:
    """Work out stage, dates, agreement, high-tech, region, capital, amounts; store them.

    The projects are locked before their rows are read: of two who write rows of one project, the
    later one sees what the earlier one wrote.
    """
    keys = list(projects.select_for_update().order_by("pk").values_list("pk", flat=True))
    with recorded() as writer:
        writer.note(Project, keys, columns=DERIVED)
        for chunk in chunks(keys):
            prepare(build_update).execute(keys=chunk)
            sign_participations(chunk)


def sign_participations(projects: Collection[int]) -> None:
    """Say of projects that took part in an event that they signed there, if a milestone says so.

    It does where it names the event, or names none and is dated within the days of the event.
    """
    keys = [key for (key,) in prepare(_select_signed_there).fetch(keys=[*projects])]
    if keys:
        Participation.objects.filter(pk__in=keys).update(role=Participation.Role.SIGNED)


def _select_signed_there() -> QuerySet:
    role = Participation.Role
    signings = Milestone.objects.filter(
        project=OuterRef("project"), status=MilestoneStatus.MET, type__in=SIGNING_TYPES
    )
    on_its_day = Q(
        event__isnull=True,
        actual_on__lte=OuterRef("event__held_on_end"),
        actual_on_end__gte=OuterRef("event__held_on"),
    )
    signed = Participation.objects.filter(project=OuterRef("project"), event=OuterRef("event"))
    rows = Participation.objects.order_by().filter(
        Exists(signings.filter(Q(event=OuterRef("event")) | on_its_day)),
        ~Exists(signed.filter(role=role.SIGNED)),
        role=role.ATTENDED,
        project__among=GivenKeys(),
    )
    return rows.values_list("pk")


def build_update() -> UpdateQuery:
    """Build the update that derives projects."""
    update: Any = Project.objects.filter(pk__among=GivenKeys()).query.chain(UpdateQuery)
    update.add_update_values(
        {
            **_from_milestones(),
            **_from_sector(),
            **_from_park(),
            "capital_type": find_capital(),
            **_from_figures(),
            **_from_fundings(),
            **_from_progress(),
        }
    )
    return update


def _find_met() -> QuerySet:
    return Milestone.objects.filter(project=OuterRef("pk"), status=MilestoneStatus.MET)


def _find_reached() -> QuerySet:
    """Find what was met on the way; approvals stand beside it."""
    return _find_met().filter(type_rank__isnull=False)


def _first(rows: QuerySet, column: str, unknown: Any = None) -> Any:
    found = Subquery(rows.values(column)[:1])
    return found if unknown is None else Coalesce(found, Value(unknown))


def _when(column: str, milestones: QuerySet) -> dict[str, Any]:
    """The date of a stage: of several, the one whose period ends first."""
    dated = milestones.filter(actual_on__isnull=False).order_by("actual_on_end", "id")
    return {
        column: _first(dated, "actual_on"),
        f"{column}_precision": _first(dated, "actual_on_precision", ""),
    }


def _from_milestones() -> dict[str, Any]:
    changes: dict[str, Any] = {
        "stage": _first(_find_reached().order_by("-type_rank"), "type", ""),
        "agreement_type": _first(
            _find_met()
            .filter(type__in=SIGNING_TYPES, agreement_type__in=BINDING[1:])
            .order_by(rank("agreement_type", BINDING).desc()),
            "agreement_type",
            "",
        ),
    }
    for column, stage in DATED_STAGES.items():
        changes |= _when(column, _find_met().filter(type=stage))
    # Of the furthest stage's milestones the dated ones come first; it may have none
    furthest = _find_reached().order_by("-type_rank", F("actual_on_end").asc(nulls_last=True), "id")
    changes["stage_on"] = _first(furthest, "actual_on")
    changes["stage_on_precision"] = _first(furthest, "actual_on_precision", "")
    changes["has_intent"] = Exists(_find_met().filter(type=Stage.INTENDED))
    return changes | {"news_on": _last_news(), "next_planned_on": _next_planned()}


def _last_news() -> Any:
    """The last day of which anything is known: a report, a milestone that was met, a flow."""
    met = _first(
        _find_met().filter(actual_on__isnull=False).order_by("-actual_on_end"), "actual_on_end"
    )
    # A report of a month is of all of it, also one of nothing
    fundings = Funding.objects.filter(project=OuterRef("pk")).annotate(
        month_end=PeriodEnd("month", Value(Precision.MONTH.value))
    )
    flow = _first(fundings.order_by("-month"), "month_end")
    return _later(F("reported_on_end"), _later(met, flow))


def _later(one: Any, other: Any) -> Greatest:
    """The later of two days, of which either may be unknown."""
    day = models.DateField()
    return Greatest(
        Coalesce(one, other, output_field=day),
        Coalesce(other, one, output_field=day),
        output_field=day,
    )


def _next_planned() -> Any:
    """The last day planned for the next step beyond the stage that is reached."""
    met = Milestone.objects.filter(
        project=OuterRef("project"), status=MilestoneStatus.MET, type_rank__isnull=False
    )
    ahead = Milestone.objects.filter(
        project=OuterRef("pk"),
        status=MilestoneStatus.SCHEDULED,
        planned_on__isnull=False,
        type_rank__gt=_first(met.order_by("-type_rank"), "type_rank", -1),
    )
    return _first(ahead.order_by("planned_on_end"), "planned_on_end")


def _from_fundings() -> dict[str, Any]:
    flows = Funding.objects.filter(project=OuterRef("pk")).order_by()
    paid_in = flows.filter(kind="paid_in").values("project").annotate(total=Sum("amount_cny"))
    return {
        "paid_in_cny": Subquery(paid_in.values("total")),
        "has_money": Exists(flows.of_money().that_came()),
    }


def _from_progress() -> dict[str, Any]:
    """What the newest note says that stands."""
    notes = ProgressNote.objects.standing().filter(project=OuterRef("pk"))
    newest = notes.order_by("-noted_on", "-id")
    return {name: _first(newest, column) for name, column in FROM_PROGRESS.items()}


def _from_sector() -> dict[str, Any]:
    sectors = Sector.objects.filter(code=OuterRef("sector"))
    return {"hitech": _first(sectors, "hitech", "")}


def _from_park() -> dict[str, Any]:
    """Where it stands: in the region of its own, or else where its park lies."""
    parks = Park.objects.filter(pk=OuterRef("park"))
    return {"project_region": Coalesce(F("region_id"), Subquery(parks.values("region_id")[:1]))}


def _from_figures() -> dict[str, Any]:
    """The headline: of the standing claims the best basis, then the newest; with its increases."""
    claims = ProjectFigure.objects.filter(project=OuterRef("pk")).select_headlines()
    return {
        "investment_cny": _first(claims, "total_cny"),
        "investment_qualifier": _first(claims, "total_qualifier", ""),
        "investment_basis": _first(claims, "investment_basis", ""),
    }


def doubts(project: Any) -> list[str]:
    """Say what looks wrong in a project's rows: see `find_warnings`."""
    milestones = [
        {"type": each.type, "status": each.status, "actual_on": each.actual and str(each.actual)}
        for each in project.milestones.all()
    ]
    names = ("kind", "month", "is_cumulative", "amount_cny", "amount_value", "currency")
    fundings = [
        {name: getattr(each, name) for name in names} | {"month": f"{each.month:%Y-%m}"}
        for each in project.fundings.all()
    ]
    return find_warnings(milestones, fundings)


def find_warnings(
    milestones: Iterable[Mapping[str, Any]], fundings: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Say what looks wrong in rows without being refused, in the active language.

    A date that lies wholly before the date of an earlier stage is most often a typing error, and
    a total of flows that falls is a reduction, or one. The rows are those of a project as the API
    shows them.
    """
    return [*_doubt_milestones(milestones), *_doubt_flows(fundings)]


def _doubt_flows(fundings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    others = set()
    for funding in fundings:
        currency = funding["currency"]
        flow = funding["amount_value" if currency else "amount_cny"]
        if currency and funding["kind"] == Funding.Kind.PAID_IN:
            others.add(currency)
        if funding["is_cumulative"] and flow < 0:
            told = {
                "kind": Funding.Kind(funding["kind"]).label,
                "month": funding["month"],
                "amount": say_money(-flow, currency),
            }
            yield (
                _(
                    "%(kind)s: the total up to %(month)s is %(amount)s less than before; the "
                    "difference counts as a reduction."
                )
                % told
            )
    if others:
        told = {"currencies": ", ".join(sorted(others))}
        yield _("What was paid in is summed in yuan; not in it: %(currencies)s.") % told


def _doubt_milestones(milestones: Iterable[Mapping[str, Any]]) -> list[str]:
    dated = [
        (Stage(milestone["type"]), PartialDate.parse(milestone["actual_on"]))
        for milestone in milestones
        if milestone["status"] == MilestoneStatus.MET
        and milestone["actual_on"]
        and milestone["type"] in STAGES
    ]
    return [
        _("%(later)s (%(later_on)s) is dated before %(earlier)s (%(earlier_on)s).")
        % {
            "later": later.label,
            "later_on": later_on,
            "earlier": earlier.label,
            "earlier_on": earlier_on,
        }
        for later, later_on in dated
        for earlier, earlier_on in dated
        if STAGES.index(earlier) < STAGES.index(later) and later_on.last < earlier_on.first
    ]
