"""What pages may load (Content-Security-Policy): written once for all that say no other."""

from functools import cache
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_OF_ITS_OWN = "_csp_"  # what django-csp notes of a view, or of a request that has drawn a number


class PolicyMiddleware(CSPMiddleware):
    """As django-csp has it, which writes the policy anew for each answer.

    That takes a tenth of the time of an answer that says that nothing has changed.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        noted = (*vars(request), *vars(response))
        if settings.DEBUG or any(name.startswith(_OF_ITS_OWN) for name in noted):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, write_usual_policy())
        return response


@cache
def write_usual_policy() -> str:
    return build_policy()
