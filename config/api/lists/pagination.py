"""Lists in pages by keyset: no row twice, none left out, and page 9,000 as fast as page 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Protocol
from uuid import UUID

from django.core import signing
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from config.api.lists.keyset import Position, build_segments
from config.api.lists.ordering import ORDERING, OrderingKey, build_ordering_keys, get_ordering_names
from config.api.patterns import array_like
from config.api.readers import Query, Reader, Reading, read_whole_parameter
from config.mistakes import Mistake

_DEFAULT_LIMIT = 50  # rows of a page
_MAX_LIMIT = 500
# A cursor stays valid when these change: they decide neither which rows there are nor where.
_UNBOUND_PARAMETERS = frozenset({"limit", "cursor", "ordering", "count", "fields", "expand"})
_KEY_NAME = "ordering_key_%d"
_signer = signing.Signer(salt="config.api.pagination.cursor", sep="~")


@dataclass(frozen=True)
class PageCursor:
    """A place in a list: beyond `position`, or at the beginning (or end) where that is None."""

    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True)
class PageRequest:
    """The page that a request asks for."""

    limit: int  # rows
    cursor: PageCursor
    ordering: str
    is_count_wanted: bool


class PageReader(Reader[PageRequest]):
    """Reads `limit`, `cursor` and `count`, in the order that ORDERING has read, if it is declared.

    A cursor is not looked at while the order that it is of is not understood.
    """

    parameters = ("limit", "cursor", "count")

    def read(self, query: Query, view: Any) -> Reading[PageRequest]:
        limit, errors = read_whole_parameter(query, "limit", _DEFAULT_LIMIT, 1, _MAX_LIMIT)
        is_count_wanted, more = _read_count(query.get("count"))
        errors += more
        ordering = view.values.get(ORDERING, view.ordering_default)
        cursor = PageCursor()
        if "cursor" in query and ordering:
            cursor, more = _read_cursor(query["cursor"], _digest(view.request, ordering))
            errors += more
        return PageRequest(limit, cursor, ordering, is_count_wanted), errors


PAGE = PageReader()


class PageFinder(Protocol):
    """Finds rows of a queryset, each with the values of the keys of its order."""

    def find(
        self, rows: Any, count: int, keys: Sequence[OrderingKey], *, backward: bool
    ) -> list[Any]:
        """Find the first `count` rows in order."""

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        """Read the values of the keys by which a row was found."""


class InstanceFinder:
    """Finds rows as instances of their model."""

    def find(
        self, rows: Any, count: int, keys: Sequence[OrderingKey], *, backward: bool
    ) -> list[Any]:
        values = {_KEY_NAME % place: F(key.path) for place, key in enumerate(keys)}
        ordered = rows.annotate(**values).order_by(*(key.order_by(backward) for key in keys))
        return list(ordered[:count])

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        return [getattr(row, _KEY_NAME % place) for place in range(len(keys))]


class KeysetPagination(BasePagination):
    """`{"results": [...], "next": url|null, "previous": url|null, "count": n|null}`.

    Takes `limit`, `cursor`, `ordering` and `count=exact`; the view declares `ordering_fields` and
    `ordering_default`. One query a page, a second one where a page reaches from known to unknown
    values of its first key.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Read the rows of the page that PAGE has read, in the order of the list."""
        return self.find_page(queryset, InstanceFinder(), view)

    def find_page(self, rows: Any, finder: PageFinder, view: Any) -> list[Any]:
        """Find the rows of the page that PAGE has read, in the order of the list."""
        self.request = view.request
        self.asked: PageRequest = view.get_value(PAGE)
        self.count = self.get_count(rows) if self.asked.is_count_wanted else None
        keys = build_ordering_keys(self.asked.ordering, view, rows.model)
        found = self._find_rows(rows, keys, finder)
        has_more = len(found) > self.asked.limit
        found = found[: self.asked.limit]
        if self.asked.cursor.backward:
            found.reverse()
        ends = [found[0], found[-1]] if found else []
        self._find_neighbours(
            [[_to_json(value) for value in finder.read_position(row, keys)] for row in ends],
            has_more,
        )
        return found

    def get_count(self, queryset: Any) -> int:
        """Count the rows of the whole list."""
        return queryset.count()

    def get_paginated_response(self, data: Any) -> Response:
        links = {"next": self._link(self.next_cursor), "prev": self._link(self.previous_cursor)}
        header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
        return Response(
            {
                "results": data,
                "next": links["next"],
                "previous": links["prev"],
                "count": self.count,
            },
            headers={"Link": header} if header else None,
        )

    def _find_rows(self, rows: Any, keys: Sequence[OrderingKey], finder: PageFinder) -> list[Any]:
        """Find one row more than the page holds, in the direction of the cursor."""
        backward, position = self.asked.cursor.backward, self.asked.cursor.position
        if position is not None:
            position = [_from_json(key, value) for key, value in zip(keys, position, strict=True)]
        found: list[Any] = []
        for condition, sorted_keys in build_segments(keys, position, backward):
            count = self.asked.limit + 1 - len(found)
            segment = rows.filter(condition) if condition else rows
            found += finder.find(segment, count, sorted_keys, backward=backward)
            if len(found) > self.asked.limit:
                break
        return found

    def _find_neighbours(self, positions: Sequence[Position], has_more: bool) -> None:
        """Set the cursors of the next and the previous page (None where there is none)."""
        backward = self.asked.cursor.backward
        has_next = backward or has_more
        has_previous = has_more if backward else self.asked.cursor != PageCursor()
        if positions:
            before, after = PageCursor(positions[0], backward=True), PageCursor(positions[-1])
        else:
            # All rows beyond the cursor are gone: the rest of the list lies on its other side.
            after, before = PageCursor(), PageCursor(backward=True)
        self.next_cursor = after if has_next else None
        self.previous_cursor = before if has_previous else None

    def _link(self, cursor: PageCursor | None) -> str | None:
        if cursor is None:
            return None
        url = self.request.build_absolute_uri()
        if cursor == PageCursor():
            return remove_query_param(url, "cursor")
        digest = _digest(self.request, self.asked.ordering)
        text = _signer.sign_object((digest, cursor.backward, cursor.position), compress=True)
        return replace_query_param(url, "cursor", text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters of the page and of its order for OpenAPI."""
        names = get_ordering_names(view)
        return [
            _parameter(
                "limit",
                _("The largest number of rows on a page."),
                type="integer",
                minimum=1,
                maximum=_MAX_LIMIT,
                default=_DEFAULT_LIMIT,
            ),
            _parameter(
                "cursor",
                _("Where to continue: take it unchanged from `next` or `previous`."),
                type="string",
            ),
            _parameter(
                "ordering",
                _(
                    "Keys to order by, separated by commas; `-` before a key for descending. "
                    "Unknown values come last in both directions. Keys: %(names)s."
                )
                % {"names": ", ".join(f"`{name}`" for name in names)},
                **array_like(f"-?({'|'.join(names)})", uniqueItems=True),
                default=view.ordering_default.split(","),
            ),
            _parameter(
                "count",
                _("`exact` also counts the rows of the whole list."),
                type="string",
                enum=["exact"],
            ),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the envelope for OpenAPI."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous", "count"],
            "properties": {
                "results": schema,
                "next": {**link, "description": str(_("The next page."))},
                "previous": {**link, "description": str(_("The previous page."))},
                "count": {
                    "type": ["integer", "null"],
                    "description": str(
                        _("Rows in the whole list, if `count=exact` was asked for.")
                    ),
                },
            },
        }


