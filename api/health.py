"""For load balancers and containers: is the process alive, and can it serve?"""

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.problems.problems import problem_response
from config.database.replicas import count_away, read_lag
from config.examinations import NO_ROOM, find_pending_migrations, list_room

LONG_BEHIND = 60.0  # seconds
_RETRY_AFTER_SECONDS = 5


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives; no restart cures a database, so none is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers and has every migration, else 503 with Retry-After.

    With little room on a disk, or a standby that is away or behind, it is still 200, as most goes
    on, and says "degraded" with why.
    """
    try:
        pending = find_pending_migrations()
    except Error:
        return _not_ready(request, _("The database does not answer."))
    if pending:
        return _not_ready(request, _("The database has migrations that are not applied yet."))
    if any(free < NO_ROOM for free in list_room().values()):
        return _say_degraded(_("There is hardly any room on a disk: files and imports will fail."))
    if count_away() or read_lag()[1] > LONG_BEHIND:
        return _say_degraded(_("A standby is away or far behind: the primary reads in its place."))
    return HttpResponse("ready\n", content_type="text/plain")


def _say_degraded(said: str) -> HttpResponse:
    return HttpResponse(f"degraded: {said}\n", content_type="text/plain; charset=utf-8")


def _not_ready(request: HttpRequest, detail: str) -> HttpResponse:
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    return problem_response(request, 503, "unavailable", detail=detail, headers=headers)
