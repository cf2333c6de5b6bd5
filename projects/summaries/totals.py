"""Grouped totals over any queryset of projects, or of flows of money: rows that open into lists.

The database groups by columns of the project itself; keys become values and get their names
afterwards. So few rows come back that they are put together, ordered and cut here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.problems.errors import ParameterError, QueryError
from projects.dimensions.dimensions import OTHER, Asked, Grouping
from projects.models import Participation, SigningEvent
from projects.summaries import measures
from projects.summaries.measures import SHARES, Tally
from projects.summaries.questions import FUNDINGS, PROJECTS, Question, Vocabulary
from projects.summaries.rows import Link, Rows, Values

MOST_CELLS = 100_000  # that the database gives
MOST_ROWS = 10_000  # that an answer has


@dataclass(frozen=True)
class Surroundings:
    """What a summary must know besides its question.

    `events` are those that the person may see; `link` makes the address of the list of a row,
    from the values that its filters shall have and those that their `_not` twins shall have, too.
    `named` are the values that the filters of overlapping dimensions name: others are not shown,
    since the list of a row could not say both.
    """

    events: QuerySet = field(default_factory=SigningEvent.objects.none)
    link: Link = lambda equal, without: None
    named: Mapping[str, Collection[Any]] = field(default_factory=dict)


def summarise(
    projects: QuerySet, question: Question, around: Surroundings | None = None
) -> dict[str, Any]:
    """The answer to a question about these projects, whatever filters made the queryset.

    `rows` have for each dimension `value`, `name_zh` and `name_en`, then the measures and a
    `list_url`; `total` is over distinct projects. Amounts are whole yuan, shares percent.
    Raises QueryError where there would be too many rows.
    """
    return Summary(projects, question, around or Surroundings()).answer()


class Summary:
    """One question about projects on its way to its answer."""

    vocabulary: Vocabulary = PROJECTS
    project = ""  # the path from the rows to their projects

    def __init__(self, rows: QuerySet, question: Question, around: Surroundings) -> None:
        names = question.group_by
        self.rows = rows.order_by()
        self.question = question
        self.around = around
        self.asked = Asked(question.bands, around.events)
        self.groupings = [self.vocabulary.dimensions[name].grouping(self.asked) for name in names]
        self.is_joined = any(grouping.joined for grouping in self.groupings)
        self.periods = [names.index(name) for name in self.vocabulary.periods(names)]
        # `top` cuts the first dimension that is not of time.
        self.cut_place = next((n for n in range(len(names)) if n not in self.periods), 0)
        self.top: list[Any] | None = None
        self.uncut: dict[Values, Tally] = {}  # the sums by values before `top` cut them

    def answer(self) -> dict[str, Any]:
        """The whole answer but for what only the request knows: the filters."""
        cells = self.cells(self.rows, range(len(self.groupings)))
        total = self.distinct(cells)
        folded = self.cut(cells) if self.groupings else {}
        if len(folded) > MOST_ROWS:
            raise too_many_rows()
        rows = Rows(self, folded, self.wholes(cells, total))
        answer = {
            "group_by": [*self.question.group_by],
            "measures": [*self.question.measures],
            "rows": rows.made(),
            "total": self.facts(total) | {"list_url": self.around.link({}, {})},
            "additive": self.is_additive(total),
            "as_of": None,
            "generated_on": str(timezone.localdate()),
        }
        if "size_band" in self.question.group_by:
            answer["bands"] = [*self.question.bands]
        return answer

    def is_additive(self, total: Mapping[str, int]) -> bool:
        """Whether the rows, unknown ones included, add up to the total."""
        return all(grouping.is_additive for grouping in self.groupings)

    # --- What the database says --------------------------------------------------------------

    def sums(self) -> dict[str, Any]:
        return measures.project_sums(self.question.measures)

    def facts(self, tally: Mapping[str, int]) -> dict[str, Any]:
        """What the answer says of a cell."""
        return measures.project_facts(tally, self.question.measures)

    def cells(self, rows: QuerySet, places: Iterable[int]) -> dict[Values, Tally]:
        """The sums by the keys of some of the dimensions."""
        groupings = [self.groupings[place] for place in places]
        cells = grouped(rows, groupings, self.sums(), self.project)
        for measure in measures.claim_measures(self.question.measures):
            claims = measures.claims_of(rows, measure)
            sums = measures.claim_sums(measure)
            for keys, tally in grouped(claims, groupings, sums, "project__").items():
                add(cells.setdefault(keys, {}), tally)
        return cells

    def distinct(self, cells: Mapping[Values, Tally]) -> Tally:
        """The sums over distinct rows: each is in one cell, unless it was joined to several."""
        return added((self.cells(self.rows, ()) if self.is_joined else cells).values())

    def wholes(self, cells: Mapping[Values, Tally], total: Tally) -> dict[Values, Tally]:
        """What shares are shares of: all rows of the same periods, each counted once."""
        if not self.periods:
            return {(): total}
        places = [*range(len(self.groupings))]
        if self.is_joined and SHARES.keys() & {*self.question.measures}:
            places, cells = self.periods, self.cells(self.rows, self.periods)
        wholes: dict[Values, Tally] = {}
        for keys, tally in cells.items():
            key_of = dict(zip(places, keys, strict=True))
            period = tuple(self.groupings[n].values(key_of[n])[0] for n in self.periods)
            add(wholes.setdefault(period, {}), tally)
        return wholes

    # --- From keys to values -----------------------------------------------------------------

    def folded(self, cells: Mapping[Values, Tally], places: Sequence[int]) -> dict[Values, Tally]:
        """The sums by values: those of overlapping groups stand in each of them."""
        folded: dict[Values, Tally] = {}
        for keys, tally in cells.items():
            of_each = [self.values(place, key) for place, key in zip(places, keys, strict=True)]
            for values in product(*of_each):
                add(folded.setdefault(values, {}), tally)
        return folded

    def values(self, place: int, key: Any) -> Iterable[Any]:
        """The values that a key of a dimension stands for in this answer."""
        values = self.groupings[place].values(key)
        named = self.around.named.get(self.question.group_by[place])
        if named is not None:
            values = tuple(value for value in values if value in named)
        if self.top is None or place != self.cut_place:
            return values
        kept = tuple(value for value in values if value is None or value in self.top)
        return kept or (() if self.groupings[place].joined else (OTHER,))

    def cut(self, cells: Mapping[Values, Tally]) -> dict[Values, Tally]:
        """The sums by values: of one dimension only the largest, all others as one."""
        places = range(len(self.groupings))
        self.uncut = folded = self.folded(cells, places)
        if self.question.top is None:
            return folded
        totals = totalled(folded, self.cut_place)
        totals.pop(None, None)
        ranked = sorted(totals, key=lambda value: (-self.size(totals[value]), str(value)))
        if len(ranked) <= self.question.top:
            return folded
        self.top = ranked[: self.question.top]
        folded = self.folded(cells, places)
        if self.groupings[self.cut_place].joined:
            at = self.cut_place
            rest = [place for place in places if place != at]
            beyond = self.folded(self.cells(self.beyond_the_top(), rest), rest)
            for values, tally in beyond.items():
                add(folded.setdefault((*values[:at], OTHER, *values[at:]), {}), tally)
        return folded

    def beyond_the_top(self) -> QuerySet:
        """Of the rows whose projects were at events, those that were at none of the largest."""
        there = Participation.objects.filter(
            project=OuterRef(f"{self.project}pk"), event__in=self.asked.events.values("pk")
        )
        at_top = there.filter(event__code__in=self.top or ())
        return self.rows.filter(Exists(there)).exclude(Exists(at_top))

    def size(self, tally: Mapping[str, int]) -> int:
        """What a value is ranked by: the measure of the order, else the first of the question."""
        asked = [self.question.order.removeprefix("-"), *self.question.measures, "count"]
        plain = [SHARES.get(name, name) for name in asked]
        added_up = {*self.vocabulary.measures} - {"count_at_least"}
        return tally.get(next(name for name in plain if name in added_up), 0)


class FundingSummary(Summary):
    """One question about flows of money on its way to its answer."""

    vocabulary = FUNDINGS
    project = "project__"

    def sums(self) -> dict[str, Any]:
        return measures.funding_sums()

    def facts(self, tally: Mapping[str, int]) -> dict[str, Any]:
        return measures.funding_facts(tally, self.question.measures)

    def is_additive(self, total: Mapping[str, int]) -> bool:
        return super().is_additive(total) and not measures.is_of_several_kinds(total)


def grouped(
    rows: QuerySet, groupings: Sequence[Grouping], sums: Mapping[str, Any], project: str
) -> dict[Values, Tally]:
    """The sums of the rows by the keys of the groupings; QueryError where there are too many."""
    for grouping in groupings:
        if grouping.joined:
            rows = grouping.joined(rows, project)
    keys = {f"key_{n}": grouping.key(project) for n, grouping in enumerate(groupings)}
    # By names of their own: columns are called as what is added up of them
    wanted = {f"sum_{name}": made for name, made in sums.items()}
    if not keys:
        return {(): counted(rows.aggregate(**wanted), sums)}
    found = rows.annotate(**keys).values(*keys).annotate(**wanted).order_by()[: MOST_CELLS + 1]
    cells = {tuple(row[key] for key in keys): counted(row, sums) for row in found}
    if len(cells) > MOST_CELLS:
        raise too_many_rows()
    return cells


def counted(row: Mapping[str, Any], names: Iterable[str]) -> Tally:
    """The sums of a row of the database; whether a 0 is known, its count of known ones says."""
    return {name: int(row[f"sum_{name}"] or 0) for name in names}


def add(tally: Tally, other: Mapping[str, int]) -> None:
    """Add the sums of one tally to those of another."""
    for name, value in other.items():
        tally[name] = tally.get(name, 0) + value


def added(tallies: Iterable[Tally]) -> Tally:
    total: Tally = {}
    for tally in tallies:
        add(total, tally)
    return total


def totalled(folded: Mapping[Values, Tally], place: int) -> dict[Any, Tally]:
    """The sums by the values of one dimension alone."""
    totals: dict[Any, Tally] = {}
    for values, tally in folded.items():
        add(totals.setdefault(values[place], {}), tally)
    return totals


def too_many_rows() -> QueryError:
    message = _("There would be more than %(most)d rows. Group by less, use filters, or “top”.")
    detail = message % {"most": MOST_ROWS}
    return QueryError([ParameterError("group_by", "too_many_rows", detail)])
