"""The workbook in which people fill in projects to be imported."""

import hashlib
from collections.abc import Collection, Iterator
from typing import IO, Any

from django.http import FileResponse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config.api.files.list_files import WORDS, read_words
from config.api.files.responses import XLSX, XLSXRenderer, built_file
from config.api.problems.errors import ParameterError
from config.api.renderers import JSONRenderer
from config.api.strict import StrictViewMixin
from config.spreadsheets import Layout, Written
from config.spreadsheets.columns import LANGUAGES
from config.spreadsheets.template import write_template
from projects.importing.template import template_fields


class TemplateView(StrictViewMixin):
    """`GET /imports/template.xlsx`."""

    renderer_classes = [XLSXRenderer]

    def get_renderers(self) -> list[BaseRenderer]:
        # What it says of itself (OPTIONS) is no workbook.
        is_file = self.request.method in ("GET", "HEAD")
        return super().get_renderers() if is_file else [JSONRenderer()]

    def get_query_parameters(self) -> Collection[str]:
        return ("header",)

    def _readers(self, understood: set[str]) -> Iterator[Any]:
        yield from super()._readers(understood)
        yield self

    def query_errors(self, request: Request, view: Any) -> list[ParameterError]:
        """Reads the one parameter, and says what is wrong with it."""
        words, errors = read_words(request.query_params, ["header"])
        self.layout = Layout(words.get("header", "code"))
        return errors

    @extend_schema(
        summary="An empty workbook for an import of projects",
        parameters=[
            OpenApiParameter(
                "header",
                description="Headers and words: codes, Chinese or English.",
                enum=[*WORDS["header"]],
                default="code",
            )
        ],
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:
        """With notes, and drop-down lists of words and of the parks that you see."""

        def write(file: IO[bytes]) -> Written:
            with translation.override(LANGUAGES.get(self.layout.header, "en")):
                fields = template_fields(self.layout.header, request.user)
                write_template(_("projects"), fields, file, self.layout)
            file.seek(0)
            return Written(0, hashlib.sha256(file.read()).digest())

        return built_file(write, "projects-template.xlsx", XLSX, self.title())

    def title(self) -> str:
        """What people call the file."""
        header = self.layout.header
        with translation.override(LANGUAGES.get(header, translation.get_language())):
            return _("projects to be imported")
