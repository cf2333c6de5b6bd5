"""From a serializer to a plan: of which columns each field of its answers is made, and how.

What is read needs no instance of a model and no serializer then: one query for the rows of a page,
and one for each kind of rows below them, however many rows there are.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from rest_framework import serializers

from config.api.fields import (
    MadeField,
    MomentField,
    RowField,
    SeenRowField,
    WordField,
    WorkedOutField,
    print_moment,
)
from config.api.serializers import list_shared_fields

KEY = ("pk", False)
# Ways to show a value that leave it as it is in the database
_AS_STORED = {
    kind.to_representation
    for kind in (serializers.CharField, serializers.IntegerField, serializers.BooleanField)
}


@dataclass(frozen=True)
class Cell:
    """A field that is made of columns: `paths` are lookups of the ORM, or what it annotates.

    `convert` is called with the first value where that is known, `make` with all of them. Where it
    `is_raw`, dates and times are taken as the database's driver gives them. What is blank is null
    of one that `is_word`.
    """

    name: str
    paths: tuple[str, ...]
    convert: Callable[[Any], Any] | None = None
    make: Callable[..., Any] | None = None
    is_raw: bool = False
    is_word: bool = False


@dataclass(frozen=True)
class SeenReference:
    """A field that names a row by its code, if the client may see that row."""

    name: str
    path: str  # to its key
    model: type[Model]


@dataclass(frozen=True)
class Children:
    """A field that lists the rows below this one: those whose `owner` is its key, in an order.

    Where they have no names, they are listed as the one value that their plan reads of each.
    """

    name: str
    plan: "RowPlan"
    owner: str
    order: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RowPlan:
    """How the rows of a model are read as a serializer shows them, or some of its fields.

    `names` are all fields that are read, in the order of the answer; `unshown`, the last of them,
    are only needed to work out others.
    """

    model: type[Model]
    serializer: Any  # a class, or None for the bare values of a column
    names: tuple[str, ...]
    parts: tuple[Any, ...]
    unshown: tuple[str, ...] = ()

    def list_parts(self, kind: Any) -> list[Any]:
        """List the parts of a kind, which are looked for once: each page asks for them."""
        if kind not in self.by_kind:
            self.by_kind[kind] = [part for part in self.parts if isinstance(part, kind)]
        return self.by_kind[kind]

    @cached_property
    def by_kind(self) -> dict[Any, list[Any]]:
        return {}

    @cached_property
    def columns(self) -> list[tuple[str, bool]]:
        """The paths that are read, and whether as the driver gives them: first one for each name.

        Where that is no cell, the key holds its place.
        """
        first = [_list_paths(part)[0] for part in self.parts]
        others = [path for part in self.parts for path in _list_paths(part)[1:]]
        return [*first, *others, *((path, False) for path in self.beside)]

    @cached_property
    def beside(self) -> list[str]:
        """The columns that are read beside those shown: key, version, code, and for whom it is."""
        code = ["code"] if self.methods else []
        return ["pk", "version", *code, *([self.serializer.reserved_for] if self.reserved else [])]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in a row the columns `beside` stand."""
        end = len(self.columns)
        return {path: place for place, path in enumerate(self.beside, end - len(self.beside))}

    def list_places(self) -> list[list[int]]:
        """List of each field the places in a row of the columns that it is made of."""
        places, end = [], len(self.parts)
        for place, part in enumerate(self.parts):
            places.append([place, *range(end, end := end + len(_list_paths(part)) - 1)])
        return places

    @cached_property
    def methods(self) -> list[tuple[str, str]]:
        """What a method of the serializer gives of the row: the field, and the method."""
        fields = self.list_parts(serializers.SerializerMethodField)
        return [(field.field_name, field.method_name) for field in fields]

    @cached_property
    def reserved(self) -> dict[str, Any]:
        """What others than those who see all of a row are shown in some fields."""
        reserved = self.serializer.reserved if self.serializer else {}
        return {name: shown for name, shown in reserved.items() if name in self.names}


