"""The admin's list of projects: search, drop-downs, conditions, saved lists and files.

The search uses indexes; a condition on the texts of several tables would read all rows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import (
    Case,
    CharField,
    DecimalField,
    ExpressionWrapper,
    F,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy as _

from api.files import FILE_OPTIONS, LAYOUT_PARAMETERS, FileOptions
from api.lists.filters import UNKNOWN, find_filter_errors
from api.lists.pagination import Hits
from api.readers import Query, Reader, Readers, Reading
from api.renderers import FILE_RENDERERS
from api.views import LedgerReadViewSet
from config.database.searching import SHORTEST
from config.mistakes import Mistake, nearest_parameter
from parks.access import Publication, select_readable, select_worked_on, select_writable
from parks.admin.base import COUNTED_AT_MOST, BoundedPaginator, IndexedList, count_up_to, keep_used
from parks.admin.rows import RowAdmin
from parks.models import Park, Region, SavedList, Sector
from parks.models.vocabularies import pick_name
from parks.names.names import spot_regions, spot_sectors
from projects.children.columns import build_sheets
from projects.columns import PROJECTS
from projects.condition_words import label_condition, name_choices
from projects.dimensions.dimensions import DIMENSIONS, OfWords
from projects.dimensions.groupings import (
    USUAL_EDGES,
    Dimension,
    GroupingContext,
    build_bands,
    name_band,
    write_band,
)
from projects.filters import ProjectFilterSet, ProjectTextSearch
from projects.models import Project
from projects.models.naming import normalise, validate_national_code
from projects.summaries.facets import count_facets
from sheets.amounts import active_language
from sheets.writing.columns import LANGUAGE_CODES, MONEY_UNIT_LABELS, Column, Sheet


class WordSearch(ProjectTextSearch):
    """The search of the API, also by the names of origins and sectors."""

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index)
        if len(word) < SHORTEST:
            return found
        for column, part in (("origin", spot_regions(word)), ("sector", spot_sectors(word))):
            if part:
                found |= self.in_terms(part.condition(column), by_index)
        return found

    def in_terms(self, condition: Q, by_index: bool) -> Hits:
        """Find the projects whose origin or sector meets the condition."""
        if not by_index:
            return Hits(condition)
        rows = Project.objects.filter(condition).order_by().values_list("pk", flat=True)
        keys = frozenset(rows[: COUNTED_AT_MOST + 1])
        return Hits(condition, keys if len(keys) <= COUNTED_AT_MOST else None)


def search_projects(rows: QuerySet, words: str, actor: Any) -> QuerySet:
    """Select the project with this national code, or else the projects that match all words."""
    code = normalise(words)
    try:
        validate_national_code(code)
    except ValidationError:
        return rows.filter(WordSearch(actor, words).found.narrow())
    return rows.filter(national_code=code)


SEARCH_FIELDS = ("project__code",)  # shows the field


def find_by_project(
    model_admin: RowAdmin, request: HttpRequest, queryset: QuerySet, search_term: str
) -> tuple[QuerySet, bool]:
    """Find rows by their project or their own code: a `get_search_results`."""
    words = search_term.strip()
    if not words:
        return queryset, False
    projects = search_projects(Project.objects.all(), words, request.user)
    found: Any = Q(project__in=projects.values("pk"))
    if hasattr(model_admin.model, "code_key"):
        found |= Q(code_key=words.lower())
    return queryset.filter(found), False


OfferedValues = Sequence[tuple[str, Any]]
COUNTED_FILTERS: Mapping[str, Dimension] = {
    **DIMENSIONS,
    "publication": OfWords(_("publication"), "publication", Publication, may_be_unknown=False),
}


def build_drop_down(
    name: str, request: HttpRequest, chosen: str, counts: Mapping[str, int] | None
) -> dict[str, Any]:
    """Build the context of a drop-down; counted values without projects are left out."""
    offered = list_offered(name, request)
    if chosen and chosen not in dict(offered):
        offered.append((chosen, name_choices(name, chosen, request.user)))
    if counts is not None:
        offered = [each for each in offered if counts.get(each[0]) or each[0] == chosen]
    options = [
        {
            "value": value,
            "label": label if counts is None else f"{label} ({counts.get(value, 0)})",
            "is_chosen": value == chosen,
        }
        for value, label in offered
    ]
    label = label_condition(name)
    return {"name": name, "label": label, "options": options, "rare": name in _RARE}


def list_offered(name: str, request: HttpRequest) -> list[tuple[str, str]]:
    """List the values with their labels: those of OFFERS, or the words of the filter."""
    found: Any = ProjectFilterSet.base_filters[name]
    if name not in OFFERS:
        return [(word, name_choices(name, word, request.user)) for word in found.words]
    offered = [(str(value), str(label)) for value, label in OFFERS[name](request)]
    return [*offered, (UNKNOWN, gettext("unknown"))] if found.may_be_unknown else offered


def offer_named(select: Callable[[Any], QuerySet]) -> Callable[[HttpRequest], OfferedValues]:
    """Offer the codes and names of the rows that are selected for a person."""
    return lambda request: [
        (code, pick_name(zh, en))
        for code, zh, en in select(request.user).values_list("code", "name_zh", "name_en")
    ]


def offer_years(request: HttpRequest) -> OfferedValues:
    """Offer the years between the first contract and the last, the newest first."""
    # From the ends of an index: distinct years would read every project
    days = Project.objects.exclude(signed_on=None).values_list("signed_on", flat=True)
    first, last = (days.order_by(key).first() for key in ("signed_on", "-signed_on"))
    years = range(last.year, first.year - 1, -1) if first and last else ()
    return [(str(year), str(year)) for year in years]


def offer_bands(request: HttpRequest) -> OfferedValues:
    return [(write_band(band), pick_name(*name_band(band))) for band in build_bands(USUAL_EDGES)]


OFFERS: Mapping[str, Callable[[HttpRequest], OfferedValues]] = {
    "park": offer_named(lambda person: select_worked_on(Park.objects.order_by("code_key"), person)),
    "origin_province": offer_named(
        lambda _person: Region.objects.filter(level=Region.Level.PROVINCE).order_by("code")
    ),
    "sector_section": offer_named(
        lambda _person: Sector.objects.filter(level=Sector.Level.SECTION).order_by("code")
    ),
    "size_band": offer_bands,
    "signed_year": offer_years,
}
_USUAL = ("park", "stage", "standing", "publication", "origin_province", "sector_section")
_RARE = (  # folded
    *("size_band", "investment_basis", "signed_year", "function", *keep_used("hitech")),
    *("origin_scope", "capital_type", "counts_in_totals", "totals_exclusion", "stale", "overdue"),
)
DROP_DOWNS = (*_USUAL, *_RARE)  # filters of the API with values to choose from


def count_values(rows: QuerySet, names: Sequence[str], person: Any) -> dict[str, dict[str, int]]:
    """Count the projects of each value of these filters, as the facets of the API do."""
    dimensions = {name: COUNTED_FILTERS[name] for name in names if name in COUNTED_FILTERS}
    found = count_facets(
        rows, dimensions, GroupingContext(reader=person), {}, are_few=True
    ).of_dimensions
    return {
        name: {
            UNKNOWN if item["value"] is None else str(item["value"]): item["count"]
            for item in items
        }
        for name, items in found.items()
    }


class SaveListForm(forms.ModelForm):
    """The name of a list, and its users. The user's own list of that name is replaced."""

    park = forms.ModelChoiceField(
        Park.objects.none(), required=False, label=_("For"), empty_label=_("me alone")
    )

    class Meta:
        model = SavedList
        fields = ("name", "query", "park")

    def __init__(self, person: Any, data: Any = None) -> None:
        name = str((data or {}).get("name", "")).strip()
        mine = SavedList.objects.filter(user_id=person.pk, name=name)
        saved = mine.first() or SavedList(user_id=person.pk)
        super().__init__(data, instance=saved, auto_id="saved-%s")
        park: Any = self.fields["park"]
        park.queryset = select_writable(Park.objects.order_by("code_key"), person)


