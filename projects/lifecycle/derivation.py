"""Derive a project's stage, dates, headline amount and capital type from its rows, in SQL.

An investor counts with two companies above it: as foreign if one of them is registered abroad,
else as of the regions of `beyond`, else as domestic. One investor of which nothing is known
leaves the whole unknown, unless both sides are there already.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
from parks.models.vocabularies import is_abroad, is_beyond
from parks.recording.change_rows import chunks
from parks.recording.recording import RevisionWriter, recorded
from projects.lifecycle.due import meet_any
from projects.models import (
    Funding,
    Investor,
    Milestone,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    words,
)
from sheets.amounts import say_money
from sheets.dates import PartialDate, PeriodEnd, Precision

ROLE = Investor.Role
OWNING_ROLES = (ROLE.LEAD, ROLE.CO, ROLE.FUND, ROLE.LAND)
OF_OWNERS = ("region", "parent")  # columns of organisations
_UPWARDS = ("region", "parent__region", "parent__parent__region")
# Where investors may be, each with the condition of the region in a column
_SIDES: Mapping[words.CapitalType, Callable[[str], Q]] = {
    words.CapitalType.FOREIGN: is_abroad,
    words.CapitalType.HMT: is_beyond,
    words.CapitalType.DOMESTIC: lambda column: Q(**{f"{column}__isnull": False}),
}


def find_capital() -> Case:
    """Build the SQL of a project's capital type; blank where unknown."""
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
        *(
            When(meet_any(map(is_there, paths)), then=Value(side.value))
            for side, is_there in _SIDES.items()
        ),
        default=Value(""),
    )
    there = {
        name: Max(Case(When(kind=word, then=1), default=0))
        for name, word in (("unknown", ""), *((side.value, side.value) for side in _SIDES))
    }
    word = Case(
        When(Q(domestic=1) & (Q(foreign=1) | Q(hmt=1)), then=Value(words.CapitalType.JOINT.value)),
        When(unknown=1, then=Value("")),
        *(When(**{side.value: 1}, then=Value(side.value)) for side in _SIDES),
        default=Value(""),
    )
    return rows.annotate(kind=kind).values("project").annotate(**there).values_list(word)


def settle_written_owners(writer: RevisionWriter) -> None:
    """Derive the projects whose capital changed with the organisations of their investors."""
    for chunk in chunks(writer.find_changed(Organisation, *OF_OWNERS)):
        paths = ("pk", "parent", "parent__parent")
        owned = meet_any(Q(**{f"{path}__in": chunk}) for path in paths)
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
    investment_basis=words.InvestmentBasis.AGREED, investment_cny__isnull=False
)


def find_fixed_investments() -> ClaimQuerySet:
    """Find the standing claims of the fixed-asset investment of whole projects, in yuan."""
    claims = ProjectFigure.objects.standing().of_the_whole().order_by()
    return claims.filter(indicator=FIXED_INVESTMENT, amount_cny__isnull=False)


def has_investment_intensity() -> Q:
    """Select the projects on bought land with such a claim."""
    return IS_BOUGHT & Q(pk__in=find_fixed_investments().values("project"))


# The columns of a project from which others are derived, by their names in the database
READ_TO_DERIVE = frozenset(
    [
        *("park_id", "region_id", "sector_id", "capital_type_stated"),
        *("reported_on", "reported_on_precision"),
    ]
)


def derive(projects: QuerySet) -> None:
    """Derive and store stage, dates, agreement, high-tech, region, capital and amounts.

    The projects are locked before their rows are read, so that of two concurrent writes the later
    one sees the rows of the earlier one.
    """
    keys = list(projects.select_for_update().order_by("pk").values_list("pk", flat=True))
    with recorded() as writer:
        writer.note(Project, keys, columns=words.DERIVED)
        for chunk in chunks(keys):
            prepare(build_update).execute(keys=chunk)
            sign_participations(chunk)


def sign_participations(projects: Collection[int]) -> None:
    """Turn participations into signings where a milestone was signed at the event.

    That is, it names the event, or it names none and is dated within the days of the event.
    """
    keys = [key for (key,) in prepare(_select_signed_there).fetch(keys=[*projects])]
    if keys:
        Participation.objects.filter(pk__in=keys).update(role=Participation.Role.SIGNED)


