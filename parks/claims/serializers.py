"""Claims, timelines and people as JSON; rows that are appended or made for one park."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers import (
    CODE,
    NAME_FIELDS,
    RECORD_FIELDS,
    LedgerSerializer,
    MadeField,
    RowField,
    TermField,
    TermSerializer,
)
from parks.access import Publication, judge_parks, rights_of
from parks.columns import INDICATORS, PEOPLE, TIMELINE
from parks.models import Claim, Figure, Indicator, Nature, Person, Post, Region, TimelineEntry
from parks.models.claims import CLAIM_DIMENSIONS, MENDABLE, SUBJECTS
from parks.models.ledger import DRAFT_PARK
from parks.models.vocabularies import pick_name
from sheets.amounts import AmountError, check_other_currency, parse_amount, plain_number
from sheets.reading.units import find_measure


class SharedRowSerializer(LedgerSerializer):
    """A shared row, which may be a draft that was made for one park."""

    reserved: ClassVar[Mapping[str, Any]] = dict.fromkeys(DRAFT_PARK)
    reserved_for = "park_id"
    left_alone = LedgerSerializer.left_alone | DRAFT_PARK

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and attrs.get("park"):
            attrs.setdefault("publication", attrs["park"].publication_of_new)
        return super().validate(attrs)

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        if field_name == "publication":
            # Of versions older than the column, which everybody saw
            options["shown_if_blank"] = Publication.PUBLISHED.value
        return kind, options

    @classmethod
    def judge_readers(cls, person: Any) -> Callable[[Any], bool]:
        """Show the park of a row to those who would see its draft."""
        return judge_parks(rights_of(person), cls.Meta.model)


class AppendedSerializer(LedgerSerializer):
    """A row that is written once; `supersedes` names the one that it takes the place of.

    `MENDABLE` are the fields that may be written later; a subclass declares `supersedes`.
    """

    MENDABLE: ClassVar[Collection[str]]
    written_once: ClassVar[str | Promise] = _("This cannot be overwritten: add a new one.")
    superseded_by = RowField(read_only=True, allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        is_written_again = self.instance is not None and not self.context.get("is_seeding")
        if is_written_again and isinstance(data, dict):
            refused = {
                name: [serializers.ErrorDetail(str(self.written_once), "append_only")]
                for name in data
                if name in self.fields and name not in self.MENDABLE
            }
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earlier = attrs.pop("supersedes", None)
        attrs = super().validate(attrs)
        if earlier is None:
            return attrs
        self.check_superseded(earlier, attrs)
        return attrs | {"supersedes": earlier}

    def check_superseded(self, earlier: Any, attrs: dict[str, Any]) -> None:
        """Raise `ValidationError` for a row about another thing, or with a successor."""
        given = {**self.get_parent_row(), **attrs}
        model: Any = self.Meta.model
        row = model(**{name: given.get(name) for name in model.list_compared()})
        try:
            row.check_supersedes(earlier)
        except DjangoValidationError as error:
            detail = serializers.ErrorDetail(error.messages[0], error.code)
            raise serializers.ValidationError({"supersedes": [detail]}) from error

    def create(self, validated_data: dict[str, Any]) -> Any:
        earlier = validated_data.pop("supersedes", None)
        with transaction.atomic():
            row = super().create(validated_data)
            if earlier:
                row.supersede(earlier)
        return row


VALUE_COLUMNS = ["amount_cny", "value", "value_text"]


class IndicatorSerializer(TermSerializer):
    # The bounds that a model's integer has are those of its database
    headline_rank = serializers.IntegerField(
        min_value=1, max_value=1000, allow_null=True, required=False
    )

    class Meta:
        model = Indicator
        fields = INDICATORS.names


@extend_schema_field({"type": ["number", "string"]})
class ValueField(MadeField):
    """The value of a claim in one place: whole yuan, another number, or words."""

    paths = VALUE_COLUMNS

    def make(self, *values: Any) -> int | float | str:
        amount_cny, value, value_text = values
        if amount_cny is not None:
            return amount_cny
        number = plain_number(value)
        return value_text if number is None else number

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Keep the value for `ClaimSerializer.validate`, which knows the indicator."""
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            raise serializers.ValidationError(_("Give a number or words."), code="invalid")
        return {"given": data}


@extend_schema_field({"type": "string"})
class UnitField(MadeField):
    """The unit of a claim's value: a currency, or the unit of its indicator."""

    paths = ("currency", "indicator__unit")

    def make(self, *values: Any) -> str:
        currency, unit = values
        return currency or unit


@extend_schema_field({"type": ["string", "null"]})
class SpeakerField(MadeField):
    """Who said a claim: a person with a post, or words; null where that is not known."""

    paths = (
        *(f"said_by__person__{name}" for name in NAME_FIELDS),
        *(f"said_by__{name}" for name in NAME_FIELDS),
        "said_by_text",
    )

    def make(self, *values: Any) -> str | None:
        *names, words = values
        if names[0] is None:
            return words or None
        return f"{pick_name(*names[:2])}, {pick_name(*names[2:])}"


