"""The forms of the admin: what is typed about projects, their rows, and events."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.forms import (
    AmountUnitField,
    LedgerForm,
    PartialDatesForm,
    ShareField,
    TypedAmount,
    TypedAmountField,
    find_kept_forms,
)
from parks.access import Publication
from parks.admin.base import RowsFormSet
from parks.admin.claims import ClaimPageForm
from projects.admin.doubts import DoubtedForm
from projects.lifecycle.words import InvestmentBasis, MilestoneStatus
from projects.models import Investor, check_leads, check_shares
from projects.writing.writing import record_investment


class ProjectPageForm(DoubtedForm, PartialDatesForm):
    """A project and its headline amount, which is not a column but a claim that is written.

    The amount is unknown when it is left or made empty. `usual_unit` is what was chosen last.
    """

    usual_unit: ClassVar[str] = "yuan"
    partial_dates = ("standing_on", "reported_on")
    investment = TypedAmountField(
        label=capfirst(_("investment")),
        required=False,
        help_text=_("Such as 17600000000, 1.5亿 or 超1.5亿元."),
    )
    investment_unit = AmountUnitField(
        label=_("Unit"), help_text=_("For numbers that are typed without one.")
    )
    amount_basis = forms.ChoiceField(
        label=capfirst(_("basis of the investment")),
        choices=[("", "---------"), *InvestmentBasis.choices],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["investment_unit"] = self.usual_unit
        amount: Any = self.fields["investment"]
        amount.unit = self["investment_unit"].value() or amount.unit
        if self.instance.investment_cny is not None:
            self.initial["investment"] = TypedAmount(
                self.instance.investment_cny, self.instance.investment_qualifier
            )
            self.initial["amount_basis"] = self.instance.investment_basis
        if self.instance.pk is None and "publication" in self.fields:
            publication: Any = self.fields["publication"]
            publication.required = False
            publication.choices = [("", _("As the park has it")), *Publication.choices]
            self.initial.setdefault("publication", "")

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        if given.get("publication") == "" and given.get("park"):
            given["publication"] = given["park"].publication_of_new
        basis_alone = given.get("amount_basis") and given.get("investment", True) is None
        if basis_alone and "amount_basis" in self.changed_data:
            self.add_error("amount_basis", _("Give the amount that rests on this, too."))

    def has_new_investment(self) -> bool:
        return not {"investment", "amount_basis"}.isdisjoint(self.changed_data)

    def save_investment(self) -> None:
        """Write the amount of the saved project as a claim; no amount withdraws what was said."""
        typed: TypedAmount | None = self.cleaned_data["investment"]
        if typed is None:
            record_investment(self.instance, None)
        else:
            basis = self.cleaned_data["amount_basis"]
            record_investment(self.instance, typed.cny, qualifier=typed.qualifier, basis=basis)

    def is_outranked(self) -> bool:
        """Tell whether the headline of the refreshed project rests on something more binding."""
        typed: TypedAmount | None = self.cleaned_data["investment"]
        basis = self.cleaned_data["amount_basis"]
        return typed is not None and basis not in ("", self.instance.investment_basis)


class MilestoneForm(PartialDatesForm):
    """A step of a project. Its status follows from its days where nobody says it."""

    partial_dates = ("planned_on", "actual_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "status" in self.fields:
            status: Any = self.fields["status"]
            status.required = False
            status.choices = [("", _("As its days say")), *MilestoneStatus.choices]
            self.initial["status"] = ""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if given is not None and given.get("status") == "":
            is_planned = given.get("planned_on") and not given.get("actual_on")
            given["status"] = MilestoneStatus.SCHEDULED if is_planned else MilestoneStatus.MET
        return given


class MilestonePageForm(DoubtedForm, MilestoneForm):
    """A milestone on a page of its own."""


class ProjectFigurePageForm(DoubtedForm, ClaimPageForm):
    """A claim about a project on a page of its own."""


class InvestorForm(LedgerForm):
    share_bp = ShareField(label=capfirst(_("share (%)")), required=False)


class InvestorsFormSet(RowsFormSet):
    """Refuses shares that are more than the whole together, and a second lead."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in find_kept_forms(self)]
        check_shares(investor.get("share_bp") for investor in kept)
        check_leads(investor.get("role", "") for investor in kept)

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        """Save those last who lead from now on: of two leads the database refuses the second."""
        stored = self.forms[: self.initial_form_count()]
        stored.sort(key=lambda form: form.cleaned_data.get("role") == Investor.Role.LEAD)
        self.forms[: len(stored)] = stored
        return super().save_existing_objects(commit)


class EventForm(PartialDatesForm):
    partial_dates = ("held_on",)
