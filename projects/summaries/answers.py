"""A summary as a complete answer: with links to lists, filters and definitions."""

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
from projects.dimensions import groupings
from projects.dimensions.dimensions import OfBands, OfEvents, OfGroups, OfPeriods, SetsDimension
from projects.dimensions.filters import BandsFilter, GroupsFilter
from projects.filters import FundingFilterSet
from projects.models import SigningEvent, YearPlan
from projects.models.words import STAGES, Stage
from projects.summaries.questions import OF_WHOLE_YEARS, SummaryQuestion, SummaryVocabulary
from projects.summaries.totals import Summary, SummaryContext
from sheets.dates import PartialDate

BESIDE_FILTERS = ("as_of",)  # parameters of a list besides its filters


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
    asked = links.build_context(actor, question.bands)
    context = SummaryContext(links, asked, named)
    if isinstance(filterset, FundingFilterSet) and OF_WHOLE_YEARS & {*question.measures}:
        plans_url = reverse("plan-list", request=filterset.request)
        plans = filterset.narrow_plans(select_readable(YearPlan, actor))
        context = replace(context, plans=plans, plans_url=plans_url)
    summary = kind(rows, question, context)
    answer = summary.answer(with_reached=with_reached)
    moment = history.moment()
    answer["as_of"] = moment.isoformat() if moment else None
    if kind is Summary and has_any_rights(actor):
        hidden = (Publication.DRAFT, Publication.WITHDRAWN)
        drafts = rows.order_by().filter(publication__in=hidden)
        list_url = links.narrow({"publication": ",".join(hidden)})
        answer["drafts"] = {"count": drafts.count(), "list_url": list_url}
    filters = describe_filters(filterset)
    meanings = define_words(question, vocabulary, filters, additive=answer["additive"])
    return answer | {"filters": filters, "definitions": meanings}