class ClaimSerializer(AppendedSerializer):
    """A claim with its value in one place, in the indicator's unit.

    What was claimed is written once: a later claim supersedes it (`supersedes`), and what does
    not hold is withdrawn. Only notes and the reference to the source may be mended.
    """

    MENDABLE = MENDABLE
    written_once = _("A claim cannot be overwritten: add a new one that supersedes it.")

    value = ValueField()
    unit = UnitField(read_only=True)
    origin = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    place = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    said_by_name = SpeakerField(read_only=True)
    source_title = serializers.CharField(
        source="source.title", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model: type[Claim]
        fields = [
            *CODE,
            *(
                "indicator indicator_name_zh indicator_name_en value unit currency "
                "qualifier nature as_of as_of_basis period_from period_to "
                "period_text base_period"
            ).split(),
            *CLAIM_DIMENSIONS,
            *(
                "scope_is_whole condition printed_conversion as_reported said_by "
                "said_by_name said_by_text attribution source source_title "
                "superseded_by is_withdrawn note"
            ).split(),
            *RECORD_FIELDS,
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return super().validate(self.sort_given(attrs))
        except serializers.ValidationError as error:
            raise serializers.ValidationError(of_the_value(error.detail)) from error

    def validate_currency(self, currency: str) -> str:
        """Accept three capital letters of a currency other than the yuan, which is blank."""
        if currency:
            check_other_currency(currency)
        return currency

    def sort_given(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Store the value, if one is given, in its column."""
        return self.sort_value(attrs.pop("given"), attrs) | attrs if "given" in attrs else attrs

    def sort_value(self, given: int | float | str, attrs: dict[str, Any]) -> dict[str, Any]:
        """Store the value in its column: yuan, another number, or words."""
        columns: dict[str, Any] = {"amount_cny": None, "value": None, "value_text": ""}
        earlier: Any = self.instance
        indicator = attrs.get("indicator") or earlier.indicator
        is_money = indicator.kind == Indicator.Kind.MONEY and not attrs.get("currency")
        if isinstance(given, str):
            is_words = indicator.kind == Indicator.Kind.TEXT
            return columns | (
                {"value_text": given} if is_words else parse_value(given, indicator, is_money)
            )
        if is_money and given != int(given):
            raise serializers.ValidationError(
                {"value": [serializers.ErrorDetail(str(_("Give whole yuan.")), "fraction_of_yuan")]}
            )
        return columns | (
            {"amount_cny": int(given)} if is_money else {"value": Decimal(str(given))}
        )


def parse_value(text: str, indicator: Indicator, is_money: bool) -> dict[str, Any]:
    """Parse a number with its hedge, such as 超1.5亿元 or 约200人; other texts stay words."""
    try:
        amount = parse_amount(text, default_unit="yuan" if is_money else None)
        if is_money:
            return {"amount_cny": amount.cny, "qualifier": amount.qualifier}
        if amount.unit and find_measure(amount.unit) != find_measure(indicator.unit):
            return {"value_text": text}
        return {"value": amount.value, "qualifier": amount.qualifier}
    except AmountError as error:
        if not is_money or error.code in ("not_a_number", "ambiguous"):
            return {"value_text": text}
        detail = serializers.ErrorDetail(str(error.message), error.code)
        raise serializers.ValidationError({"value": [detail]}) from error


def of_the_value(detail: Any) -> Any:
    """Turn errors of the columns of a value into errors of `value`."""
    if not isinstance(detail, dict):
        return detail
    named = {name: found for name, found in detail.items() if name not in VALUE_COLUMNS}
    found = [each for name in VALUE_COLUMNS for each in detail.get(name, [])]
    return named | ({"value": found} if found else {})


class FigureSerializer(ClaimSerializer):
    """A claim about a park, region, region group or organisation."""

    supersedes = RowField(queryset=Figure.objects.all(), required=False, write_only=True)

    class Meta(ClaimSerializer.Meta):
        model = Figure
        fields = [CODE[0], *SUBJECTS, *ClaimSerializer.Meta.fields[1:], "supersedes"]


class HeadlineSerializer(ClaimSerializer):
    """A headline figure, and how many other claims of its indicator there are."""

    others = serializers.IntegerField(read_only=True)

    class Meta(ClaimSerializer.Meta):
        model = Figure
        fields = [*ClaimSerializer.Meta.fields, "others"]


class ParkHeadlineSerializer(HeadlineSerializer):
    """A headline figure of a park, and where the other claims are."""

    claims_url = serializers.URLField(read_only=True)

    class Meta(HeadlineSerializer.Meta):
        fields = [*HeadlineSerializer.Meta.fields, "claims_url"]


class PostSerializer(LedgerSerializer):
    class Meta:
        model = Post
        fields = [*CODE, *NAME_FIELDS, "organisation", "held_from", "held_to", "source"]


class PersonSerializer(SharedRowSerializer):
    posts = PostSerializer(many=True, read_only=True)

    class Meta:
        model = Person
        fields = PEOPLE.names


class TimelineEntrySerializer(LedgerSerializer):
    class Meta:
        model = TimelineEntry
        fields = TIMELINE.names


class FigureTotalSerializer(serializers.Serializer):
    """A sum with what went into it."""

    indicator = serializers.CharField()
    unit = serializers.CharField()
    nature = serializers.ChoiceField(choices=Nature.choices)
    sum = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField(help_text=_("Subjects that a claim was found for."))
    exact = serializers.IntegerField()
    qualified = serializers.IntegerField()
    missing = serializers.IntegerField(help_text=_("Claims in words only."))
    other_currency = serializers.IntegerField(
        help_text=_("Claims left out: they are in another currency, which is never converted.")
    )
    claims = serializers.ListField(child=serializers.CharField())


class ComparisonRowSerializer(serializers.Serializer):
    """One indicator and nature with the headline of each park, or null."""

    indicator = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    unit = serializers.CharField()
    nature = serializers.ChoiceField(choices=Nature.choices)
    parks = serializers.DictField(child=HeadlineSerializer(allow_null=True))


class ComparisonSerializer(serializers.Serializer):
    """Several parks side by side."""

    parks = serializers.ListField(child=serializers.CharField())
    rows = ComparisonRowSerializer(many=True)
