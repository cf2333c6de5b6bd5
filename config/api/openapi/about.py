"""What the API says of itself: its OpenAPI document, and the page to try it out on."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config import __version__
from config.api.readers import Query, Reader, Reading, describe_unknown_word
from config.api.strict import StrictViewMixin


class LanguageReader(Reader[str]):
    """Reads `lang`, one of the site's languages; that of the request where it is left out."""

    parameters = ("lang",)

    def read(self, query: Query, view: Any) -> Reading[str]:
        languages = [code for code, _name in settings.LANGUAGES]
        if "lang" not in query:
            return get_language() or languages[0], []
        language = query["lang"]
        errors = (
            [] if language in languages else [describe_unknown_word("lang", language, languages)]
        )
        return language, errors


LANGUAGE = LanguageReader()


class IndexView(StrictViewMixin):
    """What there is: each resource with the address of its list, and where the API is described."""

    permission_classes = [AllowAny]  # it holds nothing of the ledger
    resources: Sequence[str] = ()  # their addresses below this one

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        base = request.build_absolute_uri(request.path)
        described = {"schema": f"{base}/schema", "docs": f"{base}/docs"}
        answer = {
            "title": settings.SPECTACULAR_SETTINGS["TITLE"],
            "version": __version__,
            **described,
            "resources": {name: f"{base}/{name}" for name in self.resources},
        }
        # The relations of RFC 8631
        links = zip(("service-desc", "service-doc"), described.values(), strict=True)
        link = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links)
        return Response(answer, headers={"Link": link})


class SchemaView(StrictViewMixin, SpectacularAPIView):
    """OpenAPI as YAML or JSON, by what is accepted; `lang` is the language of its texts.

    Each process makes a document once: that takes a second, and it is the same for everybody.
    """

    readers = {"get": (LANGUAGE,)}
    # What is answered and its headers, by language and format
    made: ClassVar[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = (self.get_value(LANGUAGE), request.accepted_renderer.format)
        if key not in self.made:
            answer: Any = super().get(request, *args, **kwargs)
            answer = self.finalize_response(request, answer).render()
            names = ("Content-Type", "Content-Disposition")
            self.made[key] = answer.content, {name: answer.headers[name] for name in names}
        content, headers = self.made[key]
        return HttpResponse(content, headers=headers)


class DocsView(StrictViewMixin, SpectacularSwaggerSplitView):
    """Swagger UI, from this server alone."""

    def read_parameters(self, request: Request) -> None:
        # The page asks for its own script by a parameter without a value.
        if [*request.query_params.lists()] != [("script", [""])]:
            super().read_parameters(request)
