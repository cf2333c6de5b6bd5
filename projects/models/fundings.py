"""Money that flows into a project, month by month."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.amounts import MAX_CNY
from config.fields import refer_to, require_unique
from config.indexes import index_orders
from parks.models import Source
from parks.models.ledger import RecordedQuerySet, build_history
from parks.recording.recording import recorded
from projects.models.projects import Project
from projects.models.rows import ProjectRow

NEEDS_NOTE = _("A negative amount is a reduction: say in the note why.")


class FundingQuerySet(RecordedQuerySet):
    """Flows, which are differenced again whenever one of their project and kind is written."""

    def of_money(self) -> Self:
        """Select the flows of money: what is agreed is none yet."""
        return self.exclude(kind=Funding.Kind.FOREIGN_AGREED)

    def work_out_flows(self, project_id: int, kind: str) -> None:
        """Work out the flow of each month: a cumulative report less all that came before it."""
        total = 0
        for row in self.filter(project=project_id, kind=kind).order_by("month"):
            flow = row.reported_cny - total if row.is_cumulative else row.reported_cny
            total += flow
            if flow != row.amount_cny:
                self.filter(pk=row.pk).update(amount_cny=flow)


class Funding(ProjectRow):
    """What came in, was completed, or was agreed with or came from abroad in one month.

    Of foreign capital what a contract of the month promises (合同外资) is one kind, and what is
    used of it (实际使用外资) another; the first is no money that came in.

    A cumulative report (累计) is kept as given in `reported_cny`; `amount_cny` is the flow of the
    month, what is reported less what was known until the month before. It may be negative when a
    report corrects an earlier one. A negative amount of one month is a reduction (核减), which says
    why in its note; 0 is a report of nothing (零报告).
    """

    class Kind(models.TextChoices):
        PAID_IN = "paid_in", _("paid in")
        COMPLETED = "completed", _("investment completed")
        FOREIGN_AGREED = "foreign_agreed", _("foreign capital agreed")
        FOREIGN = "foreign", _("foreign capital used")

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="fundings", verbose_name=_("project")
    )
    history = build_history(unindexed=["source"])
    told_by = ("kind", "month")
    worked_out = (*ProjectRow.worked_out, "amount_cny")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    reported_cny = models.BigIntegerField(
        _("reported (yuan)"), validators=[MinValueValidator(-MAX_CNY), MaxValueValidator(MAX_CNY)]
    )
    is_cumulative = models.BooleanField(
        _("cumulative"), default=False, help_text=_("Reported is the total up to this month.")
    )
    amount_cny = models.BigIntegerField(_("amount of the month (yuan)"), editable=False)
    as_reported = models.CharField(_("as reported"), max_length=300, blank=True)
    source = refer_to(Source, _("source"))
    note = models.TextField(_("note"), blank=True)

    objects = FundingQuerySet.as_manager()

    class Meta:
        verbose_name = _("funding")
        verbose_name_plural = _("fundings")
        ordering = ["project_id", "kind", "month"]
        indexes = index_orders("funding", month="month", amount="amount_cny")
        constraints = [
            require_unique(
                "funding_once_a_month",
                ["project", "kind", "month"],
                _("This month already has a report of this kind."),
            ),
            models.CheckConstraint(
                name="funding_cumulative_not_negative",
                condition=models.Q(is_cumulative=False) | models.Q(reported_cny__gte=0),
                violation_error_message=_("A cumulative amount cannot be negative."),
            ),
            models.CheckConstraint(
                name="funding_reduction_with_reason",
                condition=models.Q(is_cumulative=True)
                | models.Q(reported_cny__gte=0)
                | ~models.Q(note=""),
                violation_error_code="without_reason",
                violation_error_message=NEEDS_NOTE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month:%Y-%m}"

    def clean(self) -> None:
        super().clean()
        if self.month:
            self.month = self.month.replace(day=1)
        faults: dict[str, Any] = {}
        if self.month and self.is_to_come():
            message = _("%(month)s has not begun: no money can be reported for it yet.")
            told = {"month": f"{self.month:%Y-%m}"}
            faults["month"] = ValidationError(message, code="in_the_future", params=told)
        is_reduction = not self.is_cumulative and (self.reported_cny or 0) < 0
        if is_reduction and not self.note:
            faults["note"] = ValidationError(NEEDS_NOTE, code="without_reason")
        if faults:
            raise ValidationError(faults)

    def is_to_come(self) -> bool:
        """Tell whether the month has not begun; of one that is stored already, not."""
        is_stored = Funding.objects.filter(pk=self.pk, month=self.month)
        return self.month > timezone.localdate() and not is_stored.exists()

    def find_fall(self) -> int:
        """Find by how many yuan a total up to a month is less than what came in before it."""
        if not self.is_cumulative:
            return 0
        before = Funding.objects.filter(
            project=self.project_id, kind=self.kind, month__lt=self.month
        ).aggregate(total=Sum("amount_cny"))["total"]
        return max(0, (before or 0) - self.reported_cny)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.month = self.month.replace(day=1)
        earlier_kinds = Funding.objects.filter(pk=self.pk).values_list("kind", flat=True)
        kinds = {self.kind, *earlier_kinds}
        if self.amount_cny is None:
            self.amount_cny = self.reported_cny
        with recorded():
            super().save(*args, **kwargs)
            for kind in kinds:
                Funding.objects.work_out_flows(self.project_id, kind)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded():
            deleted = super().delete(*args, **kwargs)
            Funding.objects.work_out_flows(self.project_id, self.kind)
        return deleted
