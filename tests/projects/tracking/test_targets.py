"""Targets of parks and regions: what is reached, how far the year is gone, and the list behind."""

import csv
from html import escape
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import Park
from projects.models import Target
from tests.answers import API, CarefulClient, codes, error, found, made, mistakes, problem, sign_in
from tests.factories import (
    FundingFactory,
    MembershipFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SourceFactory,
    TargetFactory,
)
from tests.projects.importing.imports import applied, checked, faults, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june", "investment_indicator")]
YI = 100_000_000


@kept_rows
def town(mid_june: None, investment_indicator: Any) -> Park:
    """A park with three contracts of this year, of which one is a draft, and two of the last."""
    district = RegionFactory.create(code="120115", level="county")
    town = ParkFactory.create(code="town", region=district)
    agreed = {"investment": 2 * YI, "investment__basis": "agreed", "park": town}
    ProjectFactory.create(code="big", met={"signed": "2026-03-01", "started": "2026-05"}, **agreed)
    ProjectFactory.create(code="small", met={"signed": "2026"}, park=town, investment=1)
    ProjectFactory.create(code="hidden", met={"signed": "2026-04"}, park=town, publication="draft")
    ProjectFactory.create(code="before", met={"signed": "2025-06-15"}, park=town)
    ProjectFactory.create(code="late", met={"signed": "2025-06-16"}, park=town)
    return town


def test_a_target_is_told_with_what_is_reached_and_the_list_behind(
    api: APIClient, town: Park
) -> None:
    TargetFactory.create(code="signed", park=town)
    row = found(api.get(f"{API}/targets", {"year": "2026"}))["results"][0]
    assert (row["park"], row["region"], row["value"], row["qualifier"]) == (
        *("town", None, 4, "at_least"),
    )
    reached = row["reached"]
    url = reached.pop("list_url")
    assert reached == {
        "value": 2,
        "percent": 50.0,
        "months_percent": 41.67,  # five months of twelve have ended
        "gap_points": 8.33,
        "same_period": 1,  # of one contract only the year is known
        "previous": 1,
        "change_percent": 0.0,
        "left_out": 0,
        "left_out_list_url": None,
    }
    assert {each["code"] for each in found(api.get(url))["results"]} == {"big", "small"}
    api.force_authenticate(MembershipFactory.create(park=town, role=Role.VIEWER).user)
    assert found(api.get(f"{API}/targets/signed"))["reached"]["value"] == 3  # with the draft