def list_saved(person: Any) -> list[dict[str, Any]]:
    """List what a person saved, or shares in a park, and whether they may change it."""
    rows = select_readable(SavedList, person).select_related("park")
    return [{"row": row, "is_mine": row.may_be_changed_by(person)} for row in rows]


_SHARE = "share_bp"
_SHARE_LABEL = _("share (%)")


def translate_columns(columns: Sequence[Column], model: type[Model], header: str) -> list[Column]:
    """Translate the values of columns into the language of the headers; shares into percent.

    With the names of columns as headers, nothing is translated.
    """
    if header not in LANGUAGE_CODES:
        return [*columns]
    with translation.override(LANGUAGE_CODES[header]):
        return [_translate(column, model) for column in columns]


def _translate(column: Column, model: type[Model]) -> Column:
    if column.name == _SHARE:
        percent = ExpressionWrapper(
            F(_SHARE) * Value(Decimal("0.01")), DecimalField(max_digits=5, decimal_places=2)
        )
        return replace(column, label=_SHARE_LABEL, path=lambda _actor: percent)
    if column.kind == "flag":
        labels: Mapping[Any, str] = {True: gettext("yes"), False: gettext("no")}
    elif column.kind == "word" and isinstance(column.path, str):
        field: Any = model._meta.get_field(column.path)
        dimension = COUNTED_FILTERS.get(column.name)
        is_generated = not field.choices and isinstance(dimension, OfWords)
        words = dimension.choices.choices if is_generated else field.flatchoices  # type: ignore[union-attr]
        labels = {word: str(label) for word, label in words if word}
    else:
        return column

    def translate(actor: Any) -> Case:
        held = F(column.path) if isinstance(column.path, str) else column.path(actor)
        whens = [When(Exact(held, Value(word)), then=Value(text)) for word, text in labels.items()]
        default = held if column.kind == "word" else Value("")
        return Case(*whens, default=default, output_field=CharField())

    return replace(column, kind="word", path=translate) if labels else column


