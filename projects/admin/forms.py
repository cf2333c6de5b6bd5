"""Forms of the admin for projects, their rows and events, and for confirming doubtful writes."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
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
from parks.recording.recording import MAX_REASON
from projects.models import PROMISED_STEP, Investor, check_leads, check_shares
from projects.models.words import InvestmentBasis, MilestoneStatus, find_basis_of_words
from projects.writing.doubts import Doubt, DoubtfulWriteError, DoubtKind
from projects.writing.writing import open_revision, record_investment
from sheets.amounts import parse_amount
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
    """The kinds of doubts that are settled, each by a tick; it changes nothing in the row."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class DoubtedForm(LedgerForm):
    """A form that asks to confirm doubts about its values; `asked` has their kinds."""

    asked: ClassVar[Collection[str]] = ()
    confirm = TickedDoubtsField(
        label=_("To be confirmed"), required=False, choices=DoubtKind.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asked:
            field: Any = self.fields[CONFIRM_FIELD]
            field.choices = [each for each in DoubtKind.choices if each[0] in self.asked]
        else:
            del self.fields[CONFIRM_FIELD]


def find_asked(request: HttpRequest) -> set[str]:
    """Find the kinds of doubts that a page asks about, or that are confirmed on it."""
    doubts = getattr(getattr(request, "refusal", None), "doubts", ())
    return {*request.POST.getlist(CONFIRM_FIELD), *(doubt.kind for doubt in doubts)}


def link_candidates(doubt: Doubt) -> str:
    """Format a doubt with links to the candidates."""
    pages = [
        (reverse("admin:projects_project_change", args=[each.pk]), each.code)
        for each in doubt.candidates[:LINKED_AT_MOST]
    ]
    links = format_html_join(" ", '<a href="{}">{}</a>', pages)
    return format_html("{} {}", doubt.detail, links)


class DoubtedPage(RowAdmin):
    """Pages that save doubtful values only once they are confirmed."""

    refusals = (*RowAdmin.refusals, DoubtfulWriteError)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.asked = find_asked(request)
        return form

    def describe_refusal(self, error: Any) -> Iterator[tuple[str | None, Any]]:
        if not isinstance(error, DoubtfulWriteError):
            yield from super().describe_refusal(error)
            return
        for doubt in error.doubts:
            text = format_html("{} {}", link_candidates(doubt), REMEDIES[doubt.kind])
            yield CONFIRM_FIELD, text

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        parts = super().get_fieldsets(request, obj)
        return [section(None, CONFIRM_FIELD), *parts] if find_asked(request) else parts

    def ask(self, request: HttpRequest, stored: Iterable[int]) -> AbstractContextManager[Any]:
        """Raise doubts about what is written inside; `stored` are keys of projects that change."""
        confirmed = request.POST.getlist(CONFIRM_FIELD)
        return open_revision(request.user, lambda project: confirmed, stored)

    def guard_restored(self, request: HttpRequest, row: Any) -> AbstractContextManager[Any]:
        return self.ask(request, [getattr(row, "project_id", row.pk)])

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            return super().restore_view(request, object_id)
        except DoubtfulWriteError as error:
            # Rolled back: the page that asks for confirmation shows the doubts, and confirms them
            request.restoration_doubts = [  # type: ignore[attr-defined]
                {"kind": doubt.kind.value, "text": link_candidates(doubt)} for doubt in error.doubts
            ]
            values = request.POST.copy()
            values.pop(RESTORE_CONFIRMED, None)
            values.setlist(CONFIRM_FIELD, [*DoubtKind])
            request.POST = values  # type: ignore[assignment]
            return super().restore_view(request, object_id)


class ProjectPageForm(DoubtedForm):
    """A project and its headline amount, which is stored as a claim.

    An empty amount is unknown. `usual_unit` is the unit chosen last.
    """

    usual_unit: ClassVar[str] = "yuan"
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
            publication.choices = [("", _("Park default")), *Publication.choices]
            self.initial.setdefault("publication", "")

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        if given.get("publication") == "" and given.get("park"):
            given["publication"] = given["park"].publication_of_new
        basis_alone = given.get("amount_basis") and given.get("investment", True) is None
        if basis_alone and "amount_basis" in self.changed_data:
            self.add_error("amount_basis", _("Give the amount that rests on this, too."))
        if "investment" in self.changed_data and given.get("investment"):
            self.take_basis_of_words()

    def take_basis_of_words(self) -> None:
        """Take the basis that the words of a new amount say: 意向投资3亿元."""
        given = self.cleaned_data
        label = parse_amount(str(self["investment"].data)).label
        own, chosen = find_basis_of_words(label), given.get("amount_basis")
        if own and chosen not in ("", own) and "amount_basis" in self.changed_data:
            text = _("The amount itself says “%(own)s”.") % {"own": own}
            self.add_error("amount_basis", forms.ValidationError(text, code="contradicting"))
        elif own:
            given["amount_basis"] = own

    def has_new_investment(self) -> bool:
        return not {"investment", "amount_basis"}.isdisjoint(self.changed_data)

    def save_investment(self) -> None:
        """Write the amount of the saved project as a claim; no amount withdraws the claims."""
        typed: TypedAmount | None = self.cleaned_data["investment"]
        if typed is None:
            record_investment(self.instance, None)
        else:
            basis = self.cleaned_data["amount_basis"]
            record_investment(self.instance, typed.cny, qualifier=typed.qualifier, basis=basis)

    def is_outranked(self) -> bool:
        """Return whether a claim with a more binding basis stays the headline."""
        typed: TypedAmount | None = self.cleaned_data["investment"]
        basis = self.cleaned_data["amount_basis"]
        return typed is not None and basis not in ("", self.instance.investment_basis)


class MilestoneForm(DoubtedForm):
    """A milestone; a blank status is derived from its dates."""

    move_reason = forms.CharField(
        label=capfirst(_("reason of the move")),
        required=False,
        max_length=MAX_REASON,
        help_text=_("Why the planned or promised day moves; required when it does."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "status" in self.fields:
            status: Any = self.fields["status"]
            status.required = False
            status.choices = [("", _("As its days say")), *MilestoneStatus.choices]
            self.initial["status"] = ""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        self.instance.move_reason = (given or {}).get("move_reason", "")
        if given is not None and given.get("status") == "":
            is_planned = given.get("planned_on") and not given.get("actual_on")
            given["status"] = MilestoneStatus.SCHEDULED if is_planned else MilestoneStatus.MET
        return given


class MilestonesFormSet(RowsFormSet):
    """Rejects the deletion of promised steps."""

    def clean(self) -> None:
        super().clean()
        for form in self.initial_forms:
            if form.cleaned_data.get(DELETION_FIELD_NAME) and form.instance.is_promised():
                raise forms.ValidationError(PROMISED_STEP, code="without_reason")


class ProjectFigurePageForm(DoubtedForm, ClaimPageForm):
    """The form of the page of a claim about a project."""


class ShareForm(LedgerForm):
    share_bp = ShareField(label=capfirst(_("share (%)")), required=False)


class SharesFormSet(RowsFormSet):
    """Rejects shares of more than 100 % together."""

    def clean(self) -> None:
        super().clean()
        check_shares(form.cleaned_data.get("share_bp") for form in find_kept_forms(self))


class InvestorsFormSet(SharesFormSet):
    """Rejects shares of more than 100 % together, and a second lead."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in find_kept_forms(self)]
        check_leads(investor.get("role", "") for investor in kept)

    @property
    def deleted_forms(self) -> list[Any]:
        """The forms of rows to delete; Django keeps their places, which change below."""
        return [
            form
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get(DELETION_FIELD_NAME)
        ]

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        """Delete first and save new leads last: the database rejects two leads."""
        stored, gone = self.forms[: self.initial_form_count()], self.deleted_forms
        lead = Investor.Role.LEAD
        stored.sort(key=lambda form: (form not in gone, form.cleaned_data.get("role") == lead))
        self.forms[: len(stored)] = stored
        return super().save_existing_objects(commit)
