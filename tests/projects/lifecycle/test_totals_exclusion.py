"""`counts_in_totals` and its reason: which projects signed totals count, as the database says."""

import pytest
from django.db import connection
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, error, found
from tests.factories import MilestoneFactory, ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

EXCLUDED = {
    "umbrella": "umbrella",
    "duplicate": "duplicate",
    "merged": "merged",
    "part": "part",
    "intended": "no_contract",
    "stageless": "no_contract",
    "revoked": "no_contract",
}
COUNTED = ["operating", "signed", "terminated"]


@kept_rows(autouse=True)
def projects() -> None:
    park = ParkFactory.create(code="town")
    signed = ProjectFactory.create(code="signed", park=park, met=["signed"])
    for code, fields in {
        "operating": {"met": ["operating"]},
        "terminated": {"standing": "terminated"},
        "umbrella": {"is_umbrella": True},
        "duplicate": {"duplicate_of": signed},
        "merged": {"standing": "merged"},
        "part": {"part_of": signed},
        "intended": {"met": ["intended"]},
        "stageless": {"met": []},
        "revoked": {"met": []},
    }.items():
        ProjectFactory.create(code=code, park=park, **{"met": ["signed"]} | fields)
    revoked = Project.objects.get(code="revoked")
    MilestoneFactory.create(project=revoked, status="revoked")


@together("code", [*EXCLUDED, *COUNTED])
def test_each_project_says_whether_it_counts_and_why_not(api: APIClient, code: str) -> None:
    for row in (
        found(api.get(f"{API}/projects/{code}")),
        *found(api.get(f"{API}/projects", {"q": code}))["results"],
    ):
        if row["code"] == code:
            assert row["totals_exclusion"] == EXCLUDED.get(code)
            assert row["counts_in_totals"] is (code in COUNTED)


def test_of_several_reasons_the_first_is_named() -> None:
    signed = Project.objects.get(code="signed")
    reasons = {
        "umbrella": {"is_umbrella": True},
        "duplicate": {"duplicate_of": signed},
        "merged": {"standing": "merged"},
        "part": {"part_of": signed},
        "no_contract": {},
    }
    names = list(reasons)
    for first, reason in enumerate(names):
        fields = {k: v for name in names[first:] for k, v in reasons[name].items()}
        code = ProjectFactory.create(**fields).code
        assert Project.objects.get(code=code).totals_exclusion == reason


def test_the_reason_follows_the_project(admin_api: APIClient) -> None:
    address = f"{API}/projects/stageless"
    for change, reason in [
        ({"is_umbrella": True}, "umbrella"),
        ({"is_umbrella": False, "part_of": "signed"}, "part"),
        ({"part_of": None, "standing": "merged", "standing_reason": "并入"}, "merged"),
        ({"standing": "active"}, "no_contract"),
    ]:
        row = found(admin_api.patch(address, change))
        assert (row["totals_exclusion"], row["counts_in_totals"]) == (reason, False)
    answer = admin_api.post(f"{address}/milestones", {"type": "signed", "status": "met"})
    assert answer.status_code == 201
    row = found(admin_api.get(address))
    assert (row["totals_exclusion"], row["counts_in_totals"]) == (None, True)


def test_the_reason_is_not_written_by_hand(admin_api: APIClient) -> None:
    for name in ("counts_in_totals", "totals_exclusion"):
        wrong = error(admin_api.patch(f"{API}/projects/signed", {name: None}))
        assert (wrong["pointer"], wrong["code"]) == (f"#/{name}", "read_only_field")


def test_the_database_itself_keeps_the_reason() -> None:
    Project.objects.filter(code="signed").update(is_umbrella=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT totals_exclusion FROM projects_project WHERE code = 'signed'")
        assert cursor.fetchone() == ("umbrella",)
