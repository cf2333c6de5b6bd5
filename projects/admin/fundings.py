"""The admin of the money that flows into projects, month by month."""

from copy import copy
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import TextField
from django.forms import Textarea
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.amounts import Amount, AmountError, Qualifier, parse_amount
from config.currencies import YUAN, write_money
from config.currency_names import CURRENCIES
from config.forms import AnyAmountField, LedgerForm, TypedAmount, TypedMonthField
from parks.admin.base import RowsInline, link_column
from projects.admin.funding_grid import NOT_EXACT
from projects.admin.funding_months import FundingMonthsPage
from projects.admin.searching import SearchByProject
from projects.models import Funding, YearPlan


def build_flow_column(name: str, title: Any) -> Any:
    """Build a column of an amount in the currency of its report: 1.5亿元, or 3,000,000 USD."""

    @admin.display(description=title, ordering=f"{name}_cny")
    def show(funding: Funding) -> str:
        amount: int | None = getattr(funding, name)
        if amount is None:
            return admin.site.empty_value_display
        currency = funding.currency
        return write_money(amount, currency) if currency else str(TypedAmount(amount))

    return show


show_flow = build_flow_column("amount", _("amount of the month"))


class ReportedField(AnyAmountField):
    """An amount in yuan or another currency, with a word for it; cleans to `Amount`."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()

    def read(self, text: str) -> Any:
        amount = parse_amount(text, default_unit="yuan")
        if amount.qualifier != Qualifier.EXACT:
            raise ValidationError(NOT_EXACT, code="qualified")
        if amount.value != int(amount.value):
            raise AmountError("fraction_of_yuan", text)
        if amount.unit not in CURRENCIES:
            raise AmountError("not_money", text)
        return amount


class FundingForm(LedgerForm):
    """A report of one month; what flowed in the month is worked out when it is saved."""

    month = TypedMonthField(label=capfirst(_("month")))
    reported_cny = ReportedField(
        label=capfirst(_("reported")),
        help_text=_("In yuan, such as 15000000, 1500万 or 1.5亿; or with its currency: 300万美元."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.currency:
            amount = self.instance.reported
            self.initial["reported_cny"] = write_money(amount, self.instance.currency)

    def _get_validation_exclusions(self) -> set[str]:
        # A stored report has no field for its project, and is still the only one of its month.
        # Nor has any for its currency, which the amount brings along.
        return super()._get_validation_exclusions() - {"project", "currency", "reported_value"}

    def clean_reported_cny(self) -> int | None:
        """Give the yuan; money of another currency is put into the columns that keep it."""
        typed: Amount = self.cleaned_data["reported_cny"]
        is_yuan, value = typed.unit == YUAN, int(typed.value)
        self.instance.currency = "" if is_yuan else typed.unit
        self.instance.reported_value = None if is_yuan else value
        self.cleaned_data["currency"] = self.instance.currency  # by which months may be told apart
        return typed.cny if is_yuan else None

    def _post_clean(self) -> None:
        said = copy(self.errors.get("reported_cny"))
        super()._post_clean()  # type: ignore[misc]
        if said:  # that nothing was reported need not be said, too
            self.errors["reported_cny"] = said


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
        build_flow_column("reported", _("reported")),
        "is_cumulative",
        show_flow,
        link_column("source", _("source")),
    )
    list_filter = ("kind", "is_cumulative", "currency")
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
