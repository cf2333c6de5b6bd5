"""`/editions`: closed months of parks, each with last figure + new + corrections = this figure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework.reverse import reverse

from api.files import FILE_PARAMETERS, annotate_for_file, read_words
from api.lists.as_of import AS_OF
from api.lists.filters import CodedFilterSet, RowsFilter, WordsFilter
from api.readers import Query, Reader, Reading
from api.serializers import CODE, RECORD_FIELDS, LedgerSerializer, WorkedOutField
from api.views import AnswerViewSet
from config.database import history
from config.database.prepared import snapshot
from parks.access import Publication, select_readable
from parks.history.views import HistoryViewSet
from parks.models import Park, Source
from projects.children.serializers import MonthField
from projects.columns import PROJECTS
from projects.dimensions.filters import PeriodsFilter
from projects.dimensions.groupings import put_in_both
from projects.models import Edition, Funding, Milestone, Project, TargetMeasure
from projects.models.words import STAGES, STEPS, InvestmentBasis, MilestoneStatus, Stage
from projects.summaries.follow_through import COUNTED_ELSEWHERE
from projects.tracking.targets import REACHES
from sheets.amounts import LEDGER_CURRENCY, LEDGER_LAND, find_percent, store_currency
from sheets.dates import Precision
from sheets.writing.columns import Column, Table, derive_table

_SIGNED = str(TargetMeasure.SIGNED_COUNT)
# Of each step the measure, and the milestones that imply it: its own, or those of later stages
_STEPS = {
    f"{step}_count": (step, STAGES[STAGES.index(Stage(step)) :] if step in STAGES else [step])
    for step in STEPS
    if step != "intended"
}
_INVESTED = {f"investment_{basis}_cny": basis for basis in InvestmentBasis}
_FLOWS = {
    str(measure): (Funding.Kind(reach.filters["funding_kind"]), reach.adds)
    for measure, reach in REACHES.items()
    if reach.of_flows
}


def label_flow(name: str) -> Any:
    """Label a measure of money: a target is of a year, what an edition has is of all months."""
    kind, column = _FLOWS[name]
    if column == "amount_value":
        return format_lazy(_("{kind} (US$)"), kind=kind.label)
    return kind.label if column == "amount_cny" else TargetMeasure(name).label


EDITION_MEASURES: Mapping[str, Any] = {  # with their labels
    **{name: TargetMeasure(name).label for name in _STEPS},
    **{
        name: format_lazy(_("investment of signed projects: {basis}"), basis=each.label)
        for name, each in _INVESTED.items()
    },
    **{name: label_flow(name) for name in _FLOWS},
}
_ORDER = [*EDITION_MEASURES]
_AMOUNTS = {column for _kind, column in _FLOWS.values()}
EDITION_PARTS = {
    "last": _("last figure"),
    "new": _("new in the period"),
    "corrections": _("corrections"),
    "figure": _("this figure"),
}
_KNOWN = Column("known", _("projects with it"), "number")
_UNITS = {"cny": LEDGER_CURRENCY, "mu": LEDGER_LAND, "m2": "m2"}  # by the ends of columns
# By measure and project: how much, and how much of that is dated in the period
ProjectValues = dict[tuple[str, int], tuple[int, int]]


def select_edition_projects(edition: Edition, actor: Any) -> Any:
    """Select the projects of the park that the actor may see."""
    return select_readable(Project, actor).filter(park=edition.park_id).order_by()


def count_projects(
    edition: Edition, first: date, actor: Any
) -> tuple[dict[int, tuple[str, ...]], ProjectValues]:
    """Return the names of projects at the moment of an edition, and their values.

    Nothing counts that is dated after its month. The period begins with the `first` day.
    """
    last, found = edition.last_day, ProjectValues()
    with history.as_of(edition.closed_at):
        projects = select_edition_projects(edition, actor)
        named = projects.values_list("pk", "code", "name_zh", "name_en")
        names = {key: texts for key, *texts in named}
        flows = Funding.objects.filter(month__lte=last, project__in=projects.values("pk"))
        for flow in flows.order_by().values("project_id", "kind", "month", "currency", *_AMOUNTS):
            for measure, column in find_flow_measures(flow["kind"], flow["currency"]):
                if (amount := flow[column]) is not None:
                    each = (measure, flow["project_id"])
                    whole, new = found.get(each, (0, 0))
                    found[each] = (whole + amount, new + amount * (flow["month"] >= first))
        counted = projects.exclude(totals_exclusion__in=COUNTED_ELSEWHERE)
        steps = find_dated_steps(counted, first, last)
        for key, basis, cny in counted.values_list("pk", "investment_basis", "investment_cny"):
            for measure, (step, implying) in _STEPS.items():
                if not steps[key].keys().isdisjoint(implying):
                    found[measure, key] = (1, int(steps[key].get(step, False)))
            if cny is not None and (_SIGNED, key) in found:
                found[f"investment_{basis}_cny", key] = (cny, cny * found[_SIGNED, key][1])
    return names, found


def find_flow_measures(kind: str, currency: str) -> Iterator[tuple[str, str]]:
    """Find the measures that count a flow, each with the column that it adds up."""
    for measure, (of, column) in _FLOWS.items():
        is_of_currency = store_currency(REACHES[measure].currency) == currency
        if kind == of and (is_of_currency or column != "amount_value"):
            yield measure, column


def find_dated_steps(projects: QuerySet, first: date, last: date) -> dict[int, dict[str, bool]]:
    """Find the milestones that projects met by the last day: by type, whether in the period.

    Of several days of one type, the one whose period ends first, as projects are dated.
    """
    met = Milestone.objects.filter(project__in=projects.values("pk"), status=MilestoneStatus.MET)
    met = met.exclude(actual_on__gt=last).order_by(F("actual_on_end").asc(nulls_last=True), "id")
    steps: dict[int, dict[str, bool]] = defaultdict(dict)
    for key, kind, begin, end in met.values_list(
        "project_id", "type", "actual_on", "actual_on_end"
    ):
        steps[key].setdefault(kind, begin is not None and first <= begin <= end <= last)
    return steps


def compare_editions(edition: Edition, actor: Any) -> Iterator[dict[str, Any]]:
    """Yield what each project adds to each measure, even 0: last + new + corrections = figure.

    New is what came with a day in the months since the edition before; all else is a correction.
    """
    with snapshot():
        earlier = edition.previous
        first = earlier.last_day + timedelta(days=1) if earlier else edition.month
        names, now = count_projects(edition, first, actor)
        names_then, before = count_projects(earlier, first, actor) if earlier else ({}, {})
    names = names_then | names
    for measure, key in sorted({*now, *before}, key=lambda each: (_ORDER.index(each[0]), each[1])):
        last, _dated = before.get((measure, key), (0, 0))
        figure, dated = now.get((measure, key), (0, 0))
        decisive = (_SIGNED if measure in _INVESTED else measure, key)
        new = dated if measure in _FLOWS or decisive not in before else 0
        parts = (last, new, figure - last - new, figure)
        shown = dict(zip(("project", "name_zh", "name_en"), names[key], strict=True))
        yield {"measure": measure, **shown, **dict(zip(EDITION_PARTS, parts, strict=True))}


def add_up_edition(edition: Edition, request: Any) -> list[dict[str, Any]]:
    """Add up the parts of each measure, each with the list of the projects that make it."""
    sums = Counter[tuple[str, str]]()
    for row in compare_editions(edition, request.user):
        sums.update({(row["measure"], part): row[part] for part in EDITION_PARTS})
        sums[row["measure"], _KNOWN.name] += 1
    address = reverse("edition-rows", kwargs={"code": edition.code}, request=request)
    return [
        {
            "measure": name,
            **put_in_both(label),
            **{part: sums[name, part] for part in EDITION_PARTS},
            **{
                f"{part}_list_url": f"{address}?measure={name}&part={part}"
                for part in EDITION_PARTS
            },
            _KNOWN.name: sums[name, _KNOWN.name],
        }
        for name, label in EDITION_MEASURES.items()
    ]


_NAMES = [Column("name_zh", _("Chinese name")), Column("name_en", _("English name"))]
_NUMBERS = [Column(part, label, "number") for part, label in EDITION_PARTS.items()]
FIGURES_TABLE = Table(
    "edition-figures",
    _("figures of the edition"),
    [
        *(Column("measure", _("measure"), "word"), *_NAMES, *_NUMBERS),
        *(
            Column(f"{part}_list_url", format_lazy("{}: {}", _("list"), label))
            for part, label in EDITION_PARTS.items()
        ),
        _KNOWN,
    ],
)
ROWS_TABLE = Table(
    "edition-rows",
    _("projects of the edition"),
    [
        *(Column("measure", _("measure"), "word"), Column("project", _("project"))),
        *(*_NAMES, *_NUMBERS),
    ],
)
CODEBOOK_TABLE = Table(
    "edition-codebook",
    _("codebook"),
    [
        Column("column", _("column"), "word"),
        Column("source_kind", _("kind of source"), "word"),
        *_NAMES,
        Column("type", _("type"), "word"),
        Column("unit", _("unit"), "word"),
        Column("meaning_zh", _("meaning (Chinese)")),
        Column("meaning_en", _("meaning (English)")),
        _KNOWN,
        Column("percent", _("in percent"), "number"),
    ],
)


def describe_computed(table: Table) -> dict[str, Any]:
    kinds = {"number": {"type": "number"}}
    columns = {each.name: kinds.get(each.kind, {"type": "string"}) for each in table.columns}
    return {"type": "array", "items": {"type": "object", "properties": columns}}


@extend_schema_field(describe_computed(FIGURES_TABLE))
class FiguresField(WorkedOutField):
    """The figures of an edition, for the reader."""

    of = ("code",)

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> list[dict[str, Any]]:
        return add_up_edition(Edition.objects.get(code=shown[0]), context["request"])


class EditionSerializer(LedgerSerializer):
    """A month that a park closed. It stays; its note and publication may change."""

    month = MonthField()

    class Meta:
        model = Edition
        fields = [
            *(*CODE, "park", "month", "name", "closed_at", "publication", "note", *RECORD_FIELDS)
        ]
        read_only_fields = ["closed_at"]


class EditionWithFiguresSerializer(EditionSerializer):
    figures = FiguresField()

    class Meta(EditionSerializer.Meta):
        fields = [*EditionSerializer.Meta.fields, "figures"]


class EditionFilterSet(CodedFilterSet):
    park = RowsFilter(rows=Park, may_be_unknown=False)
    month = PeriodsFilter(unit=Precision.MONTH, may_be_unknown=False)
    publication = WordsFilter(choices=Publication, may_be_unknown=False)


class EditionViewSet(HistoryViewSet):
    """Editions (期报): months that parks closed."""

    about = _("Each names a moment; its figures are those of `as_of` then.")
    table = derive_table(
        "editions",
        Edition,
        "code park",
        Column("month", kind="month"),
        "name closed_at publication note version created_at updated_at",
    )
    http_method_names = ["get", "post", "patch", "head", "options"]
    serializer_class = EditionSerializer
    detail_serializer_class = EditionWithFiguresSerializer
    filterset_class = EditionFilterSet
    ordering_fields = ["code", "month", "updated_at"]
    ordering_default = "-month"


class EditionRowsReader(Reader[dict[str, str]]):
    """Reads `measure` and `part`; by default all of them."""

    parameters = ("measure", "part")

    def read(self, query: Query, view: Any) -> Reading[dict[str, str]]:
        words = {"measure": _ORDER, "part": EDITION_PARTS}
        return read_words(query, {name: {word: word for word in words[name]} for name in words})


EDITION_ROWS = EditionRowsReader()


class EditionFiguresViewSet(AnswerViewSet):
    """What is computed for an edition; its figures themselves only as files."""

    table = FIGURES_TABLE
    rows_are = Project
    queryset = Edition.objects.all()
    asks: ClassVar[Sequence[Reader[Any]]] = (AS_OF,)

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        edition: Any = self.get_object()
        yield from add_up_edition(edition, self.request)


class EditionRowsViewSet(EditionFiguresViewSet):
    summary = _("The projects behind the figures of an edition")
    about = _("What each adds to the parts of each measure: their sums are the figures.")
    answered_by = {200: describe_computed(ROWS_TABLE)}
    table = ROWS_TABLE
    asks = (AS_OF, EDITION_ROWS)
    described_parameters = [
        *FILE_PARAMETERS,
        OpenApiParameter("measure", enum=_ORDER, description=_("One measure.")),
        OpenApiParameter("part", enum=[*EDITION_PARTS], description=_("Projects with some of it.")),
    ]

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        edition: Any = self.get_object()
        asked = self.get_value(EDITION_ROWS)
        for row in compare_editions(edition, self.request.user):
            is_of_measure = row["measure"] == asked.get("measure", row["measure"])
            parts = [asked["part"]] if "part" in asked else EDITION_PARTS
            if is_of_measure and any(row[part] for part in parts):
                yield row


class CodebookViewSet(EditionFiguresViewSet):
    summary = _("The columns of projects, and of how many in the edition each is known")
    about = _("With the kinds of source on which the projects rest.")
    answered_by = {200: describe_computed(CODEBOOK_TABLE)}
    table = CODEBOOK_TABLE

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        edition: Any = self.get_object()
        columns = [*PROJECTS.columns, *PROJECTS.more]
        with history.as_of(edition.closed_at):
            projects = select_edition_projects(edition, self.request.user)
            rows = annotate_for_file(projects.with_staleness(), columns, self.request.user)
            cells = [*rows.values_list(*(column.source for column in columns))]
            kinds = Counter(projects.values_list("source__kind", flat=True))
        known = [sum(row[n] not in (None, "") for row in cells) for n in range(len(columns))]
        described: list[tuple[Column, str, Any, int]]
        described = [(column, "", column.label, known[n]) for n, column in enumerate(columns)]
        source = next(column for column in columns if column.name == "source")
        for kind, label in [*Source.Kind.choices, (None, _("none"))]:
            described.append((source, kind or "none", label, kinds[kind]))
        for column, kind, label, count in described:
            yield {
                **{"column": column.name, "source_kind": kind, "type": column.kind},
                **put_in_both(label),
                **put_in_both(column.meaning or column.hint, "meaning"),
                "unit": _UNITS.get(column.name.rpartition("_")[2], ""),
                **{"known": count, "percent": find_percent(count, len(cells) or 1)},
            }
