"""Targets: what a park or a region is to reach in a year."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models import LedgerModel, Park, Region, Source
from parks.models.claims import exactly_one
from parks.models.ledger import build_history
from parks.models.places import OF_PARK
from projects.models.words import OriginScope
from sheets.amounts import LEDGER_CURRENCY, MAX_CNY, Qualifier
from sheets.dates import EARLIEST_YEAR, LATEST_YEAR
from sheets.fields import refer_to, require_unique


class TargetMeasure(models.TextChoices):
    """What is to be reached: a number of projects, yuan (`_cny`), or US dollars (`_usd`)."""

    SIGNED_COUNT = "signed_count", _("projects signed")
    AGREED_CNY = "agreed_cny", _("agreed investment")
    REGISTERED_COUNT = "registered_count", _("projects registered")
    APPROVED_COUNT = "approved_count", _("projects approved")
    LAND_GRANTED_COUNT = "land_granted_count", _("projects granted land")
    WORKS_PERMIT_COUNT = "works_permit_count", _("projects permitted to build")
    STARTED_COUNT = "started_count", _("projects started")
    COMPLETED_COUNT = "completed_count", _("projects completed")
    IN_STATISTICS_COUNT = "in_statistics_count", _("projects entered into the statistics")
    OPERATING_COUNT = "operating_count", _("projects put into operation")
    PAID_IN_CNY = "paid_in_cny", _("funds paid in")
    COMPLETED_CNY = "completed_cny", _("investment completed in the year")
    PAID_IN_RECOGNISED_CNY = "paid_in_recognised_cny", _("funds paid in, recognised")
    COMPLETED_RECOGNISED_CNY = "completed_recognised_cny", _("investment completed, recognised")
    FOREIGN_AGREED_CNY = "foreign_agreed_cny", _("foreign capital agreed in the year")
    FOREIGN_CNY = "foreign_cny", _("foreign capital used in the year")
    FOREIGN_AGREED_USD = "foreign_agreed_usd", _("foreign capital agreed in the year (US$)")
    FOREIGN_USD = "foreign_usd", _("foreign capital used in the year (US$)")

    @property
    def currency(self) -> str:
        """What its amounts are in; blank where it is a number of projects."""
        return {"cny": LEDGER_CURRENCY, "usd": "USD"}.get(self.value.rpartition("_")[2], "")


def validate_scopes(text: str) -> None:
    """Raise `ValidationError` for what are not words of `OriginScope`, the farthest first."""
    asked = text.split(",")
    wanted = [word.value for word in OriginScope if word in asked]
    if asked != wanted:
        message = _("Write words of “%(words)s” in this order, with a comma and no space between.")
        raise ValidationError(message, "unknown_value", {"words": ",".join(OriginScope.values)})


class Target(LedgerModel):
    """What a park or a region is to reach in a year, by one measure."""

    code_prefix = "target-"
    identified_by = ("year", "measure")
    audience = OF_PARK
    history = build_history(unindexed=["park", "region", "source"])

    park = refer_to(Park, _("park"), related_name="targets")
    region = refer_to(Region, _("region"), help_text=_("With all parks that lie in it."))
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(EARLIEST_YEAR), MaxValueValidator(LATEST_YEAR)]
    )
    measure = models.CharField(_("measure"), max_length=24, choices=TargetMeasure)
    size_floor_cny = models.BigIntegerField(
        _("size from (yuan)"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_CNY)],
        help_text=_("Only projects of at least this investment (以上); 0 is all of them."),
    )
    origin_scope = models.CharField(
        _("distance of the origin"),
        max_length=60,
        blank=True,
        validators=[validate_scopes],
        help_text=_("Only what comes from there: other_province,other_city; blank is all."),
    )
    value = models.BigIntegerField(
        _("target"), validators=[MinValueValidator(1), MaxValueValidator(MAX_CNY)]
    )
    qualifier = models.CharField(
        _("qualifier"), max_length=10, choices=Qualifier, default=Qualifier.AT_LEAST
    )
    source = refer_to(Source, _("source"), related_name="targets")
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.PUBLISHED
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-year", "code"]
        indexes = [models.Index(fields=["year", "id"], name="target_by_year")]
        constraints = [
            *LedgerModel.Meta.constraints,
            models.CheckConstraint(
                name="target_of_one",
                condition=exactly_one(["park", "region"]),
                violation_error_message=_("Say whose target this is: of one park or one region."),
            ),
            *(
                require_unique(
                    f"target_once_a_{subject}",
                    [subject, "year", "measure", "size_floor_cny", "origin_scope"],
                    _("There is a target of this measure and year already; change that one."),
                    condition=Q(**{f"{subject}__isnull": False}),
                )
                for subject in ("park", "region")
            ),
        ]

    @property
    def currency(self) -> str:
        """What it is in: CNY, USD, or blank for a number of projects."""
        return TargetMeasure(self.measure).currency

    def __str__(self) -> str:
        return f"{self.year} {self.get_measure_display()} {self.value}"
