"""Documents: `/projects/{code}.docx` and `.pdf`, `/bulletin.docx`, `/editions/{code}.docx`."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, ClassVar

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from api.asking import RefusedError
from api.base import LedgerView
from api.lists.as_of import AS_OF
from api.problems.problems import PROBLEM_MEDIA_TYPE
from api.readers import FlagReader, Query, Reader, Readers, Reading
from api.renderers import DOCX, dump_json, name_type
from pages.charts.spec import CHART_LANGUAGES
from pages.charts.views import LOOK_PARAMETERS
from pages.papers.bulletins import BULLETIN
from pages.papers.filling import open_template
from pages.papers.papers import BRIEFS, Paper, build_paper, open_shown_page
from pages.papers.pdf import PDF, write_pdf
from pages.papers.word import write_docx
from pages.periods import find_newest_periods
from pages.views import PageView
from projects.models import PaperTemplate, Project

PAPER_FORMS = {**BRIEFS, "bulletin": BULLETIN}
PAPER_LANGUAGES = ("en", "zh")
PAPER_LANGUAGE = FlagReader("lang", PAPER_LANGUAGES)
PAPER_PARAMETERS = [each for each in LOOK_PARAMETERS if each.name == "lang"]

WordRenderer = name_type("docx", DOCX)
PDFRenderer = name_type("pdf", PDF)


class PaperViewSet(LedgerView, GenericViewSet):
    """The documents of an address: `build` makes the one that is asked for."""

    has_past = True
    of: str = "bulletin"  # the kind of document; of a brief the list of its row
    queryset = Project.objects.all()  # for the types of codes: the pages select their rows
    readers: ClassVar[Readers] = dict.fromkeys(("docx", "pdf"), (AS_OF, PAPER_LANGUAGE))
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = PAPER_PARAMETERS
    pagination_class = None
    filter_backends = []

    @extend_schema(
        summary=_("As a Word document"),
        description=_("With the numbers of the page; of one moment it is always the same file."),
        responses={(200, DOCX): OpenApiTypes.BINARY},
    )
    def docx(self, request: Request, **kwargs: str) -> HttpResponseBase:
        return self.answer_paper(request, DOCX, self.write_word, **kwargs)

    @extend_schema(
        summary=_("As a PDF document"),
        description=_("With the numbers of the page; of one moment it is always the same file."),
        responses={(200, PDF): OpenApiTypes.BINARY},
    )
    def pdf(self, request: Request, **kwargs: str) -> HttpResponseBase:
        return self.answer_paper(request, PDF, write_pdf, **kwargs)

    def write_word(self, paper: Paper) -> bytes:
        """Write the document into the template that the office had at its moment."""
        data = PaperTemplate.find_content(self.of, paper.park, paper.made_at)
        return write_docx(paper, open_template(data, PAPER_FORMS[self.of]) if data else None)

    def answer_paper(
        self, request: Request, media_type: str, write: Callable[[Paper], bytes], **kwargs: str
    ) -> HttpResponseBase:
        """Answer the document as a file, or what the API answers instead of its data."""
        language = CHART_LANGUAGES[PAPER_LANGUAGES[self.get_value(PAPER_LANGUAGE)]]
        try:
            with translation.override(language):
                paper = self.build(**kwargs)
                content = write(paper)
        except RefusedError as refusal:
            return self.answer_refusal(request, self.translate_refusal(refusal, **kwargs))
        named = f"{paper.heading} {paper.title[:80]}".replace("/", "-")
        name = f"{named}.{request.accepted_renderer.format}"
        response = FileResponse(
            BytesIO(content), as_attachment=True, filename=name, content_type=media_type
        )
        response.headers["X-Row-Count"] = str(paper.count)
        response.headers["Cache-Control"] = "no-store"
        return response

    def translate_refusal(self, refusal: RefusedError, **kwargs: str) -> RefusedError:
        """Return a refusal in the language of the client, which is not that of the document."""
        try:
            self.build(**kwargs)
        except RefusedError as translated:
            return translated
        return refusal  # what was refused has just become possible

    def answer_refusal(self, request: Request, refusal: RefusedError) -> HttpResponse:
        """Answer the problem of an inner answer; of a merged row the document of the other."""
        response = HttpResponse(
            dump_json(refusal.problem), status=refusal.status, content_type=PROBLEM_MEDIA_TYPE
        )
        if refusal.location:
            path, mark, query = refusal.location.partition("?")
            ending = request.accepted_renderer.format
            response.headers["Location"] = f"{path}.{ending}{mark}{query}"
        return response

    def build(self, **kwargs: str) -> Paper:
        """Build the document of the address."""
        raise NotImplementedError

    def open_page(self, path: str, **asked: str) -> PageView:
        """Open the page that the document is of, at the moment that is asked for."""
        if self.get_value(AS_OF):
            asked["as_of"] = self.request.query_params["as_of"]
        return open_shown_page(self.http_request, path, asked)


class BriefViewSet(PaperViewSet):
    """The brief of a row, on one page: what its page shows, in short."""

    def build(self, **kwargs: str) -> Paper:
        page = self.open_page(f"/{self.of}/{kwargs['code']}")
        return build_paper(page, BRIEFS[self.of], self.get_value(AS_OF))


class BulletinReader(Reader[dict[str, str]]):
    """Reads what a report is of, as it is written: its page checks it."""

    parameters = ("park", "region", "period")

    def read(self, query: Query, view: Any) -> Reading[dict[str, str]]:
        return {name: query[name] for name in self.parameters if name in query}, []


BULLETIN_OF = BulletinReader()


class BulletinViewSet(PaperViewSet):
    """The report of a park, a region or all parks about a period."""

    readers = dict.fromkeys(("docx", "pdf"), (AS_OF, PAPER_LANGUAGE, BULLETIN_OF))
    described_parameters = [
        *PAPER_PARAMETERS,
        OpenApiParameter("park", description=_("The code of a park; by default all parks.")),
        OpenApiParameter("region", description=_("The code of a region: its parks together.")),
        OpenApiParameter(
            "period",
            description=_("2026-10, 2026-Q4, 2026-W41 or 2026; by default the month before."),
        ),
    ]

    def build(self, **kwargs: str) -> Paper:
        asked = self.get_value(BULLETIN_OF)
        page = self.open_page("/bulletin", **{"period": find_newest_periods()["month"], **asked})
        return build_paper(page, BULLETIN, self.get_value(AS_OF))


class EditionBulletinViewSet(PaperViewSet):
    """The report of an edition: of its park and month, as the ledger stood when it was closed."""

    has_past = False

    def build(self, **kwargs: str) -> Paper:
        page = open_shown_page(self.http_request, "/bulletin", {"edition": kwargs["code"]})
        return build_paper(page, BULLETIN, None)
