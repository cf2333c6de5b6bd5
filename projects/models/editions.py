"""Editions (期报): a month that a park closed, a name for that moment of the ledger."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models import LedgerModel, Park
from parks.models.ledger import build_history
from parks.models.places import OF_PARK
from sheets.dates import PartialDate, Precision
from sheets.fields import WrittenAtField, blame_column, require_unique

CLOSED_COLUMNS = ("park", "month", "name")  # never edited


class Edition(LedgerModel):
    """A month of a park that was closed; its figures are those of `as_of` at that moment."""

    code_prefix = "edition-"
    identified_by = ("month",)
    audience = OF_PARK
    history = build_history(unindexed=["park"])

    park = models.ForeignKey(Park, models.PROTECT, related_name="editions", verbose_name=_("park"))
    month = models.DateField(_("month"), help_text=_("Later than that of the edition before."))
    name = models.CharField(_("name"), max_length=200, help_text=_("Such as 2026年10月期报."))
    closed_at = WrittenAtField(_("closed at"), auto_now_add=True)
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.DRAFT
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-month", "code"]
        indexes = [models.Index(fields=["month", "id"], name="edition_by_month")]
        constraints = [
            *LedgerModel.Meta.constraints,
            require_unique(
                "edition_once_a_month",
                ["park", "month"],
                _("The park has closed this month already; what comes later is corrected next."),
            ),
            require_unique(
                "edition_name_once", ["park", "name"], _("The park has an edition of this name.")
            ),
        ]

    @property
    def previous(self) -> "Edition | None":
        """The edition of the park before this one."""
        earlier = Edition.objects.filter(park=self.park_id, month__lt=self.month)
        return earlier.order_by("-month").first()

    @property
    def last_day(self) -> date:
        return PartialDate(self.month, Precision.MONTH).last

    def clean(self) -> None:
        super().clean()
        if not self._state.adding:
            stored = Edition.objects.filter(pk=self.pk).values(*CLOSED_COLUMNS).first() or {}
            for name, value in stored.items():
                if value != self.serializable_value(name):
                    message = _("An edition is closed: only its note and publication change.")
                    raise blame_column(name, message, code="immutable")
            return
        if self.month and self.last_day >= timezone.localdate():
            message = _("This month is not over: it can be closed from %(day)s on.")
            told = {"day": self.last_day + timedelta(days=1)}
            raise blame_column("month", message, code="in_the_future", params=told)
        newest = Edition.objects.filter(park=self.park_id).order_by("-month").first()
        if newest and self.month and self.month < newest.month:
            message = _("“%(name)s” is of a later month; months are closed one after the other.")
            params = {"name": newest.name}
            raise ValidationError({"month": ValidationError(message, "out_of_range", params)})
