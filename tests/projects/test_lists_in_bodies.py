"""Milestones, investors and figures in the body of a project: whole lists, in one revision."""

from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from parks.recording.records import Change, Revision
from projects.models import Milestone, Project
from tests.answers import API, CarefulClient, Row, error, found, made, mistakes, problem, sign_in
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory, SourceFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

FAB = f"{API}/projects/fab"
INTENDED = {"type": "intended", "actual_on": "2023-05", "agreement_type": "framework"}
SIGNED = {"type": "signed", "actual_on": "2024-03", "agreement_type": "contract"}
STARTS = {"type": "started", "status": "scheduled", "planned_on": "2026"}
AMOUNT = {
    "indicator": "investment",
    "value": "1.5亿元",
    "investment_basis": "agreed",
    "as_of": "2024-03",
}
BODY: Row = {
    "name_zh": "晶圆厂",
    "park": "town",
    "milestones": [INTENDED, SIGNED, STARTS],
    "investors": [{"organisation": "maker", "share_bp": 6000}, {"organisation": "bank"}],
    "figures": [AMOUNT],
}


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    settings.CACHE_MAX_BYTES = 0


@kept_rows(autouse=True)
def town() -> None:
    ParkFactory.create(code="town")
    for code in ("maker", "bank"):
        OrganisationFactory.create(code=code)
    SourceFactory.create(code="report")


@kept_rows
def written_fab(investment_indicator: Any, town: None, superuser: User) -> Row:
    return made(sign_in(superuser, CarefulClient).put(FAB, BODY))


@pytest.fixture
def fab(written_fab: Row) -> Row:
    return deepcopy(written_fab)


