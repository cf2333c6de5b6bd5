"""The order of a list and its pages, by keyset with signed cursors, and searches, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from hashlib import blake2b
from operator import and_, or_
from typing import Any, ClassVar, NamedTuple, Protocol

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
from django.utils.translation import gettext_lazy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.lists.filters import FILTERS, SearchFilter
from api.readers import Query, Reader, Reading, array_like, read_whole_parameter
from config.database.searching import TextIndex, equal_text, match_text
from config.mistakes import Mistake, nearest
from config.texts import fold

# The order of what is searched for where none is asked: no key, since it depends on the words
RELEVANCE = "relevance"


@dataclass(frozen=True)
class Ordering:
    """The column behind a key of `ordering`, unknown values always last.

    `rank` names a NOT NULL generated column that holds the same, and -1 for unknown, by which an
    index is sorted: it can be walked backwards, which NULLS LAST cannot.
    """

    column: str
    rank: str = ""


class OrderedView(Protocol):
    """What a view says about its order: the keys, and the order when none is asked for."""

    ordering_fields: Mapping[str, Ordering | str] | Sequence[str]
    ordering_default: str


@dataclass(frozen=True)
class OrderingKey:
    """One column of a total order. `path` is a lookup path of the ORM, such as `owner__code`.

    `rank` is the column by which known values are in order, where an index has it.
    """

    path: str
    is_descending: bool
    is_nullable: bool
    field: Field | None
    rank: str = ""

    def order_by(self, backward: bool = False) -> OrderBy:
        expression = F(self.path)
        # Only where there can be NULLs: an explicit NULLS LAST keeps SQLite from using an index.
        nulls: dict[str, Any] = {}
        if self.is_nullable:
            nulls = {"nulls_first": True} if backward else {"nulls_last": True}
        if self.is_descending != backward:
            return expression.desc(**nulls)
        return expression.asc(**nulls)


def get_ordering_names(view: OrderedView) -> list[str]:
    """Name the keys that `ordering` may have."""
    return list(view.ordering_fields)


class OrderingReader(Reader[str]):
    """Reads `ordering`; blank where it cannot be used."""

    parameters = ("ordering",)
    lists = ("ordering",)

    def read(self, query: Query, view: OrderedView) -> Reading[str]:
        if "ordering" not in query and "q" in query and hasattr(view, "ordering_found"):
            return RELEVANCE, []
        text = query.get("ordering", view.ordering_default)
        errors = find_ordering_errors(text, view)
        return "" if errors else text, errors


ORDERING = OrderingReader()


def find_ordering_errors(text: str, view: OrderedView) -> list[Mistake]:
    """Find what is wrong with `ordering=text`: unknown keys, or a key named twice."""
    names = get_ordering_names(view)
    errors = []
    seen = set()
    for term in text.split(","):
        name = term.removeprefix("-")
        if name not in names:
            suggestion = nearest(name, names)
            if suggestion and term.startswith("-"):
                suggestion = f"-{suggestion}"
            detail = gettext_lazy("This list cannot be ordered by “%(key)s”.") % {"key": name}
            errors.append(
                Mistake("unknown_value", detail, suggestion, names).at(parameter="ordering")
            )
        elif name in seen:
            detail = gettext_lazy("“%(key)s” is named twice.") % {"key": name}
            errors.append(Mistake("repeated_value", detail).at(parameter="ordering"))
        seen.add(name)
    return errors


def build_ordering_keys(
    text: str, view: OrderedView, model: type[Model]
) -> tuple[OrderingKey, ...]:
    """Build the keys of a total order for a valid `text`; the primary key parts equals."""
    keys: list[OrderingKey] = []
    if text == RELEVANCE:
        text = view.ordering_found  # type: ignore[attr-defined]
    for term in text.split(","):
        key = _read_term(model, term, view)
        keys.append(key)
        if _is_unique(model, key):
            return tuple(keys)
    return (*keys, _key(model, "pk", keys[-1].is_descending))


def find_tiers(view: Any) -> list[Q]:
    """Find the parts of what a search found, the best ones first."""
    tiers: list[Q] = view.get_value(FILTERS).filters["q"].begun.rank()
    return tiers


def put_in_order(queryset: QuerySet, text: str, view: OrderedView) -> QuerySet:
    """Put `queryset` in the total order of `text`, for answers that are not cut into pages."""
    keys: list[Any] = [key.order_by() for key in build_ordering_keys(text, view, queryset.model)]
    if text == RELEVANCE:
        cases = [When(tier, then=Value(place)) for place, tier in enumerate(find_tiers(view))]
        keys[:0] = [Case(*cases)] if cases else []
    return queryset.order_by(*keys)


def _read_term(model: type[Model], term: str, view: OrderedView) -> OrderingKey:
    """Read a key of `ordering`, with its sign; descending unknown values are the last by rank."""
    name, is_descending = term.removeprefix("-"), term.startswith("-")
    fields = view.ordering_fields
    ordering = fields[name] if isinstance(fields, Mapping) else name
    if isinstance(ordering, str):
        return _key(model, ordering, is_descending)
    if is_descending and ordering.rank:
        return _key(model, ordering.rank, is_descending)
    return replace(_key(model, ordering.column, is_descending), rank=ordering.rank)


def _key(model: type[Model], path: str, is_descending: bool) -> OrderingKey:
    """Build the key of the column at the end of `path`; it may be NULL if any step to it may."""
    is_nullable = False
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
    """Tell whether no two rows are equal in `key`, so that it needs nothing behind it."""
    if key.is_nullable or "__" in key.path or key.field is None:
        return False
    constraints = model._meta.total_unique_constraints
    return key.field.unique or any(rule.fields == (key.path,) for rule in constraints)


Position = Sequence[Any]


class Segment(NamedTuple):
    """Rows by a condition, and the keys that they are in the order of."""

    condition: Q
    keys: Sequence[OrderingKey]


def build_segments(
    keys: Sequence[OrderingKey], position: Position | None, backward: bool
) -> list[Segment]:
    """Build the segments whose rows, one after the other, are all those beyond `position` in order.

    `position` holds one value for each key, or is None for the very beginning (the very end when
    going backward). With a nullable first key the known and the unknown values are two segments,
    as one condition over both could not start from an index.
    """
    first, *rest = keys
    if not first.is_nullable:
        return [Segment(Q() if position is None else _beyond(keys, position, backward), keys)]
    # The order of either need not say where NULLs go: PostgreSQL can walk an index backwards only
    # if it does not.
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
        within &= condition  # unknown values have a rank, too: the lowest
    return [Segment(within, within_keys), *parts[reached + 1 :]]


def _beyond(keys: Sequence[OrderingKey], position: Position, backward: bool) -> Q:
    """Build `k >= v AND (k > v OR next keys beyond)`: an index range, unlike a chain of ORs."""
    key, *rest = keys
    value, *others = position
    if value is None:
        # Unknown values come last: forward only the next keys can lead on, backward all known
        # values are beyond too.
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


class PageFinder:
    """Finds rows of a queryset, each with the values of the keys of its order."""

    def find(
        self, rows: Any, count: int, keys: Sequence[OrderingKey], *, backward: bool
    ) -> list[Any]:
        """Find the first `count` rows in order; a list in parts finds each part by itself."""
        raise NotImplementedError

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        """Read the values of the keys by which a row was found."""
        raise NotImplementedError


class InstanceFinder(PageFinder):
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
                gettext_lazy("The largest number of rows on a page."),
                type="integer",
                minimum=1,
                maximum=_MAX_LIMIT,
                default=_DEFAULT_LIMIT,
            ),
            _parameter(
                "cursor",
                gettext_lazy("Where to continue: take it unchanged from `next` or `previous`."),
                type="string",
            ),
            _parameter(
                "ordering",
                gettext_lazy(
                    "Keys to order by, separated by commas; `-` before a key for descending. "
                    "Unknown values come last in both directions. Keys: %(names)s."
                )
                % {"names": ", ".join(f"`{name}`" for name in names)},
                **array_like(f"-?({'|'.join(names)})", uniqueItems=True),
                default=view.ordering_default.split(","),
            ),
            _parameter(
                "count",
                gettext_lazy("`exact` also counts the rows of the whole list."),
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
                "next": {**link, "description": str(gettext_lazy("The next page."))},
                "previous": {**link, "description": str(gettext_lazy("The previous page."))},
                "count": {
                    "type": ["integer", "null"],
                    "description": str(
                        gettext_lazy("Rows in the whole list, if `count=exact` was asked for.")
                    ),
                },
            },
        }


def _read_cursor(text: str, digest: str) -> tuple[PageCursor, list[Mistake]]:
    try:
        bound, backward, position = _signer.unsign_object(text)
    except signing.BadSignature:
        detail = gettext_lazy("This is not a cursor of this list.")
        return PageCursor(), [Mistake("invalid_cursor", detail).at(parameter="cursor")]
    if bound != digest:
        detail = gettext_lazy("This cursor belongs to a list with other filters or another order.")
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
    detail = gettext_lazy("“%(value)s” is not a way of counting; the only one is “exact”.") % {
        "value": text
    }
    return False, [Mistake("unknown_value", detail, "exact").at(parameter="count")]


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(key: OrderingKey, value: Any) -> Any:
    return value if value is None or key.field is None else key.field.to_python(value)


def _parameter(name: str, description: Any, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": str(description), "schema": schema}


_MOST_LOOKED_UP = 3  # words of a search; the longest ones are the rarest


@dataclass(frozen=True)
class Hits:
    """Rows by a condition on their texts; the keys that an index has for them, where it can tell.

    The keys may be more than the rows, never fewer.
    """

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
        """Give the condition, begun from the keys; of many rows, to be met with in any order.

        A planner takes what it knows of texts for few rows, and would sort all of the table.
        """
        if self.keys is not None:
            return Q(pk__in=self.keys) & self.condition
        if not self.condition:  # without a word all are found
            return self.condition
        return Q(Case(When(self.condition, then=True), default=False))


NO_HITS = Hits(Q(pk__in=[]), frozenset())


class TextSearch:
    """One search of the rows of a model by one person: in their names, and elsewhere."""

    index: ClassVar[TextIndex]  # with a part `names`
    names: ClassVar[Sequence[str]]  # the columns of that part

    def __init__(self, actor: Any, text: str) -> None:
        self.actor = actor
        self.text = " ".join(fold(text).split())
        self.words = [*dict.fromkeys(self.text.split())]
        self.looked_up: dict[tuple[str, ...], frozenset[int] | None] = {}

    @cached_property
    def found(self) -> Hits:
        """Find the rows with every one of the words, at any place."""
        found = Hits(Q())
        for place, word in enumerate(sorted(self.words, key=len, reverse=True)):
            by_index = found.keys is None and place < _MOST_LOOKED_UP
            found &= self.in_names([word], by_index) | self.elsewhere(word, by_index)
        return found

    def rank(self) -> list[Q]:
        """Divide the rows that are found: the best ones first, each in one part; none for none."""
        if self.found.keys is not None and not self.found.keys:
            return []
        # Few are begun from already: a second list of keys would lead the planner away
        by_index = self.found.keys is None
        called, named = self.by_name(by_index), self.in_names(self.words, by_index)
        return [
            called.narrow(),
            named.narrow() & ~called.condition,
            ~named.condition & ~called.condition,
        ]

    def in_names(self, words: Sequence[str], by_index: bool) -> Hits:
        """Find the rows with every one of the folded words in a name."""
        condition = reduce(and_, (match_any(self.names, word) for word in words))
        return Hits(condition, self.look_up("names", words) if by_index else None)

    def by_name(self, by_index: bool) -> Hits:
        """Find the rows with a name that is the text."""
        condition = reduce(or_, (equal_text(column, self.text) for column in self.names))
        line = f"\n{self.text}\n"
        return Hits(condition, self.look_up("names", [line]) if by_index else None)

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        """Find the rows with a folded word in what else the person may read of them."""
        return NO_HITS

    def look_up(self, part: str, words: Sequence[str]) -> frozenset[int] | None:
        """Ask the index, once."""
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
    """Finds rows in parts: each with the number of its part, with which its position begins."""

    finder: PageFinder
    tiers: Sequence[Q]

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        place, found = row
        return [place, *self.finder.read_position(found, keys)]


class RankedPagination(KeysetPagination):
    """Pages whose first key may be the relevance: a position begins with the number of its part."""

    def find_page(self, rows: Any, finder: PageFinder, view: Any) -> list[Any]:
        if view.get_value(PAGE).ordering != RELEVANCE:
            return super().find_page(rows, finder, view)
        ranked = RankedFinder(finder, find_tiers(view))
        return [row for _place, row in super().find_page(rows, ranked, view)]

    def _find_rows(self, rows: Any, keys: Sequence[OrderingKey], finder: Any) -> list[Any]:
        if not isinstance(finder, RankedFinder):
            return super()._find_rows(rows, keys, finder)
        asked = self.asked
        backward, position = asked.cursor.backward, asked.cursor.position
        parts = list(enumerate(finder.tiers))
        found: list[Any] = []
        for place, part in reversed(parts) if backward else parts:
            if position is not None and (place > position[0] if backward else place < position[0]):
                continue
            within = position[1:] if position is not None and place == position[0] else None
            cursor = replace(asked.cursor, position=within)
            self.asked = replace(asked, limit=asked.limit - len(found), cursor=cursor)
            some = super()._find_rows(rows.filter(part), keys, finder.finder)
            found += [(place, row) for row in some]
            if len(found) > asked.limit:
                break
        self.asked = asked
        return found

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "ordering":
                parameter["description"] += " " + _("Without it, what `q` finds is best first.")
        return parameters
