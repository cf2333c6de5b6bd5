"""What a summary says of itself: the filters as they were understood, and what its words mean."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import BaseFilterSet

from config.api.lists.filter_fields import UNKNOWN, RowsFilter
from config.dates import PartialDate
from parks.names import Selection
from projects.dimensions.bands import write_band
from projects.dimensions.dimensions import OfBands, OfGroups, OfPeriods
from projects.dimensions.filters import BandsFilter, GroupsFilter
from projects.summaries.questions import SummaryQuestion, SummaryVocabulary


def describe_filters(filterset: BaseFilterSet) -> dict[str, dict[str, Any]]:
    """Describe each filter that was given: its text, and what it was understood as.

    A name of a region, sector or group is understood as codes, with all below them; an amount as
    yuan; a date as the text of the period.
    """
    return {
        name: {"given": filterset.data[name], "understood": _describe_value(filterset, name, value)}
        for name, value in filterset.form.cleaned_data.items()
        if value not in EMPTY_VALUES or value == 0
        if name in filterset.data
    }


def _describe_value(filterset: BaseFilterSet, name: str, value: Any) -> Any:
    """Turn the clean value of a filter into JSON."""
    kind = filterset.filters[name]
    if isinstance(value, Selection):
        return _describe_selection(value)
    if isinstance(kind, RowsFilter):
        return [word.strip() for word in filterset.data[name].split(",")]
    if isinstance(kind, GroupsFilter):
        return value[1]
    if isinstance(kind, BandsFilter):
        return [UNKNOWN if band is None else write_band(band) for band in value]
    if isinstance(value, list):
        return [_to_json(word) for word in value]
    if isinstance(value, tuple):
        return [_to_json(moment) for moment in value]
    return _to_json(value)


def _to_json(value: Any) -> Any:
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, PartialDate) else value


def _describe_selection(selection: Selection) -> dict[str, Any]:
    """Describe a selection by codes; each stands for everything that begins with it."""
    parts = selection.parts
    return {
        "codes": [prefix for part in parts for prefix in part.prefixes],
        "without": [prefix for part in parts for prefix in part.without],
        "unknown": selection.is_unknown,
    }


def define_words(
    question: SummaryQuestion,
    vocabulary: SummaryVocabulary,
    filters: Mapping[str, Any],
    *,
    additive: bool,
) -> dict[str, str]:
    """Define the words of an answer, in the language that is active."""
    said = {"projects": _define_projects(filters)}
    said |= {name: str(vocabulary.measures[name].meaning) for name in question.measures}
    kinds = [vocabulary.dimensions[name] for name in question.group_by]
    said["unknown"] = _(
        "What is not known, or too coarsely for the dimension, is a row of its own and never "
        "dropped or guessed."
    )
    if any(isinstance(kind, OfPeriods) for kind in kinds):
        said["periods"] = _(
            "A date known to the year has no quarter and no month: those are unknown, not January."
        )
    if any(isinstance(kind, OfGroups) for kind in kinds):
        said["groups"] = _(
            "Members of groups are those of today. The others (rest) are what is surely in none "
            "of them; a code too coarse to say is unknown."
        )
    if any(isinstance(kind, OfBands) for kind in kinds):
        said["bands"] = _("A band begins with its first amount and ends below its second.")
    if question.top is not None:
        said["other"] = _("All that is known and not among the largest, each project once.")
    if question.cumulative:
        said["cumulative"] = _("All periods up to the end of the row's; unknown ones are left out.")
    if question.compare:
        said["previous"] = _("The same row one year before, as far as the filters select it.")
    if not additive:
        said[("additive")] = _(
            "Rows overlap: they do not add up to the total, which counts everything once."
        )
    return said


def _define_projects(filters: Mapping[str, Any]) -> str:
    """Say which projects are counted, by the filters that decide it."""
    words: Sequence[str] = filters.get("counts_in_totals", {}).get("understood", ())
    if [*words] == ["true"]:
        return _(
            "Signed totals: projects that reached a contract or went further, date known or not; "
            "without umbrella agreements, duplicates, merged projects and parts of others. "
            "Terminated ones stay unless only active ones are asked for (standing=active)."
        )
    if "totals_exclusion_not" in filters or "totals_exclusion" in filters:
        return _(
            "The projects that the filters select, by their reason for being left out of totals."
        )
    return _(
        "All projects that the filters select, at whatever stage. Umbrella agreements, duplicates "
        "and parts of others are among them: what counts in totals (counts_in_totals=true) is "
        "without them, and without what has no contract."
    )
