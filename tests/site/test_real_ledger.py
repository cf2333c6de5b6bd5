"""The shipped ledger answers the questions that a newcomer asks first."""

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from rest_framework.test import APIClient

from sheets.dates import PartialDate
from tests.answers import API, Row, codes, found, walk
from tests.conftest import read_fixture

BASES = ["agreed", "planned", "intended", "reported"]
YI = 100_000_000
DELTA = ("31", "32", "33", "34")  # Shanghai, Jiangsu, Zhejiang, Anhui


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def amount(row: Row) -> int | None:
    """The best of the claims of investment that a line has."""
    claims = [
        (-BASES.index(claim["investment_basis"]), end(claim.get("as_of")), number, claim["value"])
        for number, claim in enumerate(row.get("figures", []))
        if claim["indicator"] == "investment" and not claim.get("currency")
    ]
    return max(claims)[3] if claims else None


def end(date: str | None) -> str:
    return PartialDate.parse(date).last.isoformat() if date else ""


def lines(**wanted: Any) -> list[Row]:
    """The lines of the projects that have these values."""
    return [
        row
        for row in read_fixture("projects")
        if all(row.get(name) == value for name, value in wanted.items())
    ]


def test_large_projects_from_the_delta_are_listed_with_the_largest_first(api: APIClient) -> None:
    query = {"origin": "yrd", "investment_min": "1亿", "ordering": "-investment_cny"}
    expected = {
        row["code"]: amount(row)
        for row in lines()
        if row.get("origin", "").startswith(DELTA) and (amount(row) or 0) >= YI
    }
    rows = walk(api, "projects", **query)
    assert {row["code"]: row["investment_cny"] for row in rows} == expected
    amounts = [row["investment_cny"] for row in rows]
    assert amounts == sorted(amounts, reverse=True)
    assert "delixi-topcon" in expected
    everything = codes(api, "projects", origin="长三角")
    assert set(everything) > {*expected}  # those of unknown amount are there, and left out above


NAMES = {
    "吉林": "220000",
    "吉林市": "220200",
    "恩施": "422800",
    "恩施市": "422801",
    "湖北恩施": "422800",
    "东莞": "441900",
    "济源": "419001",
    "新疆": "650000",
    "内蒙古": "150000",
    "台湾": "710000",
    "澳门": "820000",
    "Hong Kong": "810000",
    "北京市朝阳区": "110105",
    "吉林省长春市朝阳区": "220104",
    "Jiangsu/Suzhou": "320500",
    "延边": "222400",
    "大厂": "131028",
    "South Korea": "KR",
}


def test_real_names_find_the_one_region_that_is_meant(api: APIClient) -> None:
    found_codes = {name: codes(api, "regions", within=name, limit=500)[0] for name in NAMES}
    assert found_codes == NAMES


def test_the_science_town_shows_its_area_and_its_projects(api: APIClient) -> None:
    park = found(api.get(f"{API}/parks/baodi-zgc"))
    (area,) = (
        each
        for each in park["figures"]
        if (each["indicator"], each["nature"]) == ("area", "actual")
    )
    assert (area["value"], area["unit"], area["source"]) == (14.5, "km2", "SEED")
    shown = {each["indicator"]: each["value"] for each in park["figures"]}
    assert {"entities": 1500, "invested": 17_600_000_000}.items() <= shown.items()
    expected = {row["code"] for row in lines(park="baodi-zgc")}
    assert park["projects"]["count"] == len(expected)
    assert {row["code"] for row in park["projects"]["largest"]} <= expected
    largest = max(lines(park="baodi-zgc"), key=lambda row: amount(row) or -1)
    assert park["projects"]["largest"][0]["code"] == largest["code"]
    behind = found(api.get(park["projects"]["list_url"]))["results"]
    assert {row["code"] for row in behind} == expected


