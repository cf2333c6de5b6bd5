"""What the API says of itself: its OpenAPI document, and the page to try it out on."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from config.api.problems.errors import ParameterError, QueryError
from config.api.strict import StrictViewMixin
from config.suggestions import nearest


class SchemaView(StrictViewMixin, SpectacularAPIView):
    """OpenAPI as YAML or JSON, by what is accepted; `lang` is the language of its texts.

    Each process makes a document once: that takes a second, and it is the same for everybody.
    """

    # What is answered and its headers, by language and format
    made: ClassVar[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = request.query_params.get("lang") or get_language()
        key = (language, request.accepted_renderer.format)
        if key not in self.made:
            answer: Any = super().get(request, *args, **kwargs)
            answer = self.finalize_response(request, answer).render()
            names = ("Content-Type", "Content-Disposition")
            self.made[key] = answer.content, {name: answer.headers[name] for name in names}
        content, headers = self.made[key]
        return HttpResponse(content, headers=headers)

    def get_query_parameters(self) -> Collection[str]:
        return ["lang"]

    def check_query_parameters(self, request: Request) -> None:
        super().check_query_parameters(request)
        languages = [code for code, _name in settings.LANGUAGES]
        language = request.query_params.get("lang", languages[0])
        if language not in languages:
            detail = _("“%(word)s” is not one of: %(words)s.") % {
                "word": language,
                "words": ", ".join(languages),
            }
            suggestion = nearest(language, languages)
            raise QueryError([ParameterError("lang", "unknown_value", detail, suggestion)])


class DocsView(StrictViewMixin, SpectacularSwaggerSplitView):
    """Swagger UI, from this server alone."""

    def check_query_parameters(self, request: Request) -> None:
        # The page asks for its own script by a parameter without a value.
        if [*request.query_params.lists()] != [("script", [""])]:
            super().check_query_parameters(request)
