"""What an imported row may say of how far a project is and whether it goes on, and what not."""

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, found
from tests.factories import ProjectFactory, SigningEventFactory
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADER = ["code", "name_zh", "park", "stage", "signed_on", "events"]


def test_a_sheet_says_that_a_project_took_part_and_what_it_did_follows(
    admin_api: APIClient,
) -> None:
    SigningEventFactory.create(code="forum", on="2024-03-05")
    SigningEventFactory.create(code="ground", kind="start")
    rows = [
        (["", "", "forum"], ["attended"]),
        (["signed", "", "forum"], ["signed"]),
        (["", "2024-03", "forum"], ["signed"]),
        (["", "2023-03", "forum"], ["attended"]),
        (["started", "", "forum、ground"], ["attended", "started"]),
        (["", "2024-03", "ground"], ["started"]),
    ]
    data = table(HEADER, *([f"p{n}", "厂", "town", *row] for n, (row, _roles) in enumerate(rows)))
    applied(admin_api, data, confirm="duplicates")
    for n, (row, roles) in enumerate(rows):
        shown = found(admin_api.get(f"{API}/projects/p{n}"))["participations"]
        assert [each["role"] for each in shown] == roles, row
    assert checked(admin_api, data)["counts"]["same"] == len(rows)


def test_a_later_sheet_that_dates_the_contract_says_that_it_was_signed_there(
    admin_api: APIClient,
) -> None:
    SigningEventFactory.create(code="forum", on="2024-03-05")
    ProjectFactory.create(code="fab")
    applied(admin_api, table(["code", "events"], ["fab", "forum"]))
    applied(admin_api, table(["code", "signed_on"], ["fab", "2024-03-05"]))
    [row] = found(admin_api.get(f"{API}/projects/fab"))["participations"]
    assert (row["role"], row["is_first_signing"]) == ("signed", True)


def test_dates_contradict_each_other_only_where_their_periods_do_not_overlap(
    admin_api: APIClient,
) -> None:
    rows = [
        ("2024-03-05", "2024-03-04", True),
        ("2024-03-05", "2024-03-05", False),
        ("2024-03-31", "2024-03", False),
        ("2024-04-01", "2024-03", True),
        ("2024-03", "2024-02-29", True),
        ("2024-03", "2024-03-01", False),
        ("2024-Q2", "2024-03", True),
        ("2024-Q2", "2024-04", False),
        ("2024-06", "2024-Q2", False),
        ("2024", "2024-01-01", False),
        ("2024", "2023", True),
    ]
    dates = [[f"p{n}", "甲", "town", *days] for n, (*days, _is_before) in enumerate(rows)]
    header = ["code", "name_zh", "park", "signed_on", "started_on"]
    assert faults(checked(admin_api, table(header, *dates))) == {
        (n, "started_on"): "before_earlier_stage"
        for n, (_signed, _started, is_before) in enumerate(rows, start=2)
        if is_before
    }


def test_a_company_is_registered_before_or_after_its_project_is_approved(
    admin_api: APIClient,
) -> None:
    header = ["code", "name_zh", "park", "signed_on", "registered_on", "approved_on"]
    rows = [
        ["p1", "甲", "town", "2024-03", "2024-05", "2024-04"],
        ["p2", "乙", "town", "2024-03", "2024-04", "2024-05"],
        ["p3", "丙", "town", "2024-03", "2024-04", "2024-02"],
    ]
    answer = checked(admin_api, table(header, *rows))
    assert faults(answer) == {(4, "approved_on"): "before_earlier_stage"}


STANDINGS = ["code", "name_zh", "park", "standing", "standing_reason"]


def test_a_row_that_ends_a_project_says_why_or_the_file_does(admin_api: APIClient) -> None:
    ProjectFactory.create(code="p1", park__code="bay")
    rows = [
        ["p1", "", "bay", "suspended", ""],
        ["p2", "厂", "town", "closed", ""],
        ["p3", "研发中心", "town", "terminated", "撤资"],
        ["p4", "仓库", "town", "active", ""],
        ["p5", "总部", "town", "active", "复工"],
    ]
    data = table(STANDINGS, *rows)
    assert faults(checked(admin_api, data)) == {
        (2, "standing"): "without_reason",
        (3, "standing"): "without_reason",
        (6, "standing_reason"): "contradiction",
    }
    data = table(STANDINGS, *rows[:4])
    applied(admin_api, data, mapping='{"defaults": {"standing_reason": "市里来函"}}')
    reasons = dict(Project.objects.values_list("code", "standing_reason"))
    assert reasons == {"p1": "市里来函", "p2": "市里来函", "p3": "撤资", "p4": ""}


@together("word", ["active", "有效", "正常推进"])  # as files said it, and say it
def test_a_row_by_which_a_project_goes_on_takes_day_and_reason_away(
    admin_api: APIClient, word: str
) -> None:
    on = {"standing_on": "2024-03-01", "standing_on_precision": "month"}
    project = ProjectFactory.create(code="p1", standing="suspended", **on)
    sheet = table(["code", "standing"], ["p1", word])
    told = line(applied(admin_api, sheet), 2)["changes"]
    assert told["standing_on"] == ["2024-03", ""]
    assert told["standing_reason"] == ["市里来函", ""]
    project.refresh_from_db()
    assert (project.standing_on, project.standing_on_precision) == (None, "")
    assert project.standing_reason == ""


FLOWS = ["project", "kind", "month", "reported_cny", "is_cumulative", "备注"]


def test_flows_of_a_sheet_keep_the_rules_of_flows(admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab")
    good = [
        ["fab", "paid_in", "2024-01", "30万元", "true", ""],
        ["fab", "completed", "2024-01", "0", "false", ""],
        ["fab", "completed", "2024-02", "-5万元", "false", "核减重复上报"],
    ]
    applied(admin_api, table(FLOWS, *good), resource="fundings")
    row = found(admin_api.get(f"{API}/projects/fab"))
    assert sorted(each["reported_cny"] for each in row["fundings"]) == [-50_000, 0, 300_000]
    assert row["news_on"] == "2024-02-29"
    bad = [
        ["fab", "foreign", "2024-02", "-5万元", "false", ""],
        ["fab", "foreign", "2099-02", "5万元", "false", ""],
        ["fab", "paid_in", "2024-02", "20万元", "true", ""],
    ]
    answer = checked(admin_api, table(FLOWS, *bad), resource="fundings")
    assert faults(answer) == {(2, "note"): "without_reason", (3, "month"): "in_the_future"}
    [warning] = line(answer, 4)["warnings"]
    assert (warning["name"], warning["code"]) == ("reported_cny", "falls")
    assert " yuan less than before" in warning["detail"]
