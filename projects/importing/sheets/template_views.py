"""The workbook in which people fill in projects to be imported."""

import hashlib
from typing import IO, Any

from django.http import FileResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config.api.files.list_files import FILE_WORDS, read_words, translate_title
from config.api.files.responses import XLSX, XLSXRenderer, build_file
from config.api.readers import Query, Reader, Reading
from config.api.renderers import JSONRenderer
from config.api.strict import StrictViewMixin
from config.spreadsheets import Layout, Written
from config.spreadsheets.columns import LANGUAGE_CODES
from config.spreadsheets.template import write_template
from projects.importing.sheets.template import build_template_fields


class HeaderReader(Reader[Layout]):
    """Reads `header`: how the template is to be laid out."""

    parameters = ("header",)

    def read(self, query: Query, view: Any) -> Reading[Layout]:
        words, errors = read_words(query, ["header"])
        return Layout(words.get("header", "code")), errors


HEADER = HeaderReader()


class TemplateView(StrictViewMixin):
    """`GET /imports/template.xlsx`."""

    readers = {"get": (HEADER,)}

    renderer_classes = [XLSXRenderer]

    def get_renderers(self) -> list[BaseRenderer]:
        # What it says of itself (OPTIONS) is no workbook.
        is_file = self.request.method in ("GET", "HEAD")
        return super().get_renderers() if is_file else [JSONRenderer()]

    @extend_schema(
        summary=gettext_lazy("An empty workbook for an import of projects"),
        description=gettext_lazy(
            "With notes, and drop-down lists of words and of the parks that you see."
        ),
        parameters=[
            OpenApiParameter(
                "header",
                description=gettext_lazy("Headers and words: codes, Chinese or English."),
                enum=[*FILE_WORDS["header"]],
                default="code",
            )
        ],
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:
        """Give the workbook in which people fill in projects."""
        layout = self.get_value(HEADER)

        def write(file: IO[bytes]) -> Written:
            with translation.override(LANGUAGE_CODES.get(layout.header, "en")):
                fields = build_template_fields(layout.header, request.user)
                write_template(_("projects"), fields, file, layout)
            file.seek(0)
            return Written(0, hashlib.sha256(file.read()).digest())

        return build_file(write, "projects-template.xlsx", XLSX, self.title())

    def title(self) -> str:
        """Say what people call the file."""
        return translate_title(gettext_lazy("projects to be imported"), self.get_value(HEADER))
