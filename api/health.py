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
    """Answer 200 while the process lives; it does not query the database, no restart cures that."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers and has every migration, else 503 with Retry-After.

    If a disk is nearly full, or a standby is away or behind, the 200 says "degraded" and why.
    """
    failure = degraded = ""
    try:
        if find_pending_migrations():
            failure = _("The database has migrations that are not applied yet.")
    except Error:
        failure = _("The database does not answer.")
    if failure:
        headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
        return problem_response(request, 503, "unavailable", detail=failure, headers=headers)
    if any(free < NO_ROOM for free in list_room().values()):
        degraded = _("There is hardly any room on a disk: files and imports will fail.")
    elif count_away() or read_lag()[1] > LONG_BEHIND:
        degraded = _("A standby is away or far behind: the primary reads in its place.")
    if degraded:
        content_type = "text/plain; charset=utf-8"
        return HttpResponse(f"degraded: {degraded}\n", content_type=content_type)
    return HttpResponse("ready\n", content_type="text/plain")
