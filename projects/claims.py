"""All claims in one list: of parks, regions, groups, organisations, projects and events."""

from typing import Any

from django.db import models
from django.db.models import Case, CharField, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from config.api.lists.filter_fields import RowsFilter, WordsFilter
from config.api.lists.merged_rows import MergedFilesMixin, MergedPagination, MergedRows
from config.api.serializers import CODE
from config.spreadsheets import Column, Table
from parks.access import readable_rows
from parks.claims.filters import FigureFilterSet
from parks.claims.serializers import FigureSerializer
from parks.claims.views import CLAIM_JOINS, SUBJECT_JOINS, FigureViewSet
from parks.columns import CLAIM, SUBJECT
from parks.models import Claim, Figure
from parks.models.subjects import SUBJECTS
from projects.models import EventFigure, Project, ProjectFigure, SigningEvent

IN_ONE_LIST = ("list", "csv", "xlsx")  # actions


class SubjectType(models.TextChoices):
    """What a claim is about."""

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


def select_claims(actor: Any, model: Any, *joins: str) -> QuerySet:
    """Select the claims of a table that a person sees; the subjects that it has not are None."""
    others = [name for name in SubjectType.values if name not in model.about]
    kinds = [When(**{f"{name}__isnull": False}, then=Value(name)) for name in model.about]
    return (
        readable_rows(actor, model)
        .select_related(*CLAIM_JOINS, *joins)
        .annotate(
            **{name: Value(None, output_field=_KEYS[name]) for name in others},
            subject_type=Case(*kinds, output_field=CharField()),
        )
    )


class ClaimFilterSet(FigureFilterSet):
    subject_type = WordsFilter(choices=SubjectType, may_be_unknown=False)
    subject_type_not = WordsFilter(
        "subject_type", choices=SubjectType, may_be_unknown=False, exclude=True
    )
    project = RowsFilter(rows=Project)
    event = RowsFilter(rows=SigningEvent)


@extend_schema_serializer(component_name="Figure")
class AnyClaimSerializer(FigureSerializer):
    """A claim about a park, region, region group, organisation, project or event.

    Those of projects and events are written at their `claim_url`, below what they are about.
    """

    subject_type = serializers.SerializerMethodField()
    project = serializers.SerializerMethodField()
    event = serializers.SerializerMethodField()
    claim_url = serializers.SerializerMethodField()

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

    def get_subject_type(self, claim: Claim) -> SubjectType:
        return next(
            SubjectType(name) for name in claim.about if getattr(claim, f"{name}_id") is not None
        )

    def get_project(self, claim: Claim) -> str | None:
        return claim.project.code if isinstance(claim, ProjectFigure) else None

    def get_event(self, claim: Claim) -> str | None:
        return claim.event.code if isinstance(claim, EventFigure) else None

    def get_claim_url(self, claim: Claim) -> str:
        names = {ProjectFigure: "project-figure-detail", EventFigure: "event-figure-detail"}
        kind = type(claim)
        above = {} if kind is Figure else {name: getattr(claim, name).code for name in kind.about}
        parts = {**above, "code": claim.code}
        return reverse(
            names.get(kind, "figure-detail"), kwargs=parts, request=self.context.get("request")
        )


class AnyClaimViewSet(MergedFilesMixin, FigureViewSet):
    """Claims about anything. They are appended, not overwritten.

    Those of projects and events are in the list, too; they are written below what they are about.
    """

    table = ALL_CLAIMS
    serializer_class = AnyClaimSerializer
    filterset_class = ClaimFilterSet
    pagination_class = MergedPagination

    def get_queryset(self) -> Any:
        if self.action not in IN_ONE_LIST:
            return super().get_queryset()
        actor = self.request.user
        return MergedRows(
            [
                select_claims(actor, Figure, *SUBJECT_JOINS),
                select_claims(actor, ProjectFigure, "project"),
                select_claims(actor, EventFigure, "event"),
            ]
        )
