"""The order of a list and its pages, by keyset with signed cursors, and searches, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from hashlib import blake2b
from operator import and_, or_
from typing import Any, ClassVar, NamedTuple

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    Case,
    F,
    Field,
    ForeignObjectRel,
    GeneratedField,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.lists.filters import FILTERS, SearchFilter
from api.readers import Query, Reader, Reading, array_like, read_whole_parameter
from config.database.searching import TextIndex, equal_text, match_text
from config.mistakes import Mistake, nearest
from config.texts import fold

# The default order of a search; no key of `ordering`, as it depends on the words
RELEVANCE = "relevance"


@dataclass(frozen=True)
class Ordering:
    """The column of a key of `ordering`; unknown values are always last.

    `rank` names a NOT NULL generated column with the same values, and -1 for unknown. Its index can
    be read backwards, which NULLS LAST prevents.
    """

    column: str
    rank: str = ""


@dataclass(frozen=True)
class OrderingKey:
    """One column of a total order. `path` is a lookup path of the ORM, such as `owner__code`.

    `rank` is the indexed column with the order of the known values, if there is one.
    """

    path: str
    is_descending: bool
    is_nullable: bool
    field: Field | None
    rank: str = ""

    def order_by(self, backward: bool = False) -> OrderBy:
        expression = F(self.path)
        # Only if there can be NULLs: with NULLS LAST, SQLite uses no index
        nulls: dict[str, Any] = {}
        if self.is_nullable:
            nulls = {"nulls_first": True} if backward else {"nulls_last": True}
        if self.is_descending != backward:
            return expression.desc(**nulls)
        return expression.asc(**nulls)


class OrderingReader(Reader[str]):
    """Reads `ordering`; blank where it cannot be used."""

    parameters = ("ordering",)
    lists = ("ordering",)

    def read(self, query: Query, view: Any) -> Reading[str]:
        if "ordering" not in query and "q" in query and hasattr(view, "ordering_found"):
            return RELEVANCE, []
        text = query.get("ordering", view.ordering_default)
        errors = find_ordering_errors(text, view)
        return "" if errors else text, errors


ORDERING = OrderingReader()


def find_ordering_errors(text: str, view: Any) -> list[Mistake]:
    """Find the mistakes in `ordering=text`: unknown or repeated keys."""
    names = list(view.ordering_fields)
    errors = []
    seen = set()
    for term in text.split(","):
        name = term.removeprefix("-")
        if name not in names:
            suggestion = nearest(name, names)
            if suggestion and term.startswith("-"):
                suggestion = f"-{suggestion}"
            detail = _("This list cannot be ordered by “%(key)s”.") % {"key": name}
            errors.append(Mistake("unknown_value", detail, suggestion, names))
        elif name in seen:
            detail = _("“%(key)s” is named twice.") % {"key": name}
            errors.append(Mistake("repeated_value", detail))
        seen.add(name)
    return [error.at(parameter="ordering") for error in errors]


def build_ordering_keys(text: str, view: Any, model: type[Model]) -> tuple[OrderingKey, ...]:
    """Build the keys of a total order for a valid `text`; the primary key makes it unique."""
    keys: list[OrderingKey] = []
    if text == RELEVANCE:
        text = view.ordering_found
    for term in text.split(","):
        key = _read_term(model, term, view)
        keys.append(key)
        if _is_unique(model, key):
            return tuple(keys)
    return (*keys, _key(model, "pk", keys[-1].is_descending))


def find_tiers(view: Any) -> list[Q]:
    """Return the disjoint parts of the results of a search, best first."""
    return view.get_value(FILTERS).filters["q"].begun.rank()


def put_in_order(queryset: QuerySet, text: str, view: Any) -> QuerySet:
    """Order `queryset` by `text`, for responses without pages."""
    keys: list[Any] = [key.order_by() for key in build_ordering_keys(text, view, queryset.model)]
    if text == RELEVANCE:
        cases = [When(tier, then=Value(place)) for place, tier in enumerate(find_tiers(view))]
        keys[:0] = [Case(*cases)] if cases else []
    return queryset.order_by(*keys)


def _read_term(model: type[Model], term: str, view: Any) -> OrderingKey:
    # In descending order of the rank, unknown values come last
    name, is_descending = term.removeprefix("-"), term.startswith("-")
    fields = view.ordering_fields
    ordering = fields[name] if isinstance(fields, Mapping) else name
    if isinstance(ordering, str):
        return _key(model, ordering, is_descending)
    if is_descending and ordering.rank:
        return _key(model, ordering.rank, is_descending)
    return replace(_key(model, ordering.column, is_descending), rank=ordering.rank)


def _key(model: type[Model], path: str, is_descending: bool) -> OrderingKey:
    is_nullable = False  # if any step may be NULL
    field: Any = None
    owner: type[Model] = model
    for step in path.split("__"):
        try:
            field = owner._meta.pk if step == "pk" else owner._meta.get_field(step)
        except FieldDoesNotExist:
            return OrderingKey(path, is_descending, is_nullable=True, field=None)  # an annotation
        if isinstance(field, GeneratedField):
            field = field.output_field
        is_nullable = is_nullable or isinstance(field, ForeignObjectRel) or field.null
        owner = field.related_model or owner
    return OrderingKey(path, is_descending, is_nullable, field)


def _is_unique(model: type[Model], key: OrderingKey) -> bool:
    if key.is_nullable or "__" in key.path or key.field is None:
        return False
    constraints = model._meta.total_unique_constraints
    return key.field.unique or any(rule.fields == (key.path,) for rule in constraints)


Position = Sequence[Any]


class Segment(NamedTuple):
    """A condition, and the keys by which its rows are ordered."""

    condition: Q
    keys: Sequence[OrderingKey]


def build_segments(
    keys: Sequence[OrderingKey], position: Position | None, backward: bool
) -> list[Segment]:
    """Build the segments that together hold the rows beyond `position`, in order.

    `position` has one value for each key; None is the beginning, or the end when going backward.
    With a nullable first key, known and unknown values are two segments: one condition for both
    could not use an index.
    """
    first, *rest = keys
    if not first.is_nullable:
        return [Segment(Q() if position is None else _beyond(keys, position, backward), keys)]
    # Without NULLS LAST, which keeps PostgreSQL from reading an index backwards
    sorted_keys = [replace(first, is_nullable=False), *rest]
    unknown = Segment(Q(**{f"{first.path}__isnull": True}), sorted_keys)
    known = Segment(Q(**{f"{first.path}__isnull": False}), sorted_keys)
    if first.rank:
        by_rank = [replace(sorted_keys[0], path=first.rank), *rest]
        known = Segment(Q(**{f"{first.rank}__gte": 0}), by_rank)
    parts = [unknown, known] if backward else [known, unknown]
    if position is None:
        return parts
    reached = parts.index(unknown if position[0] is None else known)
    condition, within_keys = parts[reached]
    within = _beyond(within_keys, position, backward)
    if backward and within_keys[0].path == first.rank:
        within &= condition  # unknown values have the lowest rank
    return [Segment(within, within_keys), *parts[reached + 1 :]]


def _beyond(keys: Sequence[OrderingKey], position: Position, backward: bool) -> Q:
    """Build `k >= v AND (k > v OR next keys beyond)`: an index range, unlike a chain of ORs."""
    key, *rest = keys
    value, *others = position
    if value is None:
        # Unknown values come last: forward, only the next keys differ; backward, all known values
        # are beyond, too
        condition = Q(**{f"{key.path}__isnull": True}) & _beyond(rest, others, backward)
        if backward and key.is_nullable:
            condition |= Q(**{f"{key.path}__isnull": False})
        return condition
    strictly = "lt" if key.is_descending != backward else "gt"
    condition = Q(**{f"{key.path}__{strictly}": value})
    if rest:
        condition |= _beyond(rest, others, backward)
        condition &= Q(**{f"{key.path}__{strictly}e": value})
    if key.is_nullable and not backward:
        condition |= Q(**{f"{key.path}__isnull": True})
    return condition


_DEFAULT_LIMIT = 50  # rows of a page
_MAX_LIMIT = 500
# A cursor stays valid when these change: they affect neither the rows nor their order
_UNBOUND_PARAMETERS = frozenset({"limit", "cursor", "ordering", "count", "fields", "expand"})
_KEY_NAME = "ordering_key_%d"
_signer = signing.Signer(salt="config.api.pagination.cursor", sep="~")


@dataclass(frozen=True)
class PageCursor:
    """A place in a list: beyond `position`, or at the beginning (or end) if that is None."""

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
    """Reads `limit`, `cursor` and `count`; the cursor only with a valid order, from ORDERING."""

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


class PageFinder:
    """Finds rows as instances, each annotated with the values of its ordering keys.

    Other finders find them as they are shown.
    """

    def find(
        self, rows: Any, count: int, keys: Sequence[OrderingKey], *, backward: bool
    ) -> list[Any]:
        """Find the first `count` rows in order."""
        values = {_KEY_NAME % place: F(key.path) for place, key in enumerate(keys)}
        ordered = rows.annotate(**values).order_by(*(key.order_by(backward) for key in keys))
        return list(ordered[:count])

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        """Return the values of the keys of a row that was found."""
        return [getattr(row, _KEY_NAME % place) for place in range(len(keys))]

    def find_beyond(
        self, rows: Any, keys: Sequence[OrderingKey], cursor: PageCursor, count: int
    ) -> list[Any]:
        """Find the first `count` rows beyond a cursor, in its direction."""
        backward, position = cursor.backward, cursor.position
        if position is not None:
            position = [_from_json(key, value) for key, value in zip(keys, position, strict=True)]
        found: list[Any] = []
        for condition, sorted_keys in build_segments(keys, position, backward):
            segment = rows.filter(condition) if condition else rows
            found += self.find(segment, count - len(found), sorted_keys, backward=backward)
            if len(found) == count:
                break
        return found


class KeysetPagination(BasePagination):
    """`{"results": [...], "next": url|null, "previous": url|null, "count": n|null}`.

    The view declares `ordering_fields` and `ordering_default`. A page takes one query, or two if it
    has known and unknown values of its first key.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Find the rows of the page, as instances of their model."""
        return self.find_page(queryset, PageFinder(), view)

    def find_page(self, rows: Any, finder: PageFinder, view: Any) -> list[Any]:
        """Find the rows of the page that PAGE has read."""
        self.request = view.request
        self.page = page = view.get_value(PAGE)
        self.count = self.get_count(rows) if page.is_count_wanted else None
        keys = build_ordering_keys(page.ordering, view, rows.model)
        is_ranked = page.ordering == RELEVANCE
        if is_ranked:
            finder = RankedFinder(finder, find_tiers(view))
        found = finder.find_beyond(rows, keys, page.cursor, page.limit + 1)
        has_more = len(found) > page.limit
        found = found[: page.limit]
        if page.cursor.backward:
            found.reverse()
        ends = [finder.read_position(row, keys) for row in (found[:1] + found[-1:])]
        self._find_neighbours([[_to_json(value) for value in end] for end in ends], has_more)
        return [row for _place, row in found] if is_ranked else found

    def get_count(self, queryset: Any) -> int:
        return queryset.count()

    def get_paginated_response(self, data: Any) -> Response:
        links = {"next": self._link(self.next_cursor), "prev": self._link(self.previous_cursor)}
        header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
        page = {"results": data, "next": links["next"], "previous": links["prev"]}
        headers = {"Link": header} if header else None
        return Response({**page, "count": self.count}, headers=headers)

    def _find_neighbours(self, positions: Sequence[Position], has_more: bool) -> None:
        """Set the cursors of the next and the previous page, or None."""
        cursor = self.page.cursor
        has_next = cursor.backward or has_more
        has_previous = has_more if cursor.backward else cursor != PageCursor()
        if positions:
            before, after = PageCursor(positions[0], backward=True), PageCursor(positions[-1])
        else:
            # No rows are left beyond the cursor, only on its other side
            after, before = PageCursor(), PageCursor(backward=True)
        self.next_cursor = after if has_next else None
        self.previous_cursor = before if has_previous else None

    def _link(self, cursor: PageCursor | None) -> str | None:
        if cursor is None:
            return None
        url = self.request.build_absolute_uri()
        if cursor == PageCursor():
            return remove_query_param(url, "cursor")
        digest = _digest(self.request, self.page.ordering)
        text = _signer.sign_object((digest, cursor.backward, cursor.position), compress=True)
        return replace_query_param(url, "cursor", text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters of the page and of its order for OpenAPI."""
        names = list(view.ordering_fields)
        limit = {"minimum": 1, "maximum": _MAX_LIMIT, "default": _DEFAULT_LIMIT}
        ordering = array_like(f"-?({'|'.join(names)})", uniqueItems=True)
        keys = _(
            "Keys to order by, separated by commas; `-` before a key for descending. "
            "Unknown values come last in both directions. Keys: %(names)s."
        ) % {"names": ", ".join(f"`{name}`" for name in names)}
        if hasattr(view, "ordering_found"):
            keys += " " + _("Without it, what `q` finds is best first.")
        cursor = _("Where to continue: take it unchanged from `next` or `previous`.")
        count = _("`exact` also counts the rows of the whole list.")
        described: list[tuple[str, str, dict[str, Any]]] = [
            ("limit", _("The largest number of rows on a page."), {"type": "integer", **limit}),
            ("cursor", cursor, {"type": "string"}),
            ("ordering", keys, {**ordering, "default": view.ordering_default.split(",")}),
            ("count", count, {"type": "string", "enum": ["exact"]}),
        ]
        return [
            {"name": name, "in": "query", "description": text, "schema": schema}
            for name, text, schema in described
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
    return value.isoformat() if isinstance(value, date) else value


def _from_json(key: OrderingKey, value: Any) -> Any:
    return value if value is None or key.field is None else key.field.to_python(value)


_MOST_LOOKED_UP = 3  # words of a search; the longest ones are the rarest


@dataclass(frozen=True)
class Hits:
    """A condition on texts, and a superset of the keys of its rows, if an index knows them."""

    condition: Q
    keys: frozenset[int] | None = None

    def __or__(self, other: "Hits") -> "Hits":
        known = self.keys is not None and other.keys is not None
        keys = frozenset([*self.keys, *other.keys]) if known else None  # type: ignore[misc]
        return Hits(self.condition | other.condition, keys)

    def __and__(self, other: "Hits") -> "Hits":
        known = [found.keys for found in (self, other) if found.keys is not None]
        return Hits(self.condition & other.condition, reduce(and_, known) if known else None)

    def narrow(self) -> Q:
        """Return the condition, beginning with the keys if they are known."""
        if self.keys is not None:
            return Q(pk__in=self.keys) & self.condition
        if not self.condition:  # without words all rows match
            return self.condition
        # CASE hides the condition from planners, which expect few rows and would sort the table
        return Q(Case(When(self.condition, then=True), default=False))


NO_HITS = Hits(Q(pk__in=[]), frozenset())


class TextSearch:
    """One search of a user in the names of rows and elsewhere."""

    index: ClassVar[TextIndex]  # with a part `names`
    names: ClassVar[Sequence[str]]  # the columns of that part

    def __init__(self, actor: Any, text: str) -> None:
        self.actor = actor
        self.text = " ".join(fold(text).split())
        self.words = [*dict.fromkeys(self.text.split())]
        self.looked_up: dict[tuple[str, ...], frozenset[int] | None] = {}

    @cached_property
    def found(self) -> Hits:
        """Find the rows that contain every word anywhere."""
        found = Hits(Q())
        for place, word in enumerate(sorted(self.words, key=len, reverse=True)):
            by_index = found.keys is None and place < _MOST_LOOKED_UP
            found &= self.in_names([word], by_index) | self.elsewhere(word, by_index)
        return found

    def rank(self) -> list[Q]:
        """Divide the found rows into disjoint parts, best first; none if none are found."""
        if self.found.keys is not None and not self.found.keys:
            return []
        # With keys already, a second list of them would mislead the planner
        by_index = self.found.keys is None
        called, named = self.by_name(by_index), self.in_names(self.words, by_index)
        return [
            called.narrow(),
            named.narrow() & ~called.condition,
            ~named.condition & ~called.condition,
        ]

    def in_names(self, words: Sequence[str], by_index: bool) -> Hits:
        """Find the rows that have every folded word in a name."""
        condition = reduce(and_, (match_any(self.names, word) for word in words))
        return Hits(condition, self.look_up("names", words) if by_index else None)

    def by_name(self, by_index: bool) -> Hits:
        """Find the rows with exactly this name."""
        condition = reduce(or_, (equal_text(column, self.text) for column in self.names))
        line = f"\n{self.text}\n"
        return Hits(condition, self.look_up("names", [line]) if by_index else None)

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        """Find the rows with a folded word in other texts that the user may read."""
        return NO_HITS

    def look_up(self, part: str, words: Sequence[str]) -> frozenset[int] | None:
        """Look words up in the index, once."""
        if (part, *words) not in self.looked_up:
            self.looked_up[part, *words] = self.index.find(part, words)
        return self.looked_up[part, *words]


def match_any(columns: Sequence[str], word: str) -> Q:
    """Select the rows with a folded word in any of the columns."""
    return reduce(or_, (match_text(column, word) for column in columns))


class RankedSearchFilter(SearchFilter):
    """Rows in whose texts every one of the words is found, in any case and width, best first."""

    def __init__(self, *args: Any, search: type[TextSearch], **kwargs: Any) -> None:
        self.search = search
        super().__init__(*args, condition=lambda word: Q(), **kwargs)

    def condition(self, value: str) -> Q:
        self.begun = self.search(self.get_actor(), value)
        return self.begun.found.narrow()


@dataclass(frozen=True)
class RankedFinder(PageFinder):
    """Finds rows in parts: pairs of the part’s number, which begins a position, and the row."""

    finder: PageFinder
    tiers: Sequence[Q]

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        place, found = row
        return [place, *self.finder.read_position(found, keys)]

    def find_beyond(
        self, rows: Any, keys: Sequence[OrderingKey], cursor: PageCursor, count: int
    ) -> list[Any]:
        backward, position = cursor.backward, cursor.position
        parts = list(enumerate(self.tiers))
        found: list[Any] = []
        for place, part in reversed(parts) if backward else parts:
            if position is not None and (place > position[0] if backward else place < position[0]):
                continue
            within = position[1:] if position is not None and place == position[0] else None
            beyond = replace(cursor, position=within)
            some = self.finder.find_beyond(rows.filter(part), keys, beyond, count - len(found))
            found += [(place, row) for row in some]
            if len(found) == count:
                break
        return found
