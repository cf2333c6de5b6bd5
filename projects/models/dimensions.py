"""Generated columns and indexes of projects.

No joins, and no drift: a list, a count and a sum of one group read the same column.
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Length, Substr
from django.db.models.lookups import Exact, GreaterThanOrEqual

from config.database.indexes import CoveringIndex, IndexOnPostgreSQL, index_orders
from parks.models.vocabularies import FIRST_OF_COUNTRIES, FOREIGN, in_range
from projects.models.naming import NameKey
from projects.models.words import STAGES, OriginScope, Stage, list_stages_from, rank
from sheets.fields import CodeField

_CODE = CodeField()
# The stored columns are right for six-digit codes. Where codes are others, nothing reads them:
# docs/explanation/decisions/0035-profiles.md
_IS_COUNTRY = Q(origin__gte=FIRST_OF_COUNTRIES)
_IS_BEYOND = in_range("origin", "71") | in_range("origin", "81") | in_range("origin", "82")
_OWN_CITIES = ("11", "12", "31", "50", "81", "82")  # the four municipalities, Hong Kong and Macao
_IS_ITS_OWN_CITY = reduce(or_, (in_range("origin", prefix) for prefix in _OWN_CITIES))
_IS_PROVINCE = Exact(Substr("origin", 3, 4), Value("0000"))
_UNDER_PROVINCE = Exact(Substr("origin", 3, 2), Value("90"))  # a county with no city above it
_PROVINCE = Concat(Substr("origin", 1, 2), Value("0000"))

# NULL where no origin is known
ORIGIN_PROVINCE = Case(
    When(origin__isnull=True, then=None),
    When(_IS_COUNTRY, then=Value(FOREIGN)),
    default=_PROVINCE,
    output_field=_CODE,
)

# Where only the province is known, the city is unknown
ORIGIN_CITY = Case(
    When(origin__isnull=True, then=None),
    When(_IS_COUNTRY, then=Value(FOREIGN)),
    When(_IS_ITS_OWN_CITY, then=_PROVINCE),
    When(_IS_PROVINCE, then=None),
    When(_UNDER_PROVINCE, then="origin"),
    default=Concat(Substr("origin", 1, 4), Value("00")),
    output_field=_CODE,
)

_SAME_PROVINCE = Q(Exact(Substr("origin", 1, 2), Substr("project_region", 1, 2)))
_IS_COARSE = Q(_IS_PROVINCE) | Q(Exact(Substr("project_region", 3, 4), Value("0000")))
_SAME_CITY = Q(Exact(F("origin"), F("project_region"))) | (
    Q(Exact(Substr("origin", 1, 4), Substr("project_region", 1, 4))) & ~Q(_UNDER_PROVINCE)
)
# How far away the investor is, seen from the project; blank where that is not known
ORIGIN_SCOPE = Case(
    When(origin__isnull=True, then=Value("")),
    When(_IS_COUNTRY, then=Value(OriginScope.ABROAD.value)),
    When(_IS_BEYOND, then=Value(OriginScope.HMT.value)),
    When(
        Q(project_region__isnull=True) | Q(project_region__gte=FIRST_OF_COUNTRIES), then=Value("")
    ),
    When(~_SAME_PROVINCE, then=Value(OriginScope.OTHER_PROVINCE.value)),
    When(_IS_ITS_OWN_CITY, then=Value(OriginScope.SAME_CITY.value)),
    When(_IS_COARSE, then=Value("")),
    When(_SAME_CITY, then=Value(OriginScope.SAME_CITY.value)),
    default=Value(OriginScope.OTHER_CITY.value),
    output_field=CharField(),
)

SECTOR_SECTION = Substr("sector", 1, 1)
SECTOR_DIVISION = Case(
    When(GreaterThanOrEqual(Length("sector"), Value(3)), then=Substr("sector", 1, 3)),
    default=None,
    output_field=_CODE,
)

# The place of a stage in the lifecycle, counted from 0; -1 where none is known
STAGE_RANK = Coalesce(rank("stage", STAGES), Value(-1))
MILESTONE_RANK = rank("type", STAGES)

# Why a project is left out of signed totals; blank for those that count
TOTALS_EXCLUSION = Case(
    When(is_umbrella=True, then=Value("umbrella")),
    When(duplicate_of__isnull=False, then=Value("duplicate")),
    When(standing="merged", then=Value("merged")),
    When(part_of__isnull=False, counts_apart__isnull=True, then=Value("part")),
    When(~Q(stage__in=list_stages_from(Stage.SIGNED)), then=Value("no_contract")),
    default=Value(""),
    output_field=CharField(),
)


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
        *("origin", "sector"), name="project_by_origin", include=[*NARROWED_BY, *SORTED_BY]
    ),
    CoveringIndex(
        *("sector", "origin"), name="project_by_sector", include=[*NARROWED_BY, *SORTED_BY]
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
    # What took a step in a period
    *(
        models.Index(
            fields=[day], condition=Q(**{f"{day}__isnull": False}), name=f"project_by_{name}"
        )
        for name, day in (
            ("intent", "intended_on"),
            ("start", "started_on"),
            ("completion", "completed_on"),
            ("operation", "operating_on"),
        )
    ),
    models.Index(NameKey("name_zh"), F("park"), name="project_by_name_zh"),
    models.Index(NameKey("name_en"), F("park"), name="project_by_name_en"),
]
