"""The indexes of projects: from which pages are found, and sums, counts and facets are read."""

from django.db import models
from django.db.models import F, Q

from config.indexes import CoveringIndex, IndexOnPostgreSQL, index_orders
from projects.models.naming import NameKey

# What is added up and counted by, or selects what is: with the keys as many as an index can hold
ADDED_UP = [
    *("publication", "stage", "agreement_type", "investment_cny", "investment_qualifier"),
    *("investment_basis", "origin_province", "sector_section", "signed_year", "standing"),
    *("totals_exclusion", "stage_rank", "kind", "function", "site_mode", "hitech", "paid_in_cny"),
    *("news_on", "origin_city", "sector_division", "origin", "sector", "signed_on"),
    *("signed_on_precision", "has_intent", "has_money", "started_on"),
    *("completed_on", "operating_on"),
]
# What lists are mostly narrowed by, besides what the index begins with
NARROWED_BY = ["publication", "park", "investment_cny", "stage", "standing", "signed_year"]
MORE_NARROWED_BY = ["origin", "sector", "signed_on", "totals_exclusion", "kind", "hitech"]
# What those few that an index begins with are sorted by, so that only a page of them is fetched
SORTED_BY = ["investment_rank", "code_key", "id"]

PROJECT_INDEXES = [
    # A planner that does not know how many rows a condition selects chooses one of these
    # by its first columns alone. So they hold what it would else fetch from the table.
    CoveringIndex(
        *("park", F("investment_rank").desc(), F("id").desc()),
        name="project_by_park",
        include=ADDED_UP,  # sums, counts and facets of all projects are read from it, too
    ),
    CoveringIndex(
        *(F("investment_rank").desc(), F("id").desc()),
        name="project_by_amount",
        include=[*NARROWED_BY, *MORE_NARROWED_BY],
    ),
    CoveringIndex(
        *("origin", "sector"),
        name="project_by_origin",
        include=[*NARROWED_BY, *SORTED_BY],
    ),
    CoveringIndex(
        *("sector", "origin"),
        name="project_by_sector",
        include=[*NARROWED_BY, *SORTED_BY],
    ),
    # What was signed in a year in a sector is a fortieth of what is in that sector
    IndexOnPostgreSQL(
        fields=["signed_year", "sector"],
        include=["publication", "park", "investment_cny", *SORTED_BY],
        name="project_by_signing_year",
    ),
    # The news of a park, newest first
    CoveringIndex(
        *("park", "updated_at", "id"), name="project_by_park_update", include=["publication"]
    ),
    # All are counted from this one: it has an entry for many of them at once
    IndexOnPostgreSQL(fields=["park", "publication"], name="project_by_publication"),
    *index_orders(
        "project",
        signing="signed_on",
        stage_date="stage_on",
        chinese_name="name_zh",
        english_name="name_en",
        creation="created_at",
        update="updated_at",
        news="news_on",  # whose last news is the oldest
    ),
    # What is overdue or due, and what of it is first: with all that is asked of those
    *(
        models.Index(
            fields=[day, "id", "standing", "stage", "publication", "park"],
            condition=Q(**{f"{day}__isnull": False}),
            name=f"project_by_{name}",
        )
        for name, day in (("plan", "next_planned_on"), ("next_step", "next_step_due_on"))
    ),
    models.Index(NameKey("name_zh"), F("park"), name="project_by_name_zh"),
    models.Index(NameKey("name_en"), F("park"), name="project_by_name_en"),
]
