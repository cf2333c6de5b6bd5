"""Who asks: tokens of programs, sessions of people, and the log of sign-ins and exports."""

import logging
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from api.problems.handlers import is_for_program
from api.problems.problems import problem_response
from api.requests import client_address
from parks.accounts.second_factor import NEEDED
from parks.models import AccessRecord, ApiToken

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


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer pl_...`: `request.user` is the owner of the token `request.auth`.

    Any other `Authorization` is rejected. The response does not say why a token is invalid.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        given = request.headers.get("Authorization")
        if given is None:
            return None
        scheme, _space, secret = given.partition(" ")
        token = ApiToken.objects.find(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed
        try:
            token.note_use()
        except DatabaseError:  # reads go on if the database is read-only
            logging.getLogger(__name__).warning("The use of token %s could not be noted.", token.pk)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Park Ledger"'


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes tokens in OpenAPI."""

    target_class = "parks.accounts.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "pl_ and 43 letters, digits, hyphens and underscores",
            "description": _(
                "An API token, made in the admin or by `manage.py create_token`. It has the "
                "rights of its person; one for reading cannot write."
            ),
        }
