"""/projects/{code}/figures: claims about a project; its headline amount follows them."""

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import ProjectFactory, ProjectFigureFactory, SourceFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

FIGURES = f"{API}/projects/fab/figures"
YI = 100_000_000
CLAIM = {
    "code": "fab-agreed",
    "indicator": "investment",
    "value": 150_000_000,
    "currency": "",
    "qualifier": "over",
    "nature": "projected",
    "as_of": "2024-03",
    "as_reported": "超1.5亿元",
    "source": "S1",
    "investment_basis": "agreed",
    "note": "备注",
}


@kept_rows(autouse=True)
def project(vocabularies: None) -> Project:
    SourceFactory.create(code="S1")
    return ProjectFactory.create(code="fab")


def headline(api: APIClient) -> tuple[object, ...]:
    row = found(api.get(f"{API}/projects/fab"))
    return tuple(row[f"investment_{part}"] for part in ("cny", "qualifier", "basis"))


def test_a_claim_is_written_and_becomes_the_headline(admin_api: APIClient) -> None:
    version = found(admin_api.get(f"{API}/projects/fab"))["version"]
    response = admin_api.post(FIGURES, CLAIM)
    row = made(response)
    assert {name: row[name] for name in CLAIM} == CLAIM
    assert response.headers["Location"] == f"http://testserver{FIGURES}/fab-agreed"
    assert found(admin_api.get(f"{FIGURES}/FAB-agreed")) == row
    project = found(admin_api.get(f"{API}/projects/fab"))
    assert project["figures"] == found(admin_api.get(FIGURES))["results"] == [row]
    assert headline(admin_api) == (150_000_000, "over", "agreed")
    assert project["version"] == version + 1


def test_what_was_claimed_is_not_changed_afterwards(admin_api: APIClient) -> None:
    made(admin_api.post(FIGURES, CLAIM))
    for name in {*CLAIM} - {"source", "note"}:
        answer = admin_api.patch(f"{FIGURES}/fab-agreed", {name: CLAIM[name]})
        assert mistakes(answer) == {f"#/{name}": "append_only"}, name
    mended = found(admin_api.patch(f"{FIGURES}/fab-agreed", {"source": None, "note": "改"}))
    assert (mended["source"], mended["note"], mended["value"]) == (None, "改", 150_000_000)


def test_a_newer_claim_supersedes_an_earlier_one(admin_api: APIClient) -> None:
    made(admin_api.post(FIGURES, CLAIM))
    newer = CLAIM | {"code": "fab-less", "value": YI, "as_of": "2023", "supersedes": "fab-agreed"}
    made(admin_api.post(FIGURES, newer))
    assert found(admin_api.get(f"{FIGURES}/fab-agreed"))["superseded_by"] == "fab-less"
    assert headline(admin_api) == (YI, "over", "agreed")
    assert admin_api.delete(f"{FIGURES}/fab-less").status_code == 204
    assert headline(admin_api) == (150_000_000, "over", "agreed")


def test_a_claim_about_another_project_is_not_superseded(admin_api: APIClient) -> None:
    other = ProjectFigureFactory.create()
    answer = admin_api.post(FIGURES, CLAIM | {"supersedes": other.code})
    assert mistakes(answer) == {"#/supersedes": "not_about_the_same"}
    jobs = ProjectFigureFactory.create(
        project=Project.objects.get(code="fab"),
        indicator_id="jobs",
        indicator=None,
        amount_cny=None,
        value=1,
        investment_basis="",
    )
    answer = admin_api.post(FIGURES, CLAIM | {"supersedes": jobs.code})
    assert mistakes(answer) == {"#/supersedes": "not_about_the_same"}
    assert ProjectFigure.objects.count() == 2


@together(
    ("change", "expected"),
    sample(
        [
            ({"investment_basis": None}, {"#": "invalid"}),
            ({"indicator": "jobs", "value": 3}, {"#": "invalid"}),
            ({"value": -1}, {"#": "invalid"}),
            ({"value": 1.5}, {"#/value": "fraction_of_yuan"}),
        ],
        2,
    ),
)
def test_what_is_wrong_with_a_claim_is_said_where_it_stands(
    admin_api: APIClient, change: Row, expected: dict[str, str]
) -> None:
    assert mistakes(admin_api.post(FIGURES, CLAIM | change)) == expected
    assert codes(admin_api, "projects/fab/figures") == []