def _select_signed_there() -> QuerySet:
    role = Participation.Role
    signings = Milestone.objects.filter(
        project=OuterRef("project"), status=words.MilestoneStatus.MET, type__in=words.SIGNING_TYPES
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
    sectors = Sector.objects.filter(code=OuterRef("sector"))
    parks = Park.objects.filter(pk=OuterRef("park"))
    # Of the standing claims the best basis, then the newest, with its increases
    claims = ProjectFigure.objects.filter(project=OuterRef("pk")).select_headlines()
    flows = Funding.objects.filter(project=OuterRef("pk")).order_by()
    paid_in = flows.filter(kind="paid_in").values("project").annotate(total=Sum("amount_cny"))
    notes = ProgressNote.objects.standing().filter(project=OuterRef("pk"))
    newest = notes.order_by("-noted_on", "-id")
    update: Any = Project.objects.filter(pk__among=GivenKeys()).query.chain(UpdateQuery)
    update.add_update_values(
        {
            **_from_milestones(),
            "hitech": _first(sectors, "hitech", ""),
            "project_region": Coalesce(F("region_id"), Subquery(parks.values("region_id")[:1])),
            "capital_type": find_capital(),
            "investment_cny": _first(claims, "total_cny"),
            "investment_qualifier": _first(claims, "total_qualifier", ""),
            "investment_basis": _first(claims, "investment_basis", ""),
            "paid_in_cny": Subquery(paid_in.values("total")),
            "has_money": Exists(flows.of_money().that_came()),
            **{name: _first(newest, column) for name, column in words.FROM_PROGRESS.items()},
        }
    )
    return update


def _find_met() -> QuerySet:
    return Milestone.objects.filter(project=OuterRef("pk"), status=words.MilestoneStatus.MET)


def _first(rows: QuerySet, column: str, unknown: Any = None) -> Any:
    found = Subquery(rows.values(column)[:1])
    return found if unknown is None else Coalesce(found, Value(unknown))


def _from_milestones() -> dict[str, Any]:
    reached = _find_met().filter(type_rank__isnull=False)  # without approvals
    changes: dict[str, Any] = {
        "stage": _first(reached.order_by("-type_rank"), "type", ""),
        "agreement_type": _first(
            _find_met()
            .filter(type__in=words.SIGNING_TYPES, agreement_type__in=words.BINDING[1:])
            .order_by(words.rank("agreement_type", words.BINDING).desc()),
            "agreement_type",
            "",
        ),
    }
    for column, stage in words.DATED_STAGES.items():
        # Of several dates, the one whose period ends first
        dated = _find_met().filter(type=stage, actual_on__isnull=False)
        dated = dated.order_by("actual_on_end", "id")
        changes[column] = _first(dated, "actual_on")
        changes[f"{column}_precision"] = _first(dated, "actual_on_precision", "")
    # Of the milestones of the furthest stage the dated ones first
    furthest = reached.order_by("-type_rank", F("actual_on_end").asc(nulls_last=True), "id")
    changes["stage_on"] = _first(furthest, "actual_on")
    changes["stage_on_precision"] = _first(furthest, "actual_on_precision", "")
    changes["has_intent"] = Exists(_find_met().filter(type=words.Stage.INTENDED))
    return changes | {"news_on": _last_news(), "next_planned_on": _next_planned()}


def _last_news() -> Any:
    """Build the SQL of the last news: a report, a met milestone, or a flow."""
    met = _first(
        _find_met().filter(actual_on__isnull=False).order_by("-actual_on_end"), "actual_on_end"
    )
    # A report covers its whole month, even without an amount
    fundings = Funding.objects.filter(project=OuterRef("pk")).annotate(
        month_end=PeriodEnd("month", Value(Precision.MONTH.value))
    )
    flow = _first(fundings.order_by("-month"), "month_end")
    return _later(F("reported_on_end"), _later(met, flow))


def _later(one: Any, other: Any) -> Greatest:
    """Build the SQL of the later of two days, one of which may be unknown."""
    options: Any = {"output_field": models.DateField()}
    return Greatest(Coalesce(one, other, **options), Coalesce(other, one, **options), **options)


def _next_planned() -> Any:
    """Build the SQL of the last day planned for the next step after the reached stage."""
    met = Milestone.objects.filter(
        project=OuterRef("project"), status=words.MilestoneStatus.MET, type_rank__isnull=False
    )
    ahead = Milestone.objects.filter(
        project=OuterRef("pk"),
        status=words.MilestoneStatus.SCHEDULED,
        planned_on__isnull=False,
        type_rank__gt=_first(met.order_by("-type_rank"), "type_rank", -1),
    )
    return _first(ahead.order_by("planned_on_end"), "planned_on_end")


def doubts(project: Any) -> list[str]:
    """Describe what looks wrong in a project's rows: see `find_warnings`."""
    milestones = [
        {
            **{"type": each.type, "status": each.status},
            **{name: day and str(day) for name, day in each.read_days().items()},
            "actual_on": each.actual and str(each.actual),
        }
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
    """Describe what looks wrong in valid rows, in the active language.

    A date before that of an earlier stage, or a falling total of flows, is often a typing error.
    The rows are those of a project in the API.
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
            text = _(
                "%(kind)s: the total up to %(month)s is %(amount)s less than before; the "
                "difference counts as a reduction."
            )
            kind = Funding.Kind(funding["kind"]).label
            amount = say_money(-flow, currency)
            yield text % {"kind": kind, "month": funding["month"], "amount": amount}
    if others:
        text = _("What was paid in is summed in yuan; not in it: %(currencies)s.")
        yield text % {"currencies": ", ".join(sorted(others))}


def _doubt_milestones(milestones: Iterable[Mapping[str, Any]]) -> list[str]:
    milestones = [*milestones]
    dated = [
        (words.Stage(milestone["type"]), PartialDate.parse(milestone["actual_on"]))
        for milestone in milestones
        if milestone["status"] == words.MilestoneStatus.MET
        and milestone["actual_on"]
        and milestone["type"] in words.STAGES
    ]
    begun = [
        day
        for stage, day in dated
        if words.STAGES.index(stage) <= words.STAGES.index(words.Stage.SIGNED)
    ]
    first = min(begun, key=lambda day: day.first, default=None)
    promises = [
        _("%(step)s is promised for %(day)s, before the project began (%(first)s).")
        % {"step": dict(words.MILESTONE_TYPES)[milestone["type"]], "day": day, "first": first}
        for milestone in milestones
        if first and (day := milestone.get("promised_on"))
        if PartialDate.parse(day).last < first.first
    ]
    return promises + [
        _("%(later)s (%(later_on)s) is dated before %(earlier)s (%(earlier_on)s).")
        % {
            "later": later.label,
            "later_on": later_on,
            "earlier": earlier.label,
            "earlier_on": earlier_on,
        }
        for later, later_on in dated
        for earlier, earlier_on in dated
        if words.STAGES.index(earlier) < words.STAGES.index(later)
        and later_on.last < earlier_on.first
    ]
