"""The admin's list of projects: its columns, and what it is narrowed by.

The address takes the filters of the API, and refuses what the API refuses.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.files.list_files import LAYOUT_PARAMETERS
from config.api.lists.filters import find_filter_errors
from config.forms import TypedAmount
from config.mistakes import Mistake
from config.suggestions import nearest_parameter
from parks.admin.base import RowAdmin, date_column, link_column
from parks.admin.lists import COUNTED_AT_MOST, BoundedPaginator, IndexedList, has_at_most
from projects.admin.condition_names import name_condition
from projects.admin.drop_downs import COUNTED_FILTERS, DROP_DOWNS, count_values
from projects.admin.exporting import ExportPage
from projects.admin.saved_lists import SavingPage
from projects.admin.searching import ProjectSearch
from projects.condition_words import label_condition
from projects.filters import ProjectFilterSet
from projects.models import Project

# The filters of the API; its `q` is the search of the page
FILTER_NAMES = frozenset(ProjectFilterSet.base_filters) - {"q"}
_SIGNED_ON = date_column("signed_on", gettext_lazy("signed on"))


class ProjectChangeList(IndexedList):
    """A list of projects that is narrowed by the filters of the API."""

    paginator: BoundedPaginator
    request: HttpRequest
    asked: Mapping[str, str]  # what the address narrows the list by
    searched: QuerySet  # the rows that the words find, before any filter
    filterset: ProjectFilterSet
    refusals: Sequence[Mistake]

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Leave no condition to Django: each is a filter of the API, or refused."""
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
        self.refusals = [*self.find_unknown(), *find_filter_errors(self.filterset)]
        self.searched = super().get_queryset(request, exclude_parameters)
        return self.searched.none() if self.refusals else self.narrow()

    def find_unknown(self) -> list[Mistake]:
        """Find the conditions that are no filters of the API."""
        detail = _("There is no filter “%(name)s”.")
        return [
            Mistake(
                "unknown_parameter",
                detail % {"name": name},
                nearest_parameter(name, FILTER_NAMES),
            ).at(parameter=name)
            for name in self.asked
            if name not in FILTER_NAMES
        ]

    @property
    def mistakes(self) -> list[tuple[str, Mistake]]:
        """What is refused, each with what the page calls that condition."""
        return [
            (
                label_condition(name)
                if (name := each.place["parameter"]) in FILTER_NAMES
                else name,
                each,
            )
            for each in self.refusals
        ]

    def narrow(self, without: str = "") -> QuerySet:
        """Select what all the filters select, but for one of them."""
        rows = self.searched
        for name, value in self.filterset.form.cleaned_data.items():
            if name != without:
                rows = self.filterset.filters[name].filter(rows, value)
        return rows

    @cached_property
    def drop_downs(self) -> list[dict[str, Any]]:
        """The filters to choose from, with how many projects each value leaves.

        Where a list is so long that its rows are not counted, neither are the values.
        """
        names = [each.name for each in DROP_DOWNS if each.name in COUNTED_FILTERS]
        counts: dict[str, dict[str, int]] = {}
        if not self.refusals:
            if not self.paginator.is_cut:
                free = [name for name in names if name not in self.asked]
                counts = count_values(self.queryset, free, self.request.user)
            for name in self.asked.keys() & {*names}:
                rows = self.narrow(name)
                if has_at_most(rows, COUNTED_AT_MOST):
                    counts |= count_values(rows, [name], self.request.user)
        return [
            each.build(self.request, self.asked.get(each.name, ""), counts.get(each.name))
            for each in DROP_DOWNS
        ]

    @property
    def has_rare(self) -> bool:
        """Whether a filter is in use that is folded away."""
        return any(each.is_rare and each.name in self.asked for each in DROP_DOWNS)

    @cached_property
    def chips(self) -> list[dict[str, str]]:
        """The conditions that no drop-down shows, in words, each with the list without it.

        What is refused stands as it was typed: it names nothing of what it is asked of.
        """
        shown = {each.name for each in DROP_DOWNS}
        refused = {each.place["parameter"] for each in self.refusals}
        return [
            {
                "text": _("%(condition)s: %(value)s")
                % {
                    "condition": label_condition(name),
                    "value": (
                        value if name in refused else name_condition(name, value, self.request.user)
                    ),
                },
                "href": self.get_query_string(remove=[name]),
            }
            for name, value in self.asked.items()
            if name not in shown
        ]

    @cached_property
    def narrowed_by(self) -> list[tuple[str, str]]:
        """What the list is narrowed and sorted by, as forms send it along unseen."""
        beside = {name: self.params[name] for name in ("q", "o") if self.params.get(name)}
        return [*self.asked.items(), *beside.items()]

    @property
    def conditions(self) -> str:
        """The query string of the list, as it is saved under a name."""
        return urlencode(self.narrowed_by)

    @cached_property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the drop-downs sends along unseen."""
        shown = {"q", "p", "e", *(each.name for each in DROP_DOWNS)}
        return [(name, value) for name, value in self.params.items() if name not in shown]


class ProjectListPage(ExportPage, SavingPage, ProjectSearch, RowAdmin):
    """The list of projects: what fits beside each other on a small screen."""

    change_list_template = "admin/projects/project_list.html"
    list_display: Any = (
        "show_project",
        link_column("park", gettext_lazy("park")),
        "show_stage",
        "show_investment",
        link_column("origin", gettext_lazy("origin")),
        link_column("sector", gettext_lazy("sector")),
        _SIGNED_ON,
    )
    list_display_links: Any = ("show_project",)
    sortable_by: ClassVar[Any] = ("show_project", "show_investment", _SIGNED_ON)
    list_select_related = ("park", "origin", "sector")
    ordering: ClassVar[Any] = ("-updated_at", "-id")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProjectChangeList

    @admin.display(description=gettext_lazy("project"), ordering="code_key")
    def show_project(self, project: Project) -> str:
        return format_html('{} <span class="code">{}</span>', project.name, project.code)

    @admin.display(description=gettext_lazy("stage"))
    def show_stage(self, project: Project) -> str:
        stage: str = project.get_stage_display()
        if project.standing == Project.Standing.ACTIVE:
            return stage
        return format_html("{} <b>{}</b>", stage, project.get_standing_display())

    @admin.display(description=gettext_lazy("investment"), ordering="investment_rank")
    def show_investment(self, project: Project) -> str:
        if project.investment_cny is None:
            return ""
        return str(TypedAmount(project.investment_cny, project.investment_qualifier))