def _read_cursor(text: str, digest: str) -> tuple[PageCursor, list[Mistake]]:
    try:
        bound, backward, position = _signer.unsign_object(text)
    except signing.BadSignature:
        detail = _("This is not a cursor of this list.")
        return PageCursor(), [Mistake("invalid_cursor", detail).at(parameter="cursor")]
    if bound != digest:
        detail = _("This cursor belongs to a list with other filters or another order.")
        return PageCursor(), [Mistake("cursor_mismatch", detail).at(parameter="cursor")]
    return PageCursor(position, backward), []


def _digest(request: Request, ordering: str) -> str:
    """Digest what decides the rows and their order: URL, filters, ordering."""
    filters = sorted(
        (name, values)
        for name, values in request.query_params.lists()
        if name not in _UNBOUND_PARAMETERS
    )
    bound = repr((request.path, filters, ordering))
    return blake2b(bound.encode(), digest_size=9).hexdigest()


def _read_count(text: str | None) -> tuple[bool, list[Mistake]]:
    if text in (None, "exact"):
        return text == "exact", []
    detail = _("“%(value)s” is not a way of counting; the only one is “exact”.") % {"value": text}
    return False, [Mistake("unknown_value", detail, "exact").at(parameter="count")]


def _to_json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


def _from_json(key: OrderingKey, value: Any) -> Any:
    return value if value is None or key.field is None else key.field.to_python(value)


def _parameter(name: str, description: Any, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": str(description), "schema": schema}
