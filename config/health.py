"""For load balancers and containers: is the process alive, and can it serve?"""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.api.problems.problems import problem_response

_RETRY_AFTER_SECONDS = 5


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives; no restart cures a database, so none is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers and has every migration, else 503 with Retry-After."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return _not_ready(request, _("The database does not answer."))
    if pending:
        return _not_ready(request, _("The database has migrations that are not applied yet."))
    return HttpResponse("ready\n", content_type="text/plain")


def _not_ready(request: HttpRequest, detail: str) -> HttpResponse:
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    return problem_response(request, 503, "unavailable", detail=detail, headers=headers)
