"""What the API says of itself: its OpenAPI document, and the page to try it out on."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import LedgerView
from api.caching import make_entity_tag, parse_entity_tags
from api.readers import Query, Reader, Reading, describe_unknown_word
from config import __version__


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


class IndexView(LedgerView):
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


class CompactJSONRenderer(OpenApiJsonRenderer):
    """Writes JSON without the blanks that are more than half of it."""

    def get_indent(self, *_args: Any) -> None:
        return None


class PlainJSONRenderer(CompactJSONRenderer):
    """The same for who asks for JSON of any kind."""

    media_type = "application/json"


class SchemaView(LedgerView, SpectacularAPIView):
    """OpenAPI as YAML or JSON, by what is accepted; `lang` is the language of its texts.

    Each process makes a document once: that takes a second, and it is the same for everybody. Its
    ETag is a digest of it, so that who has it already gets a 304.
    """

    renderer_classes = [
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
        CompactJSONRenderer,
        PlainJSONRenderer,
    ]
    readers = {"get": (LANGUAGE,)}
    # What is answered and its headers, by language and format
    made: ClassVar[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = (self.get_value(LANGUAGE), request.accepted_renderer.media_type)
        if key not in self.made:
            answer: Any = super().get(request, *args, **kwargs)
            answer = self.finalize_response(request, answer).render()
            headers = {
                name: answer.headers[name] for name in ("Content-Type", "Content-Disposition")
            }
            headers["ETag"] = make_entity_tag(blake2b(answer.content, digest_size=16).hexdigest())
            headers["Cache-Control"] = "public, no-cache"
            self.made[key] = answer.content, headers
        content, headers = self.made[key]
        seen = parse_entity_tags(request.headers.get("If-None-Match", ""))
        is_seen = headers["ETag"].strip('"') in seen
        response = (
            HttpResponseNotModified(headers=headers)
            if is_seen
            else HttpResponse(content, headers=headers)
        )
        patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
        return response


class DocsView(LedgerView, SpectacularSwaggerSplitView):
    """Swagger UI, from this server alone, with the document in the language of the reader."""

    template_name = "docs/page.html"
    template_name_js = "docs/page.js"

    def read_parameters(self, request: Request) -> None:
        # The page asks for its own script by a parameter without a value.
        if [*request.query_params.lists()] != [("script", [""])]:
            super().read_parameters(request)

    def _get_schema_url(self, request: Request) -> str:
        # Said in the address: what the browser asks for itself may be another language.
        return f"{reverse(self.url_name)}?{urlencode({'lang': get_language()})}"
