"""How many requests a minute: counted by account or token, else by address, and told in headers."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.exceptions import Throttled

from config.api.load.counters import SharedCounters
from config.api.problems.handlers import answer_throttled
from config.api.requests import client_address

# A network of this size is one client's: nobody is counted by the addresses he may make up in it.
IPV6_PREFIX = 64
UNCOUNTED_PATHS = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True)
class Allowance:
    """What a client may still ask for in the current minute."""

    limit: int
    remaining: int
    reset: int  # seconds until the limit begins again

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RateLimitMiddleware:
    """Counts every request but those for static files and health, and refuses those over the limit.

    Views of the API call `count_request` themselves, as soon as they know who asks. The counts are
    in the memory of the server, shared by its processes and lost when it is restarted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.counters = SharedCounters()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.rate_counters = self.counters  # type: ignore[attr-defined]
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "rate_allowance", None)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response.headers.setdefault(name, value)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        counts_itself = getattr(getattr(view, "cls", None), "counts_requests", False)
        if counts_itself or request.path_info in UNCOUNTED_PATHS:
            return None
        try:
            count_request(request, request.user)
        except Throttled as error:
            return answer_throttled(request, error)
        return None


def count_request(request: HttpRequest, person: Any, credential: Any = None) -> None:
    """Count this request; Throttled if there were too many in the current minute.

    `person` is whoever asks (may be anonymous), `credential` what DRF calls `request.auth`: each
    token is counted by itself.
    """
    counters: SharedCounters | None = getattr(request, "rate_counters", None)
    key, limit = identify_client(request, person, credential)
    if counters is None or not key or not limit:
        return
    count = counters.add(key)
    request.rate_allowance = Allowance(  # type: ignore[attr-defined]
        limit, max(0, limit - count.number), count.seconds_left
    )
    if count.number > limit:
        raise Throttled(wait=count.seconds_left)


def identify_client(request: HttpRequest, person: Any, credential: Any) -> tuple[str, int]:
    """Return the key to count by ("" for this machine, which is not counted), and the limit."""
    address = _network(client_address(request))
    if not address:
        return "", 0
    if not getattr(person, "is_authenticated", False):
        return f"address {address}", settings.RATE_LIMIT_ANONYMOUS
    token = getattr(credential, "pk", None)
    key = f"person {person.pk}" if token is None else f"token {token}"
    return key, settings.RATE_LIMIT_ACCOUNT


def _network(address: str) -> str:
    """Shorten an address as it is counted: "" for this machine itself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file has none
    if ip.version == 6:
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return ""
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))
    return str(ip)