def test_what_comes_from_abroad_is_no_unknown(api: APIClient) -> None:
    abroad = {row["code"] for row in lines() if row.get("origin", "0").isalpha()}
    assert len(abroad) == 8
    for name in ("foreign", "国外"):
        assert {*codes(api, "projects", origin=name)} == abroad, name
    assert {*codes(api, "projects", origin="境外")} == abroad | {"hk-quankang"}
    assert abroad.isdisjoint(codes(api, "projects", origin_city="unknown"))


def test_no_milestone_of_the_real_projects_is_dated_before_an_earlier_stage(api: APIClient) -> None:
    for code in codes(api, "projects", park="baodi-zgc,tj-binhai,caofeidian"):
        assert found(api.get(f"{API}/projects/{code}"))["warnings"] == [], code


# --- The rates of the pages that define them ----------------------------------------------------

PAGES = {"en": "docs/explanation/definitions.md", "zh-hans": "docs/zh-Hans/definitions.md"}
HEADS = {
    "en": "| Rate | In the API | What it is | Shipped data |",
    "zh-hans": "| 比率 | 接口中的名称 | 口径 | 随附数据 |",
}
RATES_OF_PAGE = re.compile(r"(?<=<!-- rates -->\n).*(?=<!-- end of rates -->)", re.DOTALL)


def write_amount(number: int | None, unit: str) -> str:
    if not number:
        return "–" if number is None else "0"
    return f"{number:,}" if unit == "projects" else f"{number / YI:,.2f}亿"


def write_value(rate: Row, language: str) -> str:
    parts = [write_amount(rate[part], rate["unit"]) for part in ("numerator", "denominator")]
    said = {"en": "withheld", "zh-hans": "不给出"}[language] if rate["withheld"] else "–"
    percent = said if rate["percent"] is None else f"{rate['percent']:g} %"
    not_known = write_amount(rate["not_known"], rate["unit"])
    at_most = "–" if rate["percent_at_most"] is None else f"{rate['percent_at_most']:g} %"
    words = {
        "en": "{} of {}: {}; not known {}, at most {}",
        "zh-hans": "{}／{}：{}；不明 {}，至多 {}",
    }
    return words[language].format(*parts, percent, not_known, at_most)


@pytest.mark.parametrize("language", PAGES)
def test_the_definitions_say_what_each_rate_is_of_the_shipped_data(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, settings: Any, language: str
) -> None:
    settings.STALE_MONTHS = 24
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 11, 27))
    answer = found(api.get(f"{API}/projects/cohorts", headers={"Accept-Language": language}))
    rows = []
    with translation.override(language):
        for name, rate in answer["total"]["rates"].items():
            label = rate["name_zh" if language == "zh-hans" else "name_en"]
            label += f", {rate['name_zh']}" if language == "en" else ""
            value = write_value(rate, language)
            rows.append(f"| {label} | `{name}` | {rate['meaning']} | {value} |")
    table = "\n".join(["", HEADS[language], "| --- | --- | --- | --- |", *rows, "", ""])
    page = Path(settings.BASE_DIR) / PAGES[language]
    text = page.read_text(encoding="utf-8")
    if os.environ.get("WRITE_DOCS"):
        text = RATES_OF_PAGE.sub(lambda _match: table, text)
        page.write_text(text, encoding="utf-8")
    match = RATES_OF_PAGE.search(text)
    assert match is not None
    assert match[0] == table


def test_whose_capital_it_is_stands_where_a_page_says_it(api: APIClient) -> None:
    from_abroad = [row["code"] for row in walk(api, "projects", capital_type="foreign")]
    stated = [row for row in lines(origin_basis="stated") if len(row["origin"]) == 2]
    assert sorted(from_abroad) == sorted(row["code"] for row in stated)
    assert codes(api, "projects", capital_type="hmt") == ["hk-quankang"]
    novo = found(api.get(f"{API}/projects/novo-2008"))
    (claim,) = novo["figures"]
    assert (claim["value"], claim["currency"], novo["investment_cny"]) == (381_000_000, "USD", None)
    assert found(api.get(f"{API}/parks/xiongan-zgc"))["address"] == "容东片区华望城"