def test_each_measure_is_the_sum_of_its_list(api: APIClient, town: Park) -> None:
    big = town.projects.get(code="big")
    for kind in ("paid_in", "completed", "foreign", "foreign_agreed"):
        FundingFactory.create(project=big, kind=kind, on="2026-02", reported_cny=YI)
        FundingFactory.create(project=big, kind=kind, on="2025-02", reported_cny=YI // 2)
    for measure, value in (("agreed_cny", 4 * YI), ("started_count", 2), ("operating_count", 1)):
        TargetFactory.create(code=measure, park=town, measure=measure, value=value)
    flowing = ("paid_in_cny", "completed_cny", "foreign_cny", "foreign_agreed_cny")
    for measure in flowing:
        TargetFactory.create(code=measure, park=town, measure=measure, value=2 * YI)
    TargetFactory.create(code="large", park=town, size_floor_cny=YI, value=1)
    rows = {row["code"]: row for row in found(api.get(f"{API}/targets"))["results"]}
    told = {code: row["reached"] for code, row in rows.items()}
    assert {code: each["value"] for code, each in told.items()} == {
        "agreed_cny": 2 * YI,
        "started_count": 1,
        "operating_count": 0,
        "large": 1,
        **dict.fromkeys(flowing, YI),
    }
    assert (told["paid_in_cny"]["previous"], told["paid_in_cny"]["change_percent"]) == (
        *(YI // 2, 100.0),
    )
    assert told["operating_count"]["change_percent"] is None
    for code, each in told.items():
        listed = found(api.get(each["list_url"]))["results"]
        adds = {"agreed_cny": "investment_cny"}.get(code, "amount_cny")
        is_sum = code.endswith("_cny")
        assert each["value"] == (sum(row[adds] for row in listed) if is_sum else len(listed)), code


def test_a_region_has_all_parks_that_lie_in_it(api: APIClient, town: Park) -> None:
    city = RegionFactory.create(code="120000", level="province")
    other = ParkFactory.create(code="bay", region=RegionFactory.create(code="120116"))
    ProjectFactory.create(park=other, met={"signed": "2026-01"})
    ProjectFactory.create(
        park__region=RegionFactory.create(code="110108"), met={"signed": "2026-01"}
    )
    TargetFactory.create(region=city)
    (row,) = found(api.get(f"{API}/targets", {"region": "120000"}))["results"]
    assert row["reached"]["value"] == 3
    assert len(found(api.get(row["reached"]["list_url"]))["results"]) == 3


def test_targets_are_written_by_the_editors_of_the_park(api: APIClient, town: Park) -> None:
    body = {"code": "t", "park": "town", "year": 2026, "measure": "signed_count", "value": 10}
    assert problem(api.post(f"{API}/targets", body), 401)
    editor = sign_in(MembershipFactory.create(park=town).user, CarefulClient)
    own = f"{API}/targets/t"
    target = made(editor.post(f"{API}/targets", body))
    assert target["reached"]["percent"] == 30.0
    again = editor.post(f"{API}/targets", {**body, "code": "u"})
    assert list(mistakes(again, 409).values()) == ["unique"]
    both = {**body, "code": "u", "region": "120115"}
    assert problem(editor.post(f"{API}/targets", both))
    assert error(editor.patch(own, {"value": 0}))
    assert found(editor.patch(own, {"value": 20}))["reached"]["percent"] == 15.0
    history = found(editor.get(f"{own}/history"))["results"]
    assert [each["op"] for each in history] == ["changed", "created"]
    found(editor.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert Target.objects.get().value == 10
    found(editor.patch(own, {"publication": "draft"}))
    assert codes(api, "targets") == []


def test_the_table_is_a_file(api: APIClient, town: Park) -> None:
    TargetFactory.create(code="signed", park=town)
    book = api.get(f"{API}/targets.xlsx", {"year": "2026", "header": "zh"}).getvalue()
    head, row = load_workbook(BytesIO(book), read_only=True).worksheets[0].values
    assert [*zip(head[:20], row, strict=False)] == [
        *[("编码", "signed"), ("园区", "town"), ("地区", None), ("年份", 2026)],
        *[("指标口径", "signed_count"), ("投资额下限（元）", 0), ("来源地范围", None)],
        *[("目标（元、美元或个）", 4), ("限定词", "at_least"), ("已完成", 2), ("完成率（%）", 50)],
        *[("序时进度（%）", 41.67), ("与序时进度之差（个百分点）", 8.33), ("今年同期", 1)],
        *[("上年同期", 1), ("同比（%）", 0), ("其他币种", 0), ("来源", None)],
        *[("发布状态", "published"), ("备注", None)],
    ]
    text = api.get(f"{API}/targets.csv").getvalue().decode("utf-8-sig")
    head, row = csv.reader(text.splitlines())
    assert dict(zip(head[:20], row, strict=False)) == {
        **{"code": "signed", "park": "town", "region": "", "year": "2026"},
        **{"measure": "signed_count", "size_floor_cny": "0", "origin_scope": "", "value": "4"},
        **{"qualifier": "at_least", "reached": "2", "percent": "50", "months_percent": "41.67"},
        **{"gap_points": "8.33", "same_period": "1", "previous": "1", "change_percent": "0"},
        **{"left_out": "0", "source": "", "publication": "published", "note": ""},
    }


@together(
    ("query", "found_ones"),
    [
        *[("", ["b", "a", "c"]), ("park=town", ["a"])],
        *[("region=120115", ["b"]), ("measure=agreed_cny", ["c"]), ("year=2025", ["c"])],
        *[("source=report", ["a"]), ("year=2025,2026", ["b", "a", "c"]), ("publication=draft", [])],
    ],
)
def test_targets_are_found_by_what_they_are_of(
    api: APIClient, town: Park, query: str, found_ones: list[str]
) -> None:
    source = SourceFactory.create(code="report")
    TargetFactory.create(code="a", park=town, source=source)
    TargetFactory.create(code="b", park=None, region=town.region)
    TargetFactory.create(code="c", park=ParkFactory.create(), measure="agreed_cny", year=2025)
    assert codes(api, f"targets?{query}") == found_ones


@together(
    ("ordering", "listed"),
    [
        *[("code", "a b c"), ("-code", "c b a"), ("year", "b a c"), ("", "c a b")],
        *[("-year", "c a b"), ("updated_at", "a b c"), ("-updated_at", "c b a")],
    ],
)
def test_targets_are_put_in_order(api: APIClient, town: Park, ordering: str, listed: str) -> None:
    for code, year in (("a", 2026), ("b", 2025), ("c", 2027)):
        TargetFactory.create(code=code, park=town, year=year)
    query = {"ordering": ordering} if ordering else {}
    assert " ".join(codes(api, "targets", **query)) == listed


def test_targets_are_imported_and_the_file_is_read_back(api: APIClient, town: Park) -> None:
    client = sign_in(MembershipFactory.create(park=town).user, CarefulClient)
    header = ["园区", "年度", "指标", "规模", "年度目标", "单位"]
    sheet = table(
        header,
        ["town", "2026", "协议投资额", "", "15", "亿元"],
        ["town", "2026", "签约项目数", "1亿", "12", "个"],
        ["town", "2026", "签约项目数", "", "40", ""],
    )
    assert applied(client, sheet, resource="targets")["counts"]["create"] == 3
    stored = Target.objects.order_by("value").values_list("measure", "size_floor_cny", "value")
    assert [*stored] == [
        ("signed_count", YI, 12),
        ("signed_count", 0, 40),
        ("agreed_cny", 0, 15 * YI),
    ]
    again = table(
        ["园区", "年度", "指标", "年度目标（亿元）"], ["town", "2026", "agreed_cny", "16"]
    )
    assert applied(client, again, resource="targets")["counts"]["update"] == 1
    assert Target.objects.get(measure="agreed_cny").value == 16 * YI
    ours = table(["park", "year", "measure", "value"], ["town", "2027", "started_count", "12"])
    assert applied(client, ours, resource="targets")["counts"]["create"] == 1
    wrong = table(header, ["town", "2027", "签约项目数", "", "12", "亿元"])
    report = checked(client, wrong, resource="targets")
    assert faults(report) == {(2, "value"): "unit_not_understood"}
    own = client.get(f"{API}/targets.csv", {"columns": "all", "header": "zh"}).getvalue()
    assert checked(client, own, resource="targets")["counts"]["same"] == 4


# --- Pictures --------------------------------------------------------------------------------


def test_targets_are_a_picture_whose_bars_open_their_lists(api: APIClient, town: Park) -> None:
    TargetFactory.create(code="signed", park=town, value=4)
    TargetFactory.create(
        code="agreed", park=town, measure="agreed_cny", value=8 * YI, size_floor_cny=YI,
        origin_scope="other_province",
    )  # fmt: skip
    answer = api.get(f"{API}/targets.svg", {"year": "2026", "lang": "zh"})
    assert answer.headers["Content-Type"] == "image/svg+xml"
    svg = answer.content.decode()
    assert "2 / 4" in svg
    assert "0 / 8 亿元" in svg
    assert "省外" in svg
    assert "不低于1亿元" in svg
    rows = found(api.get(f"{API}/targets", {"year": "2026"}))["results"]
    for row in rows:
        assert escape(row["reached"]["list_url"]) in svg
    assert api.get(f"{API}/targets.png").content.startswith(b"\x89PNG")
    empty = api.get(f"{API}/targets.svg", {"year": "2019"}).content.decode()
    assert "Nothing matches" in empty
    assert error(api.get(f"{API}/targets.svg", {"theme": "blue"}))["parameter"] == "theme"
