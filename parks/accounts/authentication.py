"""Authentication of API clients by a token, and how OpenAPI describes it."""

import logging
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from parks.models import ApiToken

logger = logging.getLogger(__name__)


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
            logger.warning("The use of token %s could not be noted.", token.pk)
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