RENDERERS = {ending: FILE_RENDERERS[ending] for ending in ("xlsx", "csv")}
HEADERS = (("zh", _("in Chinese")), ("en", _("in English")), ("code", _("names of columns")))
UNITS = [(unit, MONEY_UNIT_LABELS[unit]) for unit in ("wan", "yi", "yuan")]


class ReadByTheList(Reader[None]):
    """Accepts the parameters that the admin's list has read."""

    def names(self, view: Any) -> Collection[str]:
        return [*view.request.GET]

    def takes_one(self, name: str, view: Any) -> bool:
        return False

    def read(self, query: Query, view: Any) -> Reading[None]:
        return None, []


_READERS = (ReadByTheList(), FILE_OPTIONS)


class ListedFilesViewSet(LedgerReadViewSet):
    """The rows of the admin's list of projects as files."""

    readers: ClassVar[Readers] = {"csv": _READERS, "xlsx": _READERS}
    table = PROJECTS
    queryset = Project.objects.all()
    rows: QuerySet = Project.objects.none()

    @property
    def file_options(self) -> FileOptions:
        options = super().file_options
        columns = translate_columns(options.columns, Project, options.layout.header)
        return replace(options, columns=columns)

    def file_rows(self) -> QuerySet:
        return self.rows

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        header = self.file_options.layout.header
        return build_sheets(
            rows,
            self.request.user,
            lambda columns, model: translate_columns(columns, model, header),
        )


