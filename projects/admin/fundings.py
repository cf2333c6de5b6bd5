"""The admin of money paid in and of plans, with a grid of the months of a year."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import product
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from parks.access import Write, may_write_some, select_readable, select_writable
from parks.admin.base import link_column, show_page
from parks.admin.history import one_revision
from parks.admin.rows import RowsInline
from parks.models import Park, Source
from projects.admin.entering import find_usual
from projects.admin.forms import DoubtedForm, DoubtedPage
from projects.admin.project_list import SEARCH_FIELDS, find_by_project
from projects.models import Funding, Project, YearPlan
from sheets import amounts
from sheets.forms import (
    AmountUnitField,
    AnyAmountField,
    DeclaredSelect,
    LedgerForm,
    TypedAmount,
    TypedMonthField,
)
from sheets.writing.columns import FOREIGN_UNIT_LABELS

NOT_EXACT = gettext_lazy(
    "A report of money is exact: write 1,200 or 1.5亿, without words such as 超, 约, over or about."
)
YUAN_OF_UNIT: dict[Any, int] = {"yuan": 1, "wan": 10_000, "yi": 100_000_000}
_CELL = re.compile(r"m-([0-9]{1,18})-[0-9]{1,2}")
_MONTH = re.compile(r"(?:[0-9]{4} ?[-年/.] ?)?0?([1-9]|1[0-2]) ?月?")


def parse_report(text: str, unit: Any = "yuan") -> amounts.Amount:
    """Parse a whole amount of money without a qualifier; `unit` is that of a bare number."""
    amount = amounts.parse_amount(text, default_unit=unit)
    if amount.qualifier != amounts.Qualifier.EXACT:
        raise ValidationError(NOT_EXACT, code="qualified")
    if amount.value != int(amount.value):
        raise amounts.AmountError("fraction_of_yuan", text)
    return amount


class MonthsForm(forms.Form):
    """The reports of a year of some projects, in one unit: a field for each month.

    Months that are not sent keep what is stored; empty ones take the report back. Pasted lines of
    a sheet fill them, too. `changes` are the changed months, each with its new `report`, if any.
    """

    is_cumulative = forms.BooleanField(
        required=False, label=gettext_lazy("New amounts are totals up to their month")
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        required=False,
        label=capfirst(gettext_lazy("source")),
        widget=DeclaredSelect(Funding._meta.get_field("source"), admin.site),
    )
    pasted = forms.CharField(
        required=False,
        label=gettext_lazy("Lines of a sheet"),
        help_text=gettext_lazy(
            "Copy them in Excel and paste them here: code or name of the project, then the months. "
            "A first line such as 1月, 2月 says which."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
    )

    def __init__(
        self, wanted: Mapping[str, Any], projects: Sequence[Any], request: HttpRequest
    ) -> None:
        super().__init__(initial={"source": find_usual(request).get("source")})
        self.wanted, self.projects = wanted, projects
        self.problems: list[str] = []
        source: Any = self.fields["source"]
        source.queryset = select_readable(Source, request.user)
        self.currency = amounts.store_currency(wanted["currency"])
        reports = Funding.objects.filter(
            project__in=projects,
            kind=wanted["kind"],
            month__year=wanted["year"],
            currency=self.currency,
        )
        stored = {(report.project_id, report.month.month): report for report in reports}
        texts: dict[str, Any] = {}
        for project, month in product(projects, range(1, 13)):
            day = date(wanted["year"], month, 1)
            cell: Any = forms.CharField(label=f"{project.name}, {day:%Y-%m}", required=False)
            new = Funding(project=project, kind=wanted["kind"], month=day, currency=self.currency)
            cell.new, cell.stored = new, stored.get((project.pk, month))
            self.fields[f"m-{project.pk}-{month}"] = cell
            texts[f"m-{project.pk}-{month}"] = self.write(cell.stored)
        self.initial = {**self.initial, **texts}
        if request.method == "POST":
            self.is_bound, sent = True, request.POST.dict()
            self.data = {**texts, **sent, **self.read_lines(sent.get("pasted", ""))}

    @property
    def rows(self) -> Iterator[tuple[Any, list[Any]]]:
        for project in self.projects:
            yield project, [self[f"m-{project.pk}-{month}"] for month in range(1, 13)]

    def write(self, report: Funding | None) -> str:
        """Write the reported amount as a plain number in the unit."""
        factor = YUAN_OF_UNIT[self.wanted["unit"]]
        return f"{(Decimal(report.reported) / factor).normalize():f}" if report else ""

    def read_lines(self, text: str) -> dict[str, str]:
        """Read lines of a sheet: the code or name of a project, then its months.

        Without a heading line the amounts are those of January, February ... Lines that name no
        project of the park become problems.
        """
        lines = [line.split("\t") for line in text.splitlines() if line.strip()]
        months = find_months(lines[0]) if lines else {}
        by_word = {word: project for project in self.projects for word in words_of(project)}
        found: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if months and number == 1:
                continue
            named = [at for at, each in enumerate(line[:3]) if fold_word(each) in by_word]
            if not named:
                problem = _("Line %(number)d: “%(text)s” is no project of this park.")
                self.problems.append(problem % {"number": number, "text": line[0].strip()})
                continue
            project = by_word[fold_word(line[named[-1]])]
            places = months or {named[-1] + month: month for month in range(1, 13)}
            found |= {
                f"m-{project.pk}-{month}": line[at].strip()
                for at, month in places.items()
                if at < len(line) and line[at].strip()
            }
        return found

    def clean(self) -> None:
        self.changes: list[Any] = []
        for name in self.changed_data:
            if not _CELL.fullmatch(name):
                continue
            cell: Any = self[name]
            text, stored, cell.report = self.cleaned_data.get(name), cell.field.stored, None
            try:
                if text:
                    cell.report = self.read_report(cell.field, text)
            except ValidationError as error:
                self.add_error(name, " ".join(error.messages))
            is_same = cell.report and stored and cell.report.reported == stored.reported
            if not is_same and not self.has_error(name):
                self.changes.append(cell)

    def read_report(self, cell: Any, text: str) -> Funding:
        """Read the report of a month; raise `ValidationError` if there can be none."""
        currency = self.wanted["currency"]
        amount = parse_report(text, (currency, YUAN_OF_UNIT[self.wanted["unit"]]))
        if amount.unit != currency:
            message = _("“%(text)s” is not in %(currency)s; other currencies are not converted.")
            raise ValidationError(message, "other_currency", {"text": text, "currency": currency})
        report: Funding = copy(cell.stored or cell.new)
        if self.currency:
            report.reported_value = int(amount.value)
        else:
            report.reported_cny = amount.cny
        if not cell.stored:
            report.is_cumulative = self.cleaned_data["is_cumulative"]
        report.source = self.cleaned_data.get("source") or report.source
        report.full_clean()
        return report


def find_months(heading: Sequence[str]) -> dict[int, int]:
    """Find the columns of months in a heading line; empty if it is not a heading line."""
    found = {
        at: int(month[1])
        for at, text in enumerate(heading)
        if (month := _MONTH.fullmatch(text.strip()))
    }
    has_words = any("月" in text or "-" in text for text in heading)
    return found if has_words else {}


def fold_word(text: str) -> str:
    return text.strip().casefold()


def words_of(project: Project) -> set[str]:
    """List the words by which a pasted line can name a project: its code and names."""
    return {fold_word(word) for word in (project.code, project.name_zh, project.name_en) if word}


PROJECTS_ON_A_GRID = 50
PASTED_AT_MOST = 500  # projects of one paste


class GridForm(forms.Form):
    park = forms.ModelChoiceField(
        Park.objects.none(), to_field_name="code", label=capfirst(gettext_lazy("park"))
    )
    year = forms.IntegerField(label=capfirst(gettext_lazy("year")), min_value=1978, max_value=2100)
    kind = forms.ChoiceField(label=capfirst(gettext_lazy("kind")), choices=Funding.Kind.choices)
    unit = AmountUnitField(label=gettext_lazy("Unit"))
    currency = forms.ChoiceField(
        label=capfirst(gettext_lazy("currency")),
        choices=lambda: [(code, amounts.say_currency(code)) for code in amounts.USUAL_CURRENCIES],
    )

    def __init__(self, data: Mapping[str, Any] | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        currency = data["currency"] if data else amounts.LEDGER_CURRENCY
        if currency != amounts.LEDGER_CURRENCY:
            labels = FOREIGN_UNIT_LABELS.get(currency, FOREIGN_UNIT_LABELS[""])
            unit: Any = self.fields["unit"]
            unit.choices = [*labels.items()]


def find_wanted_projects(projects: Any, request: HttpRequest) -> list[Any]:
    """Find the projects whose cells were sent or that pasted lines name, and one too many."""
    keys = {int(found[1]) for name in request.POST if (found := _CELL.fullmatch(name))}
    named = {
        fold_word(cell)
        for line in request.POST.get("pasted", "").splitlines()
        for cell in line.split("\t")[:3]
    }
    if named:
        keys |= {project.pk for project in projects if words_of(project) & named}
    return list(projects.filter(pk__in=keys).order_by("code_key")[: PASTED_AT_MOST + 1])


def build_flow_column(name: str, title: Any) -> Any:
    """Build a column of an amount in the currency of its report: 1.5亿元, or 3,000,000 USD."""

    @admin.display(description=title, ordering=f"{name}_cny")
    def show(funding: Funding) -> str:
        amount: int | None = getattr(funding, name)
        if amount is None:
            return admin.site.empty_value_display
        currency = funding.currency
        return amounts.write_money(amount, currency) if currency else str(TypedAmount(amount))

    return show


show_flow = build_flow_column("amount", gettext_lazy("amount of the month"))


class ReportedField(AnyAmountField):
    """An amount in yuan or another currency, with a word for it; cleans to `Amount`."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()

    def read(self, text: str) -> Any:
        amount = parse_report(text)
        if amount.unit not in amounts.CURRENCIES:
            raise amounts.AmountError("not_money", text)
        return amount


