"""The admin of the money that flows into projects, month by month."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import TextField
from django.forms import Textarea
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.amounts import Qualifier
from config.forms import AnyAmountField, LedgerForm, TypedAmount, TypedMonthField
from parks.admin.base import RowsInline, amount_column, link_column
from projects.admin.funding_grid import NOT_EXACT
from projects.admin.funding_months import FundingMonthsPage
from projects.admin.searching import SearchByProject
from projects.models import Funding, YearPlan

show_flow = amount_column("amount_cny", _("amount of the month"))


class FundingForm(LedgerForm):
    """A report of one month; what flowed in the month is worked out when it is saved."""

    month = TypedMonthField(label=capfirst(_("month")))
    reported_cny = AnyAmountField(
        label=capfirst(_("reported (yuan)")), help_text=_("Such as 15000000, 1500万 or 1.5亿.")
    )

    def _get_validation_exclusions(self) -> set[str]:
        # A stored report has no field for its project, and is still the only one of its month.
        return super()._get_validation_exclusions() - {"project"}

    def clean_reported_cny(self) -> int:
        typed: TypedAmount = self.cleaned_data["reported_cny"]
        if typed.qualifier != Qualifier.EXACT:
            raise ValidationError(NOT_EXACT, code="qualified")
        return typed.cny


class FundingsInline(RowsInline, admin.TabularInline):
    model = Funding
    form = FundingForm
    autocomplete_fields = ("source",)
    readonly_fields = (show_flow,)
    fields = ("kind", "month", "reported_cny", "is_cumulative", show_flow, "source", "note")
    formfield_overrides: ClassVar[Any] = {TextField: {"widget": Textarea(attrs={"rows": 1})}}
    show_change_link = True


class YearPlanForm(LedgerForm):
    """What is to be invested in a year, typed as people write amounts."""

    planned_cny = AnyAmountField(
        label=capfirst(_("planned investment (yuan)")),
        help_text=_("Such as 15000000, 1500万 or 1.5亿."),
    )

    def clean_planned_cny(self) -> int:
        typed: TypedAmount = self.cleaned_data["planned_cny"]
        return typed.cny


class YearPlansInline(RowsInline, admin.TabularInline):
    model = YearPlan
    form = YearPlanForm
    autocomplete_fields = ("source",)
    fields = ("year", "planned_cny", "source", "note")
    formfield_overrides: ClassVar[Any] = {TextField: {"widget": Textarea(attrs={"rows": 1})}}


@admin.display(description=_("month"), ordering="month")
def show_month(funding: Funding) -> str:
    return f"{funding.month:%Y-%m}"


@admin.register(Funding)
class FundingAdmin(FundingMonthsPage, SearchByProject):
    """The reports of all projects."""

    form = FundingForm
    fixed = ("project",)
    readonly_fields = (show_flow,)
    list_display = (
        link_column("project", _("project")),
        "kind",
        show_month,
        amount_column("reported_cny", _("reported")),
        "is_cumulative",
        show_flow,
        link_column("source", _("source")),
    )
    list_filter = ("kind", "is_cumulative")
    list_select_related = ("project", "source")
    ordering = ("-id",)
    sortable_by = ()
    autocomplete_fields = ("project", "source")
    fields: ClassVar[Any] = (
        "project",
        ("kind", "month"),
        ("reported_cny", "is_cumulative"),
        show_flow,
        "as_reported",
        "source",
        "note",
    )
