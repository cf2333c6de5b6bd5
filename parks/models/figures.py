"""Sources, indicators, and the claims that give an indicator's value with its source."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.amounts import MAX_CNY, Qualifier
from config.dates import PartialDate, Precision
from config.fields import PeriodEndField, PrecisionField, dated_in_full
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.vocabularies import Named


class Source(LedgerModel):
    """A publication that says something. Its address is kept, and never fetched."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("official")
        MEDIA = "media", _("media")
        COMPANY = "company", _("company")
        ACADEMIC = "academic", _("academic")
        INTERNAL = "internal", _("internal")
        OTHER = "other", _("other")

    code_prefix = "src-"

    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_on_precision = PrecisionField(_("precision of publication date"))
    url = models.URLField(
        _("address"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    is_copy = models.BooleanField(
        _("is a copy"), default=False, help_text=_("The original publication was not seen.")
    )
    note = models.TextField(_("note"), blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            dated_in_full("source_published_in_full", "published_on"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"


class Indicator(Named):
    """What a figure measures; it fixes the unit, and whether figures may be added up."""

    class Kind(models.TextChoices):
        MONEY = "money", _("money")
        COUNT = "count", _("count")
        RATIO = "ratio", _("ratio")
        AREA = "area", _("area")
        LENGTH = "length", _("length")
        TEXT = "text", _("text")

    code = models.SlugField(_("code"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    is_summable = models.BooleanField(_("may be summed"), default=False)
    definition = models.TextField(_("definition"), blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [*Named.Meta.constraints]


class Nature(models.TextChoices):
    """What kind of statement a claim is: what is, or what somebody wants or expects."""

    ACTUAL = "actual", _("actual")
    INTENDED = "intended", _("intended")
    PROJECTED = "projected", _("projected")
    TARGET = "target", _("target")
    AT_CAPACITY = "at_capacity", _("at full capacity")
    INTEREST = "interest", _("interest only")
    RECOMMENDED = "recommended", _("recommended")


class ClaimQuerySet(LedgerQuerySet):
    """Claims, of which the standing ones are neither superseded nor withdrawn."""

    def standing(self) -> "ClaimQuerySet":
        return self.filter(superseded_by__isnull=True, is_withdrawn=False)


class Claim(LedgerModel):
    """A value that a source gives for an indicator, as it was reported.

    Claims are appended: a newer one supersedes, it does not overwrite. Money in yuan is
    `amount_cny` (whole yuan); every other number, foreign money included, is `value` in the
    indicator's unit or in `currency`; what is not a number is `value_text`.
    """

    code_prefix = "fig-"

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
    as_of_precision = PrecisionField(_("precision of “as of”"))
    as_of_end = PeriodEndField("as_of")
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    said_by = models.CharField(_("said by"), max_length=200, blank=True)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    superseded_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )
    is_withdrawn = models.BooleanField(
        _("withdrawn"),
        default=False,
        help_text=_("The claim does not hold and nothing took its place."),
    )
    note = models.TextField(_("note"), blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            *LedgerModel.Meta.constraints,
            dated_in_full("%(class)s_as_of_in_full", "as_of"),
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
        ]

    def clean(self) -> None:
        super().clean()
        is_money = not self.indicator_id or self.indicator.kind == Indicator.Kind.MONEY
        if self.amount_cny is not None and not is_money:
            raise ValidationError(
                {
                    "amount_cny": ValidationError(
                        _("“%(indicator)s” is not counted in yuan."),
                        code="not_money",
                        params={"indicator": self.indicator_id},
                    )
                }
            )

    @property
    def as_of_date(self) -> PartialDate | None:
        """The day, month or year at which the value stood."""
        return PartialDate(self.as_of, Precision(self.as_of_precision)) if self.as_of else None


class Figure(Claim):
    """A claim about a park."""

    park = models.ForeignKey(
        "parks.Park", models.CASCADE, related_name="figures", verbose_name=_("park")
    )

    class Meta(Claim.Meta):
        abstract = False
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["park_id", "indicator_id", "-as_of", "code"]
        indexes = [models.Index(fields=["park", "indicator", "as_of"], name="figure_by_indicator")]
