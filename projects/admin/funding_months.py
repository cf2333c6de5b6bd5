"""The page of the grid of months: which projects, what is typed, and what that changes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.currencies import YUAN, say_currency
from config.currency_names import USUAL_CURRENCIES
from config.forms import AmountUnitField, DeclaredSelect
from config.spreadsheets.columns import FOREIGN_UNIT_LABELS
from parks.access import Write, may_write_some, select_readable, select_writable
from parks.admin.base import RowAdmin
from parks.admin.history import one_revision, reason_field
from parks.models import Park, Source
from projects.admin.entering import find_usual
from projects.admin.funding_grid import (
    FundingChange,
    FundingGrid,
    digest_changes,
    find_sent_projects,
    fold_word,
    words_of,
)
from projects.models import Funding, Project

PROJECTS_ON_A_GRID = 50
PASTED_AT_MOST = 500  # projects of one paste


class GridForm(forms.Form):
    """Which grid is wanted."""

    park = forms.ModelChoiceField(
        Park.objects.none(), to_field_name="code", label=capfirst(gettext_lazy("park"))
    )
    year = forms.IntegerField(label=capfirst(gettext_lazy("year")), min_value=1978, max_value=2100)
    kind = forms.ChoiceField(label=capfirst(gettext_lazy("kind")), choices=Funding.Kind.choices)
    unit = AmountUnitField(label=gettext_lazy("Unit"))
    currency = forms.ChoiceField(
        label=capfirst(gettext_lazy("currency")),
        choices=lambda: [(code, say_currency(code)) for code in USUAL_CURRENCIES],
    )

    def __init__(self, data: Mapping[str, Any] | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        currency = data["currency"] if data else YUAN
        if currency != YUAN:
            labels = FOREIGN_UNIT_LABELS.get(currency, FOREIGN_UNIT_LABELS[""])
            unit: Any = self.fields["unit"]
            unit.choices = [*labels.items()]


class GridEntryForm(forms.Form):
    """What is said of all amounts of a grid, and lines of a sheet to fill it with."""

    is_cumulative = forms.BooleanField(
        required=False,
        label=gettext_lazy("New amounts are totals up to their month"),
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


class FundingMonthsPage(RowAdmin):
    """A list of reports, with a page on which those of a year are typed in a grid."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.months_view)
        return [path("months/", page, name="projects_funding_months"), *super().get_urls()]

    def months_view(self, request: HttpRequest) -> HttpResponse:
        """Show the grid; by POST, what was typed with what it would change; confirmed, store it."""
        if not may_write_some(request.user, Write.ADD, Funding):
            raise PermissionDenied
        wanted = self.read_wanted(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Funds of the months"),
            "opts": self.opts,
            "wanted": wanted,
            **reason_field(request),
        }
        if not wanted.is_valid():
            return TemplateResponse(request, "admin/projects/funding_months.html", context)
        with one_revision(request):
            return self.answer_grid(request, wanted.cleaned_data, context)

    def read_wanted(self, request: HttpRequest) -> GridForm:
        """Read which grid is wanted; at first that of this year, of the park of before."""
        kept = Park.objects.filter(pk=find_usual(request)["park"]).first()
        usual = {
            "park": kept.code if kept else "",
            "year": timezone.localdate().year,
            "kind": Funding.Kind.PAID_IN,
            "unit": "wan",
            "currency": YUAN,
        }
        given = {name: request.GET.get(name) or value for name, value in usual.items()}
        form = GridForm(given if given["park"] else None, initial=given)
        parks: Any = form.fields["park"]
        parks.queryset = select_writable(Park.objects.order_by("code"), request.user)
        return form

    def answer_grid(
        self, request: HttpRequest, wanted: dict[str, Any], context: dict[str, Any]
    ) -> HttpResponse:
        projects = select_writable(Project.objects.filter(park=wanted["park"]), request.user)
        page = Paginator(projects.order_by("code_key"), PROJECTS_ON_A_GRID).get_page(
            request.GET.get("p")
        )
        entry = self.build_entry(request)
        shown = list(page.object_list)
        if entry.is_bound and entry.is_valid():
            named = find_wanted_projects(projects, request, entry.cleaned_data["pasted"])
            if len(named) <= PASTED_AT_MOST:
                shown = named
            else:
                told = _("Choose at most %(count)d projects.") % {"count": PASTED_AT_MOST}
                entry.add_error("pasted", told)
        asked = (wanted["year"], wanted["kind"], wanted["unit"])
        grid = FundingGrid(*asked, shown, wanted["currency"])
        context |= {"grid": grid, "page": page, "entry": entry, "months": range(1, 13)}
        if entry.is_bound and entry.is_valid():
            given = entry.cleaned_data
            grid.take(request.POST.dict())
            grid.paste(given["pasted"])
            changes = grid.read(given["is_cumulative"], given["source"])
            is_right = not grid.problems and not any(cell.error for cell in grid.cells())
            digest = digest_changes(changes)
            if is_right and changes and request.POST.get("confirmed") == digest:
                self.store(request, changes)
                return HttpResponseRedirect(request.get_full_path())
            context |= {"changes": changes, "digest": digest, "is_right": is_right}
        return TemplateResponse(request, "admin/projects/funding_months.html", context)

    def build_entry(self, request: HttpRequest) -> GridEntryForm:
        sent = request.POST if request.method == "POST" else None
        entry = GridEntryForm(sent, initial={"source": find_usual(request).get("source")})
        source: Any = entry.fields["source"]
        source.queryset = select_readable(Source, request.user)
        return entry

    def store(self, request: HttpRequest, changes: list[FundingChange]) -> None:
        """Store what was shown, as one revision, and say so."""
        for change in changes:
            if change.report is not None:
                change.report.save()
            elif change.cell.stored is not None:
                change.cell.stored.delete()
        for project in {change.cell.project for change in changes}:
            admin.site.get_model_admin(Project).log_change(
                request, project, _("Funds of the months")
            )
        said = ngettext(
            "%(count)d amount was stored.", "%(count)d amounts were stored.", len(changes)
        )
        messages.success(request, said % {"count": len(changes)})


def find_wanted_projects(projects: Any, request: HttpRequest, pasted: str) -> list[Any]:
    """Find the projects whose cells were sent or that pasted lines name, and one too many."""
    keys = find_sent_projects(request.POST.dict())
    named = {fold_word(cell) for line in pasted.splitlines() for cell in line.split("\t")[:3]}
    if named:
        keys |= {project.pk for project in projects if words_of(project) & named}
    return list(projects.filter(pk__in=keys).order_by("code_key")[: PASTED_AT_MOST + 1])
