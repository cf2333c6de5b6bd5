"""A summary as a whole answer: with the lists that its rows open, its filters and definitions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import BaseFilterSet
from rest_framework.reverse import reverse

from api.lists.filters import UNKNOWN, RowsFilter
from config.database import history
from parks.access import Publication, has_any_rights, select_readable
from parks.names.names import Selection
from projects.dimensions.dimensions import OfBands, OfEvents, OfGroups, OfPeriods, SetsDimension
from projects.dimensions.filters import BandsFilter, GroupsFilter
from projects.dimensions.groupings import (
    DEFAULT_BANDS,
    Asked,
    Band,
    Dimension,
    intersect_bands,
    write_band,
)
from projects.filters import FundingFilterSet
from projects.models import SigningEvent
from projects.models.words import STAGES, Stage
from projects.summaries.questions import OF_WHOLE_YEARS, SummaryQuestion, SummaryVocabulary
from projects.summaries.totals import Summary, Surroundings
from sheets.dates import PartialDate

BESIDE_FILTERS = ("as_of",)  # what a list takes besides its filters


def answer_question(
    kind: type[Summary],
    rows: QuerySet,
    question: SummaryQuestion,
    links: "ListLinks",
    *,
    with_reached: bool = False,
) -> dict[str, Any]:
    """Answer a question about the rows that the filters of `links` selected.

    `with_reached` adds `reached_url` to the rows of stages, for pictures.
    """
    vocabulary, filterset = kind.vocabulary, links.filterset
    actor = getattr(filterset.request, "user", None)
    named = links.find_named(question.group_by, vocabulary.dimensions)
    asked = links.find_asked(actor, question.bands)
    around = Surroundings(links, asked, named)
    if isinstance(filterset, FundingFilterSet) and OF_WHOLE_YEARS & {*question.measures}:
        plans_url = reverse("plan-list", request=filterset.request)
        around = replace(around, plans=filterset.select_plans(), plans_url=plans_url)
    summary = kind(rows, question, around)
    answer = summary.answer(with_reached=with_reached)
    moment = history.moment()
    answer["as_of"] = moment.isoformat() if moment else None
    if kind is Summary and has_any_rights(actor):
        answer["drafts"] = count_drafts(rows, links)
    filters = describe_filters(filterset)
    meanings = define_words(question, vocabulary, filters, additive=answer["additive"])
    return answer | {"filters": filters, "definitions": meanings}


def count_drafts(projects: QuerySet, links: "ListLinks") -> dict[str, Any]:
    """Count the drafts that a total has for whoever may see them, and has not for others."""
    drafts = projects.order_by().filter(publication=Publication.DRAFT)
    return {"count": drafts.count(), "list_url": links.narrow({"publication": Publication.DRAFT})}


class ListLinks:
    """The URLs of the lists behind the cells of a summary: its filters, and a value more each."""

    def __init__(self, filterset: BaseFilterSet, url: str) -> None:
        self.filterset = filterset
        self.url = url

    def link(self, equal: Mapping[str, str], without: Mapping[str, str]) -> str:
        """Link to the list with the same filters, these values, and without those others."""
        query = {**self.asked, **{name: self.cut_band(name, equal[name]) for name in equal}}
        for name, value in without.items():
            twin = f"{name}_not"
            query[twin] = f"{query[twin]},{value}" if twin in query else value
        return self.write(query)

    def narrow(self, *conditions: Mapping[str, str]) -> str | None:
        """Link to the list with the same filters that meets these conditions, too.

        None where a list cannot say both: of the rates of which nothing is known one can be named.
        """
        query = {**self.asked}
        for name, value in [pair for condition in conditions for pair in condition.items()]:
            asked = query[name].split(",") if name in query else None
            both = value if asked is None else join_words(name, asked, value.split(","))
            if both:
                query[name] = both
            elif name == "rate_not_known":
                return None
            else:  # no project meets both
                query["stage_not"] = ",".join([*STAGES, UNKNOWN])
        return self.write(query)

    @cached_property
    def asked(self) -> dict[str, str]:
        """What of the request a list takes, too: its filters, and its moment."""
        asked, taken = self.filterset.data, {*self.filterset.filters, *BESIDE_FILTERS}
        return {name: asked[name] for name in asked if name in taken}

    @property
    def days(self) -> dict[str, date]:
        """The days on which tags must hold, by the name of the filter that they belong to."""
        given = self.filterset.form.cleaned_data
        names = (name for name in given if name.endswith("tag_on") and given[name])
        return {name.removesuffix("_on"): given[name].first for name in names}

    def find_asked(self, actor: Any, bands: tuple[int, ...] = DEFAULT_BANDS) -> Asked:
        """Find what dimensions must know of who asks, and of what the filters name."""
        events = select_readable(SigningEvent, actor)
        named = self.filterset.form.cleaned_data.get("event")
        is_of_some = bool(named) and None not in named
        if is_of_some:
            events = events.filter(pk__in=named)
        return Asked(bands, events, actor, self.days, was_there=is_of_some)

    def write(self, query: Mapping[str, str]) -> str:
        if not query:
            return self.url
        return f"{self.url}?{'&'.join(write_pair(name, query[name]) for name in query)}"

    def link_value(self, name: str, value: Any) -> str:
        """Link to the list of one value of one dimension."""
        return self.link({name: UNKNOWN if value is None else str(value)}, {})

    def cut_band(self, name: str, code: str) -> str:
        """Cut the size band of a row to what lies in the bands that the filters name."""
        named = self.filterset.form.cleaned_data.get(name) if name == "size_band" else None
        if not named or code == UNKNOWN:
            return code
        low, _dash, high = code.partition("-")
        band: Band = (int(low), int(high) if high else None)
        common = [intersect_bands(band, other) for other in named if other is not None]
        return ",".join(write_band(each) for each in common if each) or code

    def find_named(
        self, names: Iterable[str], dimensions: Mapping[str, Dimension]
    ) -> dict[str, set[Any]]:
        """Find the values that filters name of those dimensions whose values may overlap."""
        named: dict[str, set[Any]] = {}
        for name in names:
            kind, value = dimensions[name], self.filterset.form.cleaned_data.get(name)
            if value and isinstance(kind, OfGroups):
                named[name] = {None if word == UNKNOWN else word for word in value[1]}
            elif value and isinstance(kind, OfEvents):
                events = SigningEvent.objects.filter(pk__in=[pk for pk in value if pk])
                codes = events.values_list("code", flat=True)
                named[name] = {*codes, *([None] if None in value else [])}
            elif value and isinstance(kind, SetsDimension):
                named[name] = {None if word == UNKNOWN else word for word in value}
        return named


@lru_cache(maxsize=4096)  # a summary has thousands of rows, of a few values each
def write_pair(name: str, value: str) -> str:
    """Write a parameter as URLs have it."""
    return f"{quote(name, safe=',')}={quote(value, safe=',')}"


def join_words(name: str, asked: Sequence[str], wanted: Sequence[str]) -> str:
    """Join two texts of one filter into that of what meets both; "" where no text says that."""
    asked = [word.strip() for word in asked]
    if name.endswith("_not"):
        return ",".join(dict.fromkeys([*asked, *wanted]))
    if name == "reached":
        return STAGES[max(min(STAGES.index(Stage(w)) for w in words) for words in (asked, wanted))]
    return ",".join(word for word in wanted if word in asked)


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
