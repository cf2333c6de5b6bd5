"""Models of claims and timeline entries about parks, regions, groups and organisations."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from parks.models import ledger
from parks.models.figures import IS_KNOWN, NOT_YET, Indicator, Nature, Source
from parks.models.organisations import Organisation, Post
from parks.models.places import is_park_open
from parks.models.vocabularies import Named, Region, RegionGroup, Sector, SectorGroup
from parks.recording.change_rows import Audience
from sheets import fields
from sheets.amounts import MAX_CNY, AmountError, Qualifier, parse_amount
from sheets.reading.units import is_land

SUBJECTS = ["park", "region", "region_group", "organisation"]
# Figures and entries about a park are visible with it, all others to everybody
OF_SUBJECT = Audience(park="park_id", public=is_park_open("park"), under=("park",))


def exactly_one(columns: list[str]) -> Q:
    """Select the rows with a value in exactly one of the columns."""
    either = Q()
    for column in columns:
        either |= Q(**{f"{other}__isnull": other != column for other in columns})
    return either


class AboutOne(models.Model):
    """A row about exactly one subject."""

    park = fields.refer_to("parks.Park", _("park"), on_delete=models.CASCADE, related_name=None)
    region = fields.refer_to(Region, _("region"), related_name=None)
    region_group = fields.refer_to(RegionGroup, _("region group"), related_name=None)
    organisation = fields.refer_to(Organisation, _("organisation"), related_name=None)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_about_one",
                condition=exactly_one(SUBJECTS),
                violation_error_message=_(
                    "Say what this is about: one park, region, region group or organisation."
                ),
            )
        ]

    @property
    def subject(self) -> models.Model | None:
        """The park, region, group or organisation that this is about."""
        return self.park or self.region or self.region_group or self.organisation


# Foreign keys without an index in the history
CLAIM_KEYS = (
    "indicator origin origin_group sector sector_group place said_by source superseded_by"
).split()
OTHER_UNIT = _("“%(text)s” is not in %(unit)s: convert it to this unit.")
MOST_DIGITS = 15  # of a number other than yuan: more are not exact in every program
# The columns of a claim that may be changed
MENDABLE = frozenset({"note", "source", "said_by", "said_by_text", "attribution", "is_withdrawn"})
# Columns that narrow a claim to a part of its subject
CLAIM_DIMENSIONS = (
    "origin origin_group sector sector_group place size_floor_cny scope_text"
).split()
# A scope in words may describe the whole
IS_WHOLE = Q(
    Q(scope_text="") | Q(scope_is_whole=True),
    **{f"{name}__isnull": True for name in CLAIM_DIMENSIONS if name != "scope_text"},
)
# A flow without `as_of` is as new as the end of its period
NEWEST_CLAIM_FIRST = [Coalesce("as_of_end", "period_to_end").desc(nulls_last=True), F("id").desc()]


class ClaimQuerySet(ledger.AppendedQuerySet):
    def of_the_whole(self) -> Self:
        """Select the claims that no dimension narrows."""
        return self.filter(IS_WHOLE)

    def newest_first(self, *before: Any) -> Self:
        """Sort like `Claim.newness`; first by `before`, if given."""
        return self.order_by(*before, *NEWEST_CLAIM_FIRST)


class Claim(ledger.Appended):
    """A value of an indicator, as a source reports it.

    A newer claim supersedes, and never overwrites. Whole yuan are in `amount_cny`; other numbers,
    foreign money included, in `value`, in the indicator's unit or in `currency`; words in
    `value_text`.

    A stock has an `as_of`; a flow has a period. `period_text` is a printed period without dates.
    The dimensions narrow it to a part: one origin, one sector, one place, a minimum size.
    """

    class Attribution(models.TextChoices):
        NARRATION = "narration", _("the source's own words")
        QUOTATION = "quotation", _("quoted directly")
        REPORTED = "reported", _("reported speech")
        DATA = "data", _("according to data")
        CAPTION = "caption", _("caption")

    class AsOfBasis(models.TextChoices):
        """How the day of `as_of` is known; blank is unknown."""

        PRINTED = "printed", _("printed")
        PERIOD = "period", _("end of the period")
        PUBLICATION = "publication", _("day of publication")

    code_prefix = "fig-"
    identified_by = ("indicator",)
    mendable = MENDABLE
    about_another = _("The two claims are about different things, or of different indicators.")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="+", verbose_name=_("indicator")
    )
    amount_cny = models.BigIntegerField(
        _("amount (yuan)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-MAX_CNY), MaxValueValidator(MAX_CNY)],
    )
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4, null=True, blank=True)
    value_text = models.CharField(_("value in words"), max_length=300, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("ISO 4217, for money other than yuan.")
    )
    qualifier = models.CharField(
        _("qualifier"), max_length=10, choices=Qualifier, default=Qualifier.EXACT
    )
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, default=Nature.ACTUAL)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    as_of_precision = fields.PrecisionField(_("precision of “as of”"))
    as_of_end = fields.PeriodEndField("as_of")
    as_of_basis = models.CharField(
        _("how the day is known"),
        max_length=11,
        choices=AsOfBasis,
        blank=True,
        help_text=_("Printed with the value, the end of its period, or only that of publication."),
    )
    period_from = models.DateField(
        _("period from"), null=True, blank=True, help_text=_("For flows: when counting began.")
    )
    period_from_precision = fields.PrecisionField(_("precision of “period from”"))
    period_to = models.DateField(_("period to"), null=True, blank=True)
    period_to_precision = fields.PrecisionField(_("precision of “period to”"))
    period_to_end = fields.PeriodEndField("period_to")
    period_text = models.CharField(
        _("period in words"),
        max_length=100,
        blank=True,
        help_text=_("As printed, such as: over the last decade."),
    )
    base_period = models.CharField(
        _("base period"),
        max_length=50,
        blank=True,
        help_text=_("What a growth or multiple is measured against, such as 2013."),
    )
    origin = fields.refer_to(Region, _("origin"), help_text=_("Only what comes from this region."))
    origin_group = fields.refer_to(RegionGroup, _("origin group"))
    sector = fields.refer_to(Sector, _("sector"))
    sector_group = fields.refer_to(SectorGroup, _("sector group"))
    place = fields.refer_to(Region, _("place"), help_text=_("Only what lies in this region."))
    size_floor_cny = models.BigIntegerField(
        _("size from (yuan)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Only projects of at least this investment (以上)."),
    )
    scope_text = models.CharField(
        _("scope in words"),
        max_length=200,
        blank=True,
        help_text=_("What it is of, such as: central state-owned enterprises."),
    )
    scope_is_whole = models.BooleanField(
        _("scope is the whole"),
        null=True,
        blank=True,
        help_text=_("Yes where these words say what the whole is of, and narrow it to no part."),
    )
    condition = models.CharField(
        _("condition"),
        max_length=200,
        blank=True,
        help_text=_("Under which it holds, as printed, such as: at full operational capacity."),
    )
    printed_conversion = models.CharField(
        _("printed conversion"),
        max_length=100,
        blank=True,
        help_text=_("A conversion that the source prints beside it, such as $2.4 billion."),
    )
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    said_by = fields.refer_to(Post, _("said by"))
    said_by_text = models.CharField(_("said by, in words"), max_length=200, blank=True)
    attribution = models.CharField(_("attribution"), max_length=9, choices=Attribution, blank=True)
    source = fields.refer_to(Source, _("source"))
    superseded_by = ledger.refer_to_successor()
    is_withdrawn = models.BooleanField(
        _("withdrawn"),
        default=False,
        help_text=_("The claim does not hold and nothing took its place."),
    )
    note = models.TextField(_("note"), blank=True)

    objects = ClaimQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True
        constraints = [
            *ledger.LedgerModel.Meta.constraints,
            fields.require_full_date("%(class)s_as_of_in_full", "as_of"),
            fields.require_full_date("%(class)s_from_in_full", "period_from"),
            fields.require_full_date("%(class)s_to_in_full", "period_to"),
            models.CheckConstraint(
                name="%(class)s_says_something",
                condition=Q(amount_cny__isnull=False) | Q(value__isnull=False) | ~Q(value_text=""),
                violation_error_message=_("Give an amount, a value, or the value in words."),
            ),
            models.CheckConstraint(
                name="%(class)s_one_number",
                condition=Q(amount_cny__isnull=True) | Q(value__isnull=True),
                violation_error_message=_("Give an amount in yuan or another value, not both."),
            ),
            models.CheckConstraint(
                name="%(class)s_yuan_without_currency",
                condition=Q(amount_cny__isnull=True) | Q(currency=""),
                violation_error_message=_("An amount in another currency is a value, not yuan."),
            ),
            fields.require_order(
                "%(class)s_period_in_order",
                "period_from",
                "period_to",
                _("The period begins after it ends."),
            ),
        ]

    @classmethod
    def list_compared(cls) -> tuple[str, ...]:
        return ("indicator", *cls.about)

    def clean(self) -> None:
        super().clean()
        ledger.refuse_days_to_come(
            self, ("as_of", "period_from", "period_to") if self.nature in IS_KNOWN else (), NOT_YET
        )
        is_money = not self.indicator_id or self.indicator.kind == Indicator.Kind.MONEY
        if self.amount_cny is not None and not is_money:
            raise fields.blame_column(
                "amount_cny",
                _("“%(indicator)s” is not counted in yuan."),
                code="not_money",
                params={"indicator": self.indicator_id},
            )
        self.refuse_other_unit()
        _sign, digits, exponent = (self.value or Decimal()).normalize().as_tuple()
        if len(digits) + max(int(exponent), 0) > MOST_DIGITS:
            raise fields.blame_column(
                "value",
                _("The number has more than %(count)d digits."),
                code="too_many_digits",
                params={"count": MOST_DIGITS},
            )

    def refuse_other_unit(self) -> None:
        """Raise an error for words of a new claim with an area in another unit."""
        wanted = self.indicator.unit if self.indicator_id else ""
        try:
            is_new = self.value_text and self._state.adding and is_land(wanted)
            own = parse_amount(self.value_text).unit if is_new else ""
        except AmountError:
            return
        if own and own != wanted:
            params = {"text": self.value_text, "unit": wanted}
            raise fields.blame_column(
                "value_text", OTHER_UNIT, code="unit_not_understood", params=params
            )

    @property
    def newness(self) -> tuple[date, int]:
        """The sort key, newest last."""
        return self.as_of_end or self.period_to_end or date.min, self.pk

    @property
    def number(self) -> int | Decimal | None:
        """The number in whole yuan or in the claim's unit; None for words."""
        return self.value if self.amount_cny is None else self.amount_cny

    @property
    def is_narrowed(self) -> bool:
        """Whether it is about a part of its subject only."""
        return any(
            getattr(self, name) not in (None, "")
            for name in CLAIM_DIMENSIONS
            if not (name == "scope_text" and self.scope_is_whole)
        )


