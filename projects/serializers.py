"""Projects, their rows, and signing events as JSON. Null means unknown."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import Direction, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from api.lists.as_of import AS_OF_NAME
from api.serializers import (
    CODE,
    NAME_FIELDS,
    RECORD_FIELDS,
    LedgerSerializer,
    MadeField,
    TermField,
    WordField,
    WorkedOutField,
)
from parks.access import judge_parks, rights_of
from parks.models import Region
from parks.models.places import PLACE_FIELDS
from parks.serializers import DEGREES, NumberField
from projects.children.serializers import (
    EVENT_REMEDIES,
    OTHER_NAMES,
    PROJECT_REMEDIES,
    CountedListSerializer,
    EventFigureSerializer,
    FundingSerializer,
    InvestorSerializer,
    ListedMilestoneSerializer,
    ProjectFigureSerializer,
    ProjectTagSerializer,
    ReadParticipationSerializer,
    keep_visible_projects,
)
from projects.dimensions.places import find_scope
from projects.lifecycle.derivation import find_warnings
from projects.lifecycle.due import show_news
from projects.models import Project, SigningEvent, naming, projects
from projects.models.words import (
    FROM_MILESTONES,
    FROM_PROGRESS,
    OF_LOST,
    InvestmentBasis,
    LostBecause,
    OriginScope,
    find_basis_of_words,
)
from projects.writing.writing import SaidInvestment, state_project, write_projects
from sheets.amounts import MAX_CNY, AmountError, Qualifier, parse_amount, parse_cny


class YuanFieldExtension(OpenApiSerializerFieldExtension):
    """A whole number where it is shown; where it is sent, words as well."""

    target_class = "projects.serializers.YuanField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Direction) -> dict[str, Any]:
        yuan = {"type": "integer", "minimum": 0, "maximum": MAX_CNY}
        if direction == "response":
            return {**yuan, "description": _("Whole yuan.")}
        words = {"type": "string", "minLength": 1, "examples": ["1.5亿元"]}
        described = _("Whole yuan; may be written as text such as 1.5 billion yuan.")
        if isinstance(self.target, ExactYuanField):  # was a number alone in 1.0.0
            return {**yuan, "description": described}
        return {"anyOf": [yuan, words], "description": described}


class YuanField(serializers.Field):
    """Whole yuan, as a number or in words such as 1.5亿; words may bring a qualifier along."""

    def to_representation(self, value: int) -> int:
        return value

    def to_internal_value(self, data: Any) -> tuple[int, str]:
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # to JSON, 5.0 is the number 5
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError(
                _("Give whole yuan, as a number or as text such as 1.5亿元."), code="invalid"
            )
        try:
            return parse_cny(str(data))
        except AmountError as error:
            ranges = {"negative", "too_large"}
            code = "out_of_range" if error.code in ranges else error.code
            raise serializers.ValidationError(error.message, code=code) from error


class ExactYuanField(YuanField):
    """The same without a qualifier."""

    def to_internal_value(self, data: Any) -> Any:
        value, qualifier = super().to_internal_value(data)
        if qualifier != Qualifier.EXACT:
            raise AmountError("qualified", str(data))
        return value


class InvestmentField(YuanField):
    """The same with the basis that its words say, blank if they say none: 意向投资3亿元."""

    def to_internal_value(self, data: Any) -> Any:
        value, qualifier = super().to_internal_value(data)
        return value, qualifier, find_basis_of_words(parse_amount(str(data)).label)


DERIVED_FIELDS = [*FROM_MILESTONES, "hitech"]


@extend_schema_field({"type": "boolean"})
class CountedField(MadeField):
    """Whether signed totals count a project; `totals_exclusion` says why not."""

    paths = ("totals_exclusion",)

    def make(self, *values: Any) -> bool:
        return values == ("",)


class NationalCodeTextField(serializers.CharField):
    """A national project code, as it is kept."""

    def to_internal_value(self, data: Any) -> str:
        return naming.normalise(super().to_internal_value(data))


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": projects.MOST_COLUMNS,
        "propertyNames": {"pattern": projects.HEADER_PATTERN, "maxLength": projects.LONGEST_HEADER},
        "additionalProperties": {
            "type": "string",
            "pattern": projects.TEXT_PATTERN,
            "maxLength": projects.LONGEST_TEXT,
        },
    }
)
class FurtherTextsField(serializers.DictField):
    """Texts by the header of their column, in order; a body replaces all of them."""

    child = serializers.CharField(max_length=projects.LONGEST_TEXT)

    def to_representation(self, value: str) -> dict[str, str]:  # type: ignore[override]
        return projects.read_stored_further(value)

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]
        columns = super().to_internal_value(data)
        try:
            projects.check_further(columns)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from error
        return projects.join_further(columns)


class ProjectSerializer(LedgerSerializer):
    """A project. Stage and dates follow its milestones; an amount is written as a claim."""

    remedies = {**LedgerSerializer.remedies, **PROJECT_REMEDIES}
    synonyms = {**LedgerSerializer.synonyms, **OTHER_NAMES}
    seen_by_some = frozenset({"part_of", "duplicate_of"})
    reserved: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(Project.work, ""),
        **dict.fromkeys(FROM_PROGRESS),
        "further_columns": {},
        **dict.fromkeys(OF_LOST),
    }
    reserved_for = "park_id"
    default_error_messages = {
        "invalid": _("Send one project, as an object; POST /projects/bulk writes many.")
    }
    national_code = NationalCodeTextField(
        max_length=naming.LENGTH, allow_blank=True, required=False
    )
    land_mu = NumberField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True, required=False
    )
    floor_area_m2 = NumberField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True, required=False
    )
    region = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    latitude = NumberField(**DEGREES, min_value=-90, max_value=90)
    longitude = NumberField(**DEGREES, min_value=-180, max_value=180)
    origin = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    investment_cny = InvestmentField(allow_null=True, required=False)
    investment_qualifier = WordField(choices=Qualifier.choices, allow_blank=True, required=False)
    investment_basis = WordField(choices=InvestmentBasis.choices, allow_blank=True, required=False)
    further_columns = FurtherTextsField(required=False)
    lost_because = WordField(choices=LostBecause.choices, allow_null=True, required=False)
    lost_to = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    counts_in_totals = CountedField(read_only=True)
    totals_exclusion = WordField(
        choices=Project.TotalsExclusion.choices, read_only=True, allow_blank=True
    )
    origin_scope = WordField(
        source="shown_scope", choices=OriginScope.choices, read_only=True, allow_blank=True
    )
    news_on = serializers.DateField(source="shown_news_on", read_only=True, allow_null=True)
    is_stale = serializers.BooleanField(read_only=True)
    investors = InvestorSerializer(many=True, required=False)

    class Meta:
        model = Project
        fields = [
            *(*CODE, *NAME_FIELDS, "park", "park_name_zh", "park_name_en", "national_code"),
            *("kind", "function", "site_mode", "land_mu", "land_qualifier", "floor_area_m2"),
            *("region", "project_region", "site", "building", *PLACE_FIELDS),
            *("origin", "origin_name_zh", "origin_name_en", "origin_basis", "origin_text"),
            "origin_scope",
            *("sector", "sector_name_zh", "sector_name_en", "sector_basis", "sector_text"),
            *("capital_type", "capital_type_stated", *DERIVED_FIELDS),
            *("investment_cny", "investment_qualifier", "investment_basis", "paid_in_cny"),
            *("counts_in_totals", "totals_exclusion", "news_on", "next_planned_on", "is_stale"),
            *("standing", "standing_on", "standing_reason"),
            *("is_umbrella", "duplicate_of", "part_of", "phase_no"),
            *(
                "reported_on",
                "review_on",
                "source",
                "publication",
                "note",
                "open_issues",
                "responsible_unit",
            ),
            "further_columns",
            *(*OF_LOST, *FROM_PROGRESS),
            *("investors", *RECORD_FIELDS),
        ]
        read_only_fields = [
            *DERIVED_FIELDS,
            *("capital_type", "paid_in_cny", "news_on", "next_planned_on", "project_region"),
            *FROM_PROGRESS,
        ]

    @classmethod
    def select_rows(cls, rows: Any, person: Any) -> QuerySet:
        return rows.with_staleness().annotate(
            shown_news_on=show_news(person), shown_scope=find_scope()
        )

    @classmethod
    def judge_readers(cls, person: Any) -> Callable[[Any], bool]:
        """Show work information to the roles of its park alone."""
        return judge_parks(rights_of(person), Project)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        amount = attrs.get("investment_cny", self.instance and self.instance.investment_cny)
        message = str(_("There is no amount to which this could apply."))
        for name in ("investment_qualifier", "investment_basis"):
            if attrs.get(name) and amount is None:
                detail = serializers.ErrorDetail(message, "without_amount")
                raise serializers.ValidationError({name: [detail]})
        refuse_other_words(attrs)
        if self.instance is None:
            attrs.setdefault("publication", attrs["park"].publication_of_new)
        before = self.instance.land_mu if self.instance else None
        if attrs.get("land_mu", before) != before:
            attrs.setdefault("land_qualifier", "")  # drop that of another area
        given = {name: attrs.pop(name) for name in INVESTMENT_FIELDS if name in attrs}
        attrs = super().validate(attrs)
        self.stated = state_project(
            self.drafted,
            self.instance,
            **{name: attrs[name] for name in LISTS_IN_BODIES if name in attrs},
            investment=read_investment(self.drafted, given, keeps=self.partial) if given else None,
        )
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Project:
        return self.write()

    def update(self, instance: Project, validated_data: dict[str, Any]) -> Project:
        return self.write()

    def write(self) -> Project:
        write_projects([self.stated])
        return self.drafted


BELOW_PROJECTS = ["milestones", "participations", "figures", "fundings", "tags"]
LISTS_IN_BODIES = ["milestones", "investors", "figures"]
INVESTMENT_FIELDS = ["investment_cny", "investment_qualifier", "investment_basis"]


def refuse_other_words(given: Mapping[str, Any]) -> None:
    """Raise ValidationError for a qualifier or basis that the words of the amount contradict."""
    _amount, *said = given.get("investment_cny") or (None, Qualifier.EXACT, "")
    for name, own in zip(INVESTMENT_FIELDS[1:], said, strict=True):
        if own not in ("", Qualifier.EXACT) and given.get(name) not in (None, "", own):
            message = _("The amount itself says “%(own)s”.") % {"own": own}
            detail = serializers.ErrorDetail(message, "contradicting")
            raise serializers.ValidationError({name: [detail]})


def read_investment(project: Project, given: Mapping[str, Any], *, keeps: bool) -> SaidInvestment:
    """Read the stated amount; a qualifier or basis alone applies to the stored one.

    With `keeps` the stored amount, given without a qualifier, keeps the one that it has.
    """
    amount, qualifier, basis = project.investment_cny, project.investment_qualifier, ""
    if "investment_cny" in given:
        before = (amount, qualifier)
        amount, qualifier, basis = given["investment_cny"] or (None, "", "")
        if keeps and (amount, qualifier) == (before[0], Qualifier.EXACT):
            qualifier = before[1]
    qualifier = given.get("investment_qualifier") or qualifier or "exact"
    return SaidInvestment(project, amount, qualifier, given.get("investment_basis") or basis)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class WarningsField(WorkedOutField):
    """What looks wrong in the rows of a project, in words."""

    of = ("milestones", "fundings")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> list[str]:
        return find_warnings(*shown)


class ProjectDetailSerializer(ProjectSerializer):
    """A project with its milestones, its part in events, its figures, and what looks wrong."""

    left_alone = ProjectSerializer.left_alone | {"milestones", "figures"}
    milestones = ListedMilestoneSerializer(many=True, required=False)
    participations = ReadParticipationSerializer(many=True, read_only=True)
    figures = ProjectFigureSerializer(many=True, required=False)
    fundings = FundingSerializer(many=True, read_only=True)
    tags = ProjectTagSerializer(many=True, read_only=True)
    warnings = WarningsField()

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, *BELOW_PROJECTS, "warnings"]


@extend_schema_serializer(component_name="Project")
class ListedProjectSerializer(ProjectDetailSerializer):
    """A project in a list; of what lies below it, the investors, and what `expand` names."""

    on_request = BELOW_PROJECTS

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, *BELOW_PROJECTS]


class EventSerializer(LedgerSerializer):
    """A signing event."""

    class Meta:
        model = SigningEvent
        fields = [
            *(*CODE, *NAME_FIELDS, "kind", "held_on", "place", "region", "host", "park", "source"),
            *("publication", "note", *RECORD_FIELDS),
        ]


class EventDetailSerializer(EventSerializer):
    """A signing event with what it declared, and how many projects took part."""

    remedies = {**LedgerSerializer.remedies, **EVENT_REMEDIES}
    figures = EventFigureSerializer(many=True, read_only=True)
    participations = serializers.SerializerMethodField()

    class Meta(EventSerializer.Meta):
        fields = [*EventSerializer.Meta.fields, "figures", "participations"]

    @extend_schema_field(CountedListSerializer)
    def get_participations(self, event: SigningEvent) -> dict[str, Any]:
        request = self.context["request"]
        rows = keep_visible_projects(event.participations.all(), request.user)
        address = reverse("event-participation-list", request=request, args=[event.code])
        moment = request.query_params.get(AS_OF_NAME)
        if moment:
            address = replace_query_param(address, AS_OF_NAME, moment)
        return {"count": rows.count(), "list_url": address}


@extend_schema_serializer(component_name="Event")
class ListedEventSerializer(EventSerializer):
    """A signing event in a list; `expand` asks for what it declared, too."""

    on_request = ("figures",)
    figures = EventFigureSerializer(many=True, read_only=True)

    class Meta(EventSerializer.Meta):
        fields = [*EventSerializer.Meta.fields, "figures"]
