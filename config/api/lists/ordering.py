"""The order of a list: which keys a client may sort by, and what it takes to make it total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

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
from django.utils.translation import gettext_lazy as _

from config.api.lists.filters import FILTERS
from config.api.readers import Query, Reader, Reading
from config.mistakes import Mistake
from config.suggestions import nearest

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
            detail = _("This list cannot be ordered by “%(key)s”.") % {"key": name}
            errors.append(
                Mistake("unknown_value", detail, suggestion, names).at(parameter="ordering")
            )
        elif name in seen:
            detail = _("“%(key)s” is named twice.") % {"key": name}
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
