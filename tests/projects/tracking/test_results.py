"""Promised (承诺) and actual results of projects by the year, and their days of review."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Project
from tests.answers import API, Row, found, made, mistakes, sign_in, walk
from tests.conftest import make_vocabularies
from tests.factories import (
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
)
from tests.factory_values import date_columns
from tests.projects.importing.imports import applied, table
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
OUTPUT, TAX = "output_per_year", "tax_per_year"
YEAR_2025 = date_columns("period_from", "2025") | date_columns("period_to", "2025")
YEAR_2024 = date_columns("period_from", "2024") | date_columns("period_to", "2024")
IN_DAYS = date_columns("period_from", "2025-01-01") | date_columns("period_to", "2025-12-31")
IN_A_YEAR = date_columns("period_from", "2024-07-01") | date_columns("period_to", "2025-06-30")
IN_A_QUARTER = YEAR_2025 | {"period_to_precision": "quarter"}
# Project, indicator, nature, period, number and more
CLAIMS: list[tuple[str, str, str, dict[str, Any], int, dict[str, Any]]] = [
    ("fab", OUTPUT, "promised", YEAR_2025, 1000, {}),
    ("fab", OUTPUT, "actual", YEAR_2025, 1500, {"as_of": date(2026, 1, 1)}),
    ("fab", OUTPUT, "actual", IN_DAYS, 700, {"as_of": date(2026, 2, 1)}),
    ("fab", OUTPUT, "promised", YEAR_2024, 900, {"qualifier": "at_least"}),
    ("fab", TAX, "promised", IN_DAYS, 50, {}),
    ("fab", TAX, "actual", YEAR_2025, 50, {}),
    ("fab", "jobs", "promised", YEAR_2025, 80, {}),
    ("fab", "jobs", "actual", YEAR_2025, 90, {}),
    ("lab", OUTPUT, "actual", YEAR_2025, 300, {}),
    ("lab", TAX, "promised", YEAR_2025, 0, {}),
    ("lab", TAX, "actual", YEAR_2025, 5, {}),
    # None of these is a result of a year
    ("lab", OUTPUT, "promised", IN_A_YEAR, 1, {}),
    ("lab", OUTPUT, "promised", IN_A_QUARTER, 2, {}),
    ("lab", OUTPUT, "at_capacity", YEAR_2025, 3, {}),
    ("lab", OUTPUT, "promised", YEAR_2025, 4, {"is_withdrawn": True}),
    ("lab", OUTPUT, "promised", YEAR_2025, 5, {"scope_text": "一期"}),
    ("lab", OUTPUT, "promised", YEAR_2025, 6, {"currency": "USD"}),
    ("lab", "fixed_investment", "promised", YEAR_2025, 7, {}),
]
OUTCOMES = ("reached", "short", "no_actual", "no_promise")
LAND = {"fab": 20, "lab": None}
YEARS = ("period_from_precision", "period_to_precision")


@kept_rows(autouse=True)
def claims() -> None:
    make_vocabularies()
    town = ParkFactory.create(code="town")
    for code, land in LAND.items():
        ProjectFactory.create(code=code, park=town, land_mu=land, origin_id="330300")
    ProjectFactory.create(code="hidden", park=town, publication="draft")
    hidden = ("hidden", OUTPUT, "promised", YEAR_2025, 9, {})
    for project, indicator, nature, period, number, more in (*CLAIMS, hidden):
        is_plain = indicator == "jobs" or "currency" in more
        amount = {"amount_cny": None, "value": number} if is_plain else {"amount_cny": number}
        ProjectFigureFactory.create(
            project=Project.objects.get(code=project),
            indicator_id=indicator,
            indicator=None,
            nature=nature,
            investment_basis="",
            **period,
            **amount,
            **more,
            **({"as_of_precision": "day"} if "as_of" in more else {}),
        )


def compare() -> dict[tuple[str, str, int], dict[str, int]]:
    """Compare the claims of CLAIMS in plain Python: by project, indicator and year."""
    found: dict[tuple[str, str, int], dict[str, int]] = defaultdict(dict)
    newest: dict[Any, date] = {}
    for project, indicator, nature, period, number, more in CLAIMS:
        is_year = {period[name] for name in YEARS} == {"year"} or period is IN_DAYS
        is_result = indicator in {OUTPUT, TAX, "jobs"} and nature in {"promised", "actual"}
        if not (is_year and is_result) or {"is_withdrawn", "scope_text", "currency"} & {*more}:
            continue
        key = (project, indicator, period["period_from"].year)
        day = more.get("as_of", date(key[2], 12, 31))
        if newest.get((key, nature), date.min) <= day:
            newest[key, nature] = day
            found[key][nature] = number
    return found


def find_outcome(said: dict[str, int]) -> str:
    if len(said) < 2:
        return "no_actual" if "promised" in said else "no_promise"
    return "reached" if said["actual"] >= said["promised"] else "short"


def read_rows(rows: list[Row]) -> dict[tuple[str, str, int], dict[str, int]]:
    return {
        (row["project"], row["indicator"], row["year"]): {
            name: row[name] for name in ("promised", "actual") if row[name] is not None
        }
        for row in rows
    }


@pytest.mark.slow
@pytest.mark.both_databases
def test_each_year_compares_the_newest_claims_of_both(api: APIClient) -> None:
    rows = walk(api, "results", limit=2)
    assert read_rows(rows) == compare()
    for row in rows:
        said = [row["promised"], row["actual"]]
        assert row["difference"] == (None if None in said else said[1] - said[0])
        for name in ("promised", "actual"):
            land = LAND[row["project"]]
            has_both = row[name] is not None and land
            assert row[f"{name}_per_mu"] == (row[name] / land if land and has_both else None)
            if row[name] is not None:
                code = row[f"{name}_figure"]
                claim = found(api.get(f"{API}/projects/{row['project']}/figures/{code}"))
                assert (claim["value"], claim["nature"]) == (row[name], name)


def test_a_claim_by_its_own_address_and_a_past_moment(admin_api: APIClient) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    body = {"indicator": TAX, "nature": "promised", "value": "2万元", "period_from": "2027"}
    made(admin_api.post(f"{API}/projects/lab/figures", body | {"period_to": "2027"}))
    asked = {"year": "2027"}
    (row,) = found(admin_api.get(f"{API}/results", asked))["results"]
    assert (row["promised"], row["actual"], row["unit"]) == (20_000, None, "CNY per year")
    assert found(admin_api.get(f"{API}/results", asked | {"as_of": moment}))["results"] == []
    early = body | {"nature": "actual", "period_to": "2027"}
    assert mistakes(admin_api.post(f"{API}/projects/lab/figures", early))


def test_results_are_filtered_by_themselves_and_by_their_projects(api: APIClient) -> None:
    everything = compare()
    for outcome in OUTCOMES:
        expected = {k: v for k, v in everything.items() if find_outcome(v) == outcome}
        assert read_rows(walk(api, "results", outcome=outcome)) == expected
    of_tax = {k: v for k, v in everything.items() if k[1] == TAX}
    assert read_rows(walk(api, "results", indicator=TAX)) == of_tax
    assert read_rows(walk(api, "results", indicator_not=f"{OUTPUT},jobs")) == of_tax
    of_2024 = {k: v for k, v in everything.items() if k[2] == 2024}
    assert read_rows(walk(api, "results", year="2024")) == of_2024
    of_lab = {k: v for k, v in everything.items() if k[0] == "lab"}
    assert read_rows(walk(api, "results", code="lab", origin="330000", park="town")) == of_lab
    assert walk(api, "results", origin="110000") == []


@pytest.mark.slow
@pytest.mark.both_databases
def test_totals_say_how_many_have_both_and_open_into_their_lists(api: APIClient) -> None:
    groups: dict[tuple[str, int], list[dict[str, int]]] = defaultdict(list)
    for (_project, indicator, year), said in compare().items():
        groups[indicator, year].append(said)
    rows = found(api.get(f"{API}/results/summary", {"park": "town"}))["rows"]
    assert [(row["indicator"], row["year"]) for row in rows] == sorted(groups)
    for row in rows:
        mine = groups[row["indicator"], row["year"]]
        both = [said for said in mine if len(said) == 2]
        lists = {"both": both} | {
            word: [said for said in mine if find_outcome(said) == word] for word in OUTCOMES
        }
        told = row["counts"] | {"": {name: row[name] for name in ("count", "list_url")}}
        assert {*told} == {"", *lists}
        for name, some in (lists | {"": mine}).items():
            assert told[name]["count"] == len(some)
            listed = read_rows(found(api.get(told[name]["list_url"]))["results"])
            assert sorted(map(str, listed.values())) == sorted(map(str, some))
        for name in ("promised", "actual"):
            assert row[name] == (sum(said[name] for said in both) if both else None)
    (taxes,) = found(api.get(f"{API}/results/summary", {"indicator": TAX}))["rows"]
    assert (taxes["counts"]["both"]["count"], taxes["percent"]) == (2, 110.0)
    none = {"indicator": TAX, "outcome": "short"}
    assert found(api.get(f"{API}/results/summary", none))["rows"] == []


def test_no_result_in_words_is_missing_from_the_comparison(admin_api: APIClient) -> None:
    own = f"{API}/projects/lab/figures"
    body = {"indicator": "jobs", "nature": "actual", "period_from": "2025", "period_to": "2025"}
    told = made(admin_api.post(own, {**body, "value": "约200人"}))
    assert (told["value"], told["qualifier"]) == (200, "about")
    (row,) = walk(admin_api, "results", code="lab", indicator="jobs")
    assert (row["actual"], row["actual_qualifier"]) == (200, "about")
    refused = admin_api.post(own, {**body, "value": "若干"})
    assert mistakes(refused) == {"#/value": "not_a_number"}
    made(admin_api.post(own, {**body, "nature": "at_capacity", "value": "若干"}))
    header = ["项目编码", "指标", "性质", "年度", "数值"]
    sheet = table(header, ["lab", "jobs", "承诺", "2025", "超300人"])
    applied(admin_api, sheet, resource="project_figures")
    (row,) = walk(admin_api, "results", code="lab", indicator="jobs")
    assert (row["promised"], row["promised_qualifier"]) == (300, "over")


# --- Days of review -------------------------------------------------------------------------------

DAYS = {"gone": "2026-06-14", "today": "2026-06-15", "june": "2026-06", "may": "2026-05"}


@pytest.fixture
def reviewed(admin_api: APIClient) -> APIClient:
    for code, day in DAYS.items():
        body = {"code": code, "park": "town", "name_zh": code, "review_on": day}
        made(admin_api.post(f"{API}/projects", body))
    body = {"code": "idle", "park": "town", "name_zh": "停", "review_on": "2026-01"}
    body |= {"standing": "suspended", "standing_reason": "停工"}
    made(admin_api.post(f"{API}/projects", body))
    day = {"review_on": date(2026, 1, 1), "review_on_precision": "day"}
    full = ProjectFactory.create(code="full", park=Project.objects.get(code="fab").park, **day)
    MilestoneFactory.create(project=full, type="full_capacity", status="met")
    return admin_api


def list_codes(api: APIClient, **asked: str) -> set[str]:
    return {row["code"] for row in walk(api, "projects", **asked)}


def test_projects_past_their_day_of_review_are_one_list(reviewed: APIClient) -> None:
    assert list_codes(reviewed, past_review="true") == {"gone", "may"}
    assert list_codes(reviewed, review_from="2026-06") == {"gone", "today", "june"}
    assert list_codes(reviewed, review_to="2026-06-15") == {"gone", "today", "may", "idle", "full"}
    assert list_codes(reviewed, review_to="2026-06", review_from="2026-06-15") == {"today"}
    park = Project.objects.get(code="fab").park
    viewer = sign_in(MembershipFactory.create(park=park, role=Role.VIEWER).user)
    reviews = found(viewer.get(f"{API}/attention"))["reviews"]
    assert (reviews["count"], [row["code"] for row in reviews["results"]]) == (2, ["may", "gone"])
    assert {row["code"] for row in found(viewer.get(reviews["list_url"]))["results"]} == {
        "gone",
        "may",
    }
