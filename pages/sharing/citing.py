"""Cite a page or a block: title, moment, place in the feed, lasting address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from api.asking import RefusedError, ask_api, derive_request
from pages.addresses import date_address, join_address
from pages.sharing.sharing import list_blocks
from pages.views import PageView


def open_page(request: HttpRequest, address: str) -> PageView:
    """Open the page at an address (from / on) for whoever asks; Http404 where there is none."""
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
    """What is cited: its title, the ledger, when it was read, and where it is found again."""

    title: str
    ledger: str
    read_at: datetime
    feed: str  # the cursor of the feed at that moment
    url: str

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
        """Write an entry of BibTeX."""
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
        """Write a reference in RIS."""
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
    )