class Figure(Claim, AboutOne):
    """A claim about a park, region, region group or organisation."""

    about = tuple(SUBJECTS)
    audience = OF_SUBJECT
    history = ledger.build_history(
        unindexed=[*CLAIM_KEYS, "region", "region_group", "organisation"]
    )

    class Meta(Claim.Meta):
        abstract = False
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["indicator_id", "-as_of", "code"]
        indexes = [
            models.Index(fields=["park", "indicator", "as_of"], name="figure_by_indicator"),
            ledger.index_successors("figure"),
        ]
        constraints = [*Claim.Meta.constraints, *AboutOne.Meta.constraints]


class TimelineEntry(ledger.LedgerModel, Named, AboutOne):
    """An event, or an intended one, at a time that may be unknown."""

    class Kind(models.TextChoices):
        AGREEMENT = "agreement", _("agreement")
        POLICY = "policy", _("policy")
        APPROVAL = "approval", _("approval")
        START = "start", _("start")
        OPENING = "opening", _("opening")
        RENAMING = "renaming", _("renaming")
        RESEARCH = "research", _("research")
        RECOMMENDATION = "recommendation", _("recommendation")
        DESCRIPTION = "description", _("description")
        OTHER = "other", _("other")

    class DateBasis(models.TextChoices):
        """How the date is known; blank is unknown."""

        PRINTED = "printed", _("printed")
        PUBLICATION = "publication", _("day of publication")
        INFERRED = "inferred", _("inferred")

    code_prefix = "entry-"
    audience = OF_SUBJECT

    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    happened_on = models.DateField(_("date"), null=True, blank=True)
    happened_on_precision = fields.PrecisionField(_("precision of the date"))
    happened_on_end = fields.PeriodEndField("happened_on")
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, default=Nature.ACTUAL)
    said_by = fields.refer_to("parks.Post", _("said by"))
    said_by_text = models.CharField(_("said by, in words"), max_length=200, blank=True)
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    source = fields.refer_to(Source, _("source"), related_name="timeline_entries")
    note = models.TextField(_("note"), blank=True)
    attribution = models.CharField(
        _("attribution"), max_length=9, choices=Claim.Attribution, blank=True
    )
    happened_on_basis = models.CharField(
        _("how the date is known"),
        max_length=11,
        choices=DateBasis,
        blank=True,
        help_text=_("Printed, that of the publication, or partly inferred, such as its year."),
    )

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        ordering = ["happened_on", "code"]
        constraints = [
            *ledger.LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            *AboutOne.Meta.constraints,
            fields.require_full_date("timelineentry_dated_in_full", "happened_on"),
        ]

    def clean(self) -> None:
        super().clean()
        if self.nature in IS_KNOWN:
            ledger.refuse_days_to_come(self, ["happened_on"], NOT_YET)
