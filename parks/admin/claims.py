"""The admin of figures, timeline entries and all other claims."""

from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.admin import base
from parks.admin.rows import LedgerAdmin, RowsInline
from parks.models import Claim, Figure, TimelineEntry
from parks.models.claims import CLAIM_DIMENSIONS, SUBJECTS
from sheets.amounts import Qualifier
from sheets.forms import AnyAmountField, LedgerForm, RowSelect, TypedAmount, TypedAmountField

_VALUE = ("amount_cny", "qualifier", "value", "currency", "value_text")
WHEN = ("as_of", "as_of_basis", "period_from", "period_to", "period_text", "base_period")
OF_WHAT = (*CLAIM_DIMENSIONS, "scope_is_whole", "condition")
REPORTED = ("printed_conversion", "as_reported")
SAID = ("indicator", *_VALUE, "nature", *WHEN, *OF_WHAT, *REPORTED)
# Read-only versions of columns
_SHOWN: dict[str, Any] = {
    "as_of": base.date_column("as_of", _("as of")),
    "period_from": base.date_column("period_from", _("period from")),
    "period_to": base.date_column("period_to", _("period to")),
    "size_floor_cny": base.amount_column("size_floor_cny", _("size from")),
}
KNOWN_FROM = base.section(
    _("Where this is known from"), "source", ("said_by", "said_by_text"), "attribution", "note"
)


