"""Forms of the admin for projects, their rows and events, and for confirming doubtful writes."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.admin.base import RowsFormSet, section
from parks.admin.claims import ClaimPageForm
from parks.admin.history import RESTORE_CONFIRMED
from parks.admin.rows import RowAdmin
from projects.models import Investor, check_leads, check_shares
from projects.models.words import InvestmentBasis, MilestoneStatus
from projects.writing.doubts import Doubt, DoubtfulWriteError, DoubtKind
from projects.writing.writing import open_revision, record_investment
from sheets.forms import (
    AmountUnitField,
    LedgerForm,
    ShareField,
    TypedAmount,
    TypedAmountField,
    find_kept_forms,
)

CONFIRM_FIELD = "confirm"  # the field that holds what is settled
LINKED_AT_MOST = 10
REMEDIES = {
    DoubtKind.AMOUNTS: _("If the amount is right, tick the box and save again."),
    DoubtKind.DUPLICATES: _(
        "If it is the same project, change that one; if it is a phase of it, choose it as "
        "“part of”; if it is an increase, add a figure to it. If it is another project, tick the "
        "box and save again."
    ),
}


class TickedDoubtsField(forms.MultipleChoiceField):
    """The kinds of doubts that are settled, each by a tick; no change of the row itself."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class DoubtedForm(LedgerForm):
    """A form that says what is doubtful about what was typed, and then alone asks for a tick."""

    doubts: ClassVar[Sequence[Doubt]] = ()  # of this request
    confirm = TickedDoubtsField(
        label=_("To be confirmed"), required=False, choices=DoubtKind.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist(CONFIRM_FIELD) if self.is_bound else []  # type: ignore[attr-defined]
        asked = {*ticked, *(doubt.kind.value for doubt in self.doubts)}
        if asked:
            field: Any = self.fields[CONFIRM_FIELD]
            field.choices = [each for each in DoubtKind.choices if each[0] in asked]
        else:
            del self.fields[CONFIRM_FIELD]

    def clean(self) -> None:
        super().clean()
        for doubt in self.doubts:
            self.add_error(CONFIRM_FIELD, describe_doubt(doubt))


def link_candidates(doubt: Doubt) -> str:
    """Write a doubt with links to what the project may be."""
    links = format_html_join(
        " ",
        '<a href="{}">{}</a>',
        (
            (reverse("admin:projects_project_change", args=[each.pk]), each.code)
            for each in doubt.candidates[:LINKED_AT_MOST]
        ),
    )
    return format_html("{} {}", doubt.detail, links)


def describe_doubt(doubt: Doubt) -> str:
    """Write a doubt with links to what the project may be, and with what can be done."""
    return format_html("{} {}", link_candidates(doubt), REMEDIES[doubt.kind])


class DoubtedPage(RowAdmin):
    """Pages on which nothing doubtful is saved before somebody has ticked it off."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DoubtfulWriteError as error:
            # All is undone. The same page again: by now its form knows what is doubtful.
            request.doubts = error.doubts  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.doubts = get_doubts(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        parts = super().get_fieldsets(request, obj)
        is_asked = get_doubts(request) or CONFIRM_FIELD in request.POST
        return [section(None, CONFIRM_FIELD), *parts] if is_asked else parts

    def ask(self, request: HttpRequest, stored: Iterable[int]) -> AbstractContextManager[Any]:
        """Ask about what is written inside; `stored` has the keys of projects that may change."""
        confirmed = request.POST.getlist(CONFIRM_FIELD)
        return open_revision(request.user, lambda project: confirmed, stored)

    def guard_restored(self, request: HttpRequest, row: Any) -> AbstractContextManager[Any]:
        return self.ask(request, [getattr(row, "project_id", row.pk)])

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            return super().restore_view(request, object_id)
        except DoubtfulWriteError as error:
            # All is undone. The page that asks whether it is meant names the doubts, and who goes
            # on from there settles them.
            request.restoration_doubts = [  # type: ignore[attr-defined]
                {"kind": doubt.kind.value, "text": link_candidates(doubt)} for doubt in error.doubts
            ]
            values = request.POST.copy()
            values.pop(RESTORE_CONFIRMED, None)
            values.setlist(CONFIRM_FIELD, [*DoubtKind])
            request.POST = values  # type: ignore[assignment]
            return super().restore_view(request, object_id)


def get_doubts(request: HttpRequest) -> Sequence[Doubt]:
    """Get what was doubtful about what this request wanted to save."""
    return getattr(request, "doubts", ())


class ProjectPageForm(DoubtedForm):
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


class MilestoneForm(LedgerForm):
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


class EventForm(LedgerForm):
    partial_dates = ("held_on",)
