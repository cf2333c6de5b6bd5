"""The conditions of a list in words: labels of filters, and names of their values."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from api.lists.filters import RowsFilter
from api.requests import select_visible
from parks.access import select_readable
from parks.filters import RegionFilter
from parks.models import (
    Figure,
    Indicator,
    Organisation,
    Park,
    RegionGroup,
    SectorGroup,
    Source,
    Tag,
)
from parks.models.vocabularies import pick_name
from parks.names.names import find_called_region, find_called_sector
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS
from projects.dimensions.groupings import GroupingContext
from projects.filters import ProjectFilterSet
from projects.models import Edition, Milestone, Obstacle, Project, SigningEvent, Target
from projects.models.words import MILESTONE_TYPES

_DIMENSIONS = {**FUNDING_DIMENSIONS, **DIMENSIONS}
# Models whose fields label the filters without a label of their own
_MODELS: tuple[Any, ...] = (Project, Park, Figure, Organisation, Tag, Target, Obstacle, Edition)
_LABELS = {
    "q": gettext_lazy("words"),
    "park_region": gettext_lazy("region of the park"),
    "reached": gettext_lazy("reached at least"),
    "met": gettext_lazy("milestones met"),
    "investment_min": gettext_lazy("investment from"),
    "investment_max": gettext_lazy("investment up to"),
    "investment_currency": gettext_lazy("in other currencies"),
    "counts_in_totals": gettext_lazy("counts in totals"),
    "signed_from": gettext_lazy("signed from"),
    "signed_to": gettext_lazy("signed up to"),
    "organisation": gettext_lazy("investor"),
    "missing": gettext_lazy("not known"),
    "totals_exclusion": gettext_lazy("left out of totals as"),
    "stale": gettext_lazy("without news for long"),
    "overdue": gettext_lazy("overdue"),
    "overdue_promise": gettext_lazy("past the day promised for a step"),
    "days_late_min": gettext_lazy("days late, at least"),
    "days_late_max": gettext_lazy("days late, at most"),
    "times_moved_min": gettext_lazy("plan of a step moved, times at least"),
    "due": gettext_lazy("due"),
    "has_paid_in": gettext_lazy("money paid in is reported in yuan"),
    "fulfilled": gettext_lazy("followed by further steps"),
    "rate_not_known": gettext_lazy("rate not known"),
    "claims_in_conflict": gettext_lazy("claims contradict"),
    "silent_months_min": gettext_lazy("months without news"),
    "has_open_issues": gettext_lazy("has open issues"),
    "has_source": gettext_lazy("has a source"),
    "land_mu_min": gettext_lazy("land from, in mu"),
    "land_mu_max": gettext_lazy("land up to, in mu"),
    "floor_area_m2_min": gettext_lazy("floor area from, in square metres"),
    "floor_area_m2_max": gettext_lazy("floor area up to, in square metres"),
    "returned": gettext_lazy("returned by the district, without an answer"),
    "has_open_obstacle": gettext_lazy("has an open obstacle"),
    "obstacle_days_min": gettext_lazy("days that an obstacle is open"),
    "open": gettext_lazy("not solved"),
    "open_days_min": gettext_lazy("days that an obstacle is open"),
    "next_step_overdue": gettext_lazy("what was noted as next is overdue"),
    "responsible": gettext_lazy("person in charge"),
    "outcome": gettext_lazy("result beside its promise"),
    "funnel": gettext_lazy("in the funnel"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("Up to"),
    "past_review": gettext_lazy("past the day of review"),
    "recognised": gettext_lazy("recognised by an authority"),
    "stalled_months_min": gettext_lazy("months without progress"),
    "tag_on": gettext_lazy("tagged on the day"),
    "investor_tag_on": gettext_lazy("investor tagged on the day"),
    "superseded": gettext_lazy("superseded or withdrawn"),
    "subject_type": gettext_lazy("kind of subject"),
    "as_of_min": gettext_lazy("as of, from"),
    "as_of_max": gettext_lazy("as of, up to"),
    "phase_no_min": gettext_lazy("phase from"),
    "phase_no_max": gettext_lazy("phase up to"),
    "has_agreed_per_mu": gettext_lazy("agreed investment per mu is known"),
    "has_investment_intensity": gettext_lazy("intensity of investment is known"),
    "indicators": gettext_lazy("indicators"),
    "is_narrowed": gettext_lazy("is about a part only"),
    "is_summable": gettext_lazy("may be summed"),
    "latest": gettext_lazy("newest of each kind"),
    "level": gettext_lazy("level"),
    "parks": gettext_lazy("parks"),
    "within": gettext_lazy("lies within"),
    "related_region": gettext_lazy("region and its groups"),
}
CONDITION_WORDS = {
    "unknown": gettext_lazy("unknown"),
    "true": gettext_lazy("yes"),
    "false": gettext_lazy("no"),
    "rest": gettext_lazy("elsewhere"),
    "same": gettext_lazy("the same amount"),
    "differs": gettext_lazy("another amount"),
    "none": gettext_lazy("nothing"),
    "amount": gettext_lazy("amount in yuan"),
    "origin": gettext_lazy("origin"),
    "sector": gettext_lazy("sector"),
    "source": gettext_lazy("source"),
    "date": gettext_lazy("date"),
}
# Subjects of filters with _from and _to
_PERIODS = {
    **dict(MILESTONE_TYPES),
    "planned": gettext_lazy("next step planned"),
    "news": gettext_lazy("last news"),
    "latest_progress": gettext_lazy("newest note"),
    "next_step_due": gettext_lazy("noted as next, due"),
    "updated": gettext_lazy("changed"),
    "funding": gettext_lazy("money of the months"),
    "due": gettext_lazy("noted as next, due"),
    "moved": gettext_lazy("plan moved"),
    "review": gettext_lazy("day of review"),
    "happened": gettext_lazy("date"),
    "raised": gettext_lazy("raised on"),
    "solved": gettext_lazy("solved on"),
    "held": gettext_lazy("held on"),
    "noted": gettext_lazy("noted on"),
    "published": gettext_lazy("published on"),
}
# Filters by codes or names of regions, sectors or groups of them
_CALLED: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(
        ("origin", "park_region", "region", "related_region", "place"), find_called_region
    ),
    "sector": find_called_sector,
}
# Filters by codes of rows that not everybody may see
_SEEN: Mapping[str, Any] = {
    **{"park": Park, "event": SigningEvent, "organisation": Organisation, "source": Source},
    "project": Project,
}
# Filters by codes of terms
_TERMS: Mapping[str, Any] = {
    **{"indicator": Indicator, "indicators": Indicator, "region_group": RegionGroup},
    "sector_group": SectorGroup,
}
# Filters whose words are those of a column with another name
_SAME_WORDS = {
    "reached": Project._meta.get_field("stage"),
    "met": Milestone._meta.get_field("type"),
}


Filters = Mapping[str, Any]  # by their names
_OF_PROJECTS: Filters = ProjectFilterSet.base_filters


def label_condition(name: str) -> str:
    """Return the label of a filter; that of its twin with _not says “other than”."""
    plain = name.removesuffix("_not")
    label = str(find_filter_label(plain) or plain.replace("_", " "))
    return label if plain == name else _("%(condition)s other than") % {"condition": label}


def find_filter_label(name: str) -> str:
    """Find the label of a filter in the active language; blank if it has none."""
    if name in _LABELS:
        return str(_LABELS[name])
    if name in _DIMENSIONS:
        return str(_DIMENSIONS[name].label)
    for model in _MODELS:
        with suppress(FieldDoesNotExist):
            field: Any = model._meta.get_field(name)
            if not field.auto_created:
                return str(field.verbose_name)
    return label_period(name)


def label_period(name: str) -> str:
    """Return the label of a filter by a first or last day, or by months since; else blank."""
    about, _mark, end = name.removesuffix("_min").rpartition("_")
    is_planned = about.endswith("_planned")
    what = _PERIODS.get(about.removesuffix("_planned"))
    texts = {
        "from": _("%(what)s, from"),
        "to": _("%(what)s, up to"),
        "months": _("%(what)s, months ago"),
    }
    if what is None or end not in texts:
        return ""
    return texts[end] % {"what": _("%(what)s planned") % {"what": what} if is_planned else what}


def say_conditions(filters: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Describe each filter of an answer in the active language, with its values."""
    for name, described in filters.items():
        yield say_condition(name, str(described["given"]))


