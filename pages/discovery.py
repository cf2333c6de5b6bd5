"""What machines look for: robots.txt, the sitemap, llms.txt, and descriptions of the datasets."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap, views as sitemaps
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _, gettext_lazy, override

from api.asking import API_ROOT
from api.renderers import XLSX
from api.requests import select_visible
from parks.models import Park
from projects.dimensions.groupings import in_both_languages
from projects.models import Project, SigningEvent

PAGES = ("", "projects", "parks", "events", "figures", "compare", "sources", "organisations")
DATASETS = {
    "projects": gettext_lazy("Projects"),
    "parks": gettext_lazy("Parks"),
    "events": gettext_lazy("Signing events"),
    "figures": gettext_lazy("Figures"),
    "fundings": gettext_lazy("Money"),
    "organisations": gettext_lazy("Organisations"),
    "sources": gettext_lazy("Sources"),
}
DOWNLOADS = {"": "application/json", ".csv": "text/csv", ".xlsx": XLSX}
_LANGUAGES = ("zh-hans", "en")  # in the order of `in_both_languages`


class PagesSitemap(Sitemap):
    def items(self) -> Sequence[str]:
        return (*PAGES, "about")

    def location(self, item: str) -> str:
        return f"/{item}"


class RowsSitemap(Sitemap):
    """The pages of the rows of a model that everybody may see."""

    limit = 10_000

    def __init__(self, model: Any, path: str) -> None:
        self.model, self.path = model, path

    def items(self) -> QuerySet[Any]:
        return select_visible(self.model, AnonymousUser()).order_by("pk").only("code", "updated_at")

    def location(self, item: Any) -> str:
        return f"/{self.path}/{item.code}"

    def lastmod(self, item: Any) -> datetime:
        return item.updated_at

    def get_latest_lastmod(self) -> None:
        """Say nothing of the newest row: Django would read all of them to find it."""


def require_public(request: HttpRequest) -> None:
    """Raise Http404 where only people who sign in may read."""
    if not settings.PUBLIC_READ:
        raise Http404


def answer_sitemap(request: HttpRequest, section: str | None = None) -> HttpResponse:
    """Answer with the index of the sitemap, or one section of it."""
    require_public(request)
    models = {"parks": Park, "events": SigningEvent, "projects": Project}
    rows = {name: RowsSitemap(model, name) for name, model in models.items()}
    sections: Any = {"pages": PagesSitemap, **rows}
    if section is None:
        return sitemaps.index(request, sections, sitemap_url_name="pages:sitemap-section")
    return sitemaps.sitemap(request, sections, section)


def answer_robots(request: HttpRequest) -> HttpResponse:
    """Say to crawlers what they may read: pages, and the API without its endless questions."""
    lines = ["User-agent: *", "Disallow: /"]
    if settings.PUBLIC_READ:
        closed = ("/admin/", "/sign-in", "/search", "/cite", "/embed/", f"{API_ROOT}/*?")
        lines[1:] = [f"Disallow: {path}" for path in closed]
        lines.append(f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}")
    return HttpResponse("\n".join(lines) + "\n", "text/plain; charset=utf-8")


def answer_llms(request: HttpRequest) -> HttpResponse:
    """Answer with a guide for language models, in the form of llmstxt.org."""
    api = request.build_absolute_uri(API_ROOT)
    with override("en"):
        return render(request, "pages/llms.txt", {"api": api}, "text/plain; charset=utf-8")


def answer_catalogue(request: HttpRequest) -> HttpResponse:
    """Answer with the datasets and their files, as JSON-LD in the words of DCAT 3."""
    require_public(request)
    api = request.build_absolute_uri(API_ROOT)
    catalogue = {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Catalog",
        "@id": request.build_absolute_uri("/"),
        "dct:title": write_literals(gettext_lazy("Park Ledger")),
        "dct:language": [*_LANGUAGES],
        "dcat:dataset": [
            {
                "@type": "dcat:Dataset",
                "@id": f"{api}/{name}",
                "dct:title": write_literals(label),
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dcat:accessURL": {"@id": f"{api}/{name}{ending}"},
                        "dcat:mediaType": media_type,
                    }
                    for ending, media_type in DOWNLOADS.items()
                ],
            }
            for name, label in DATASETS.items()
        ],
    }
    return JsonResponse(catalogue, content_type="application/ld+json")


def describe_ledger(request: HttpRequest) -> str:
    """Describe the ledger as a Dataset of schema.org, in JSON-LD that can stand within HTML."""
    api = request.build_absolute_uri(API_ROOT)
    described = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": _("Park Ledger"),
        "description": str(settings.SPECTACULAR_SETTINGS["DESCRIPTION"]),
        "url": request.build_absolute_uri("/about"),
        "inLanguage": [*_LANGUAGES],
        "isAccessibleForFree": settings.PUBLIC_READ,
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": f"{api}/{name}{ending}",
            }
            for name in DATASETS
            for ending, media_type in DOWNLOADS.items()
        ],
    }
    return mark_safe(json.dumps(described, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S308


def write_literals(text: str | Promise) -> list[dict[str, str]]:
    """Write a text in both languages, as literals of JSON-LD."""
    texts = zip(_LANGUAGES, in_both_languages(text), strict=True)
    return [{"@value": said, "@language": language} for language, said in texts]
