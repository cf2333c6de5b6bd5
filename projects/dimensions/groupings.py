"""Groupings: the SQL and the names of a dimension, and bands of amounts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from projects.models import SigningEvent
from sheets.amounts import WRITTEN_CURRENCY, format_cny

Band = tuple[int, int | None]  # from, and below; None where the band is open


USUAL_EDGES = tuple(settings.PROFILE.bands)  # the bounds of the usual bands


def build_bands(edges: tuple[int, ...]) -> list[Band]:
    """Build the bands below, between and above the bounds, in yuan."""
    return list(zip((0, *edges), (*edges, None), strict=True))


def write_band(band: Band) -> str:
    """Write a band as the filter `size_band` takes it: `100000000-500000000`, `500000000-`."""
    low, high = band
    return f"{low}-{'' if high is None else high}"


def name_band(band: Band) -> tuple[str, str]:
    """Name a band in Chinese and in English."""
    low, high = band
    zh = partial(format_cny, language="zh")
    if high is None:
        return f"{zh(low)}及以上", f"{format_cny(low, language='en')} and more"
    if low == 0:
        return f"{zh(high)}以下", f"under {format_cny(high, language='en')}"
    begin = format_cny(low, language="en").removesuffix(WRITTEN_CURRENCY["en"])
    return (f"{zh(low)}至{zh(high)}以下", f"{begin} to under {format_cny(high, language='en')}")


# The band of projects without an amount in the ledger's currency
WITHOUT_YUAN = gettext_lazy("no amount in yuan")


def intersect_bands(one: Band, other: Band) -> Band | None:
    """Find where two bands overlap; None where they do not."""
    low = max(one[0], other[0])
    ends = [end for end in (one[1], other[1]) if end is not None]
    high = min(ends, default=None)
    return None if high is not None and high <= low else (low, high)


BothNames = tuple[str, str]  # in Chinese and in English
NamesOf = Callable[[Collection[Any]], Mapping[Any, BothNames]]


class Beyond(Enum):
    """The values of a summary beyond the largest, together."""

    OTHER = "other"


OTHER = Beyond.OTHER


@dataclass(frozen=True)
class GroupingContext:
    """The context of a dimension: bounds of bands in yuan, the reader, and the readable events.

    Where filters name events, `events` has only these, and every project `was_there`. `days` are
    the days on which tags must hold, by dimension.
    """

    edges: tuple[int, ...] = USUAL_EDGES
    events: Any = field(default_factory=SigningEvent.objects.none)
    reader: Any = None
    days: Mapping[str, date] = field(default_factory=dict)
    was_there: bool = False


@dataclass(frozen=True)
class Grouping:
    """How rows are grouped by a dimension.

    `key` returns the SQL, for the path from the rows to their projects (`""` for projects).
    `values` returns the values of a key: several where groups overlap. `sets` joins what `key`
    reads of each project, one row at most. `joined` joins what `key` needs, so that a project may
    be in several rows, or in none: `beyond` selects the latter.
    """

    key: Callable[[str], Any]
    names: NamesOf
    values: Callable[[Any], tuple[Any, ...]] = lambda key: (None if key == "" else key,)
    place: Callable[[Any], Any] = str
    sets: Callable[[Any, str], Any] = lambda rows, project: rows
    joined: Callable[[Any, str], Any] | None = None
    beyond: Callable[[Any, str], Any] | None = None
    is_additive: bool = True
    may_be_unknown: bool = True


@dataclass(frozen=True)
class Dimension:
    """What rows are grouped by; one that `is_ordered` is shown in its own order."""

    label: str | Promise
    is_ordered: bool = field(default=False, kw_only=True)

    def grouping(self, context: GroupingContext) -> Grouping:
        """Build the grouping for a question."""
        raise NotImplementedError


def in_both_languages(text: str | Promise) -> BothNames:
    """Translate a text into Chinese and English."""
    labels = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            labels.append(str(text))
    return labels[0], labels[1]


def name_as_written(values: Collection[Any]) -> Mapping[Any, BothNames]:
    """Name values by themselves, in both languages."""
    return {value: (str(value), str(value)) for value in values}


def put_in_both(text: str | Promise, name: str = "name") -> dict[str, str]:
    """Translate a text into `name_zh` and `name_en`, or fields with another name."""
    zh, en = in_both_languages(text)
    return {f"{name}_zh": zh, f"{name}_en": en}


def label_words(choices: type[models.TextChoices]) -> NamesOf:
    """Build a lookup of the labels of a vocabulary's words in both languages."""
    labels = dict(choices.choices)
    return lambda values: {
        value: in_both_languages(labels[value]) for value in values if value in labels
    }


def name_terms(model: type[models.Model]) -> NamesOf:
    """Build a lookup of the names of the terms whose codes the values are."""

    def names(values: Collection[Any]) -> Mapping[Any, BothNames]:
        if not values:
            return {}
        rows = model._default_manager.filter(code__in=values)
        return {code: (zh, en) for code, zh, en in rows.values_list("code", "name_zh", "name_en")}

    return names
