"""What pages may load and run, and who may frame them: said with every answer."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

POLICY_HEADER = "Content-Security-Policy"


class ContentPolicyMiddleware:
    """Says CONTENT_SECURITY_POLICY with every answer that does not say a policy of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = write_policy(settings.CONTENT_SECURITY_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(POLICY_HEADER, self.policy)
        return response


def write_policy(directives: Mapping[str, str]) -> str:
    """Write a policy as the header has it."""
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())
