"""The sheets of a workbook of projects: the rows that belong to them, in the same order."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from config.api.files import build_sheet
from config.spreadsheets import Column, Sheet, Table
from parks.access import select_readable
from projects.children.columns import (
    FUNDINGS,
    INVESTORS,
    MILESTONES,
    PARTICIPATIONS,
    PROJECT_FIGURES,
)
from projects.models import Funding, Investor, Milestone, Participation, ProjectFigure, SigningEvent

SayColumns = Callable[[Sequence[Column], Any], Sequence[Column]]


def build_sheets(
    projects: QuerySet, actor: Any, say: SayColumns = lambda columns, model: columns
) -> Iterator[Sheet]:
    """Build the sheets of what belongs to these projects, as far as this person may see it.

    `say` gives the columns of rows of a model as they are to be said.
    """
    keys = projects.order_by().values("pk")
    events = select_readable(SigningEvent, actor)
    rows: list[tuple[Table, QuerySet]] = [
        (MILESTONES, Milestone.objects.all()),
        (INVESTORS, Investor.objects.all()),
        (PARTICIPATIONS, Participation.objects.filter(event__in=events)),
        (PROJECT_FIGURES, ProjectFigure.objects.all()),
        (FUNDINGS, Funding.objects.all()),
    ]
    for table, found in rows:
        of_these = found.filter(project__in=keys).order_by("project__code_key", "id")
        yield build_sheet(str(table.title), of_these, say(table.columns, found.model), actor)
