"""Cite a page or a block, and show charts on other sites: frames, and oEmbed, which finds them.

A frame shows what everybody may see, whoever looks, and has no form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.urls import Resolver404, resolve
from django.utils import formats, timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.clickjacking import xframe_options_exempt

from api.asking import RefusedError, ask_api, ask_for_bytes, date_question, derive_request
from config.texts import find_whole
from pages.addresses import change_query, date_address, find_page, join_address, narrow_list
from pages.charts.drawing import to_svg
from pages.charts.views import LEAST_WIDTH, MOST_WIDTH
from pages.parts.blocks import PICTURE_WIDTHS
from pages.parts.claims import draw_claims
from pages.parts.sharing import EMBED_ROOT, FRAME_SIZE, find_chart, list_blocks, write_frame
from pages.parts.summary_tables import (
    draw_flows,
    plan_picture,
    tabulate_cross,
    tabulate_summary,
    tabulate_total,
)
from pages.views import PageView, list_details


def open_page(request: HttpRequest, address: str) -> PageView:
    """Open the page at a path as the user of the request; Http404 if there is none."""
    try:
        parts = urlsplit(address)
    except ValueError as error:  # such as “//[”
        raise Http404 from error
    if not parts.path.startswith("/") or parts.netloc:
        raise Http404
    asked = derive_request(request, parts.path, QueryDict(parts.query))
    try:
        match = resolve(asked.path_info)
    except Resolver404 as error:
        raise Http404 from error
    view_class = getattr(match.func, "view_class", None)
    if view_class is None or not issubclass(view_class, PageView):
        raise Http404
    page: PageView = view_class()
    page.setup(asked, *match.args, **match.kwargs)
    return page


# What BibTeX takes for commands
_SPECIAL = re.compile(r"[\\{}$&#^_%~]")
_WRITTEN = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
_TYPES = {"bib": "application/x-bibtex", "ris": "application/x-research-info-systems"}


@dataclass(frozen=True)
class Citation:
    """A citation: title, ledger, time of access, and a lasting address."""

    title: str
    ledger: str
    read_at: datetime
    feed: str  # the cursor of the feed at that moment
    url: str
    is_of_moment: bool  # whether the address answers the same later

    @property
    def key(self) -> str:
        return f"parkledger{self.read_at:%Y%m%d%H%M%S}"

    @property
    def note(self) -> str:
        """Say the moment, and the place in the feed of changes."""
        said = {"moment": self.read_at.isoformat(" ", "seconds"), "feed": self.feed}
        return _("Read at %(moment)s, change feed at %(feed)s") % said

    @property
    def sentence(self) -> str:
        said = {
            "ledger": self.ledger,
            "title": self.title,
            "day": formats.date_format(self.read_at, "DATE_FORMAT"),
            "note": self.note,
            "url": self.url,
        }
        return _("%(ledger)s, “%(title)s”, %(day)s. %(note)s. %(url)s") % said

    def write_bibtex(self) -> str:
        fields = {
            "title": f"{{{escape_bibtex(self.title)}}}",
            "author": f"{{{escape_bibtex(self.ledger)}}}",
            "year": f"{self.read_at:%Y}",
            "month": f"{self.read_at:%m}",
            "url": self.url,
            "urldate": f"{self.read_at:%Y-%m-%d}",
            "note": escape_bibtex(self.note),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}\n"

    def write_ris(self) -> str:
        lines = [
            ("TY", "DATA"),
            ("ID", self.key),
            ("TI", self.title),
            ("AU", self.ledger),
            ("PY", f"{self.read_at:%Y}"),
            ("DA", f"{self.read_at:%Y/%m/%d}"),
            ("Y2", f"{self.read_at:%Y/%m/%d}"),
            ("N1", self.note),
            ("UR", self.url),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines)


def escape_bibtex(text: str) -> str:
    """Write a text so that BibTeX prints it as it is."""
    return _SPECIAL.sub(lambda found: _WRITTEN.get(found[0], f"\\{found[0]}"), text)


class CitePageView(PageView):
    """The page at /cite?of=ADDRESS: how a page, or a block of it, is cited."""

    template_name = "pages/cite.html"
    takes_as_of = False
    is_cited = False

    def look(self) -> dict[str, Any]:
        self.feed = ask_api(self.request, "changes", {"after": "latest", "limit": "1"})["after"]
        return super().look()

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        citation = cite_page(self.request, self.query.get("of", ""), self.feed)
        of = {"of": self.query["of"]}
        return {
            "title": _("Cite this"),
            "cited": self.query["of"],
            "citation": citation,
            "files": [
                ("BibTeX", citation.write_bibtex(), join_address("/cite.bib", of)),
                ("RIS", citation.write_ris(), join_address("/cite.ris", of)),
            ],
        }


class CiteFileView(CitePageView):
    """The files at /cite.bib and /cite.ris."""

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        ending = kwargs["ending"]
        try:
            citation = self.look()["citation"]
        except RefusedError as refusal:
            return self.answer_refusal(refusal)
        text = citation.write_bibtex() if ending == "bib" else citation.write_ris()
        headers = {"Content-Disposition": f'attachment; filename="{citation.key}.{ending}"'}
        content_type = f"{_TYPES[ending]}; charset=utf-8"
        return self.finish(HttpResponse(text, content_type=content_type, headers=headers))


def cite_page(request: HttpRequest, address: str, feed: str) -> Citation:
    """Cite the page at an address, or the block that its anchor names; Http404 if there is none.

    RefusedError where the page is refused. The address that is cited is of this moment, or of that
    which the page was asked for.
    """
    page = open_page(request, address)
    if not page.is_cited:
        raise Http404
    shown = page.look()
    read_at = timezone.localtime()
    anchor = urlsplit(address).fragment
    titles = [block.title for block in list_blocks(shown) if anchor and block.anchor == anchor]
    if page.takes_as_of and not page.moment:
        address = date_address(address, f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}")
    return Citation(
        " – ".join([*titles, str(shown["title"])]),
        _("Park Ledger"),
        read_at,
        feed,
        request.build_absolute_uri(address),
        page.takes_as_of,
    )


_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_LINK = re.compile(r'((?:xlink:)?href=)"([^"]*)"')
# An SVG is a document: one with a script smuggled in must not run it here
PICTURE_HEADERS = {
    "Content-Type": "image/svg+xml",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Pictures that the API does not draw, each with what builds its specs
_DRAWN_HERE: Mapping[str, Callable[..., Sequence[Any]]] = {
    "figures": draw_claims,
    "projects/funnel": draw_flows,
}
_LEAST_SIZE = 240, 160  # pixels, in which a chart can still be read
_CACHED_FOR = 3600  # seconds, which who asked may keep what was said


class ChartView(PageView):
    """The picture at /charts/projects/summary.svg?...: as the API's, but its marks open pages.

    That at /embed/ is what everybody may see.
    """

    template_name = ""
    is_cited = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["root"] == EmbedView.picture_root[1:]:
            request.user = AnonymousUser()
        with translation.override(find_asked_language(request)):
            return super().dispatch(request, *args, **kwargs)

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        if kwargs["resource"] in _DRAWN_HERE:
            return {"svg": self.draw(_DRAWN_HERE[kwargs["resource"]]).decode()}
        resource = f"{kwargs['resource']}.svg"
        asked = date_question(resource, self.query, self.moment)
        svg = ask_for_bytes(self.request, resource, asked, "image/svg+xml").decode()
        return {"svg": _LINK.sub(lambda at: f'{at[1]}"{escape(find_page(unescape(at[2])))}"', svg)}

    def draw(self, build_specs: Callable[..., Sequence[Any]]) -> bytes:
        """Draw what the query selects, in its width and theme; Http404 if it is no picture."""
        question = change_query(self.query, lang=None, theme=None, width=None).dict()
        width = find_whole(self.query.get("width", ""), LEAST_WIDTH, MOST_WIDTH)
        is_dark = self.query.get("theme") == "dark"
        specs = build_specs(self, question, [width or PICTURE_WIDTHS[-1]], is_dark=is_dark)
        if not specs:
            raise Http404
        return to_svg(specs[0])

    def show(self, template: str, shown: Mapping[str, Any], status: int = 200) -> HttpResponse:
        return HttpResponse(shown["svg"], headers=PICTURE_HEADERS)


@method_decorator(csp_replace({"frame-ancestors": ["*"]}), name="dispatch")
@method_decorator(xframe_options_exempt, name="dispatch")
class EmbedView(PageView):
    """The page at /embed/projects/summary?...: the chart of a summary, to stand in a frame.

    Its query is that of the API, and `lang`, in which it stays.
    """

    template_name = "pages/embed.html"
    is_cited = False
    picture_root = EMBED_ROOT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.user = AnonymousUser()
        with translation.override(find_asked_language(request)):
            return super().dispatch(request, *args, **kwargs)

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        resource = kwargs["resource"]
        question = change_query(self.query, lang=None)
        answer = self.ask(resource, question)
        picture = plan_picture(self.picture_root, resource, question, answer)
        title = picture.title if picture else _("Park Ledger")
        if answer["group_by"]:
            tabulate = tabulate_cross if len(answer["group_by"]) > 1 else tabulate_summary
            table = tabulate(answer, title, _("Group"))
        else:
            table = tabulate_total(answer, title)
        page = find_page(narrow_list(answer["total"]["list_url"], view="charts"))
        return {
            "title": title,
            "page": self.request.build_absolute_uri(page),
            "day": answer["generated_on"],
            "block": self.build_sums(
                answer, table, "", question, resource=resource, endings=(), picture=picture
            ),
        }

    def answer_refusal(self, refusal: RefusedError) -> HttpResponseBase:
        """Show the error within the frame; signing in is only possible outside of it."""
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
    """Return the language in `lang`, else the active one."""
    return _LANGUAGES.get(request.GET.get("lang", ""), translation.get_language())


def read_size(request: HttpRequest) -> tuple[int, int]:
    """Read how large a frame may be, in pixels: `maxwidth` and `maxheight`, not below the least."""
    given = (request.GET.get("maxwidth", ""), request.GET.get("maxheight", ""))
    asked = map(find_whole, given)
    bounds = zip(asked, FRAME_SIZE, _LEAST_SIZE, strict=True)
    width, height = (max(least, min(most or usual, usual)) for most, usual, least in bounds)
    return width, height


def describe_embed(page: PageView, anchor: str, size: tuple[int, int]) -> dict[str, Any]:
    """Describe a page for oEmbed: the chart at an anchor, else the first one, as a frame."""
    shown = page.look()
    said = {
        "version": "1.0",
        "type": "link",
        "title": str(shown["title"]),
        "provider_name": _("Park Ledger"),
        "cache_age": _CACHED_FOR,
    }
    chart = find_chart(shown, anchor)
    if chart is None or chart.picture is None or chart.share is None:
        return said
    width, height = size
    frame = page.request.build_absolute_uri(chart.share.embed)
    return {
        **said,
        "type": "rich",
        "html": write_frame(frame, chart.title, size),
        "width": width,
        "height": height,
        "thumbnail_url": page.request.build_absolute_uri(f"{chart.picture.png}&scale=1"),
        "thumbnail_width": PICTURE_WIDTHS[-1],
        "thumbnail_height": chart.picture.heights[-1],
    }
