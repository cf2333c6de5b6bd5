"""What columns of projects show that stands in no column of the table, for the one who reads."""

from collections.abc import Callable
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    Field,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)

from config.spreadsheets.sql import JoinedTexts, print_known_date
from parks.access import rights_of, select_readable
from parks.columns import either_name, join_tag_codes
from projects.lifecycle.words import Approval, MilestoneStatus, Stage
from projects.models import Investor, Milestone, Project, ProjectTag


def join_investor_names(actor: Any) -> JoinedTexts:
    """Join the names of a project's investors into one text."""
    rows = Investor.objects.filter(project=OuterRef("pk")).order_by("id")
    return JoinedTexts(rows.values(text=either_name("organisation__")))


def join_tags(actor: Any) -> JoinedTexts:
    """Join the codes of a project's tags into one text, each with the year of its list."""
    return join_tag_codes(ProjectTag.objects.filter(project=OuterRef("pk")))


def show_code_if_visible(column: str) -> Callable[[Any], Case]:
    """Make the function that finds the code a column refers to; none the actor may not see."""

    def code(actor: Any) -> Case:
        visible = select_readable(Project, actor).filter(pk=OuterRef(column))
        return Case(When(**{f"{column}__isnull": False}, then=Subquery(visible.values("code"))))

    return code


def show_work(column: str, kind: type[Field] = TextField) -> Callable[[Any], Any]:
    """Make the function that shows a column to the roles of a project's park, blank to others."""
    blank = Value("" if kind is TextField else None, output_field=kind())

    def cell(actor: Any) -> Any:
        rights = rights_of(actor)
        shown = F(column)
        if rights.is_superuser:
            return ExpressionWrapper(shown, output_field=kind())
        if not rights.parks:
            return blank
        return Case(When(park__in=rights.parks, then=shown), default=blank, output_field=kind())

    return cell


def count_in_totals(actor: Any) -> ExpressionWrapper:
    """Tell whether the project counts in signed totals."""
    return ExpressionWrapper(Q(totals_exclusion=""), output_field=BooleanField())


def make_met_on(stage: Stage | Approval) -> Callable[[Any], Subquery]:
    """Make the function that finds when a step was met: of several, the first period to end."""

    def day(actor: Any) -> Subquery:
        return find_first_date(stage, "actual_on", [MilestoneStatus.MET])

    return day


def make_planned_on(stage: Stage) -> Callable[[Any], Subquery]:
    """Make the function that finds when a step is or was planned: of several, the first to end."""

    def day(actor: Any) -> Subquery:
        return find_first_date(
            stage, "planned_on", [MilestoneStatus.MET, MilestoneStatus.SCHEDULED]
        )

    return day


def find_first_date(
    stage: Stage | Approval, column: str, statuses: list[MilestoneStatus]
) -> Subquery:
    """Find the first date of a project's milestones of a type, as text as far as it is known."""
    dated = Milestone.objects.filter(
        **{f"{column}__isnull": False}, project=OuterRef("pk"), type=stage, status__in=statuses
    ).order_by(f"{column}_end", "id")
    return Subquery(dated.values(text=print_known_date(column))[:1])


def make_document_no(approval: Approval) -> Callable[[Any], Subquery]:
    """Make the function that finds the number of the paper that approves: of the first one."""

    def document_no(actor: Any) -> Subquery:
        met = Milestone.objects.filter(
            project=OuterRef("pk"), type=approval, status=MilestoneStatus.MET
        )
        first = met.order_by(F("actual_on_end").asc(nulls_last=True), "id")
        return Subquery(first.values("document_no")[:1])

    return document_no
