"""What a ledger had before it asked for one lead and for reasons is mended once, in revisions."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from projects.models import Funding, Investor, Project
from tests.answers import API, found
from tests.factories import FundingFactory, OrganisationFactory, ProjectFactory

pytestmark = pytest.mark.django_db

MIGRATION = import_module("projects.migrations.0005_leads_and_reasons_that_are_missing")
OF_FLOWS = import_module("projects.migrations.0007_reductions_and_news")


@pytest.fixture(autouse=True)
def without_rules(db: None) -> Iterator[None]:
    """The ledger as it was before: the transaction of the test brings the rules back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX investor_one_lead")
        is_on_postgresql = connection.vendor == "postgresql"
        cursor.execute(
            "ALTER TABLE projects_project DROP CONSTRAINT project_standing_with_reason"
            if is_on_postgresql
            else "PRAGMA ignore_check_constraints = ON"
        )
        if is_on_postgresql:
            cursor.execute(
                "ALTER TABLE projects_funding DROP CONSTRAINT funding_reduction_with_reason"
            )
        yield
        if not is_on_postgresql:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_the_first_lead_stays_and_no_share_is_lost(admin_api: APIClient) -> None:
    fab, other = ProjectFactory.create(code="fab"), ProjectFactory.create(code="other")
    one, two, three = (OrganisationFactory.create(code=code) for code in ("one", "two", "three"))
    for project, organisation, role, share in [
        (fab, one, "lead", 5000),
        (fab, two, "lead", 2000),
        (fab, three, "co", None),
        (fab, three, "lead", 1000),
        (other, one, "lead", None),
    ]:
        Investor.objects.create(
            project=project, organisation=organisation, role=role, share_bp=share
        )
    versions = dict(Project.objects.values_list("code", "version"))
    MIGRATION.leave_one_lead(apps, None)
    told = found(admin_api.get(f"{API}/projects/fab"))["investors"]
    assert [(each["organisation"], each["role"], each["share_bp"]) for each in told] == [
        ("one", "lead", 5000),
        ("two", "co", 2000),
        ("three", "co", 1000),
    ]
    [newest, *_rest] = found(admin_api.get(f"{API}/projects/fab/history"))["results"]
    assert newest["reason"] == MIGRATION.ONE_LEAD
    after = dict(Project.objects.values_list("code", "version"))
    assert after == versions | {"fab": versions["fab"] + 1}
    MIGRATION.leave_one_lead(apps, None)
    assert dict(Project.objects.values_list("code", "version")) == after


def test_a_reason_that_nobody_gave_is_said_to_be_missing(admin_api: APIClient) -> None:
    ProjectFactory.create(code="active")
    ProjectFactory.create(code="ended", standing="terminated", standing_reason="")
    ProjectFactory.create(code="said", standing="closed", standing_reason="停产")
    MIGRATION.say_that_reasons_are_missing(apps, None)
    reasons = dict(Project.objects.values_list("code", "standing_reason"))
    assert reasons == {"active": "", "ended": MIGRATION.NOT_RECORDED, "said": "停产"}
    [newest, *_rest] = found(admin_api.get(f"{API}/projects/ended/history"))["results"]
    assert newest["reason"] == MIGRATION.WITH_REASON


def test_flows_that_are_stored_keep_the_new_rules(admin_api: APIClient) -> None:
    fab = ProjectFactory.create(code="fab")
    for month, amount, note in [("2024-01", -5, ""), ("2024-02", -6, "核减"), ("2024-03", 9, "")]:
        FundingFactory.create(project=fab, on=month, reported_cny=amount, note=note)
    Project.objects.update(news_on="2024-03-01")  # as it was told before
    for mend in (OF_FLOWS.say_that_reasons_are_missing, OF_FLOWS.tell_news_at_the_end_of_months):
        mend(apps, None)
    notes = dict(Funding.objects.values_list("reported_cny", "note"))
    assert notes == {-5: OF_FLOWS.NOT_RECORDED, -6: "核减", 9: ""}
    row = found(admin_api.get(f"{API}/projects/fab"))
    assert row["news_on"] == "2024-03-31"
    OF_FLOWS.tell_news_at_the_end_of_months(apps, None)
    assert found(admin_api.get(f"{API}/projects/fab"))["version"] == row["version"]
