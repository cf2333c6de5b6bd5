"""Suggest rows for an unknown code, by name or similar code, among those the client may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from config.mistakes import LONGEST_WORD, Mistake, find_nearest
from config.texts import shorten

# In larger tables only exact names and codes with the same beginning are compared, which indexes
# find: reading a million rows would take seconds.
MOST_ROWS = 5000
_MOST_CANDIDATES = 20
_MOST_NEAR = 3
_BEGINNING = 3  # characters
_NAMES = ("name_zh", "name_en", "title")
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Meant:
    """The code that was probably meant, or several rows to choose from."""

    suggestion: str | None = None
    candidates: Sequence[dict[str, str]] | None = None


_path_finders: dict[Any, Callable[[str], Any]] = {}


def register_path_finder(model: Any, find: Callable[[str], Any]) -> None:
    """Register how a path of names, such as 江苏苏州, finds a row of a model.

    `find` returns the row or None, and raises a Mistake with the candidates if it may be several.
    """
    _path_finders[model] = find


def find_meant_row(text: str, rows: QuerySet) -> Meant:
    """Look for `text` among names and paths of names, for the nearest codes, then within names."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_WORD:
        return Meant()
    codes = list(rows.order_by().values_list("code", flat=True)[: MOST_ROWS + 1])
    is_small = len(codes) <= MOST_ROWS
    if named := list(find_called(text, rows, is_small=is_small)[: _MOST_CANDIDATES + 1]):
        return _describe_several({row.code: row for row in named})
    if on_path := _find_on_path(text, rows):
        return on_path
    if not is_small:
        codes = _list_codes_alike(text, rows)
    # baodi means baodi-zgc if that is the only one; its spelling is as near to any short code
    with_step = [code for code in codes if text.lower() in code.lower().split("-")]
    if len(with_step) == 1:
        return Meant(with_step[0])
    near = with_step[:_MOST_CANDIDATES] or find_nearest(text, codes, _MOST_NEAR)
    if not near and is_small:
        return _find_within_names(text, rows)
    if len(near) < 2:
        return Meant(near[0] if near else None)
    described = {row.code: _describe(row) for row in rows.filter(code__in=near)}
    suggestion = None if with_step else near[0]
    return Meant(suggestion, [described[code] for code in near])


def find_called(text: str, rows: QuerySet, *, is_small: bool = True) -> QuerySet:
    """Find the rows with a name; in large tables only with this exact case.

    A model may list lookups of further names, which are in lower case, in `named_by`.
    """
    model: Any = rows.model
    lookups = getattr(model, "named_by", ())
    called = Q(pk__in=[])
    for lookup in lookups:
        called |= Q(**{lookup: text.casefold()})
    for column in _list_names(model):
        called |= Q(**{column if lookups or not is_small else f"{column}__iexact": text})
    return rows.filter(called)


def describe_unknown_row(code: object, rows: QuerySet, *, is_searched: bool = True) -> Mistake:
    """Describe a code that no row has, with the row that was probably meant."""
    params = {"kind": rows.model._meta.verbose_name, "code": shorten(str(code))}
    detail = _("There is no %(kind)s “%(code)s”.") % params
    meant = find_meant_row(str(code), rows) if is_searched else Meant()
    return Mistake("unknown_value", detail, meant.suggestion, meant.candidates)


def find_no_row(parameter: str, code: str, rows: QuerySet) -> NotFound:
    """Build the 404 for a URL whose `parameter` is an unknown code."""
    mistake = describe_unknown_row(code, rows, is_searched=hasattr(rows.model, "code"))
    error = NotFound(str(mistake.message))
    if mistake.further:
        error.errors = [mistake.at(parameter=parameter)]  # type: ignore[attr-defined]
    return error


def _find_on_path(text: str, rows: QuerySet) -> Meant | None:
    find = _path_finders.get(rows.model)
    try:
        row = find(text) if find else None
    except Mistake as mistake:
        return Meant(candidates=mistake.candidates)
    return Meant(row.code) if row else None


def _find_within_names(text: str, rows: QuerySet) -> Meant:
    """Find the rows whose names contain the text: 宝坻 for 宝坻京津中关村科技城."""
    columns = _list_names(rows.model)
    fields: Any = rows.model._meta.concrete_fields
    columns += [f.name for f in fields if f.name == "aliases" and isinstance(f, TextField)]
    within = Q(pk__in=[])
    for column in columns:
        within |= Q(**{f"{column}__icontains": text})
    found = list(rows.filter(within).order_by("code")[: _MOST_CANDIDATES + 1])
    few = found if len(found) <= _MOST_CANDIDATES else []
    return _describe_several({row.code: row for row in few}) if few else Meant()


def _list_names(model: Any) -> list[str]:
    return [name for name in _NAMES if hasattr(model, name)]


def _list_codes_alike(text: str, rows: QuerySet) -> list[str]:
    # A range, which an index finds on both databases
    column = "code_key" if hasattr(rows.model, "code_key") else "code"
    begin = text[:_BEGINNING].lower()
    alike = rows.filter(**{f"{column}__gte": begin, f"{column}__lt": begin + _LAST_CHARACTER})
    return list(alike.order_by().values_list("code", flat=True)[:MOST_ROWS])


def _describe_several(found: Mapping[str, Any]) -> Meant:
    if len(found) == 1:
        return Meant(suggestion=next(iter(found)))
    return Meant(candidates=[_describe(row) for row in [*found.values()][:_MOST_CANDIDATES]])


def _describe(row: Any) -> dict[str, str]:
    names = {name: getattr(row, name) for name in _NAMES if hasattr(row, name)}
    return {"code": row.code, **names}
