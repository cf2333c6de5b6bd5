"""Opening a page from its address, in the process: to cite it, or to say how it is embedded."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from config.api.asking import derive_request
from projects.pages.views import PageView


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
