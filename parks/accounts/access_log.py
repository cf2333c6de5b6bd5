"""The log of sign-ins and exports, and what a session must keep to: idle time, second factor."""

import logging
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from api.problems.handlers import is_for_program
from api.problems.problems import problem_response
from api.requests import client_address
from parks.accounts.second_factor import NEEDED
from parks.models import AccessRecord

SEEN = "seen_at"  # in sessions of people who signed in here
_NOTED_EVERY = 60  # seconds
_PATHS_WITHOUT_FACTOR = ("/second-factor", "/sign-out", "/admin/logout/", "/language")
_logger = logging.getLogger("access")


def record_access(request: HttpRequest, what: str, user: Any = None, detail: str = "") -> None:
    """Store who did what from where, and log it; a full or absent database stops nobody."""
    address, key = client_address(request), getattr(user, "pk", None)
    _logger.info("%s: account %s from %s %s", what, key or "-", address, detail)
    try:
        AccessRecord.objects.create(what=what, user_id=key, address=address, detail=detail[:200])
    except DatabaseError as error:
        _logger.warning("It is not kept: %s", " ".join(str(error).split()))


def begin_session(request: HttpRequest, user: Any) -> None:
    """Record a sign-in, and begin to note when the session is used."""
    request.session[SEEN] = int(time.time())
    record_access(request, AccessRecord.SIGNED_IN, user)


class AccessMiddleware(MiddlewareMixin):
    """Ends idle sessions, demands a second factor where it is required, and records exports."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        seen, now = request.session.get(SEEN), int(time.time())
        if seen is None:
            return None
        if 0 < settings.SESSION_IDLE_MINUTES * 60 < now - seen:
            record_access(request, AccessRecord.IDLE, request.user)
            logout(request)
        elif now - seen >= _NOTED_EVERY:
            request.session[SEEN] = now
        if request.session.get(NEEDED) and request.path_info not in _PATHS_WITHOUT_FACTOR:
            if not is_for_program(request):
                return HttpResponseRedirect(_PATHS_WITHOUT_FACTOR[0])
            detail = _("Set up the second factor of your account first: /second-factor.")
            return problem_response(request, 403, "forbidden", detail=detail)
        return None

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        rows = response.headers.get("X-Row-Count")
        if rows and request.method == "GET":
            record_access(request, AccessRecord.EXPORTED, request.user, f"{request.path} ({rows})")
        return response
