"""Money that flows into a project, month by month."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.database.indexes import index_orders
from parks.models import Source
from parks.models.ledger import RecordedQuerySet, build_history, refuse_days_to_come
from parks.recording.recording import recorded
from projects.models.projects import refer_to_project
from projects.models.rows import ProjectRow
from sheets.amounts import MAX_CNY, check_other_currency
from sheets.fields import PrecisionField, add_text, refer_to, require_full_date, require_unique

NEEDS_NOTE = _("A negative amount is a reduction: say in the note why.")
NEEDS_AMOUNT = _("Give what was reported: in yuan, or a value and its currency.")
IS_ONE_AMOUNT = models.Q(
    models.Q(reported_cny__isnull=False, reported_value__isnull=True, currency="")
    | (models.Q(reported_cny__isnull=True, reported_value__isnull=False) & ~models.Q(currency=""))
)
# In whichever currency; of a column that is empty a comparison says nothing
IS_NOT_NEGATIVE = models.Q(
    models.Q(reported_cny__isnull=False, reported_cny__gte=0)
    | models.Q(reported_value__isnull=False, reported_value__gte=0)
)
RECOGNISED_TO_COME = _("%(day)s is in the future; give the day of the recognition.")
RECOGNISED_TIMES = 10  # what was reported; more is improbable
_BOUNDS = [MinValueValidator(-MAX_CNY), MaxValueValidator(MAX_CNY)]


class FundingQuerySet(RecordedQuerySet):
    """Flows, which are differenced again whenever one of their project and kind is written.

    Those in other currencies than the yuan are neither converted nor added to others.
    """

    def of_money(self) -> Self:
        """Select the flows of money: what is agreed is none yet."""
        return self.exclude(kind=Funding.Kind.FOREIGN_AGREED)

    def that_came(self) -> Self:
        """Select the flows that brought something, in whichever currency."""
        return self.filter(models.Q(amount_cny__gt=0) | models.Q(amount_value__gt=0))

    def that_moved(self) -> Self:
        """Select the flows that are no reports of nothing (零报告)."""
        flow = Coalesce("amount_cny", "amount_value")
        return self.annotate(flow=flow).exclude(flow=0)

    def work_out_flows(self, project_id: int, kind: str) -> None:
        """Work out the flow of each month: a cumulative report less all that came before it.

        Of each currency by itself.
        """
        totals: dict[str, int] = {}
        for row in self.filter(project=project_id, kind=kind).order_by("month"):
            total = totals.get(row.currency, 0)
            flow = row.reported - total if row.is_cumulative else row.reported
            totals[row.currency] = total + flow
            if flow != row.amount:
                column = "amount_value" if row.currency else "amount_cny"
                self.filter(pk=row.pk).update(**{column: flow})


class Funding(ProjectRow):
    """What came in, was completed, or was agreed with or came from abroad in one month.

    Of foreign capital what a contract of the month promises (合同外资) is one kind, and what is
    used of it (实际使用外资) another; the first is no money that came in.

    A cumulative report (累计) is kept as given in `reported_cny`; `amount_cny` is the flow of the
    month, what is reported less what was known until the month before. It may be negative when a
    report corrects an earlier one. A negative amount of one month is a reduction (核减), which says
    why in its note; 0 is a report of nothing (零报告).

    What is reported in another currency stays so, in whole units of it: `reported_value`,
    `amount_value` and `currency` then stand in the place of the yuan, which are unknown.

    `recognised_cny` is what an authority recognised (认定) of the flow of the month, also where the
    report is cumulative. It never replaces what was reported.
    """

    class Kind(models.TextChoices):
        PAID_IN = "paid_in", _("paid in")
        COMPLETED = "completed", _("investment completed")
        FOREIGN_AGREED = "foreign_agreed", _("foreign capital agreed")
        FOREIGN = "foreign", _("foreign capital used")

    project = refer_to_project("fundings")
    history = build_history(unindexed=["source"])
    identified_by = ("kind", "month")
    computed_columns = (*ProjectRow.computed_columns, "amount_cny", "amount_value")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    reported_cny = models.BigIntegerField(
        _("reported (yuan)"), null=True, blank=True, validators=_BOUNDS
    )
    reported_value = models.BigIntegerField(
        _("reported (other currency)"),
        null=True,
        blank=True,
        validators=_BOUNDS,
        help_text=_("Whole units of the currency."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[check_other_currency],
        help_text=_("ISO 4217, for money other than yuan."),
    )
    is_cumulative = models.BooleanField(
        _("cumulative"), default=False, help_text=_("Reported is the total up to this month.")
    )
    amount_cny = models.BigIntegerField(_("amount of the month (yuan)"), null=True, editable=False)
    amount_value = models.BigIntegerField(
        _("amount of the month (other currency)"), null=True, editable=False
    )
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    source = refer_to(Source, _("source"))
    note = models.TextField(_("note"), blank=True)
    recognised_cny = models.BigIntegerField(
        _("recognised (yuan)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_CNY)],
        help_text=_("Of the amount of the month, also where the report is cumulative."),
    )
    recognised_on = models.DateField(_("recognised on"), null=True, blank=True)
    recognised_on_precision = PrecisionField(_("precision of “recognised on”"), db_default="")
    recognised_by = add_text(
        _("recognised by"), max_length=200, help_text=_("The authority, in words.")
    )

    objects = FundingQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("funding")
        verbose_name_plural = _("fundings")
        ordering = ["project_id", "kind", "month"]
        indexes = index_orders("funding", month="month", amount="amount_cny")
        constraints = [
            require_unique(
                "funding_once_a_month",
                ["project", "kind", "month", "currency"],
                _("This month already has a report of this kind."),
            ),
            models.CheckConstraint(
                name="funding_of_one_currency",
                condition=IS_ONE_AMOUNT,
                violation_error_message=NEEDS_AMOUNT,
            ),
            models.CheckConstraint(
                name="funding_cumulative_not_negative",
                condition=models.Q(is_cumulative=False) | IS_NOT_NEGATIVE,
                violation_error_message=_("A cumulative amount cannot be negative."),
            ),
            models.CheckConstraint(
                name="funding_reduction_with_reason",
                condition=models.Q(is_cumulative=True) | IS_NOT_NEGATIVE | ~models.Q(note=""),
                violation_error_code="without_reason",
                violation_error_message=NEEDS_NOTE,
            ),
            require_full_date("funding_recognised_in_full", "recognised_on"),
            models.CheckConstraint(
                name="funding_recognised_in_yuan",
                condition=models.Q(recognised_cny__isnull=True)
                | (models.Q(currency="") & ~models.Q(kind="foreign_agreed")),
                violation_error_message=_(
                    "Only an amount in yuan that was paid in, completed or used is recognised."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month:%Y-%m}"

    @property
    def reported(self) -> int:
        """What was reported: in yuan, or in the currency."""
        return (self.reported_value if self.currency else self.reported_cny) or 0

    @property
    def amount(self) -> int | None:
        """The flow of the month: in yuan, or in the currency."""
        return self.amount_value if self.currency else self.amount_cny

    def clean(self) -> None:
        super().clean()
        refuse_days_to_come(self, ["recognised_on"], RECOGNISED_TO_COME)
        if self.month:
            self.month = self.month.replace(day=1)
        faults: dict[str, Any] = self.find_mixed_currency()
        if self.month and self.is_to_come():
            message = _("%(month)s has not begun: no money can be reported for it yet.")
            told = {"month": f"{self.month:%Y-%m}"}
            faults["month"] = ValidationError(message, code="in_the_future", params=told)
        is_reduction = not self.is_cumulative and self.reported < 0
        if is_reduction and not self.note:
            faults["note"] = ValidationError(NEEDS_NOTE, code="without_reason")
        if faults:
            raise ValidationError(faults)

    def find_mixed_currency(self) -> dict[str, Any]:
        """Find what does not fit of amount and currency, by column: one of two, never both."""
        given, other = "reported_cny", "reported_value"
        if self.currency:
            given, other = other, given
        faults: dict[str, Any] = {}
        if getattr(self, other) is not None:
            message = _("An amount in another currency is a value with its currency, not yuan.")
            faults[other] = ValidationError(message, code="other_currency")
        elif getattr(self, given) is None:
            faults[given] = ValidationError(NEEDS_AMOUNT, code="required")
        return faults

    def is_to_come(self) -> bool:
        """Tell whether the month has not begun; of one that is stored already, not."""
        is_stored = Funding.objects.filter(pk=self.pk, month=self.month)
        return self.month > timezone.localdate() and not is_stored.exists()

    def find_fall(self) -> int:
        """Find by how much a total up to a month is less than what came in before it."""
        if not self.is_cumulative:
            return 0
        before = Funding.objects.filter(
            project=self.project_id, kind=self.kind, month__lt=self.month, currency=self.currency
        ).aggregate(total=Sum("amount_value" if self.currency else "amount_cny"))["total"]
        return max(0, (before or 0) - self.reported)

    def has_improbable_recognition(self) -> bool:
        """Return whether far more is recognised than was reported."""
        return (self.recognised_cny or 0) > RECOGNISED_TIMES * max(self.reported, 0)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.month = self.month.replace(day=1)
        earlier_kinds = Funding.objects.filter(pk=self.pk).values_list("kind", flat=True)
        kinds = {self.kind, *earlier_kinds}
        if self.currency:
            self.amount_cny = None
            self.amount_value = self.reported if self.amount_value is None else self.amount_value
        else:
            self.amount_value = None
            self.amount_cny = self.reported if self.amount_cny is None else self.amount_cny
        with recorded():
            super().save(*args, **kwargs)
            for kind in kinds:
                Funding.objects.work_out_flows(self.project_id, kind)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded():
            deleted = super().delete(*args, **kwargs)
            Funding.objects.work_out_flows(self.project_id, self.kind)
        return deleted
