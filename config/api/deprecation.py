"""What will go away: declared beside what it is, and told to clients in headers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.views import APIView

WHOLE = ""  # of `deprecations`: every action of the view


@dataclass(frozen=True)
class Deprecation:
    """Since when something is deprecated, and the day from which it may be gone.

    `successor` is the URL to use instead, `docs` that of a page that tells how to move.
    """

    since: date
    sunset: date
    successor: str | None = None
    docs: str | None = None

    def headers(self) -> dict[str, str]:
        """Give `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the links that go with them."""
        links = {"deprecation": self.docs, "successor-version": self.successor}
        found = [f'<{address}>; rel="{rel}"' for rel, address in links.items() if address]
        return {
            "Deprecation": f"@{_timestamp(self.since)}",
            "Sunset": http_date(_timestamp(self.sunset)),
            **({"Link": ", ".join(found)} if found else {}),
        }


class DeprecatedMixin(APIView):
    """Tells clients of what the view declares as deprecated.

    `deprecations` is by action, with WHOLE for all of them; `deprecated_parameters` by name. Where
    a request meets several, the one that goes first is told of.
    """

    deprecations: Mapping[str, Deprecation] = {}
    deprecated_parameters: Mapping[str, Deprecation] = {}

    def get_deprecation(self, names: Collection[str]) -> Deprecation | None:
        """Find what a client should know that uses this action with parameters of these names."""
        action = getattr(self, "action", None) or WHOLE
        met = [self.deprecations[name] for name in {WHOLE, action} if name in self.deprecations]
        met += [made for name, made in self.deprecated_parameters.items() if name in names]
        return min(met, key=lambda each: each.sunset, default=None)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        # A query that was refused may be one that cannot be read at all.
        is_done = answer.status_code < HTTPStatus.BAD_REQUEST
        deprecation = self.get_deprecation(request.query_params if is_done else ())
        for name, value in (deprecation.headers() if deprecation else {}).items():
            before = answer.headers.get(name) if name == "Link" else None
            answer.headers[name] = f"{before}, {value}" if before else value
        return answer


def _timestamp(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