def _list_paths(part: Any) -> list[tuple[str, bool]]:
    if isinstance(part, Cell):
        return [(path, part.is_raw) for path in part.paths]
    return [(part.path, False) if isinstance(part, SeenReference) else KEY]


def derive_plan(
    serializer: Any, chosen: Collection[str] | None = None, model: type[Model] | None = None
) -> RowPlan:
    """Derive the plan of a serializer: of all its fields, or of those chosen.

    `model` is another one than its own, whose rows it shows as well: what they have not is null.
    """
    return _derive(serializer, None if chosen is None else frozenset(chosen), model)


@lru_cache(maxsize=512)  # a few for each list, and what clients choose of their fields
def _derive(serializer: Any, chosen: frozenset[str] | None, model: Any) -> RowPlan:
    fields: dict[Any, Any] = {each.field_name: each for each in list_shared_fields(serializer)}
    shown = [name for name in fields if chosen is None or name in chosen]
    needed = [
        name
        for field in map(fields.get, shown)
        for name in (field.of if isinstance(field, WorkedOutField) else ())
    ]
    unshown = tuple(name for name in dict.fromkeys(needed) if name not in shown)
    names = (*shown, *unshown)
    model = model or serializer.Meta.model
    parts = tuple(_plan_field(fields[name], model) for name in names)
    return RowPlan(model, serializer, names, parts, unshown)


def _plan_field(shown: Any, model: Any) -> Any:
    """Plan one field, which belongs to a serializer and so knows its name and source."""
    name = shown.field_name
    if isinstance(shown, WorkedOutField | serializers.SerializerMethodField):
        return shown
    if isinstance(shown, MadeField):
        return Cell(name, tuple(shown.paths), make=shown.make, is_raw=shown.is_dated)
    if isinstance(shown, serializers.ListSerializer):
        return _plan_children(shown, model)
    if isinstance(shown, serializers.ManyRelatedField):
        return _plan_members(shown, model)
    if isinstance(shown, RowField):
        return _plan_reference(shown, model)
    return _plan_column(shown, name, "__".join(shown.source_attrs))


def _plan_column(shown: Any, name: str, path: str) -> Cell:
    show = type(shown).to_representation
    if isinstance(shown, serializers.PrimaryKeyRelatedField):
        return Cell(name, (path,))
    if show in _AS_STORED:
        return Cell(name, (path,))
    if isinstance(shown, WordField) and shown.shown_if_blank is None:
        return Cell(name, (path,), is_word=True)
    if show is serializers.DateField.to_representation:
        return Cell(name, (path,), is_raw=True)
    if show is MomentField.to_representation:
        return Cell(name, (path,), print_moment, is_raw=True)
    return Cell(name, (path,), shown.to_representation)


def _plan_reference(shown: RowField, model: Any) -> Cell | SeenReference:
    (source,) = shown.source_attrs
    if isinstance(shown, SeenRowField):
        column = model._meta.get_field(source)
        return SeenReference(str(shown.field_name), column.attname, column.related_model)
    return Cell(str(shown.field_name), (f"{source}__code",))


def _plan_children(shown: Any, model: Any) -> Children:
    plan = derive_plan(type(shown.child))
    foreign_key = model._meta.get_field(shown.source).field
    ordering: Any = plan.model._meta.ordering
    order = tuple(name for name in ordering if name != foreign_key.attname)
    return Children(shown.field_name, plan, foreign_key.attname, order)


def _plan_members(shown: Any, model: Any) -> Children:
    """The keys of the rows on the other side of a relation, in their order."""
    relation = model._meta.get_field(shown.source)
    key = f"{relation.m2m_reverse_field_name()}_id"
    plan = RowPlan(relation.remote_field.through, None, (key,), (Cell(key, (key,)),))
    return Children(shown.field_name, plan, f"{relation.m2m_field_name()}_id", (key,))


def has_column(model: Any, path: str) -> bool:
    """Tell whether a path begins with a field of a model."""
    try:
        model._meta.get_field(path.partition("__")[0])
    except FieldDoesNotExist:
        return path == "pk"
    return True
