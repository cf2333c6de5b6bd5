"""Importing projects over HTTP: what is created, changed, kept, refused, undone."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Organisation
from parks.recording.records import Change, Revision
from projects.models import Investor, Milestone, Project, ProjectFigure
from tests import factories
from tests.answers import API, error, found, mistakes, problem, sign_in
from tests.projects.importing.imports import actions, applied, checked, faults, line, send, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADER = ["项目名称", "园区", "投资方", "来源地", "总投资（亿元）", "签约日期", "项目阶段"]
FAB = ["晶圆厂", "town", "中芯国际", "上海市", "约12", "2024年3月", "在建"]
SECOND = ["二厂", *FAB[1:4], "15", *FAB[5:]]


# --- What is written -----------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_row_becomes_a_project_with_all_that_belongs_to_it(admin_api: APIClient) -> None:
    factories.SigningEventFactory.create(code="forum", name_zh="京津冀论坛")
    answer = applied(admin_api, table([*HEADER, "签约活动"], [*FAB, "京津冀论坛"]))
    assert answer["counts"]["create"] == 1
    project = Project.objects.get()
    shown = found(admin_api.get(f"{API}/projects/{project.code}"))
    assert shown["name_zh"] == "晶圆厂"
    assert (shown["origin"], shown["origin_text"], shown["origin_basis"]) == (
        *("310000", "上海市", None),
    )
    assert (shown["stage"], shown["signed_on"]) == ("started", "2024-03")
    assert (shown["investment_cny"], shown["investment_qualifier"]) == (1_200_000_000, "about")
    assert shown["investment_basis"] == "reported"
    assert shown["figures"][0]["as_reported"] == "约12亿元"
    assert [row["organisation_name_zh"] for row in shown["investors"]] == ["中芯国际"]
    assert [(m["type"], m["actual_on"]) for m in shown["milestones"]] == [
        ("signed", "2024-03"),
        ("started", None),
    ]
    assert [row["event"] for row in shown["participations"]] == ["forum"]


def test_an_import_is_one_revision_with_one_version_of_each_row(admin_api: APIClient) -> None:
    answer = applied(admin_api, table(HEADER, FAB, SECOND))
    revision = Revision.objects.get(batch=answer["code"])
    assert {project.version for project in Project.objects.all()} == {1}
    assert set(Project.history.values_list("revision_id", flat=True)) == {revision.pk}
    assert Project.history.count() == 2
    stages = Project.history.values_list("stage", flat=True)
    assert set(stages) == {"started"}  # what is derived is in the version, too
    assert Milestone.history.count() == 4
    before = (Change.objects.count(), Project.history.count(), ProjectFigure.objects.count())
    assert applied(admin_api, table(HEADER, FAB, SECOND))["counts"]["same"] == 2
    assert before == (
        *(Change.objects.count(), Project.history.count(), ProjectFigure.objects.count()),
    )


def test_only_a_check_is_made_unless_told_otherwise(admin_api: APIClient) -> None:
    answer = checked(admin_api, table(HEADER, FAB))
    assert (answer["state"], answer["counts"]["create"]) == ("checked", 1)
    assert line(answer, 2)["changes"]["investment_cny"] == ["", "约12亿元"]
    for model in (Project, Organisation, Milestone):
        assert not model.objects.exists()
    assert not Revision.objects.exclude(batch="").exists()


@pytest.mark.both_databases
def test_only_what_differs_is_told_and_written(admin_api: APIClient) -> None:
    applied(admin_api, table(HEADER, FAB))
    answer = applied(admin_api, table([*HEADER, "备注"], [*FAB[:4], "15", *FAB[5:], "增资"]))
    assert line(answer, 2)["changes"] == {
        "investment_cny": ["约12亿元", "15亿元"],
        "note": ["", "增资"],
    }
    project = Project.objects.get()
    assert (project.investment_cny, project.version) == (1_500_000_000, 2)
    old, new = ProjectFigure.objects.order_by("amount_cny")
    assert old.superseded_by == new


def test_blank_cells_keep_what_is_there_unless_clearing_is_asked_for(admin_api: APIClient) -> None:
    applied(admin_api, table(HEADER, FAB))
    blank = table(HEADER, [*FAB[:2], "中芯国际", "", "—", "待定", ""])
    assert checked(admin_api, blank)["counts"]["same"] == 1
    answer = applied(admin_api, blank, blank="clear")
    changes = line(answer, 2)["changes"]
    assert set(changes) == {"origin", "investment_cny", "signed_on"}
    project = Project.objects.get()
    assert (project.origin, project.origin_basis, project.investment_cny) == (None, "", None)
    assert (project.stage, project.signed_on) == ("started", None)


def test_a_project_is_found_by_code_or_by_park_name_and_lead_investor(admin_api: APIClient) -> None:
    fab = factories.ProjectFactory.create(code="fab", name_zh="晶圆厂", park__code="bay")
    factories.InvestorFactory.create(project=fab, organisation__name_zh="中芯国际")
    by_code = table(["code", "note"], ["FAB", "甲"])
    assert line(checked(admin_api, by_code), 2)["code"] == "fab"
    header = ["项目名称", "园区", "投资方", "备注"]
    rows = [
        ["晶圆厂", *found_by, "甲"]
        for found_by in (("bay", "中芯国际"), ("bay", "华虹"), ("town", "华虹"))
    ]
    fates = actions(checked(admin_api, table(header, *rows)))
    assert fates == {1: "skip", 2: "update", 3: "asked", 4: "create"}


@pytest.mark.both_databases
def test_names_of_investors_become_organisations_once(admin_api: APIClient) -> None:
    factories.OrganisationFactory.create(code="smic", name_zh="中芯国际", name_en="SMIC")
    rows = [
        ["甲", "town", "SMIC；华虹[40%]"],
        ["乙", "town", "华虹、中芯国际"],
        ["丙", "town", "COFCO Sugar Co., Ltd."],
    ]
    applied(admin_api, table(["项目名称", "园区", "投资方"], *rows))
    assert Organisation.objects.count() == 3
    first = Project.objects.get(name_zh="甲")
    assert list(first.investors.values_list("organisation__name_zh", "role", "share_bp")) == [
        ("中芯国际", "lead", None),
        ("华虹", "co", 4000),
    ]
    assert Organisation.objects.filter(name_en="COFCO Sugar Co., Ltd.").exists()


def test_a_part_of_a_project_may_stand_before_it_in_the_file(admin_api: APIClient) -> None:
    header = ["code", "name_zh", "park", "part_of"]
    rows = [["part", "部分", "town", "whole"], ["whole", "全部", "town", ""]]
    applied(admin_api, table(header, *rows))
    assert Project.objects.get(code="part").part_of.code == "whole"
    rows = [
        ["a", "甲", "town", "nowhere"],
        ["b", "乙", "town", "b"],
        ["c", "丙", "town", "a"],  # which is left out
        ["d", "丁", "town", "c"],
        ["e", "戊", "town", ""],
    ]
    wrong = applied(admin_api, table(header, *rows), on_error="skip")
    assert faults(wrong) == dict.fromkeys(((n, "part_of") for n in (2, 4, 5)), "unknown_value") | {
        (3, "part_of"): "circle"
    }


def test_the_amount_of_a_first_phase_is_that_of_the_project_which_is_it_by_name_alone(
    admin_api: APIClient,
) -> None:
    header = ["项目名称", "园区", "总投资（万元）", "其中一期"]
    rows = [
        ["甲（一期）", "town", "", "24000万元"],
        ["乙", "town", "50000", "约1亿元"],
        ["丙", "town", "", "3亿元"],
    ]
    answer = applied(admin_api, table(header, *rows))
    assert [w["code"] for w in line(answer, 2)["warnings"]] == ["is_first_phase"]
    assert dict(Project.objects.values_list("name_zh", "investment_cny")) == {
        "甲（一期）": 240_000_000,
        "乙": 500_000_000,
        "丙": None,
    }
    phases = ProjectFigure.objects.filter(scope_text="一期").order_by("amount_cny")
    assert [phase.amount_cny for phase in phases] == [100_000_000, 300_000_000]


# --- What is refused -----------------------------------------------------------------------------


def test_every_bad_cell_is_named_at_once(admin_api: APIClient) -> None:
    header = [*HEADER[:2], *HEADER[3:], "用地", "is_umbrella"]
    rows = [
        ["甲", "nowhere", "Suzhou", "1-2", "2021.2.31", "sigend", "很多", "maybe"],
        ["", "town", "温洲", "138000", "23年5月", "在建", "12.345", "是"],
        ["乙", "", "北京、上海", "9.1E+17", "45471", "", "五六亩", "否"],
    ]
    answer = checked(admin_api, table(header, *rows))
    assert faults(answer) == {
        (2, "park"): "unknown_value",
        (2, "origin"): "ambiguous_name",
        (2, "investment_cny"): "range",
        (2, "signed_on"): "impossible",
        (2, "stage"): "unknown_value",
        (2, "land_mu"): "not_a_number",
        (2, "is_umbrella"): "unknown_value",
        (3, "name"): "required",
        (3, "origin"): "unknown_value",
        (3, "signed_on"): "two_digit_year",
        (3, "land_mu"): "too_many_decimals",
        (4, "park"): "required",
        (4, "origin"): "several_regions",
        (4, "investment_cny"): "lost_digits",
        (4, "signed_on"): "date_serial",
        (4, "land_mu"): "unknown_words",
    }
    stage = next(e for e in line(answer, 2)["errors"] if e["name"] == "stage")
    shown = [stage[name] for name in ("column", "value", "suggestion")]
    assert shown == ["项目阶段", "sigend", "signed"]


def test_unknown_columns_are_errors_until_they_are_mapped_or_ignored(admin_api: APIClient) -> None:
    data = table(["项目名称", "所在地块", "总投次"], ["甲", "town", "3亿元"])
    answer = checked(admin_api, data)
    assert [(p["column"], p["code"]) for p in answer["problems"]] == [
        ("所在地块", "unknown_column"),
        ("总投次", "unknown_column"),
    ]
    assert answer["problems"][1]["suggestion"] == "investment_cny"
    assert answer["state"] == "refused"
    answer = applied(admin_api, data, map=["所在地块:park", "总投次:investment_cny"])
    assert answer["counts"]["create"] == 1
    answer = checked(admin_api, data, ignore=["所在地块", "总投次"], park="town")
    assert answer["ignored"] == {"所在地块": "asked", "总投次": "asked"}


def test_modes_refuse_what_is_there_or_is_not(admin_api: APIClient) -> None:
    factories.ProjectFactory.create(code="fab")
    data = table(["code", "name_zh", "park"], ["fab", "甲", "town"], ["new", "乙", "town"])
    assert faults(checked(admin_api, data, mode="create")) == {(2, "code"): "exists"}
    assert faults(checked(admin_api, data, mode="update")) == {(3, "code"): "not_found"}
    exported = table(["code", "version", "name_zh", "park"], ["7", "3", "甲", "town"])
    assert faults(checked(admin_api, exported)) == {(2, "code"): "not_found"}


def test_codes_that_are_no_codes_or_were_deleted_are_errors(admin_api: APIClient) -> None:
    factories.ProjectFactory.create(code="gone").delete()
    rows = [[code, "甲", "town"] for code in ("gone", "a b", "export", "9.1E+17")]
    answer = checked(admin_api, table(["code", "name_zh", "park"], *rows))
    assert [code for (_line, name), code in faults(answer).items() if name == "code"] == [
        *("code_retired", "invalid", "reserved_code", "lost_digits")
    ]


def test_options_that_are_not_understood_are_refused(admin_api: APIClient) -> None:
    data = table(HEADER, FAB)
    assert mistakes(send(admin_api, data, dryrun="false")) == {"#/dryrun": "unknown_field"}
    assert mistakes(send(admin_api, data, mode=["create", "update"])) == {
        "#/mode": "repeated_parameter"
    }
    assert mistakes(send(admin_api, data, blank="wipe")) == {"#/blank": "invalid_choice"}
    assert mistakes(admin_api.post(f"{API}/imports", {}, format="multipart")) == {
        "#/file": "required"
    }
    problem(admin_api.post(f"{API}/imports", {"file": "x"}, format="json"), 415)


# --- All or nothing, or what is right ------------------------------------------------------------

MIXED = table(HEADER, FAB, ["坏", "town", "", "", "很多", "", ""], SECOND)


def test_skipping_writes_what_is_right_and_keeps_the_rest_as_a_file(admin_api: APIClient) -> None:
    answer = applied(admin_api, MIXED, on_error="skip")
    assert Project.objects.count() == 2
    response = admin_api.get(f"{API}/imports/{answer['code']}/errors.csv")
    text = response.getvalue().decode("utf-8-sig")
    header, row = text.splitlines()
    assert header == ",".join([*HEADER, "_line", "_error"])
    assert row.startswith("坏,town,,,很多,,,3,")
    repaired = text.replace("很多", "3").encode("utf-8-sig")
    assert actions(applied(admin_api, repaired)) == {1: "skip", 2: "create"}


# --- Applying later, undoing ---------------------------------------------------------------------


def test_what_would_now_do_something_else_is_not_applied(admin_api: APIClient, town: Any) -> None:
    answer = checked(admin_api, table(HEADER, FAB))
    factories.ProjectFactory.create(code="fab", name_zh="晶圆厂", park=town)
    address = f"{API}/imports/{answer['code']}"
    problem(admin_api.post(f"{address}/apply"), 409)
    assert line(found(admin_api.get(address)), 2)["action"] == "update"
    assert found(admin_api.post(f"{address}/apply"))["state"] == "applied"
    assert Project.objects.get().stage == "started"


@pytest.mark.both_databases
def test_an_import_is_taken_back_as_a_whole(admin_api: APIClient) -> None:
    old = factories.ProjectFactory.create(code="old", note="原来", met=["signed"], investment=5)
    before = found(admin_api.get(f"{API}/projects/old"))
    header = ["code", "name_zh", "park", "note", "stage", "investment_cny", "investors"]
    rows = [
        ["old", old.name_zh, old.park.code, "后来", "operating", "3亿元", "华虹"],
        ["new", "新的", "town", "", "signed", "", "华虹"],
    ]
    answer = applied(admin_api, table(header, *rows))
    undone = found(admin_api.post(f"{API}/imports/{answer['code']}/undo"))
    assert undone["state"] == "undone"
    after = found(admin_api.get(f"{API}/projects/old"))
    told = {"version", "updated_at", "figures", "milestones"}
    assert {k: v for k, v in after.items() if k not in told} == {
        k: v for k, v in before.items() if k not in told
    }
    assert list(Project.objects.values_list("code", flat=True)) == ["old"]
    assert not Organisation.objects.exists()
    problem(admin_api.post(f"{API}/imports/{answer['code']}/undo"), 409)


def test_undoing_brings_back_rows_that_an_import_deleted(admin_api: APIClient) -> None:
    header = ["name_zh", "park", "investors"]
    applied(admin_api, table(header, ["晶圆厂", "town", "甲公司[60%]；乙公司[40%]"]))
    code = applied(admin_api, table(header, ["晶圆厂", "town", "甲公司"]))["code"]
    assert Investor.objects.count() == 1
    found(admin_api.post(f"{API}/imports/{code}/undo"))
    assert {*Investor.objects.values_list("share_bp", flat=True)} == {6000, 4000}


# --- Who, and what one sees ----------------------------------------------------------------------


def test_lines_are_asked_for_by_fate_and_page_by_page(admin_api: APIClient) -> None:
    rows = [[f"项目{n}", "town"] for n in range(5)]
    answer = checked(admin_api, table(["项目名称", "园区"], *rows, ["坏", "nowhere"]))
    address = f"{API}/imports/{answer['code']}"
    page = found(admin_api.get(address, {"action": "create", "limit": 2}))
    assert [row["line"] for row in page["rows"]] == [2, 3]
    page = found(admin_api.get(page["next"]))
    assert [row["line"] for row in page["rows"]] == [4, 5]
    assert found(admin_api.get(address, {"action": "error"}))["rows"][0]["line"] == 7
    assert error(admin_api.get(address, {"action": "creat"}))["suggestion"] == "create"


def test_an_editor_writes_projects_of_the_own_park_alone(town: Any) -> None:
    client = sign_in(factories.MembershipFactory.create(park=town).user)
    factories.ParkFactory.create(code="bay")
    own = factories.ProjectFactory.create(code="own", park=town)
    factories.ProjectFactory.create(code="foreign", park__code="bay2")
    data = table(
        ["code", "name_zh", "park"],
        ["own", own.name_zh, "bay"],
        ["foreign", "新名", "bay2"],
        ["", "新的", "bay"],
        ["", "新的", "town"],
    )
    assert faults(checked(client, data)) == dict.fromkeys(
        [(2, "park"), (3, "park"), (4, "park")], "forbidden"
    )
