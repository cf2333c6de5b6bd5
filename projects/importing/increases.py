"""Increases (增资) in a file: claims of amounts that add to what a project invests."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from config.amounts import format_cny
from config.dates import PartialDate
from config.imports import ColumnWarning
from config.reading.headers import Match
from parks.cell_lookup import create_rows
from parks.recording.change_rows import chunks
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.cells.measured_cells import Money
from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import ProjectFigure


@dataclass(frozen=True, slots=True)
class SaidIncrease:
    """An amount that adds to another; `of` is the key of whose, or the negative of its line.

    With 0 it adds to the project of its own row, takes the place of all that was added before, and
    says source and day of the newest report.
    """

    money: Money
    of: int = 0
    day: PartialDate | None = None
    source_id: int | None = None


class Added(NamedTuple):
    """An increase that counts."""

    pk: int
    amount_cny: int
    qualifier: str
    day: PartialDate | None


@dataclass(frozen=True)
class Increased:
    """The amount of a project, as it was claimed, and what was added to it."""

    pk: int
    money: Money
    basis: str
    nature: str
    day: PartialDate | None
    added: Sequence[Added] = ()

    def has(self, money: Money) -> bool:
        """Tell whether just so much was added, one time or several."""
        hedges = {each.qualifier for each in self.added}
        is_hedged_so = len(self.added) > 1 or hedges == {money.qualifier}
        return bool(self.added) and self.total == money.cny and is_hedged_so

    @property
    def total(self) -> int:
        return sum(each.amount_cny for each in self.added)

    def __str__(self) -> str:
        """What was added, as a report shows it."""
        hedge = self.added[0].qualifier if len(self.added) == 1 else "exact"
        return format_cny(self.total, hedge) if self.added else ""


def find_increased(projects: Collection[int]) -> dict[int, Increased]:
    """Find the amounts of projects, by key, with what was added to them: two queries for many."""
    found: dict[int, Increased] = {}
    for chunk in chunks(projects):
        rows = ProjectFigure.objects.filter(project__in=chunk).select_headlines()
        best: dict[int, ProjectFigure] = {}
        for row in rows:
            best.setdefault(row.project_id, row)
        added: dict[int | None, list[Added]] = {}
        increases = ProjectFigure.objects.keep_counted_increases()
        for row in increases.filter(adds_to__in=[row.pk for row in best.values()]).order_by("pk"):
            day = PartialDate.from_columns(row.as_of, row.as_of_precision)
            one = Added(row.pk, row.amount_cny or 0, row.qualifier, day)
            added.setdefault(row.adds_to_id, []).append(one)
        for project, row in best.items():
            found[project] = Increased(
                row.pk,
                Money(row.amount_cny, row.qualifier, ""),
                row.investment_basis,
                row.nature,
                PartialDate.from_columns(row.as_of, row.as_of_precision),
                added.get(row.pk, ()),
            )
    return found


def describe_adding(
    matches: Mapping[str, Match], said: Iterable[SaidIncrease | None]
) -> Iterator[ColumnWarning]:
    """Say once of a column that its amounts add to the total of the same row."""
    total, column = matches.get("investment_cny"), matches.get(INCREASE_COLUMN)
    if not (total and column):
        return
    if increases := sum(1 for each in said if each and not each.of):
        detail = _(
            "These are added to “%(total)s”. Where that has them in it already, leave out this "
            "column."
        )
        told = detail % {"total": total.text}
        yield ColumnWarning(column.text, INCREASE_COLUMN, "added", told, increases)


def write_increases(
    said: Sequence[tuple[int, SaidIncrease]], about: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write increases, by project, of amounts that stand.

    `about` has by project the columns of a claim that say source and day of the newest report.
    """
    increased = find_increased({project for project, _said in said})
    claims: list[dict[str, Any]] = []
    ended: list[tuple[int, int]] = []  # the key of a claim, and the place of what supersedes it
    for project, each in said:
        base = increased[project]
        if not each.of:
            ended += [(old.pk, len(claims)) for old in base.added]
        of_row = {
            "as_of": each.day.first if each.day else None,
            "as_of_precision": each.day.precision.value if each.day else "",
            "source_id": each.source_id,
        }
        claims.append(
            {
                "project_id": project,
                "code": ProjectFigure.new_code(),
                "indicator_id": HEADLINE_INDICATOR,
                "amount_cny": each.money.cny,
                "qualifier": each.money.qualifier,
                "investment_basis": base.basis,
                "nature": base.nature,
                "as_reported": each.money.as_reported,
                "adds_to_id": base.pk,
                **(of_row if each.of else about[project]),
            }
        )
    made = create_rows(ProjectFigure, claims)
    ProjectFigure.objects.supersede({old: made[place] for old, place in ended})
