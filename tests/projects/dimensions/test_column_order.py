"""What is grouped and summed is read by SQLite from an index alone, or is named here."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, Sum
from django_cte import with_cte

from parks.access import select_readable
from projects.dimensions.dimensions import DIMENSIONS
from projects.dimensions.groupings import GroupingContext
from projects.filters import ProjectFilterSet
from projects.models import Project, SigningEvent
from projects.summaries.follow_through import gather_cells
from projects.summaries.measures import MEASURES, build_project_sums, find_column_measures

pytestmark = [pytest.mark.django_db, pytest.mark.only_sqlite]

# For these SQLite scans the table.
SCANNED = {
    # Beyond the 63rd column of the table, which SQLite never reads from an index alone
    *("responsible_unit", "working_unit", "floor_area_m2", "lost_because", "lost_to"),
    # No index has these columns, or not the precision of their date
    *("capital_type", "completeness", "intended_year", "land_mu", "origin_scope", "project_region"),
    *(f"{stage}_quarter" for stage in ("intended", "started", "completed", "operating")),
    *(f"{stage}_month" for stage in ("intended", "started", "completed", "operating")),
}


def is_scanned(rows: Any) -> bool:
    return bool(re.search(r"SCAN projects_project\b(?! USING COVERING INDEX)", rows.explain()))


def group_by(name: str, reader: User | None) -> Any:
    """Sums by a dimension, as a reader sees it."""
    grouping = DIMENSIONS[name].grouping(
        GroupingContext(events=SigningEvent.objects.all(), reader=reader)
    )
    rows = grouping.sets(select_readable(Project, reader).order_by(), "")
    if grouping.joined:
        rows = grouping.joined(rows, "")
    keyed = rows.annotate(key=grouping.key("")).values("key")
    return keyed.annotate(count=Count("pk"), total=Sum("investment_cny"))


def add_up(name: str) -> Any:
    """The sums of a measure by stage."""
    sums = {f"sum_{each}": sum_ for each, sum_ in build_project_sums([name]).items()}
    return select_readable(Project, None).order_by().values("stage").annotate(**sums)


@pytest.mark.usefixtures("vocabularies")
def test_sums_are_read_from_an_index_alone_or_are_named_here(superuser: User) -> None:
    cells = gather_cells(select_readable(Project, None))
    cohorts = cells.queryset().order_by().values("signed_year")
    asked = [
        *((name, group_by(name, reader)) for name in DIMENSIONS for reader in (None, superuser)),
        *((name, add_up(name)) for name in find_column_measures(MEASURES)),
        ("cohorts", with_cte(cells, select=cohorts)),
    ]
    assert {name for name, rows in asked if is_scanned(rows)} == SCANNED


def test_sums_of_what_counts_in_totals_are_read_from_an_index_alone() -> None:
    with connection.cursor() as cursor:  # as ANALYZE has it of 100,000 projects
        cursor.execute("ANALYZE")
        cursor.executemany(
            "INSERT INTO sqlite_stat1 VALUES ('projects_project', %s, %s)",
            [
                ("project_by_amount", f"100010 194{' 1' * 14}"),
                ("project_by_park", f"100010 2001 9{' 1' * 31}"),
            ],
        )
        cursor.execute("ANALYZE sqlite_schema")
    readable = select_readable(Project, None)
    counted = ProjectFilterSet({"counts_in_totals": "true"}, queryset=readable).qs
    for rows, is_read in ((readable.filter(totals_exclusion=""), True), (counted, False)):
        grouped = rows.order_by().values("origin_province", "park", "agreement_type")
        assert is_scanned(grouped.annotate(count=Count("pk"))) == is_read


@pytest.mark.parametrize("column", ["origin", "sector"])
def test_a_page_of_what_few_have_is_found_in_an_index_alone(column: str) -> None:
    few = {f"{column}__gte": "C39", f"{column}__lt": "C4", "signed_year": 2020}
    page = Project.objects.filter(**few).order_by().values("investment_rank", "pk")
    plan = page.explain()
    assert f"project_by_{column}" in plan
    assert "COVERING INDEX" in plan
