"""All claims in one list, and a source with everything that cites it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Case, CharField, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.files import TABLE_ACTIONS
from api.lists.filters import LedgerFilterSet, RowsFilter, WordsFilter
from api.lists.planned_rows import PlannedRows, derive_plan
from api.merged_rows import MergedFilesMixin, MergedFinder, MergedRows
from api.serializers import CODE, MadeField, WordField, WorkedOutField
from parks.access import select_readable
from parks.claims import filters
from parks.claims.serializers import FigureSerializer
from parks.claims.views import FigureViewSet, PersonViewSet
from parks.columns import CLAIM, SUBJECT
from parks.filters import OrganisationFilterSet, ParkFilterSet
from parks.models import Claim, Figure, Organisation, Park, Person, Source, TimelineEntry
from parks.models.claims import SUBJECTS
from parks.serializers import SourceSerializer
from parks.views import SourceViewSet
from projects.children.serializers import CountedListSerializer
from projects.filters import EventFilterSet, ProjectFilterSet
from projects.models import EventFigure, Project, ProjectFigure, SigningEvent
from sheets.writing.columns import Column, Table

IN_ONE_LIST = ("list", *TABLE_ACTIONS)
CLAIMS: Sequence[type[Claim]] = (Figure, ProjectFigure, EventFigure)


class SubjectType(models.TextChoices):
    PARK = "park", _("park")
    REGION = "region", _("region")
    REGION_GROUP = "region_group", _("region group")
    ORGANISATION = "organisation", _("organisation")
    PROJECT = "project", _("project")
    EVENT = "event", _("event")


ALL_CLAIMS = Table(
    "figures",
    _("figures"),
    [
        Column("code", _("code")),
        Column("subject_type", _("kind of subject"), "word"),
        *SUBJECT,
        Column("project", _("project"), path="project__code"),
        Column("event", _("event"), path="event__code"),
        *CLAIM,
    ],
)
_KEYS: dict[str, Any] = {
    **dict.fromkeys(["park", "organisation", "project", "event"], IntegerField()),
    **dict.fromkeys(["region", "region_group"], CharField()),
}


def select_claims(actor: Any, model: Any) -> QuerySet:
    """Select the readable claims of a model; subjects that it does not have are None."""
    others = [name for name in SubjectType.values if name not in model.about]
    none = {name: Value(None, output_field=_KEYS[name]) for name in others}
    return annotate_subjects(select_readable(model, actor).annotate(**none))


def annotate_subjects(claims: QuerySet) -> QuerySet:
    """Annotate claims with `subject_type`."""
    about = claims.model.about
    if len(about) == 1:  # a constant, which spares looking at the rows
        return claims.annotate(subject_type=Value(about[0], output_field=CharField()))
    kinds = [When(**{f"{name}__isnull": False}, then=Value(name)) for name in about]
    return claims.annotate(subject_type=Case(*kinds, output_field=CharField()))


class ClaimFilterSet(filters.FigureFilterSet):
    subject_type = WordsFilter(choices=SubjectType, may_be_unknown=False)
    subject_type_not = WordsFilter(
        "subject_type", choices=SubjectType, may_be_unknown=False, exclude=True
    )
    project = RowsFilter(rows=Project)
    event = RowsFilter(rows=SigningEvent)


@extend_schema_field({"type": ["string", "null"]})
class OwnerField(MadeField):
    """The code of a project or an event that a claim is about; null where it is about another."""

    @property
    def paths(self) -> tuple[str]:  # type: ignore[override]
        return (f"{self.field_name}__code",)

    def make(self, *values: Any) -> str | None:
        return values[0]


@extend_schema_field({"type": "string"})
class ClaimURLField(WorkedOutField):
    """The URL where a claim is written: below its project or event, if it has one."""

    of = ("code", "project", "event")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> str:
        code, project, event = shown
        name, above = "figure-detail", {}
        if project is not None:
            name, above = "project-figure-detail", {"project": project}
        elif event is not None:
            name, above = "event-figure-detail", {"event": event}
        return reverse(name, kwargs={**above, "code": code}, request=context.get("request"))


@extend_schema_serializer(component_name="Figure")
class AnyClaimSerializer(FigureSerializer):
    """A claim about a park, region, region group, organisation, project or event.

    Those of projects and events are written at their `claim_url`, below what they are about.
    """

    subject_type = WordField(choices=SubjectType.choices, read_only=True)
    project = OwnerField(read_only=True)
    event = OwnerField(read_only=True)
    claim_url = ClaimURLField()

    class Meta(FigureSerializer.Meta):
        fields = [
            CODE[0],
            "subject_type",
            *SUBJECTS,
            "project",
            "event",
            *FigureSerializer.Meta.fields[1 + len(SUBJECTS) :],
            "claim_url",
        ]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return annotate_subjects(rows)


class AnyClaimViewSet(MergedFilesMixin, FigureViewSet):
    """Claims about anything. They are appended, not overwritten.

    Those of projects and events are in the list, too; they are written below what they are about.
    """

    about = _(
        "Claims are appended, not overwritten. Those of projects and events are in the list, too; "
        "they are written below what they are about."
    )
    table = ALL_CLAIMS
    serializer_class = AnyClaimSerializer
    filterset_class = ClaimFilterSet

    def get_queryset(self) -> Any:
        if self.action not in IN_ONE_LIST:
            return super().get_queryset()
        return MergedRows([select_claims(self.request.user, model) for model in CLAIMS])

    def plan_rows(self, names: Collection[str] | None = None) -> Any:
        if self.action != "list":
            return super().plan_rows(names)
        client, context = self.get_client(), self.get_serializer_context()
        plans = [
            derive_plan(AnyClaimSerializer, names and frozenset(names), model) for model in CLAIMS
        ]
        return MergedFinder([PlannedRows(plan, client, context) for plan in plans])


QUOTING: Sequence[type[models.Model]] = [*CLAIMS, TimelineEntry]


class SpeakerFilterSet(filters.PersonFilterSet):
    source = filters.SpeakersOfSourceFilter("source", sayings=QUOTING)
    source_not = filters.SpeakersOfSourceFilter("source", sayings=QUOTING, exclude=True)


class SpeakerViewSet(PersonViewSet):
    filterset_class = SpeakerFilterSet


# The lists whose rows cite a source: URL, filters and models
Citing = tuple[str, type[LedgerFilterSet], list[type[Any]]]
CITING: Mapping[str, Citing] = {
    "figures": ("figure-list", ClaimFilterSet, [*CLAIMS]),
    "timeline": ("timeline-entry-list", filters.TimelineFilterSet, [TimelineEntry]),
    "projects": ("project-list", ProjectFilterSet, [Project]),
    "events": ("event-list", EventFilterSet, [SigningEvent]),
    "parks": ("park-list", ParkFilterSet, [Park]),
    "people": ("person-list", SpeakerFilterSet, [Person]),
    "organisations": ("organisation-list", OrganisationFilterSet, [Organisation]),
}


class CitingSerializer(CountedListSerializer):
    """How many rows of a list cite a source, of those that the client sees."""


class CitedBySerializer(serializers.Serializer):
    """What cites a source, by the list that it stands in."""

    def get_fields(self) -> dict[str, Any]:
        return {name: CitingSerializer() for name in CITING}


@extend_schema_serializer(component_name="SourceDetail")
class SourceDetailSerializer(SourceSerializer):
    """A source with what cites it, as far as the client sees it."""

    cited_by = serializers.SerializerMethodField()

    class Meta(SourceSerializer.Meta):
        fields = [*SourceSerializer.Meta.fields, "cited_by"]

    @extend_schema_field(CitedBySerializer)
    def get_cited_by(self, source: Source) -> dict[str, Any]:
        request = self.context["request"]
        counted = {}
        for name, (url, filterset, kinds) in CITING.items():
            parts = [
                filterset({"source": source.code}, queryset=rows, request=request).qs
                for rows in (select_readable(model, request.user) for model in kinds)
            ]
            counted[name] = {
                "count": sum(part.order_by().count() for part in parts),
                "list_url": f"{reverse(url, request=request)}?source={source.code}",
            }
        return counted


class SourceWithRowsViewSet(SourceViewSet):
    detail_serializer_class = SourceDetailSerializer
