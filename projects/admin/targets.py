"""The admin of what parks track: targets, rules of lights, and months that are closed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.admin.base import ParkFilter, admit_nobody, link_column, section
from parks.admin.rows import LedgerAdmin
from projects.models import Edition, LightRule, Target, TargetMeasure
from projects.models.editions import CLOSED_COLUMNS
from sheets import amounts
from sheets.forms import LedgerForm, TypedAmount, TypedAmountField, TypedMonthField


class MoneyOrCountField(forms.Field):
    """A whole number, of projects or of money with or without its currency; cleans to `Amount`."""

    def to_python(self, value: Any) -> amounts.Amount | None:
        text = str(value or "").strip()
        if not text:
            return None
        amount = amounts.parse_amount(text)
        if amount.qualifier != amounts.Qualifier.EXACT:
            raise amounts.AmountError("qualified", text)
        if amount.value != int(amount.value):
            raise amounts.AmountError("fraction_of_yuan", text)
        return amount


class TargetForm(LedgerForm):
    """A target; amounts are typed as people write them."""

    size_floor_cny = TypedAmountField(
        label=capfirst(_("size from (yuan)")),
        required=False,
        help_text=_("Only projects of at least this investment, such as 3000万元以上."),
    )

    value = MoneyOrCountField(
        label=capfirst(_("target")),
        help_text=_("A number of projects, yuan such as 1500万 or 1.5亿, or 3000万美元."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["value"] = write_target(self.instance)

    def clean(self) -> dict[str, Any]:
        """Accept a value in the currency of the measure; nothing is converted."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        amount: amounts.Amount | None = given.get("value")
        measure = given.get("measure")
        if amount and measure:
            given["value"] = int(amount.value)
            if amount.unit not in ("", TargetMeasure(measure).currency):
                message = _("“%(text)s” is not what this target counts; nothing is converted.")
                values = {"text": amount.as_reported}
                self.add_error("value", ValidationError(message, "other_currency", values))
        return given

    def clean_size_floor_cny(self) -> int:
        typed: TypedAmount | None = self.cleaned_data["size_floor_cny"]
        if typed and typed.qualifier not in (amounts.Qualifier.EXACT, amounts.Qualifier.AT_LEAST):
            raise ValidationError(_("Give a size with “from”, “at least” or 以上."))
        return typed.cny if typed else 0


def write_target(target: Target, qualifier: str = amounts.Qualifier.EXACT) -> str:
    """Write the value of a target as it is typed: 12, 1.5亿元, or 30,000,000 USD."""
    if target.currency == amounts.LEDGER_CURRENCY:
        return amounts.format_cny(target.value, qualifier)
    return (
        amounts.write_money(target.value, target.currency) if target.currency else str(target.value)
    )


@admin.display(description=_("target"))
def show_target(target: Target) -> str:
    return write_target(target, target.qualifier)


@admin.register(Target)
class TargetAdmin(LedgerAdmin):
    form = TargetForm
    list_display = (
        "code",
        link_column("park", _("park")),
        link_column("region", _("region")),
        "year",
        "measure",
        show_target,
        "publication",
    )
    list_filter = ("measure", "publication", ("park", ParkFilter))
    search_fields = ("code", "park__name_zh", "park__name_en", "region__name_zh")
    ordering = ("-year", "-id")
    sortable_by = ("code", "year")
    fieldsets = (
        section(
            None,
            "code",
            ("park", "region"),
            ("year", "measure", "size_floor_cny", "origin_scope"),
            ("value", "qualifier"),
        ),
        section(_("Where this is known from"), "source", "publication", "note"),
    )


@admin.register(LightRule)
class LightRuleAdmin(LedgerAdmin):
    list_display = (
        *("code", link_column("park", _("park")), "kind", "step", "threshold", "colour"),
        "is_active",
    )
    list_filter = ("kind", "colour", ("park", ParkFilter))
    search_fields = ("code",)
    sortable_by = ("code",)
    fields = (
        *("code", "park", "kind", "step", "since_step", "threshold", "is_beyond", "colour"),
        *("is_active", "source", "note"),
    )


class EditionForm(LedgerForm):
    month = TypedMonthField(label=capfirst(_("month")))


@admin.register(Edition)
class EditionAdmin(LedgerAdmin):
    briefs_at = "editions"
    form = EditionForm
    fixed = ("code", *CLOSED_COLUMNS)
    derived = ("closed_at",)
    list_display = ("code", link_column("park", _("park")), "name", "closed_at", "publication")
    list_filter = ("publication", ("park", ParkFilter))
    search_fields = ("code", "name", "park__name_zh", "park__name_en")
    sortable_by = ()
    fieldsets = (section(None, "code", ("park", "month"), "name", "publication", "note"),)
    has_delete_permission = admit_nobody
