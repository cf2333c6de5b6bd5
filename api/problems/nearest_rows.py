"""Find rows by name, and suggest rows for an unknown code, among those the client may see."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from api.readers import PARAMETERS
from config.database.searching import TextIndex
from config.mistakes import LONGEST_WORD, Mistake, find_nearest
from config.texts import fold, shorten

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


_finders: dict[Any, Callable[[str], Any]] = {}


def register_finders(finders: Mapping[Any, Callable[[str], Any]]) -> None:
    """Register, by model, how a name or a path of names such as 江苏苏州 finds a row.

    They return the row or None, and raise a Mistake with the candidates if it may be several.
    """
    _finders.update(finders)


def find_meant_row(text: str, rows: QuerySet) -> Meant:
    """Look for `text` among names, for the nearest codes, then within names."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_WORD:
        return Meant()
    codes = list(rows.order_by().values_list("code", flat=True)[: MOST_ROWS + 1])
    is_small = len(codes) <= MOST_ROWS
    if named := list(find_called(text, rows)[: _MOST_CANDIDATES + 1]):
        return _describe_several({row.code: row for row in named})
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


def find_called(text: str, rows: QuerySet) -> QuerySet:
    """Find the rows with a name or other name.

    Large tables without an index of names, their model's `text_index`, are compared only with the
    name as it is written.
    """
    model: Any = rows.model
    if find := _finders.get(model):
        try:
            found = find(text) if len(text) <= LONGEST_WORD else None
        except Mistake as mistake:
            return rows.filter(code__in=[row["code"] for row in mistake.candidates or ()])
        return rows.filter(code=found.code) if found else rows.none()
    index: TextIndex | None = getattr(model, "text_index", None)
    keys = index.find("names", [f"\n{fold(text)}\n"]) if index else None
    is_small = keys is not None or not rows.order_by()[MOST_ROWS:].exists()
    called = Q(pk__in=[])
    for column in _list_names(model):
        called |= Q(**{f"{column}__iexact" if is_small else column: text})
    if is_small and _has_aliases(model) and len(text) <= LONGEST_WORD:
        called |= Q(aliases__iregex=rf"(^|\n){re.escape(text)}($|\n)")
    return rows.filter(called) if keys is None else rows.filter(called, pk__in=keys)


def find_one_called(text: str, rows: QuerySet) -> Any:
    """Find the one row with a name or other name, or None; raise `Mistake` if several have it."""
    called = list(find_called(text, rows)[:_MOST_CANDIDATES]) if text else []
    if len(called) < 2:
        return called[0] if called else None
    params = {"text": text, "codes": ", ".join(row.code for row in called)}
    detail = _("“%(text)s” is the name of several; give a code: %(codes)s.") % params
    raise Mistake("ambiguous_name", detail, candidates=[_describe(row) for row in called])


def require_row(text: str, rows: QuerySet) -> Any:
    """Find the row with a code or name; raise a `Mistake` that says which may have been meant."""
    row = rows.filter(code_key=text.lower()).first() or find_one_called(text, rows)
    if row is None:
        raise describe_unknown_row(text, rows)
    return row


def describe_unknown_row(code: object, rows: QuerySet, *, is_searched: bool = True) -> Mistake:
    """Describe a code that no row has, with the row that was probably meant."""
    params = {"kind": rows.model._meta.verbose_name, "code": shorten(str(code))}
    detail = _("There is no %(kind)s “%(code)s”.") % params
    meant = find_meant_row(str(code), rows) if is_searched else Meant()
    return Mistake("unknown_value", detail, meant.suggestion, meant.candidates)


def find_no_row(parameter: str, code: str, rows: QuerySet) -> NotFound:
    """Build the 404 for a URL whose `parameter` is an unknown code."""
    if remedy := PARAMETERS.get(code.lower()):  # such as export
        return NotFound(str(remedy))
    mistake = describe_unknown_row(code, rows, is_searched=hasattr(rows.model, "code"))
    error = NotFound(str(mistake.message))
    if mistake.further:
        error.errors = [mistake.at(parameter=parameter)]  # type: ignore[attr-defined]
    return error


def _find_within_names(text: str, rows: QuerySet) -> Meant:
    columns = _list_names(rows.model) + ["aliases"] * _has_aliases(rows.model)
    within = Q(pk__in=[])
    for column in columns:
        within |= Q(**{f"{column}__icontains": text})
    found = list(rows.filter(within).order_by("code")[: _MOST_CANDIDATES + 1])
    few = found if len(found) <= _MOST_CANDIDATES else []
    return _describe_several({row.code: row for row in few}) if few else Meant()


def _list_names(model: Any) -> list[str]:
    return [name for name in _NAMES if hasattr(model, name)]


def _has_aliases(model: Any) -> bool:
    # Line by line; not those of vocabularies, whose finders know them
    return any(f.name == "aliases" and isinstance(f, TextField) for f in model._meta.fields)


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
