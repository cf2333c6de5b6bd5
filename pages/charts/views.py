"""Summaries as pictures: the same questions and filters, answered as SVG or PNG."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.problems.errors import QueryError
from api.readers import Query, Reader, Readers, Reading, describe_unknown_word
from api.renderers import name_type
from config.mistakes import Mistake
from config.texts import find_whole
from pages.charts.drawing import to_png, to_svg
from pages.charts.spec import CHART_KINDS, CHART_LANGUAGES, build_chart_spec
from pages.charts.theme import USUAL_WIDTH
from projects.summaries.measures import NOT_ADDED_UP
from projects.summaries.questions import SummaryQuestion
from projects.summaries.serializers import FUNDING_PARAMETERS, SUMMARY_PARAMETERS
from projects.summaries.views import QUESTION, FundingSumsViewSet, ProjectSumsViewSet

THEMES = ("light", "dark")
MOST_SCALE = 4
USUAL_SCALE = 2
LEAST_WIDTH, MOST_WIDTH = 240, 1600  # pixels
SCALES = re.compile(r"\d(\.\d{1,3})?", re.ASCII)

LOOK_PARAMETERS = [
    OpenApiParameter(
        "lang",
        description=gettext_lazy("The language of the texts."),
        enum=[*CHART_LANGUAGES],
        default="en",
    ),
    OpenApiParameter(
        "theme",
        description=gettext_lazy("For a light or a dark page."),
        enum=[*THEMES],
        default="light",
    ),
    OpenApiParameter(
        "width",
        {"type": "integer", "minimum": LEAST_WIDTH, "maximum": MOST_WIDTH},
        description=gettext_lazy(
            "Pixels into which the picture fits, if its columns can be so narrow."
        ),
        default=USUAL_WIDTH,
    ),
    OpenApiParameter(
        "scale",
        {"type": "number", "minimum": 1, "maximum": MOST_SCALE},
        description=gettext_lazy("Pixels per pixel of the SVG, from 1 to 4."),
        default=USUAL_SCALE,
    ),
]
PICTURE_PARAMETERS = [
    OpenApiParameter(
        "chart",
        description=gettext_lazy("The kind of chart; without it the one that fits best."),
        enum=[*CHART_KINDS],
    ),
    *LOOK_PARAMETERS,
]


def build_picture_parameters(of_summary: list[OpenApiParameter]) -> list[OpenApiParameter]:
    """Build the parameters of pictures: a summary's, with `group_by` required, and their own."""
    group_by, *rest = of_summary
    group_by = copy(group_by)
    group_by.required = True
    group_by.description = gettext_lazy("One or two dimensions, separated by commas.")
    return [group_by, *rest, *PICTURE_PARAMETERS]


SVGRenderer = name_type("svg", "image/svg+xml")
PNGRenderer = name_type("png", "image/png")


@dataclass(frozen=True)
class Style:
    """How a picture is asked for; `kind` is None for the one that fits best."""

    kind: str | None = None
    language: str = "en"
    dark: bool = False
    scale: float = USUAL_SCALE
    width: int = USUAL_WIDTH


class LookReader(Reader[Style]):
    """Reads in which language, on which page, how wide and how large a picture shall be."""

    words: ClassVar[Mapping[str, Collection[str]]] = {"lang": CHART_LANGUAGES, "theme": THEMES}

    def names(self, view: Any) -> Collection[str]:
        scale = ("scale",) if view.action.endswith("png") else ()
        return (*self.words, "width", *scale)

    def read(self, query: Query, view: Any) -> Reading[Style]:
        errors = [
            describe_unknown_word(name, query[name], allowed, allowed)
            for name, allowed in self.words.items()
            if name in query and query[name] not in allowed
        ]
        text = query.get("scale", str(USUAL_SCALE))
        scale = float(text) if SCALES.fullmatch(text) else 0
        if not 1 <= scale <= MOST_SCALE:
            detail = _("“scale” must be a number from 1 to %(most)d.") % {"most": MOST_SCALE}
            errors.append(Mistake("out_of_range", detail).at(parameter="scale"))
        width = find_whole(query.get("width", str(USUAL_WIDTH)), LEAST_WIDTH, MOST_WIDTH)
        if not width:
            detail = _("Give a whole number from %(least)d to %(most)d.")
            said = {"least": LEAST_WIDTH, "most": MOST_WIDTH}
            errors.append(Mistake("out_of_range", detail % said).at(parameter="width"))
        is_dark = query.get("theme") == "dark"
        style = Style(query.get("chart"), query.get("lang", "en"), is_dark, scale, width)
        return style, errors