def export_view(page: Any, request: HttpRequest, ending: str) -> HttpResponseBase:
    """Return the whole list as CSV or as a workbook; redirect to the list if it has errors."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    listed: Any = page.get_changelist_instance(request)
    if listed.refusals:
        address = reverse("admin:projects_project_changelist")
        return HttpResponseRedirect(f"{address}{listed.get_query_string()}")
    view: Any = ListedFilesViewSet.as_view(
        {"get": ending}, renderer_classes=[RENDERERS[ending]], rows=listed.queryset
    )
    return view(request)


# The filters of the API; its `q` is the search of the page
FILTER_NAMES = frozenset(ProjectFilterSet.base_filters) - {"q"}


class ProjectChangeList(IndexedList):
    """A list of projects with the filters of the API."""

    paginator: BoundedPaginator
    request: HttpRequest
    asked: Mapping[str, str]  # the filters in the URL
    searched: QuerySet  # the rows found by the search, before any filter
    filterset: ProjectFilterSet
    refusals: Sequence[Mistake]

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Leave no filter to Django: each is a filter of the API, or an error."""
        return {}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        self.request = request
        asked = super().get_filters_params()
        self.asked = {
            name: values[-1]
            for name, values in asked.items()
            if values[-1].strip() and name not in LAYOUT_PARAMETERS  # of the list as a file
        }
        known = {name: value for name, value in self.asked.items() if name in FILTER_NAMES}
        self.filterset = ProjectFilterSet(known, queryset=Project.objects.all(), request=request)
        detail = gettext("There is no filter “%(name)s”.")
        unknown = [
            Mistake(
                "unknown_parameter", detail % {"name": name}, nearest_parameter(name, FILTER_NAMES)
            ).at(parameter=name)
            for name in self.asked
            if name not in FILTER_NAMES
        ]
        self.refusals = [*unknown, *find_filter_errors(self.filterset)]
        self.searched = super().get_queryset(request, exclude_parameters)
        return self.searched.none() if self.refusals else self.narrow()

    @property
    def mistakes(self) -> list[tuple[str, Mistake]]:
        """The errors in the filters, each with the label of its filter."""
        named = [(each.place["parameter"], each) for each in self.refusals]
        return [(label_condition(n) if n in FILTER_NAMES else n, each) for n, each in named]

    def narrow(self, without: str = "") -> QuerySet:
        """Apply all the filters but one."""
        rows = self.searched
        for name, value in self.filterset.form.cleaned_data.items():
            if name != without:
                rows = self.filterset.filters[name].filter(rows, value)
        return rows

    @cached_property
    def drop_downs(self) -> list[dict[str, Any]]:
        """The filters to choose from, with the number of projects of each value.

        In a list too long to be counted, the values are not counted either.
        """
        names = [name for name in DROP_DOWNS if name in COUNTED_FILTERS]
        counts: dict[str, dict[str, int]] = {}
        if not self.refusals:
            if not self.paginator.is_cut:
                free = [name for name in names if name not in self.asked]
                counts = count_values(self.queryset, free, self.request.user)
            for name in self.asked.keys() & {*names}:
                rows = self.narrow(name)
                if count_up_to(rows, COUNTED_AT_MOST) <= COUNTED_AT_MOST:
                    counts |= count_values(rows, [name], self.request.user)
        return [
            build_drop_down(name, self.request, self.asked.get(name, ""), counts.get(name))
            for name in DROP_DOWNS
        ]

    @property
    def has_rare(self) -> bool:
        """Whether a folded filter is in use."""
        return any(name in self.asked for name in _RARE)

    @cached_property
    def chips(self) -> list[dict[str, str]]:
        """The filters without a drop-down in words, each with the URL of the list without it.

        Values with errors are shown as typed.
        """
        refused = {each.place["parameter"] for each in self.refusals}
        chips = []
        for name, value in self.asked.items():
            if name not in DROP_DOWNS:
                named = value if name in refused else name_choices(name, value, self.request.user)
                text = gettext("%(condition)s: %(value)s")
                text %= {"condition": label_condition(name), "value": named}
                chips.append({"text": text, "href": self.get_query_string(remove=[name])})
        return chips

    @property
    def narrowed_by(self) -> list[tuple[str, str]]:
        """The filters, search and order, for hidden fields of forms."""
        beside = {name: self.params[name] for name in ("q", "o") if self.params.get(name)}
        return [*self.asked.items(), *beside.items()]

    @property
    def conditions(self) -> str:
        """The query string of the list, to be saved under a name."""
        return urlencode(self.narrowed_by)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The hidden fields of the form of the drop-downs."""
        shown = {"q", "p", "e", *DROP_DOWNS}
        return [(name, value) for name, value in self.params.items() if name not in shown]


def describe_list(request: HttpRequest) -> dict[str, Any]:
    """Build the context of the list beside its rows: saved lists and files."""
    return {
        "saved_lists": [
            saved
            for saved in list_saved(request.user)
            if not saved["row"].query.startswith("/")  # of a page
        ],
        "save_form": SaveListForm(request.user),
        "files": {"headers": HEADERS, "units": UNITS, "header": active_language()},
    }


def list_urls(page: Any) -> list[Any]:
    """Return the URLs of the list as a file, and of saving it under a name."""
    export = page.admin_site.admin_view(partial(export_view, page))
    name = "projects_project_export_{}"
    return [*(path(f"export.{e}", export, {"ending": e}, name=name.format(e)) for e in RENDERERS)]