def said(rows: list[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def count() -> tuple[int, int]:
    return Revision.objects.count(), Change.objects.count()


def test_a_project_is_created_with_all_its_rows_in_one_revision(admin_api: APIClient) -> None:
    before = Revision.objects.count()
    for row in (
        made(admin_api.put(FAB, BODY)),
        made(admin_api.post(f"{API}/projects?confirm=duplicates", {**BODY, "code": "other"})),
    ):
        assert said(row["milestones"], "type", "status") == [
            ("intended", "met"),
            ("signed", "met"),
            ("started", "scheduled"),
        ]
        assert said(row["investors"], "organisation", "role", "share_bp") == [
            ("maker", "lead", 6000),
            ("bank", "co", None),
        ]
        assert (row["stage"], row["signed_on"], row["agreement_type"], row["version"]) == (
            "signed",
            "2024-03",
            "contract",
            1,
        )
        assert (row["investment_cny"], row["next_planned_on"]) == (150_000_000, "2026-12-31")
    assert Revision.objects.count() == before + 2


@pytest.mark.parametrize("method", ["put", "patch"])
def test_the_same_again_makes_no_version_and_is_not_told(
    admin_api: APIClient, fab: Row, method: str
) -> None:
    before = count()
    again = found(getattr(admin_api, method)(FAB, BODY))
    assert again == fab
    as_read = {name: fab[name] for name in ("milestones",)}
    investors = [{n: each[n] for n in ("organisation", "role")} for each in fab["investors"]]
    assert found(admin_api.patch(FAB, {**as_read, "investors": investors})) == fab
    assert count() == before


def test_rows_are_matched_changed_added_and_removed(admin_api: APIClient, fab: Row) -> None:
    intended, signed, _starts = said(fab["milestones"], "id")
    rows = [
        {"type": "intended"},  # which says no day
        {**SIGNED, "source": None, "agreement_type": "framework", "note": "改"},
        {"type": "registered", "actual_on": "2024-05-06", "source": "report"},
    ]
    investors = [{"organisation": "bank", "role": "co", "share_bp": 100}]
    row = found(admin_api.patch(FAB, {"milestones": rows, "investors": investors}))
    assert said(row["milestones"], "type", "note") == [
        ("intended", ""),
        ("signed", "改"),
        ("registered", ""),
    ]
    assert said(row["milestones"], "id")[:2] == [intended, signed]
    assert said(row["investors"], "organisation", "role", "share_bp") == [("bank", "co", 100)]
    assert (row["version"], row["stage"], row["next_planned_on"]) == (2, "registered", None)
    assert row["agreement_type"] == "framework"
    told = Change.objects.filter(revision=Revision.objects.latest("pk"))
    assert sorted(told.values_list("resource", "op")) == [
        ("projects.investor", "-"),
        ("projects.investor", "~"),
        ("projects.milestone", "+"),
        ("projects.milestone", "-"),
        ("projects.milestone", "~"),
        ("projects.project", "~"),
    ]


def test_a_step_that_was_met_is_revoked_with_a_reason_and_not_left_out(
    admin_api: APIClient, fab: Row
) -> None:
    (_key, intended), (key, signed), starts = ((row["id"], row) for row in fab["milestones"])
    refused = error(admin_api.patch(FAB, {"milestones": [intended, starts[1]]}))
    assert (refused["pointer"], refused["code"]) == ("#/milestones", "met_left_out")
    assert f"Milestone {key}" in refused["detail"]
    assert "revoked" in refused["detail"]
    silent = {"id": key, "status": "revoked"}
    refused = error(admin_api.patch(FAB, {"milestones": [intended, silent]}))
    assert refused["pointer"] == "#/milestones/1"
    rows = [intended, {**silent, "reason": "未履约"}]
    row = found(admin_api.patch(FAB, {"milestones": rows}))
    assert said(row["milestones"], "status", "actual_on", "reason") == [
        ("met", "2023-05", ""),
        ("revoked", "2024-03", "未履约"),
    ]
    assert row["stage"] == "intended"


def test_figures_are_added_and_supersede(admin_api: APIClient, fab: Row) -> None:
    (first,) = fab["figures"]
    later = {**AMOUNT, "value": 200_000_000, "as_of": "2025", "supersedes": first["code"]}
    row = found(admin_api.patch(FAB, {"figures": [AMOUNT, later]}))
    values = {each["value"]: each["superseded_by"] for each in row["figures"]}
    assert values == {200_000_000: None, 150_000_000: row["figures"][0]["code"]}
    assert (row["investment_cny"], row["version"]) == (200_000_000, 2)
    assert found(admin_api.patch(FAB, {"figures": [later, AMOUNT]})) == row
    other = {**AMOUNT, "value": 1_000_000, "code": first["code"]}
    refused = mistakes(admin_api.patch(FAB, {"figures": [later, other]}))
    assert refused == {"#/figures/1/code": "append_only"}
    doubtful = problem(admin_api.patch(FAB, {"figures": [{**AMOUNT, "value": 28}]}), 409)
    assert doubtful["errors"][0]["code"] == "improbable_amount"
    assert found(admin_api.get(FAB)) == row


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"milestones": [{}]}, {"#/milestones/0/type": "required"}),
    ({"milestones": [{**SIGNED, "id": 0}]}, {"#/milestones/0/id": "min_value"}),
    ({"milestones": [{**SIGNED, "id": 10**9}]}, {"#/milestones/0/id": "unknown_value"}),
    ({"milestones": [SIGNED, SIGNED]}, {"#/milestones/1": "repeated_value"}),
    (
        {"milestones": [SIGNED, {"type": "started", "actual_on": "2099"}]},
        {"#/milestones/1/actual_on": "in_the_future"},
    ),
    (
        {"milestones": [{"type": "sined"}, {**SIGNED, "source": "reprt", "stage": "x"}]},
        {
            "#/milestones/0/type": "unknown_value",
            "#/milestones/1/source": "unknown_value",
            "#/milestones/1/stage": "unknown_field",
        },
    ),
    ({"milestones": [{**STARTS, "actual_on": "2024"}]}, {"#/milestones/0": "invalid"}),
    ({"figures": [{"indicator": "investment"}]}, {"#/figures/0/value": "required"}),
    ({"figures": [{**AMOUNT, "value": -5}]}, {"#/figures/0": "invalid"}),
    ({"investors": [{}]}, {"#/investors/0/organisation": "required"}),
]


@together(("body", "expected"), sample(WRONG, 2))
def test_what_is_wrong_is_said_where_it_stands(
    admin_api: APIClient, body: Row, expected: dict[str, str]
) -> None:
    plain = {"name_zh": "厂", "park": "town"}
    assert mistakes(admin_api.post(f"{API}/projects", {**plain, **body})) == expected
    assert not Project.objects.exists()
    ProjectFactory.create(code="fab")
    assert mistakes(admin_api.patch(FAB, body)) == expected
    bulk = admin_api.post(f"{API}/projects/bulk", {"projects": [{**plain, **body}]})
    assert mistakes(bulk) == {f"#/projects/0{at[1:]}": code for at, code in expected.items()}
    assert not Milestone.objects.exists()
