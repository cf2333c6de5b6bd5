"""`/projects/funnel`: opening stock, what entered and left, and closing stock of each step."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.db.models import Case, Count, DurationField, F, Q, When
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.files import FILE_PARAMETERS
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.readers import PARTIAL_DATE, Query, Reader, Reading
from config.database import history
from config.mistakes import Mistake
from projects.dimensions.groupings import put_in_both
from projects.filters import ProjectFilterSet
from projects.lifecycle.stocks import (
    FLOW_LABELS,
    FLOWS,
    FUNNEL_STEPS,
    LOST,
    UNPLACED,
    FunnelStep,
    is_shown,
    place_projects,
    select_flow,
)
from projects.models import Project
from projects.summaries.follow_through import COUNTED_ELSEWHERE
from projects.summaries.serializers import FlowCountSerializer
from projects.summaries.views import ProjectAnswerViewSet
from sheets.dates import DateError, PartialDate
from sheets.writing.columns import Column, Table

FUNNEL_CELLS = ("opening", *FLOWS, "closing")
# Each project counts once; merged ones are lost
COUNTED_BESIDE = [word for word in COUNTED_ELSEWHERE if word != Project.TotalsExclusion.MERGED]
_DAYS = {
    "from": _("The first day, or a month or year that begins with it; by default 1 January."),
    "to": _("The last day, or a month or year that ends with it; by default today."),
}
_DATE = {"type": "string", "pattern": f"^{PARTIAL_DATE}$"}


class FunnelDaysReader(Reader[tuple[date, date]]):
    """Reads `from` and `to`: by default this year up to today."""

    parameters = tuple(_DAYS)

    def read(self, query: Query, view: Any) -> Reading[tuple[date, date]]:
        today = history.today()
        days, wrong = [today.replace(month=1, day=1), today], []
        for n, name in enumerate(_DAYS):
            try:
                period = PartialDate.parse(query[name]) if name in query else None
            except DateError as error:
                wrong.append(
                    Mistake("invalid", str(error.message), error.suggestion).at(parameter=name)
                )
                continue
            if period:
                days[n] = (period.first, period.last)[n]
        if days[1] < days[0] and not wrong:
            detail = _("“%(high)s” is below “%(low)s”.") % {"high": "to", "low": "from"}
            wrong.append(Mistake("out_of_range", detail).at(parameter="to"))
        return (days[0], days[1]), wrong


FUNNEL_DAYS = FunnelDaysReader()


class FunnelFilterSet(ProjectFilterSet):
    """The filters of projects, without the one that opens the lists of the answer."""

    funnel = None  # type: ignore[assignment]


class FunnelCountSerializer(FlowCountSerializer):
    """A number of projects, and their list."""


class FunnelRowSerializer(serializers.Serializer):
    """One step: opening + entered + undated - onward - lost - unplaced = closing."""

    step = serializers.ChoiceField(FunnelStep.choices)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    opening = FunnelCountSerializer()
    entered = FunnelCountSerializer(help_text=_("Dated in the period, whatever followed."))
    undated = FunnelCountSerializer(help_text=_("In the closing stock; nobody knows since when."))
    onward = FunnelCountSerializer(help_text=_("Left to a later step."))
    lost = FunnelCountSerializer(help_text=_("Suspended, terminated, merged or closed."))
    unplaced = FunnelCountSerializer(help_text=_("Left; where to is dated too coarsely."))
    closing = FunnelCountSerializer()
    revoked = FunnelCountSerializer(help_text=_("Dated in the period and revoked: in no sum."))
    lost_summary_url = serializers.URLField(allow_null=True, help_text=_("Lost, by reason."))
    median_days = serializers.FloatField(
        allow_null=True, help_text=_("From the step before, of those that entered.")
    )
    days_known = serializers.IntegerField(help_text=_("Of how many both days are known."))


class FunnelSerializer(serializers.Serializer):
    """The funnel between two days."""

    opening_on = serializers.DateField(help_text=_("The day at whose end it opens."))
    closing_on = serializers.DateField()
    as_of = serializers.CharField(allow_null=True)
    rows = FunnelRowSerializer(many=True)
    unplaced = FunnelCountSerializer(help_text=_("Not placed on one of the two days."))


FUNNEL_TABLE = Table(
    "projects-funnel",
    _("funnel"),
    [
        Column("step", _("step"), "word"),
        Column("name_zh", _("Chinese name")),
        Column("name_en", _("English name")),
        Column("opening", _("opening stock"), "number", path="opening.count"),
        *(
            Column(name, label, "number", path=f"{name}.count")
            for name, label in FLOW_LABELS.items()
            if name != "revoked"
        ),
        Column("closing", _("closing stock"), "number", path="closing.count"),
        Column("revoked", FLOW_LABELS["revoked"], "number", path="revoked.count"),
        Column("median_days", _("median days from the step before"), "number"),
        Column("days_known", _("of these known to the day"), "number"),
        Column("list_url", _("list"), path="closing.list_url"),
    ],
)


class FunnelViewSet(ProjectAnswerViewSet):
    """The funnel of the filtered projects, and its files."""

    summary = _("Stocks and flows of leads, talks, contracts and landed projects")
    about = _(
        "For each step opening stock, what entered and left, and closing stock between two "
        "days, by the dates of milestones. Leads and talks are counted only in parks in which "
        "you have a role."
    )
    answered_by = FunnelSerializer
    table = FUNNEL_TABLE
    filterset_class = FunnelFilterSet
    asks = (AS_OF, FILTERS, FUNNEL_DAYS)
    described_parameters = [
        *FILE_PARAMETERS,
        *(OpenApiParameter(name, _DATE, description=text) for name, text in _DAYS.items()),
    ]

    def compute_answer(self) -> dict[str, Any]:
        """Count each flow of each step, with the list of its projects."""
        first, last = self.get_value(FUNNEL_DAYS)
        days = (first - timedelta(days=1), last)
        projects = self.find_projects().exclude(totals_exclusion__in=COUNTED_BESIDE)
        placed = place_projects(projects, self.request.user, *days)
        asked: dict[str, Any] = {UNPLACED: Q(at0=UNPLACED) | Q(at1=UNPLACED)}
        lists = {UNPLACED: f"{UNPLACED}@{first}..{last}"}
        for step in FUNNEL_STEPS:
            asked |= {f"{step}.opening": Q(at0=step), f"{step}.closing": Q(at1=step)}
            asked |= {f"{step}.{flow}": select_flow(step, flow, *days) for flow in FLOWS}
            lists |= {f"{step}.{flow}": f"{step}.{flow}@{first}..{last}" for flow in FLOWS}
            lists |= {f"{step}.opening": f"{step}@{days[0]}", f"{step}.closing": f"{step}@{last}"}
        counts, medians = count_flows(placed, asked, *days)
        cells = {
            name: {"count": counts[name], "list_url": self.link("project-list", funnel=lists[name])}
            for name in asked
        }
        moment = history.moment()
        return {
            "opening_on": days[0],
            "closing_on": last,
            "as_of": moment.isoformat() if moment else None,
            "rows": [
                {
                    "step": step.value,
                    **put_in_both(step.label),
                    **{name: cells[f"{step}.{name}"] for name in FUNNEL_CELLS},
                    "lost_summary_url": self.link(
                        "project-summary", funnel=lists[f"{step}.{LOST}"], group_by="lost_because"
                    ),
                    **medians[step],
                }
                for step in FUNNEL_STEPS
            ],
            "unplaced": cells[UNPLACED],
        }

    def link(self, name: str, **query: str) -> str | None:
        """Link to a list or a summary of the counted projects."""
        counted = {"totals_exclusion_not": ",".join(COUNTED_BESIDE)}
        return self.list_links(name).narrow(counted, query)


def count_flows(
    placed: Any, asked: dict[str, Q], opening: date, closing: date
) -> tuple[Counter[str], dict[FunnelStep, dict[str, Any]]]:
    """Count the projects of each flow, and compute the median days from each step to the next.

    One query does both: it counts by the days that projects took.
    """
    took: dict[str, Any] = {}
    for before, step in pairwise(FUNNEL_STEPS):
        exact = {f"{each}_day": F(f"{each}_own") for each in (before, step)}
        known = is_shown(before) & Q(**exact, **{f"{before}_day__lte": F(f"{step}_day")})
        entered = select_flow(step, "entered", opening, closing) & known
        between = When(entered, then=F(f"{step}_day") - F(f"{before}_day"))
        took[f"{step}_took"] = Case(between, output_field=DurationField())
    sums = {name: Count("pk", filter=each) for name, each in asked.items()}
    counts: Counter[str] = Counter()
    days: dict[FunnelStep, list[int]] = {step: [] for step in FUNNEL_STEPS}
    for group in placed.annotate(**took).values(*took).annotate(projects=Count("pk"), **sums):
        counts.update({name: group[name] for name in asked})
        for step in FUNNEL_STEPS[1:]:
            if (each := group[f"{step}_took"]) is not None:
                days[step] += [each.days] * group["projects"]
    return counts, {
        step: {"median_days": median(each) if each else None, "days_known": len(each)}
        for step, each in days.items()
    }
