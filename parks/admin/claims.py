"""The admin of claims, whatever they are about."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.amounts import Qualifier
from config.forms import AnyAmountField, PartialDatesForm, TypedAmount
from parks.admin.base import LedgerAdmin, Words, section, shown_date
from parks.models import Claim


class ClaimForm(PartialDatesForm):
    """A claim whose amount is typed as people write it; a hedge in it is the qualifier."""

    partial_dates = ("as_of",)
    amount_cny = AnyAmountField(label=capfirst(_("amount (yuan)")), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.value is not None:
            self.initial["value"] = Decimal(plain(self.instance.value))

    def clean(self) -> None:
        super().clean()
        typed: TypedAmount | None = self.cleaned_data.get("amount_cny")
        if typed is None:
            return
        self.cleaned_data["amount_cny"] = typed.cny
        chosen = self.cleaned_data.get("qualifier")
        if typed.qualifier in (Qualifier.EXACT, chosen):
            return
        if chosen != Qualifier.EXACT and "qualifier" in self.changed_data:
            self.add_error("qualifier", _("The amount is typed with another qualifier."))
        else:
            self.cleaned_data["qualifier"] = typed.qualifier


def plain(value: Decimal) -> str:
    """A decimal without the zeros that its column adds: 14.5, 1500."""
    return f"{value.normalize():f}"


def claim_fieldsets(*subject: str) -> Any:
    """The fields of a claim, after those that say what it is about."""
    values = ("amount_cny", "qualifier"), ("value", "currency"), "value_text"
    return (
        section(None, "code", *subject, "indicator", *values, ("nature", "as_of")),
        section(_("Where this is known from"), "source", "as_reported", "said_by", "note"),
        section(_("No longer holds"), "superseded_by", "is_withdrawn"),
    )


class ClaimAdmin(LedgerAdmin):
    """Claims of one kind of row."""

    form = ClaimForm
    list_display_links = ("code",)
    list_filter: ClassVar[tuple[Any, ...]] = ("nature", "is_withdrawn", "indicator")
    search_fields: ClassVar[Words] = ("code", "as_reported", "value_text", "source__title")

    @admin.display(description=_("value"))
    def shown_value(self, claim: Claim) -> str:
        if claim.amount_cny is not None:
            return str(TypedAmount(claim.amount_cny, claim.qualifier))
        if claim.value is None:
            return claim.value_text
        hedge = "" if claim.qualifier == Qualifier.EXACT else claim.get_qualifier_display()
        number = f"{claim.value.normalize():,f}"
        return f"{hedge} {number} {claim.currency or claim.indicator.unit}".strip()

    @admin.display(description=_("as of"), ordering="as_of")
    def shown_as_of(self, claim: Claim) -> str:
        return shown_date(claim, "as_of")


class ClaimsInline(admin.StackedInline):
    """The claims of one row; their further fields are on their own pages."""

    form = ClaimForm
    autocomplete_fields = ("source",)
    extra = 0
    show_change_link = True
    fields: ClassVar[tuple[Any, ...]] = (
        ("indicator", "nature"),
        ("amount_cny", "qualifier"),
        ("value", "value_text"),
        ("as_of", "source"),
    )
