"""The dated story of a park, region, group or organisation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import (
    PeriodEndField,
    PrecisionField,
    refer_to,
    refuse_days_to_come,
    require_full_date,
)
from parks.models.claims import Claim
from parks.models.figures import IS_KNOWN, NOT_YET, Nature, Source
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.subjects import OF_SUBJECT, AboutOne
from parks.models.vocabularies import Named


class TimelineEntry(LedgerModel, Named, AboutOne):
    """Something that happened, or is wanted, at a time that may be unknown."""

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
        """How the date is known; blank is not said."""

        PRINTED = "printed", _("printed")
        PUBLICATION = "publication", _("day of publication")
        INFERRED = "inferred", _("inferred")

    code_prefix = "entry-"
    audience = OF_SUBJECT

    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    happened_on = models.DateField(_("date"), null=True, blank=True)
    happened_on_precision = PrecisionField(_("precision of the date"))
    happened_on_end = PeriodEndField("happened_on")
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, default=Nature.ACTUAL)
    said_by = refer_to("parks.Post", _("said by"))
    said_by_text = models.CharField(_("said by, in words"), max_length=200, blank=True)
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    source = refer_to(Source, _("source"), related_name="timeline_entries")
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

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        ordering = ["happened_on", "code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            *AboutOne.Meta.constraints,
            require_full_date("timelineentry_dated_in_full", "happened_on"),
        ]

    def clean(self) -> None:
        super().clean()
        if self.nature in IS_KNOWN:
            refuse_days_to_come(self, ["happened_on"], NOT_YET)