class FundingForm(DoubtedForm):
    """A report of one month; the amount of the month is derived when it is saved."""

    month = TypedMonthField(label=capfirst(gettext_lazy("month")))
    reported_cny = ReportedField(
        label=capfirst(gettext_lazy("reported")),
        help_text=gettext_lazy(
            "In yuan, such as 15000000, 1500万 or 1.5亿; or with its currency: 300万美元."
        ),
    )
    recognised_cny = ReportedField(
        label=capfirst(gettext_lazy("recognised (yuan)")),
        required=False,
        help_text=gettext_lazy("Of the amount of the month, also where the report is cumulative."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.currency:
            amount = self.instance.reported
            self.initial["reported_cny"] = amounts.write_money(amount, self.instance.currency)

    def _get_validation_exclusions(self) -> set[str]:
        # Unique together with the month, though the form of a stored report has no such fields
        return super()._get_validation_exclusions() - {"project", "currency", "reported_value"}

    def clean_reported_cny(self) -> int | None:
        """Return the yuan; an amount in another currency goes into its own columns."""
        typed: amounts.Amount = self.cleaned_data["reported_cny"]
        is_yuan, value = typed.unit == amounts.LEDGER_CURRENCY, int(typed.value)
        self.instance.currency = "" if is_yuan else typed.unit
        self.instance.reported_value = None if is_yuan else value
        self.cleaned_data["currency"] = self.instance.currency  # part of the unique key
        return typed.cny if is_yuan else None

    def clean_recognised_cny(self) -> int | None:
        typed: amounts.Amount | None = self.cleaned_data["recognised_cny"]
        return typed.cny if typed else None

    def clean(self) -> Any:
        if "reported_cny" in self.errors and not self.instance.currency:
            self.instance.reported_cny = 0  # the model need not report that there is none
        return super().clean()


class FundingsInline(RowsInline, admin.TabularInline):
    model = Funding
    form = FundingForm
    readonly_fields = (show_flow,)
    fields = ("kind", "month", "reported_cny", "is_cumulative", show_flow, "source", "note")
    show_change_link = True


class YearPlanForm(LedgerForm):
    """The planned investment of a year, typed as people write amounts."""

    planned_cny = AnyAmountField(
        label=capfirst(gettext_lazy("planned investment (yuan)")),
        help_text=gettext_lazy("Such as 15000000, 1500万 or 1.5亿."),
    )

    def clean_planned_cny(self) -> int:
        typed: TypedAmount = self.cleaned_data["planned_cny"]
        return typed.cny


class YearPlansInline(RowsInline, admin.TabularInline):
    model = YearPlan
    form = YearPlanForm
    fields = ("year", "planned_cny", "source", "note")


@admin.display(description=gettext_lazy("month"), ordering="month")
def show_month(funding: Funding) -> str:
    return f"{funding.month:%Y-%m}"


@admin.register(Funding)
class FundingAdmin(DoubtedPage):
    """The reports of all projects, with a page on which those of a year are typed in a grid."""

    form = FundingForm
    fixed = ("project",)
    readonly_fields = (show_flow,)
    list_display = (
        link_column("project", gettext_lazy("project")),
        "kind",
        show_month,
        build_flow_column("reported", gettext_lazy("reported")),
        "is_cumulative",
        show_flow,
        link_column("source", gettext_lazy("source")),
    )
    search_fields = SEARCH_FIELDS
    get_search_results = find_by_project
    ordering = ("-id",)
    list_filter = ("kind", "is_cumulative", "currency")
    sortable_by = ()
    fields: ClassVar[Any] = (
        "project",
        ("kind", "month"),
        ("reported_cny", "is_cumulative"),
        show_flow,
        ("recognised_cny", "recognised_on", "recognised_by"),
        "as_reported",
        "source",
        "note",
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with self.ask(request, ()):
            super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.months_view)
        return [path("months/", page, name="projects_funding_months"), *super().get_urls()]

    def months_view(self, request: HttpRequest) -> HttpResponse:
        """Show the grid; POST shows the changes, and stores them once they are confirmed."""
        if not may_write_some(request.user, Write.ADD, Funding):
            raise PermissionDenied
        wanted = self.read_wanted(request)
        if not wanted.is_valid():
            return self.show_grid(request, wanted=wanted)
        with one_revision(request):
            return self.answer_grid(request, wanted)

    def show_grid(self, request: HttpRequest, **shown: Any) -> HttpResponse:
        title = _("Monthly funding")
        return show_page(self, request, "projects/funding_months", title, **shown)

    def read_wanted(self, request: HttpRequest) -> GridForm:
        """Read the wanted grid; by default this year's, of the last park."""
        kept = Park.objects.filter(pk=find_usual(request)["park"]).first()
        usual = {
            "park": kept.code if kept else "",
            "year": timezone.localdate().year,
            "kind": Funding.Kind.PAID_IN,
            "unit": "wan",
            "currency": amounts.LEDGER_CURRENCY,
        }
        given = {name: request.GET.get(name) or value for name, value in usual.items()}
        form = GridForm(given if given["park"] else None, initial=given)
        parks: Any = form.fields["park"]
        parks.queryset = select_writable(Park.objects.order_by("code"), request.user)
        return form

    def answer_grid(self, request: HttpRequest, form: GridForm) -> HttpResponse:
        wanted = form.cleaned_data
        projects = select_writable(Project.objects.filter(park=wanted["park"]), request.user)
        page = Paginator(projects.order_by("code_key"), PROJECTS_ON_A_GRID).get_page(
            request.GET.get("p")
        )
        shown = list(page.object_list)
        context: dict[str, Any] = {"wanted": form, "page": page, "months": range(1, 13)}
        named = find_wanted_projects(projects, request) if request.method == "POST" else shown
        is_too_long = len(named) > PASTED_AT_MOST
        grid = MonthsForm(wanted, shown if is_too_long else named, request)
        if is_too_long:
            grid.problems = [_("Choose at most %(count)d projects.") % {"count": PASTED_AT_MOST}]
        if grid.is_bound:
            is_right, changes = grid.is_valid() and not grid.problems, grid.changes
            # Only the changes that were shown are stored
            lines = [f"{cell.html_name}={cell.initial}>{cell.value()}" for cell in changes]
            digest = sha256("\n".join(lines).encode()).hexdigest()
            if is_right and changes and request.POST.get("confirmed") == digest:
                self.store(request, changes)
                return HttpResponseRedirect(request.get_full_path())
            context |= {"changes": changes, "digest": digest, "is_right": is_right}
        return self.show_grid(request, grid=grid, **context)

    def store(self, request: HttpRequest, changes: list[Any]) -> None:
        for cell in changes:
            if cell.report:
                cell.report.save()
            else:
                cell.field.stored.delete()
        page = admin.site.get_model_admin(Project)
        for project in {cell.field.new.project for cell in changes}:
            page.log_change(request, project, _("Monthly funding"))
        count = len(changes)
        text = ngettext("%(count)d amount was stored.", "%(count)d amounts were stored.", count)
        messages.success(request, text % {"count": count})
