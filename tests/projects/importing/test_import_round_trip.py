"""What leaves the ledger as a file and comes back unchanged is the same, and writes nothing."""

from typing import Any

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from config.spreadsheets.guard import STARTERS
from parks.models.records import Change
from projects.models import Project
from tests.answers import API
from tests.factories import (
    InvestorFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SourceFactory,
)
from tests.projects.importing.imports import actions, applied, checked, faults, line
from tests.samples import sample
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]

HOSTILE = [
    *(f"{sign}1+1" for sign in STARTERS if not sign.isspace()),
    *("'=1", "''=1", "'", "''", '"', '""', "=cmd|' /C calc'!A0", "@SUM(A1)", "-", "--", "—"),
    *("007", "0010", "1E5", "9.1E+17", "91120116MA0000000X", "2015-06", "1/2", "TRUE", "true"),
    *(
        "a,b",
        "a;b",
        "a\tb",
        "a|b",
        "a；b、c",
        "12%",
        "￥5",
        "无",
        "待定",
        "合计",
        "合计：",
        "注：甲",
    ),
    *("é", "e\u0301", "ﬀ", "𠮷", "😀", "\u200b", "\u3000甲\u3000", " 甲 ", "甲\u00a0乙", "#REF!"),
    *("项目名称", "_x000D_", "_x0041_", "<b>", "&amp;", "null", "None", "\\", "%s", "{0}", "超1亿"),
]
LAYOUTS = [
    {"header": "code", "unit": "yuan"},
    {"header": "code", "unit": "yi"},
    {"header": "zh", "unit": "wan"},
    {"header": "en", "unit": "yi"},
]


def export(client: APIClient, kind: str, **options: Any) -> bytes:
    response = client.get(f"{API}/projects.{kind}", options)
    assert response.status_code == 200, response.getvalue()[:500]
    return response.getvalue()


@kept_rows
def ledger(vocabularies: None) -> None:
    """Projects that use every column, with texts that spreadsheets take for something else."""
    make_projects()


def make_projects() -> None:
    park = ParkFactory.create(code="town")
    whole = ProjectFactory.create(
        code="whole",
        park=park,
        origin_id="330300",
        origin_basis="stated",
        sector_id="C3973",
        sector_basis="mapped",
        land_mu="81.02",
        source=SourceFactory.create(code="report"),
        standing="suspended",
        standing_on="2024-03-01",
        standing_on_precision="month",
        standing_reason="停工",
        is_umbrella=True,
        reported_on="2024-01-01",
        reported_on_precision="year",
        investment=12_345_678_901,
        investment__basis="agreed",
        investment__qualifier="over",
        met={"lead": "2011", "intended": "2012-Q2", "signed": "2015-06", "started": "2015-06-30"},
    )
    MilestoneFactory.create(project=whole, type="operating", status="scheduled", planned="2030-01")
    MilestoneFactory.create(project=whole, type="signed", agreement_type="contract", on="2016")
    InvestorFactory.create(project=whole, share_bp=6000)
    InvestorFactory.create(project=whole)
    ProjectFigureFactory.create(
        project=ProjectFactory.create(code="dollars", park=park),
        amount_cny=None,
        value=381_000_000,
        currency="USD",
        as_reported="3.81亿美元",
    )
    for number, text in enumerate(HOSTILE):
        ProjectFactory.create(
            code=f"hostile-{number}",
            park=park,
            name_zh=text.strip() or "甲",
            name_en=text,
            note=f"{text}\n{text}" if number % 2 else text,
            open_issues=text,
            origin_text=text,
            sector_text=text,
            responsible_unit=text,
            part_of=whole if number % 3 else None,
            met=["signed"] if number % 2 else ["operating"],
        )


KINDS = ["csv", "xlsx"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_is_all_the_same(admin_api: APIClient, kind: str) -> None:
    before = Change.objects.count()
    for layout in sample(LAYOUTS, 2, KINDS.index(kind)):
        data = export(admin_api, kind, columns="all", **layout)
        answer = applied(admin_api, data, f"projects.{kind}", blank="clear")
        assert faults(answer) == {}, layout
        wrong = [row for row in answer["rows"] if row["action"] not in ("same", "skip")]
        assert wrong == [], layout
        assert answer["counts"]["same"] == Project.objects.count()
        assert [row["warnings"] for row in answer["rows"] if "warnings" in row] == [], layout
    assert Change.objects.count() == before


def test_a_file_in_gb_18030_comes_back_too(admin_api: APIClient) -> None:
    answer = checked(admin_api, export(admin_api, "csv", encoding="gb18030"))
    assert answer["read"]["encoding"] == "gb18030"
    assert answer["counts"]["same"] == Project.objects.count()


def test_a_row_that_changed_since_is_a_conflict_until_overwriting_is_asked_for(
    admin_api: APIClient,
) -> None:
    data = export(admin_api, "csv").decode("utf-8-sig").replace("停工", "资金不足").encode()
    Project.objects.filter(code="whole").update(note="又改了", version=F("version") + 1)
    answer = checked(admin_api, data)
    (conflict,) = [row for row in answer["rows"] if row["action"] == "conflict"]
    assert conflict["code"] == "whole"
    assert answer["state"] == "refused"
    assert "update" in actions(checked(admin_api, data, overwrite="true")).values()


def test_what_a_spreadsheet_made_of_a_month_is_an_error_and_no_change(
    admin_api: APIClient,
) -> None:
    data = b"code,signed_on,version\r\nwhole,2015-06-01,\r\n"
    answer = checked(admin_api, data)
    assert faults(answer) == {(2, "signed_on"): "changed_by_spreadsheet"}
    assert line(answer, 2)["errors"][0]["suggestion"] == "2015-06"
