"""The index of the API, its OpenAPI document, and Swagger UI."""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext as _, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import LedgerView
from api.caching import make_entity_tag, parse_entity_tags
from api.openapi.problem_schema import PROBLEMS
from api.problems.handlers import answer_error_page
from api.problems.problems import PROBLEM_TYPES
from api.readers import Query, Reader, Reading, describe_unknown_word
from config import __version__


class LanguageReader(Reader[str]):
    """Reads `lang`, one of the site's languages; by default that of the request."""

    parameters = ("lang",)

    def read(self, query: Query, view: Any) -> Reading[str]:
        languages = [code for code, _name in settings.LANGUAGES]
        if "lang" not in query:
            return get_language() or languages[0], []
        language = query["lang"]
        is_known = language in languages
        return language, [] if is_known else [describe_unknown_word("lang", language, languages)]


LANGUAGE = LanguageReader()


class IndexView(LedgerView):
    """The URLs of all resources and of the documentation."""

    permission_classes = [AllowAny]  # it has no data of the ledger
    resources: Sequence[str] = ()  # paths below this one

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
    """Writes JSON without indentation, which is more than half of it."""

    def get_indent(self, *_args: Any) -> None:
        return None


class PlainJSONRenderer(CompactJSONRenderer):
    """The same for clients that accept plain JSON."""

    media_type = "application/json"


FORMS: dict[str, Any] = {"yaml": OpenApiYamlRenderer, "json": CompactJSONRenderer}


def build_documents(language: str) -> dict[str, bytes]:
    """Build the OpenAPI document in each form, which takes seconds."""
    with override(language):
        described = SchemaGenerator().get_schema(public=True)
        return {form: kind().render(described, renderer_context={}) for form, kind in FORMS.items()}


def locate_document(language: str, form: str) -> Path:
    """Return where `build_openapi` keeps the document of this code, packages and setting."""
    folder = Path(settings.STATIC_ROOT or settings.VAR_DIR) / "openapi"
    return folder / f"{digest_code()}.{language}.{form}"


@cache
def digest_code() -> str:
    """Digest all that the document is made of: another digest is another document."""
    digest = blake2b(b"public" if settings.PUBLIC_READ else b"", digest_size=8)
    rooms = [path.parent for path in settings.BASE_DIR.glob("*/__init__.py")]
    paths = [path for room in rooms for path in room.rglob("*.py")]
    translations = [path for folder in settings.LOCALE_PATHS for path in folder.rglob("*.mo")]
    for path in sorted([*paths, *translations, settings.BASE_DIR / "requirements.txt"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def read_document(language: str, form: str) -> tuple[bytes, str]:
    """Return the document that was built at release, else one built now; and its ETag."""
    built = locate_document(language, form)
    content = built.read_bytes() if built.exists() else build_documents(language)[form]
    return content, make_entity_tag(blake2b(content, digest_size=16).hexdigest())


class SchemaView(LedgerView):
    """OpenAPI as YAML or JSON, in the language `lang`."""

    permission_classes = [AllowAny]  # it has no data of the ledger
    renderer_classes = [
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
        CompactJSONRenderer,
        PlainJSONRenderer,
    ]
    readers = {"get": (LANGUAGE,)}

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        renderer = request.accepted_renderer
        content, tag = read_document(self.get_value(LANGUAGE), renderer.format)
        name = f"{settings.SPECTACULAR_SETTINGS['TITLE']} ({__version__}).{renderer.format}"
        headers = {
            "Content-Type": f"{renderer.media_type}; charset=utf-8",
            "Content-Disposition": f'inline; filename="{name}"',
            "ETag": tag,
            "Cache-Control": "public, no-cache",
        }
        response = HttpResponse(content, headers=headers)
        if tag.strip('"') in parse_entity_tags(request.headers.get("If-None-Match", "")):
            response = HttpResponseNotModified(headers=headers)
        patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
        return response


class DocsView(LedgerView, SpectacularSwaggerSplitView):
    """Swagger UI, served locally, with the document in the user's language."""

    template_name = "docs/page.html"
    template_name_js = "docs/page.js"

    def read_parameters(self, request: Request) -> None:
        # The page requests its script with this parameter
        if [*request.query_params.lists()] != [("script", [""])]:
            super().read_parameters(request)

    def _get_schema_url(self, request: Request) -> str:
        # In the URL, as the browser's own language may differ
        return f"{reverse(self.url_name)}?{urlencode({'lang': get_language()})}"


def explain_problem(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain a type of problem: the page to which the `type` of a problem leads."""
    problem = PROBLEM_TYPES.get(slug)
    if problem is None:
        raise Http404
    details = [
        _("HTTP status %(status)d.") % {"status": problem.status},
        str(PROBLEMS.get(problem.status, "")),
        _("Each of its errors names the place, what is allowed and what was probably meant."),
    ]
    return answer_error_page(request, 200, str(problem.title), details)
