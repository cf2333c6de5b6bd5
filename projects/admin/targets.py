"""The admin of targets: what parks and regions are to reach in a year."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.amounts import Qualifier, format_cny
from config.forms import LedgerForm, TypedAmount, TypedAmountField
from parks.admin.base import LedgerAdmin, link_column, section
from parks.admin.roles import ParkFilter
from projects.models import Target


class TargetForm(LedgerForm):
    """A target; amounts are typed as people write them."""

    size_floor_cny = TypedAmountField(
        label=capfirst(_("size from (yuan)")),
        required=False,
        help_text=_("Only projects of at least this investment, such as 3000万元以上."),
    )

    value = TypedAmountField(
        label=capfirst(_("target")),
        help_text=_("A number of projects, or yuan such as 15000000, 1500万 or 1.5亿."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance.is_money:
            self.initial["value"] = str(self.instance.value)

    def clean_value(self) -> int:
        typed: TypedAmount = self.cleaned_data["value"]
        return typed.cny

    def clean_size_floor_cny(self) -> int:
        typed: TypedAmount | None = self.cleaned_data["size_floor_cny"]
        if typed and typed.qualifier not in (Qualifier.EXACT, Qualifier.AT_LEAST):
            raise ValidationError(_("Give a size with “from”, “at least” or 以上."))
        return typed.cny if typed else 0


@admin.display(description=_("target"))
def show_target(target: Target) -> Any:
    """Show a target as people write it: 12, or 1.5 billion yuan."""
    if target.is_money:
        return format_cny(target.value, target.qualifier)
    return target.value


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
    list_display_links = ("code",)
    list_filter = ("measure", "publication", ("park", ParkFilter))
    list_select_related = ("park", "region")
    search_fields = ("code", "park__name_zh", "park__name_en", "region__name_zh")
    ordering = ("-year", "-id")
    sortable_by = ("code", "year")
    autocomplete_fields = ("park", "region", "source")
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