class SupersedingForm(LedgerForm):
    """A claim or note, and the earlier one that it supersedes."""

    supersedes_help: ClassVar[Any] = ""
    supersedes: Any = forms.ModelChoiceField(None, required=False, label=capfirst(_("supersedes")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier: Any = self.fields.get("supersedes")
        if earlier:
            link: Any = self._meta.model._meta.get_field("superseded_by")
            earlier.widget = RowSelect(link, admin.site)
            earlier.queryset = self._meta.model.objects.all()
            earlier.help_text = self.supersedes_help

    def supersede_earlier(self) -> None:
        """Let the saved row supersede the chosen one, if any."""
        if earlier := self.cleaned_data.get("supersedes"):
            self.instance.supersede(earlier)


class AddedRowsInline(RowsInline, admin.StackedInline):
    """New rows below another one; stored ones are not shown."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).none()


class ClaimForm(LedgerForm):
    """A claim whose amount is typed as people write it, with its qualifier."""

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


class ClaimPageForm(SupersedingForm, ClaimForm):
    supersedes_help = _("The earlier claim that this one takes the place of.")
    size_floor_cny = TypedAmountField(
        label=capfirst(_("size from (yuan)")),
        required=False,
        help_text=_("Only projects of at least this investment, such as 3000万元以上."),
    )

    def clean(self) -> None:
        super().clean()
        floor: TypedAmount | None = self.cleaned_data.get("size_floor_cny")
        if floor:
            self.cleaned_data["size_floor_cny"] = floor.cny
            if floor.qualifier not in (Qualifier.EXACT, Qualifier.AT_LEAST):
                self.add_error("size_floor_cny", _("Give a size with “from”, “at least” or 以上."))
        for name in ("supersedes", "superseded_by"):
            other = self.cleaned_data.get(name)
            if other and name in self.changed_data:
                try:
                    self.check_place(name, other)
                except ValidationError as error:
                    self.add_error(name, error)

    def check_place(self, name: str, other: Claim) -> None:
        """Raise `ValidationError` if the claim cannot supersede, or be superseded by, `other`."""
        model = type(self.instance)
        keys = {f"{column}_id": self.key_of(column) for column in ("indicator", *model.about)}
        this = model(pk=self.instance.pk, code=self.instance.code, **keys)
        later, earlier = (this, other) if name == "supersedes" else (other, this)
        later.check_supersedes(earlier)

    def key_of(self, column: str) -> Any:
        """Return the key of the row that is chosen in this column, or stored there."""
        if column in self.fields:
            return getattr(self.cleaned_data.get(column), "pk", None)
        return getattr(self.instance, f"{column}_id")


def plain(value: Decimal) -> str:
    """Write a decimal without the zeros that its column adds: 14.5, 1500."""
    return f"{value.normalize():f}"


@admin.display(description=_("value"))
def show_value(claim: Claim) -> str:
    """Show the value as people write it, and its scope: 14.5 km2 (rural land transformed)."""
    value = _write_value(claim)
    return f"{value} ({claim.scope_text})" if claim.scope_text else value


def _write_value(claim: Claim) -> str:
    if claim.amount_cny is not None:
        return str(TypedAmount(claim.amount_cny, claim.qualifier))
    if claim.value is None:
        return claim.value_text
    qualifier = "" if claim.qualifier == Qualifier.EXACT else claim.get_qualifier_display()
    number = f"{claim.value.normalize():,f}"
    return f"{qualifier} {number} {claim.currency or claim.indicator.unit}".strip()


@admin.display(description=_("holds"))
def show_standing(claim: Any) -> Any:
    if claim.is_withdrawn:
        return _("No: withdrawn")
    return _("No: superseded") if claim.superseded_by_id else _("Yes")


SUPERSEDED_FILTERS = (("superseded_by", admin.EmptyFieldListFilter), "is_withdrawn")


class ClaimAdmin(LedgerAdmin):
    """Claims about one kind of row. A stored claim is read-only: it is superseded or withdrawn.

    `further` names additional read-only columns.
    """

    form = ClaimPageForm
    about_title = _("What it is about")
    further: ClassVar[base.Words] = ()
    list_filter: ClassVar[tuple[Any, ...]] = ("nature", *SUPERSEDED_FILTERS, "indicator")
    search_fields: ClassVar[base.Words] = ("code", "as_reported", "value_text", "source__title")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        form.supersede_earlier()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        if obj:
            shown = (show_value, "newer_claim", *_SHOWN.values())
            readonly = (*readonly, *self.model.about, *SAID, *self.further, "supersedes", *shown)
        return readonly

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [
                # Open if the URL fills in one of its fields
                base.section(title, *options["fields"])
                if {*options["fields"]} & {*request.GET}
                else part
                for part in self.empty_page()
                for title, options in [part]
            ]
        may_add = self.has_add_permission(request) and not obj.superseded_by_id
        newer = ("newer_claim",) if may_add else ()
        ended = base.section(_("No longer holds"), *newer, "superseded_by", "is_withdrawn")
        shown = [self.what_it_says(obj), KNOWN_FROM, ended, *self.ending(obj)]
        return [*shown, *self.add_version(request, obj)]

    def empty_page(self) -> list[Any]:
        """Return the sections of the form that adds a claim."""
        value = ("amount_cny", "qualifier"), ("value", "currency"), "value_text"
        known_from, fields = KNOWN_FROM
        return [
            base.section(self.about_title, *self.model.about),
            base.section(
                None, "code", "indicator", *value, *self.further, ("nature", "as_of", "as_of_basis")
            ),
            base.section(_("Of a period, or against an earlier one"), *WHEN[2:], is_rare=True),
            base.section(_("Of what, and of which part"), *OF_WHAT, is_rare=True),
            base.section(known_from, *REPORTED, *fields["fields"]),
            base.section(_("Takes the place of an earlier claim"), "supersedes", is_rare=True),
        ]

    def what_it_says(self, claim: Claim) -> Any:
        """Return the section with the filled columns of a stored claim."""
        further = (*self.further, "nature", *WHEN, *OF_WHAT, *REPORTED)
        given = [name for name in further if getattr(claim, name) not in (None, "")]
        about = [name for name in self.model.about if getattr(claim, f"{name}_id") is not None]
        shown = [_SHOWN.get(name, name) for name in given]
        return base.section(None, "code", *about, "indicator", show_value, *shown)

    @admin.display(description=_("newer claim"))
    def newer_claim(self, claim: Claim) -> str:
        """Link to the form of a claim about the same thing that supersedes this one."""
        same = (*self.model.about, "indicator", *self.further, "nature", *OF_WHAT)
        filled = {name: claim.serializable_value(name) for name in same}
        filled = {name: value for name, value in filled.items() if value not in (None, "")}
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")
        query = urlencode({**filled, "supersedes": claim.pk})
        return format_html(
            '<a class="addlink" href="{}?{}">{}</a>', page, query, _("Add a newer claim")
        )


class NewClaimsInline(AddedRowsInline):
    """New claims about a row, with the most common fields."""

    form = ClaimForm
    verbose_name_plural = _("new figures")
    fields: ClassVar[tuple[Any, ...]] = (
        ("indicator", "nature"),
        ("amount_cny", "qualifier"),
        ("value", "currency", "value_text"),
        ("as_of", "source"),
    )


class StoredClaimsFormSet(base.BoundedRowsFormSet):
    """Stored rows, under another prefix than new rows on the same page."""

    @classmethod
    def get_default_prefix(cls) -> str:
        return f"stored-{super().get_default_prefix()}"


class StoredClaimsInline(RowsInline, admin.TabularInline):
    """The stored claims of a row, each on one line with a link to its page."""

    formset = StoredClaimsFormSet
    template = "admin/bounded_rows.html"
    show_change_link = True
    fields: ClassVar[Any] = (
        "indicator",
        show_value,
        "nature",
        _SHOWN["as_of"],
        "source",
        show_standing,
    )

    has_add_permission = has_change_permission = base.admit_nobody

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields


ABOUT_ONE = _("What it is about: exactly one of these")


@admin.register(Figure)
class FigureAdmin(ClaimAdmin):
    for_shared = tuple(SUBJECTS[1:])
    about_title = ABOUT_ONE
    list_display = (
        "code",
        base.show_subject,
        base.link_column("indicator", _("indicator")),
        show_value,
        "nature",
        base.date_column("as_of", _("as of")),
        base.link_column("source", _("source")),
    )
    list_filter = (base.SubjectFilter, *ClaimAdmin.list_filter)
    list_select_related = (*SUBJECTS, "indicator", "source")
    search_fields = (*ClaimAdmin.search_fields, *base.SUBJECT_NAMES)


@admin.register(TimelineEntry)
class TimelineEntryAdmin(LedgerAdmin):
    for_shared = tuple(SUBJECTS[1:])
    list_display = (
        "code",
        base.show_subject,
        "name",
        "kind",
        base.date_column("happened_on", _("date")),
        "nature",
        base.link_column("source", _("source")),
    )
    list_filter = (base.SubjectFilter, "kind", "nature")
    list_select_related = (*SUBJECTS, "source")
    search_fields = (*LedgerAdmin.search_fields, "as_reported", *base.SUBJECT_NAMES)
    fieldsets = (
        base.section(ABOUT_ONE, *SUBJECTS),
        base.section(
            None, "code", base.BOTH_NAMES, ("kind", "nature"), ("happened_on", "happened_on_basis")
        ),
        base.section(
            _("Where this is known from"),
            "source",
            "as_reported",
            ("said_by", "said_by_text"),
            "attribution",
            "note",
        ),
    )
