"""The admin's list of projects as a file: what is listed, by the writers of the API."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import BaseRenderer

from config.api.files.list_files import FILE_OPTIONS, FileOptions
from config.api.files.responses import CSVRenderer, XLSXRenderer
from config.api.readers import Query, Reader, Readers, Reading
from config.spreadsheets import Sheet
from parks.admin.base import RowAdmin
from projects.admin.said_columns import say_in_words
from projects.children.sheets import build_sheets
from projects.models import Project
from projects.pages.language import page_language
from projects.views import ProjectViewSet

RENDERERS: dict[str, type[BaseRenderer]] = {"xlsx": XLSXRenderer, "csv": CSVRenderer}
HEADERS = (("zh", _("in Chinese")), ("en", _("in English")), ("code", _("names of columns")))
UNITS = (("wan", _("10,000 yuan")), ("yi", _("100 million yuan")), ("yuan", _("yuan")))


class ReadByTheList(Reader[None]):
    """Leaves to the list of the admin what the list has read."""

    def names(self, view: Any) -> Collection[str]:
        return [*view.request.GET]

    def takes_one(self, name: str, view: Any) -> bool:
        return False

    def read(self, query: Query, view: Any) -> Reading[None]:
        return None, []


_READERS = (ReadByTheList(), FILE_OPTIONS)


class ListedFilesViewSet(ProjectViewSet):
    """The files of projects, of the rows that the list of the admin has."""

    readers: ClassVar[Readers] = {"csv": _READERS, "xlsx": _READERS}
    rows: QuerySet = Project.objects.none()

    @property
    def file_options(self) -> FileOptions:
        options = super().file_options
        said = say_in_words(options.columns, Project, options.layout.header)
        return replace(options, columns=said)

    def file_rows(self) -> QuerySet:
        return self.rows

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        header = self.file_options.layout.header
        return build_sheets(
            rows, self.request.user, lambda columns, model: say_in_words(columns, model, header)
        )


class ExportPage(RowAdmin):
    """A list of projects that is taken along as a file, with all that it is narrowed by."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        files = [
            path(f"export.{ending}", view, {"ending": ending}, name=f"{name}_{ending}")
            for ending in RENDERERS
        ]
        return [*files, *super().get_urls()]

    def export_view(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """Give all that the list has as CSV or as a workbook; what is refused, the list says."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        listed: Any = self.get_changelist_instance(request)
        if listed.refusals:
            page = reverse("admin:projects_project_changelist")
            return HttpResponseRedirect(f"{page}{listed.get_query_string()}")
        view: Any = ListedFilesViewSet.as_view(
            {"get": ending}, renderer_classes=[RENDERERS[ending]], rows=listed.queryset
        )
        return view(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        files = {"headers": HEADERS, "units": UNITS, "header": page_language()}
        return super().changelist_view(request, {**(extra_context or {}), "files": files})