class ListLinks:
    """The URLs of the lists behind the cells of a summary: its filters with the cell's values."""

    def __init__(self, filterset: BaseFilterSet, url: str) -> None:
        self.filterset = filterset
        self.url = url

    def link(self, equal: Mapping[str, str], without: Mapping[str, str]) -> str:
        """Link to the list with the same filters, with equal values, and without others."""
        query = {**self.asked, **{name: self.cut_band(name, equal[name]) for name in equal}}
        for name, value in without.items():
            twin = f"{name}_not"
            query[twin] = f"{query[twin]},{value}" if twin in query else value
        return self.write(query)

    def narrow(self, *conditions: Mapping[str, str]) -> str | None:
        """Link to the list with the same filters and these conditions.

        None where no list can express both: `rate_not_known` takes only one rate.
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
        """The parameters of the request that its list takes, too: filters and moment."""
        asked, taken = self.filterset.data, {*self.filterset.filters, *BESIDE_FILTERS}
        return {name: asked[name] for name in asked if name in taken}

    @property
    def days(self) -> dict[str, date]:
        """The days on which tags must hold, by the name of their filter."""
        given = self.filterset.form.cleaned_data
        names = (name for name in given if name.endswith("tag_on") and given[name])
        return {name.removesuffix("_on"): given[name].first for name in names}

    def build_context(
        self, actor: Any, bands: tuple[int, ...] | None = None
    ) -> groupings.GroupingContext:
        """Build the context of dimensions: the reader, and values named by filters."""
        events = select_readable(SigningEvent, actor)
        named = self.filterset.form.cleaned_data.get("event")
        is_of_some = bool(named) and None not in named
        if is_of_some:
            events = events.filter(pk__in=named)
        edges = bands or groupings.USUAL_EDGES
        return groupings.GroupingContext(edges, events, actor, self.days, was_there=is_of_some)

    def write(self, query: Mapping[str, str]) -> str:
        if not query:
            return self.url
        return f"{self.url}?{'&'.join(write_pair(name, query[name]) for name in query)}"

    def cut_band(self, name: str, code: str) -> str:
        """Cut the size band of a row to the bands that the filters name."""
        named = self.filterset.form.cleaned_data.get(name) if name == "size_band" else None
        if not named or code == UNKNOWN:
            return code
        low, _dash, high = code.partition("-")
        band: groupings.Band = (int(low), int(high) if high else None)
        common = [groupings.intersect_bands(band, other) for other in named if other is not None]
        return ",".join(groupings.write_band(each) for each in common if each) or code

    def find_named(
        self, names: Iterable[str], dimensions: Mapping[str, groupings.Dimension]
    ) -> dict[str, set[Any]]:
        """Find the values that filters name, of the dimensions whose values may overlap."""
        named: dict[str, set[Any]] = {}
        for name in names:
            kind, value = dimensions[name], self.filterset.form.cleaned_data.get(name)
            if value and isinstance(kind, OfEvents):
                events = SigningEvent.objects.filter(pk__in=[pk for pk in value if pk])
                codes = events.values_list("code", flat=True)
                named[name] = {*codes, *([None] if None in value else [])}
            elif value and isinstance(kind, OfGroups | SetsDimension):
                words = value[1] if isinstance(value, tuple) else value
                named[name] = {None if word == UNKNOWN else word for word in words}
        return named


@lru_cache(maxsize=4096)  # a summary has thousands of rows, of a few values each
def write_pair(name: str, value: str) -> str:
    """Write a query parameter, quoted for a URL."""
    return f"{quote(name, safe=',')}={quote(value, safe=',')}"


def join_words(name: str, asked: Sequence[str], wanted: Sequence[str]) -> str:
    """Join two values of one filter into one that meets both; "" where there is none."""
    asked = [word.strip() for word in asked]
    if name.endswith("_not"):
        return ",".join(dict.fromkeys([*asked, *wanted]))
    if name == "reached":
        return STAGES[max(min(STAGES.index(Stage(w)) for w in words) for words in (asked, wanted))]
    return ",".join(word for word in wanted if word in asked)


def describe_filters(filterset: BaseFilterSet) -> dict[str, dict[str, Any]]:
    """Describe each given filter: its text, and how it was understood.

    Regions, sectors and groups are understood as codes with everything below them, amounts as yuan,
    dates as the text of their period.
    """
    return {
        name: {"given": filterset.data[name], "understood": _describe_value(filterset, name, value)}
        for name, value in filterset.form.cleaned_data.items()
        if value not in EMPTY_VALUES or value == 0
        if name in filterset.data
    }


def _describe_value(filterset: BaseFilterSet, name: str, value: Any) -> Any:
    kind = filterset.filters[name]
    if isinstance(value, Selection):  # by prefixes of codes
        return {
            "codes": [prefix for part in value.parts for prefix in part.prefixes],
            "without": [prefix for part in value.parts for prefix in part.without],
            "unknown": value.is_unknown,
        }
    if isinstance(kind, RowsFilter):
        return [word.strip() for word in filterset.data[name].split(",")]
    if isinstance(kind, GroupsFilter):
        return value[1]
    if isinstance(kind, BandsFilter):
        return [UNKNOWN if band is None else groupings.write_band(band) for band in value]
    return [*map(_to_json, value)] if isinstance(value, list | tuple) else _to_json(value)


def _to_json(value: Any) -> Any:
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, PartialDate) else value


def define_words(
    question: SummaryQuestion,
    vocabulary: SummaryVocabulary,
    filters: Mapping[str, Any],
    *,
    additive: bool,
) -> dict[str, str]:
    """Define the terms of an answer, in the active language."""
    terms = {"projects": _define_projects(filters)}
    terms |= {name: str(vocabulary.measures[name].meaning) for name in question.measures}
    kinds = [vocabulary.dimensions[name] for name in question.group_by]
    terms["unknown"] = _(
        "What is not known, or too coarsely for the dimension, is a row of its own and never "
        "dropped or guessed."
    )
    if any(isinstance(kind, OfPeriods) for kind in kinds):
        terms["periods"] = _(
            "A date known to the year has no quarter and no month: those are unknown, not January."
        )
    if any(isinstance(kind, OfGroups) for kind in kinds):
        terms["groups"] = _(
            "Members of groups are those of today. The others (rest) are what is surely in none "
            "of them; a code too coarse to say is unknown."
        )
    if any(isinstance(kind, OfBands) for kind in kinds):
        terms["bands"] = _("A band begins with its first amount and ends below its second.")
    if question.top is not None:
        terms["other"] = _("All that is known and not among the largest, each project once.")
    if question.cumulative:
        terms["cumulative"] = _(
            "All periods up to the end of the row's; unknown ones are left out."
        )
    if question.compare:
        terms["previous"] = _("The same row one year before, as far as the filters select it.")
    if not additive:
        terms["additive"] = _(
            "Rows overlap: they do not add up to the total, which counts everything once."
        )
    return terms


def _define_projects(filters: Mapping[str, Any]) -> str:
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