class StyleReader(LookReader):
    """Reads the kind of chart besides, and whether what QUESTION has read can be drawn."""

    words: ClassVar[Mapping[str, Collection[str]]] = {"chart": CHART_KINDS, **LookReader.words}

    def read(self, query: Query, view: Any) -> Reading[Style]:
        style, errors = super().read(query, view)
        return style, [*errors, *find_undrawable(view.get_value(QUESTION))]


LOOK = LookReader()
STYLE = StyleReader()


def find_undrawable(question: SummaryQuestion) -> Iterator[Mistake]:
    """Report running sums and comparisons that cannot be drawn."""
    drawn = question.measures[0]
    if question.cumulative and drawn in NOT_ADDED_UP:
        detail = _("“%(name)s” has no running sum; put another measure first.")
        yield Mistake("not_cumulative", detail % {"name": drawn}).at(parameter="measures")
    if question.compare and drawn in NOT_ADDED_UP:
        detail = _("“%(name)s” has no comparison; put another measure first.")
        yield Mistake("not_compared", detail % {"name": drawn}).at(parameter="measures")
    if question.compare and question.cumulative:
        detail = _("A picture shows the running sum or the comparison, not both.")
        yield Mistake("not_with_cumulative", detail).at(parameter="compare")


def answer_picture(
    ending: str, filename: str, build_spec: Callable[[Style], dict[str, Any]], style: Style
) -> HttpResponse:
    """Draw a Vega-Lite spec as `svg` or `png`; QueryError where the question fits no chart."""
    try:
        spec = build_spec(style)
        content = to_svg(spec) if ending == "svg" else to_png(spec, style.scale)
    except Mistake as mistake:
        raise QueryError([mistake]) from mistake
    others = ["*"] if settings.CORS_ALLOW_ALL_ORIGINS else settings.CORS_ALLOWED_ORIGINS
    framed_by = " ".join(["'self'", *others])
    headers = {
        "Content-Disposition": f'inline; filename="{filename}.{ending}"',
        # An SVG is a document: one with a script smuggled in must not run it here.
        "Content-Security-Policy": f"default-src 'none'; frame-ancestors {framed_by}",
    }
    content_type = SVGRenderer.media_type if ending == "svg" else PNGRenderer.media_type
    response = HttpResponse(content, content_type=content_type, headers=headers)
    response.xframe_options_exempt = True  # what may frame it is said above
    return response


class PicturesMixin:
    """Pictures of an answer: of a summary, unless `build_spec` draws something else."""

    readers: ClassVar[Readers] = dict.fromkeys(("svg", "png"), (AS_OF, FILTERS, QUESTION, STYLE))
    look: ClassVar[LookReader] = STYLE
    with_reached: ClassVar[bool] = True
    picture_name: ClassVar[str]  # of the file, without its ending
    counted: ClassVar[str | Promise]  # what `count` counts
    get_value: Callable[[Any], Any]
    summary_answer: Callable[[], dict[str, Any]]

    @extend_schema(
        summary=gettext_lazy("The answer as a chart in SVG"),
        description=gettext_lazy("Each mark is a link to its list."),
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def svg(self, request: Request) -> HttpResponse:
        return answer_picture("svg", self.picture_name, self.build_spec, self.get_value(self.look))

    @extend_schema(
        summary=gettext_lazy("The answer as a chart in PNG, for reports"),
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def png(self, request: Request) -> HttpResponse:
        return answer_picture("png", self.picture_name, self.build_spec, self.get_value(self.look))

    def build_spec(self, style: Style) -> dict[str, Any]:
        return build_chart_spec(
            self.summary_answer(),
            kind=style.kind,
            language=style.language,
            dark=style.dark,
            counted=self.counted,
            width=style.width,
        )


class ProjectPicturesViewSet(PicturesMixin, ProjectSumsViewSet):
    """Pictures of the summaries of projects."""

    described_parameters = build_picture_parameters(SUMMARY_PARAMETERS)
    picture_name = "projects-summary"
    counted = gettext_lazy("projects")


class FundingPicturesViewSet(PicturesMixin, FundingSumsViewSet):
    """Pictures of the summaries of flows of money."""

    described_parameters = build_picture_parameters(FUNDING_PARAMETERS)
    picture_name = "fundings-summary"
    counted = gettext_lazy("reports")