def say_condition(
    name: str, given: str, person: Any = None, filters: Filters = _OF_PROJECTS
) -> str:
    """Describe a filter in the active language, with the names that the person may see.

    `filters` are those of its list.
    """
    value = name_choices(name, given, person, filters)
    return _("%(condition)s: %(value)s") % {"condition": label_condition(name), "value": value}


def name_choices(name: str, given: str, person: Any = None, filters: Filters = _OF_PROJECTS) -> str:
    """Name the values of a filter, with names that the person may see."""
    separator = pgettext("between names", ", ")
    declared = filters.get(name)
    words = [given] if getattr(declared, "takes_one", False) else given.split(",")
    return separator.join(say_word(name, word.strip(), person, declared) for word in words)


def say_word(name: str, word: str, person: Any = None, declared: Any = None) -> str:
    """Return the label of a value of a filter; a value without one is returned as it is."""
    plain, person = name.removesuffix("_not"), person or AnonymousUser()
    if label := declared and declared.name_value(word):
        return str(label)
    try:
        field: Any = _SAME_WORDS.get(plain) or Project._meta.get_field(plain)
    except FieldDoesNotExist:
        labels = {}
    else:
        stored = getattr(field, "output_field", field)  # of a column that the database fills
        labels = dict(getattr(stored, "flatchoices", ()))
    label = labels.get(word) or CONDITION_WORDS.get(word)
    found = label or name_code(plain, word, person) or name_found(declared, word, person)
    return str(found or word)


def name_found(declared: Any, word: str, person: Any) -> str:
    """Return the name of a row or region that a filter finds; blank if the person sees none."""
    if isinstance(declared, RowsFilter):
        rows = select_visible(declared.rows, person)
        row = rows.filter(**{declared.key: declared.as_key(word)}).first()
        return str(getattr(getattr(row, "person", row), "name", "")) if row else ""
    if isinstance(declared, RegionFilter):
        with suppress(ValidationError):
            called = find_called_region(word)
            return pick_name(called.name_zh, called.name_en) if called else ""
    return ""


def name_code(name: str, word: str, person: Any) -> str:
    """Return the name of a code in the active language; blank where the person may not see it."""
    if name in _SEEN:
        row = select_readable(_SEEN[name], person).filter(code_key=word.lower()).first()
        return str(getattr(row, "title", "") or row.name) if row else ""
    if name in _TERMS:
        term = _TERMS[name].objects.filter(code=word.lower()).first()
        return str(term.name) if term else ""
    if name in _CALLED:
        try:
            called = _CALLED[name](word)
        except ValidationError:
            called = None
        return pick_name(called.name_zh, called.name_en) if called else ""
    names = (
        _DIMENSIONS[name].grouping(GroupingContext()).names([word]) if name in _DIMENSIONS else {}
    )
    return pick_name(*names.get(word, ("", "")))
