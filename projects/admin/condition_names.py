"""What the conditions of a list mean, in words: codes by the names that the person may read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import pgettext

from parks.access import select_readable
from parks.models import (
    Organisation,
    Park,
    Region,
    RegionGroup,
    Sector,
    SectorGroup,
    Source,
    Tag,
)
from projects.condition_words import say_word
from projects.models import Project, SigningEvent

_PLACES, _SECTORS = (RegionGroup, Region), (SectorGroup, Sector)
# Filters that take codes, each with the models that have them
_NAMED_BY: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("origin", "park_region", "region", "project_region"), _PLACES),
    **dict.fromkeys(("origin_province", "origin_city", "origin_country", "park_province"), _PLACES),
    **dict.fromkeys(("origin_group", "origin_named_group", "origin_economic_region"), _PLACES),
    **dict.fromkeys(("sector", "sector_group", "sector_section", "sector_division"), _SECTORS),
    **dict.fromkeys(("tag", "investor_tag"), (Tag,)),
    **{"park": (Park,), "organisation": (Organisation,), "event": (SigningEvent,)},
    **{"source": (Source,), "duplicate_of": (Project,), "part_of": (Project,)},
}


def name_condition(name: str, given: str, person: Any) -> str:
    """Name what a filter was given: codes as people call them, words by their labels."""
    words = [word.strip() for word in given.split(",")]
    wanted = {word.lower() for word in words}
    named: dict[str, str] = {}
    for model in _NAMED_BY.get(name.removesuffix("_not"), ()):
        named |= _find_names(model, wanted, person)
    separator = pgettext("between names", ", ")
    return separator.join(named.get(word.lower()) or say_word(name, word) for word in words)


def _find_names(model: Any, codes: set[str], person: Any) -> dict[str, str]:
    """Find the names of rows by their codes, in lower case."""
    if not hasattr(model, "code_key"):
        rows = model.objects.filter(code__in=[*codes, *map(str.upper, codes)])
    else:
        rows = select_readable(model, person).filter(code_key__in=codes)
    return {row.code.lower(): str(getattr(row, "title", "") or row.name) for row in rows}
