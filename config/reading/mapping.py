"""How the columns and words of somebody's own sheet are to be taken: a mapping that is kept."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from config.reading.errors import FileError
from config.reading.headers import normalize_header
from config.reading.units import parse_unit
from config.suggestions import nearest

_PARTS = ("columns", "values", "units", "defaults", "ignore")
ALL_OTHERS = "*"  # in place of a header: all columns that are not understood


@dataclass(frozen=True)
class Wishes:
    """What a person says of a sheet beforehand; all keys are headers as they stand in the sheet.

    `columns` gives the column of ours, `values` what a cell of that column stands for, `units` the
    unit of its amounts, `ignore` what is not read. `defaults` has values for columns of ours that
    the sheet lacks or leaves blank. ALL_OTHERS in `columns` names the one that keeps other texts.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        return [text for text in (*self.columns, *self.ignore) if text != ALL_OTHERS]

    def column_of(self, text: str) -> str | None:
        return _of(self.columns, text)

    def unit_of(self, text: str) -> str | None:
        """Find the unit of a column, as `units` names it: yi, mu, 千美元."""
        return parse_unit(_of(self.units, text) or "") or None

    def values_of(self, text: str) -> Mapping[str, str]:
        return _of(self.values, text) or {}

    def ignores(self, text: str) -> bool:
        return normalize_header(text) in {normalize_header(ignored) for ignored in self.ignore}

    def merge(self, other: "Wishes") -> "Wishes":
        """Merge these with those of `other`, which come first."""
        return Wishes(
            {**self.columns, **other.columns},
            {**self.values, **other.values},
            {**self.units, **other.units},
            {**self.defaults, **other.defaults},
            (*self.ignore, *other.ignore),
        )


def _of(table: Mapping[str, Any], text: str) -> Any:
    wanted = normalize_header(text)
    given = ((normalize_header(key), table[key]) for key in table if key != ALL_OTHERS)
    return next((value for key, value in given if key == wanted), None)


def parse_mapping(text: str) -> Wishes:
    """Parse a mapping as a JSON file holds it; raises FileError."""
    try:
        read = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        detail = _("The mapping is not JSON: %(reason)s") % {"reason": error}
        raise FileError("invalid_mapping", detail) from error
    if not isinstance(read, dict):
        raise FileError("invalid_mapping", _("The mapping is not a JSON object."))
    for name, part in read.items():
        if name not in _PARTS:
            detail = _("A mapping has no part “%(name)s”.") % {"name": name}
            raise FileError("invalid_mapping", detail, nearest(name, _PARTS))
        _check_part(name, part)
    parts = {name: part for name, part in read.items() if name != "ignore"}
    return Wishes(**parts, ignore=tuple(read.get("ignore", ())))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object; FileError where one of them would silently win over another."""
    names = Counter(name for name, _value in pairs)
    repeated = next((name for name, count in names.items() if count > 1), None)
    if repeated is not None:
        detail = _("The mapping names “%(name)s” more than once.")
        raise FileError("invalid_mapping", detail % {"name": repeated})
    return dict(pairs)


def parse_pairs(columns: list[str], ignore: list[str], units: Sequence[str] = ()) -> Wishes:
    """Parse `旧名:column` and `总投资:万元` pairs, and names to ignore; raises FileError."""
    names = _parse_each(columns, _("“%(pair)s” is not of the form header:column."))
    given = _parse_each(units, _("“%(pair)s” is not of the form header:unit."))
    _check_part("units", given)
    return Wishes(columns=names, units=given, ignore=tuple(ignore))


def _parse_each(pairs: Iterable[str], detail: str) -> dict[str, str]:
    """The pairs of a header and what is said of it; FileError with `detail` for another form."""
    found = {}
    for pair in pairs:
        text, _colon, name = pair.replace("：", ":").rpartition(":")
        if not text.strip() or not name.strip():
            raise FileError("invalid_mapping", detail % {"pair": pair})
        found[text.strip()] = name.strip()
    return found


def _check_part(name: str, part: Any) -> None:
    if name == "ignore":
        is_right = isinstance(part, list) and _are_texts(part)
    elif name == "values":
        is_right = isinstance(part, dict) and all(
            isinstance(words, dict) and _are_texts(words.values()) for words in part.values()
        )
    else:
        is_right = isinstance(part, dict) and _are_texts(part.values())
    if not is_right:
        detail = _("The part “%(name)s” of the mapping does not have the right form.") % {
            "name": name
        }
        raise FileError("invalid_mapping", detail)
    if name == "units":
        for unit in part.values():
            if not parse_unit(unit):
                detail = _("“%(unit)s” is not a unit: write 元, 万元, 亿元 or 千美元.")
                raise FileError("invalid_mapping", detail % {"unit": unit})


def _are_texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
