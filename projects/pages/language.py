"""The language of the pages: chosen by whoever reads, and kept in a cookie."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language


@csrf_exempt  # another site could change the language and nothing else; pages stay without tokens
@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Keep `language` in a cookie, and go back to `next`, an address of this site."""
    return set_language(request)
