"""Charts on other sites: the page within their frames, and oEmbed, which tells of it.

What is shown there is what everybody may see, whoever looks: a frame on another site must not show
what its visitor alone may, and has no form.
"""

import re
import struct
from collections.abc import Mapping
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.clickjacking import xframe_options_exempt

from api.asking import API_ROOT, RefusedError, ask_for_bytes
from config.texts import find_whole
from pages.addresses import change_query, find_page, join_address, narrow_list
from pages.parts.blocks import Block, call_api, draw_picture, list_definitions
from pages.parts.summary_tables import tabulate_cross, tabulate_summary
from pages.sharing.citing import open_page
from pages.sharing.previews import find_chart
from pages.sharing.sharing import FRAME_SIZE, write_frame
from pages.views import PageView, list_details
from sheets.amounts import active_language

_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_TITLE = re.compile("<title>([^<]*)</title>")
_LEAST_SIZE = 240, 160  # pixels, in which a chart can still be read
_CACHED_FOR = 3600  # seconds, which who asked may keep what was said
_PNG_SIZE = slice(16, 24)  # where a PNG says its width and height


@method_decorator(csp_replace({"frame-ancestors": ["*"]}), name="dispatch")
@method_decorator(xframe_options_exempt, name="dispatch")
class EmbedView(PageView):
    """The page at /embed/projects/summary?...: the chart of a summary, to stand in a frame.

    Its query is that of the API, and `lang`, in which it stays.
    """

    template_name = "pages/embed.html"
    is_cited = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.user = AnonymousUser()
        with translation.override(find_asked_language(request)):
            return super().dispatch(request, *args, **kwargs)

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        resource = kwargs["resource"]
        question = change_query(self.query, lang=None)
        answer = self.ask(resource, question)
        picture = draw_picture(self.request, resource, question, "embedded")
        found = _TITLE.search(picture)
        title = unescape(found[1]) if found else _("Park Ledger")
        tabulate = tabulate_cross if len(answer["group_by"]) > 1 else tabulate_summary
        page = find_page(narrow_list(answer["total"]["list_url"], view="charts"))
        return {
            "title": title,
            "page": self.request.build_absolute_uri(page),
            "day": answer["generated_on"],
            "block": Block(
                title,
                tabulate(answer, title, _("Group")),
                picture=picture,
                definitions=list_definitions(answer),
                call=call_api(self.request, resource, question),
            ),
        }

    def answer_refusal(self, refusal: RefusedError) -> HttpResponseBase:
        """Say within the frame what is refused; who must sign in does so outside of it."""
        if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return super().answer_refusal(refusal)
        shown = {
            "title": str(refusal.problem["title"]),
            "page": self.request.build_absolute_uri("/"),
            "wrong": {"details": list_details(refusal)},
        }
        return self.finish(self.show(self.template_name, shown, refusal.status))


class OEmbedView(View):
    """What oEmbed (oembed.com) asks at /oembed?url=...: how a page of this site is embedded.

    A page with a chart is `rich`, any other a `link`. 404 for what is no page of this site, 401
    for what is not for everybody, 501 for another format than JSON.
    """

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if request.GET.get("format", "json") != "json":
            detail = _("The only format is json.")
            return JsonResponse({"detail": detail}, status=HTTPStatus.NOT_IMPLEMENTED)
        request.user = AnonymousUser()
        url = request.GET.get("url", "")
        root = request.build_absolute_uri("/")
        if not url.startswith(root):
            raise Http404
        page = open_page(request, url.removeprefix(root.removesuffix("/")))
        if not (page.is_cited or isinstance(page, EmbedView)):
            raise Http404
        try:
            with translation.override(find_asked_language(page.request)):
                said = describe_embed(page, urlsplit(url).fragment, read_size(request))
        except RefusedError as refusal:
            return JsonResponse({"detail": list_details(refusal)[0]}, status=refusal.status)
        response = JsonResponse({**said, "provider_url": root})
        response.headers["Cache-Control"] = "public, no-cache"
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response


def find_asked_language(request: HttpRequest) -> str | None:
    """Find the language that an address asks for by `lang`; else that of whoever asks."""
    return _LANGUAGES.get(request.GET.get("lang", ""), translation.get_language())


def read_size(request: HttpRequest) -> tuple[int, int]:
    """Read how large a frame may be, in pixels: `maxwidth` and `maxheight`, not below the least."""
    given = (request.GET.get("maxwidth", ""), request.GET.get("maxheight", ""))
    asked = map(find_whole, given)
    bounds = zip(asked, FRAME_SIZE, _LEAST_SIZE, strict=True)
    width, height = (max(least, min(most or usual, usual)) for most, usual, least in bounds)
    return width, height


def describe_embed(page: PageView, anchor: str, size: tuple[int, int]) -> dict[str, Any]:
    """Describe a page as oEmbed wants it: the chart at an anchor, else the first, in a frame."""
    shown = page.look()
    said = {
        "version": "1.0",
        "type": "link",
        "title": str(shown["title"]),
        "provider_name": _("Park Ledger"),
        "cache_age": _CACHED_FOR,
    }
    chart = find_chart(shown, anchor)
    if chart is None or chart.share is None:
        return said
    width, height = size
    frame = page.request.build_absolute_uri(chart.share.embed)
    return {
        **said,
        "type": "rich",
        "html": write_frame(frame, chart.title, size),
        "width": width,
        "height": height,
        **describe_thumbnail(page, chart),
    }


def describe_thumbnail(page: PageView, chart: Block) -> dict[str, Any]:
    """Describe the picture of a chart: its address, and its size, which is read from it."""
    address, _mark, query = chart.call.partition("?")
    asked = {**QueryDict(query).dict(), "lang": active_language(), "scale": "1"}
    resource = address.partition(f"{API_ROOT}/")[2]
    png = ask_for_bytes(page.request, f"{resource}.png", asked)
    width, height = struct.unpack(">II", png[_PNG_SIZE])
    url = join_address(f"{address}.png", asked)
    return {"thumbnail_url": url, "thumbnail_width": width, "thumbnail_height": height}
