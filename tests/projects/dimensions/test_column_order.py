"""What is grouped and summed stands where SQLite can read it from an index alone."""

import pytest
from django.db import connection
from django.db.models import Count, Sum

from projects.lifecycle.words import FROM_PROGRESS
from projects.models import Project

pytestmark = pytest.mark.django_db

# SQLite marks the columns that a query needs in 64 bits, of which the last is for all others
FIRST = 60
NEITHER_GROUPED_NOR_SUMMED = {
    *(
        "national_code",
        "capital_type_stated",
        "phase_no",
        "reported_on",
        "reported_on_precision",
        "reported_on_end",
        "origin_text",
        "sector_text",
        "note",
        "open_issues",
        "responsible_unit",
    ),
    *("contact", "standing_on", "standing_on_precision", "standing_reason", "source_id"),
    *("duplicate_of_id", "part_of_id", "counts_apart", *FROM_PROGRESS),
    *("region_id", "address", "site", "latitude", "longitude", "point_accuracy", "point_datum"),
}
SOME_THAT_ARE = {
    *("park_id", "publication", "kind", "function", "site_mode", "standing", "stage", "hitech"),
    *("origin_id", "origin_basis", "origin_province", "origin_city", "signed_on", "signed_year"),
    *("sector_id", "sector_section", "sector_division", "agreement_type", "investment_basis"),
    *("investment_cny", "investment_qualifier", "investment_rank", "paid_in_cny", "land_mu"),
    "land_qualifier",
    *("stage_rank", "totals_exclusion", "started_on", "completed_on", "operating_on", "news_on"),
    *(
        "capital_type",
        "origin_scope",
        "updated_at",
        "next_planned_on",
        "intended_on",
        "is_umbrella",
        "project_region",
    ),
}


def test_dimensions_and_measures_are_among_the_first_columns_of_the_table() -> None:
    declared = {field.column for field in Project._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Project._meta.db_table} LIMIT 0")
        stored = [column[0] for column in cursor.description]
    assert declared == set(stored) >= NEITHER_GROUPED_NOR_SUMMED | SOME_THAT_ARE
    late = set(stored[FIRST:]) - NEITHER_GROUPED_NOR_SUMMED
    assert late == set(), "move these up in the model and in a new first migration"
    assert not SOME_THAT_ARE & NEITHER_GROUPED_NOR_SUMMED


@pytest.mark.parametrize("column", ["stage", "origin_province", "signed_year", "sector_section"])
def test_sums_are_read_from_an_index_alone(column: str) -> None:
    rows = Project.objects.visible_to(None).order_by().values(column)
    sums = rows.annotate(count=Count("pk"), total=Sum("investment_cny"))
    assert "COVERING INDEX" in sums.explain()


@pytest.mark.parametrize("column", ["origin", "sector"])
def test_a_page_of_what_few_have_is_found_in_an_index_alone(column: str) -> None:
    few = {f"{column}__gte": "C39", f"{column}__lt": "C4", "signed_year": 2020}
    page = Project.objects.filter(**few).order_by().values("investment_rank", "pk")
    plan = page.explain()
    assert f"project_by_{column}" in plan
    assert "COVERING INDEX" in plan
