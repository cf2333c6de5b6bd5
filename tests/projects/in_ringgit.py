"""What a ledger in ringgit answers; `test_in_ringgit.py` runs this with its profile."""

import re
from gettext import GNUTranslations
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override, trans_real
from rest_framework.test import APIClient

from parks.models import Region
from projects.importing.sheets import list_template_columns
from tests.answers import API, Row, found, made, mistakes
from tests.factories import ParkFactory
from tests.paths import ROOT
from tests.projects.importing.imports import applied
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
    TEXTS = [text for text in GNUTranslations(file)._catalog if isinstance(text, str)]  # type: ignore[attr-defined]
YUAN = re.compile(
    r"\byuan\b|(?<!_)CNY|RMB|¥|人民币|亩(?<!英亩)|\bmu\b|(?<![美单])元(?!素)", re.IGNORECASE
)


@kept_rows(autouse=True)
def kulim() -> None:
    """A park in Kedah without projects."""
    call_command("load_fixtures", verbosity=0, vocabularies_only=True)
    Region(code="0205", level="prefecture", parent_id="MY-02", name_en="Kulim").save()
    ParkFactory.create(code="ours", name_en="Kulim Hi-Tech Park", region_id="0205")


def give(api: APIClient, code: str, **fields: Any) -> Row:
    given = {"code": code, "park": "ours", "name_en": code, "publication": "published"}
    milestones = [{"type": "signed", "actual_on": "2025-03", "agreement_type": "contract"}]
    return made(api.post(f"{API}/projects", given | {"milestones": milestones} | fields))


def test_totals_bands_targets_and_missing_amounts_are_in_ringgit(admin_api: APIClient) -> None:
    ours = give(admin_api, "wafers", investment_cny="over RM1.2 billion")
    assert (ours["investment_cny"], ours["investment_qualifier"]) == (1_200_000_000, "over")
    give(admin_api, "silent")
    given = {"group_by": "size_band", "park": "ours"}
    answer = found(admin_api.get(f"{API}/projects/summary", given))
    assert answer["total"]["investment_cny"] == 1_200_000_000
    names = {row["size_band"]["name_en"] for row in answer["rows"]}
    assert names == {"1 billion to under 10 billion ringgit", "no amount in ringgit"}
    missing = found(admin_api.get(f"{API}/projects", {"missing": "amount"}))["results"]
    assert [row["code"] for row in missing] == ["silent"]
    target = {"park": "ours", "year": 2025, "measure": "agreed_cny", "value": "RM2.4 billion"}
    assert made(admin_api.post(f"{API}/targets", target))["value"] == 2_400_000_000
    refused = admin_api.post(f"{API}/targets", target | {"value": "2.4亿元", "year": 2026})
    assert mistakes(refused) == {"#/value": "other_currency"}


def test_other_currencies_stay_as_reported_and_have_sums_of_their_own(
    admin_api: APIClient, admin_client: Client
) -> None:
    give(admin_api, "wafers", investment_cny="RM1.2 billion", origin="MY-10")
    for code, value, currency in (("a", 25, "EUR"), ("b", 30, "EUR"), ("c", 7, "USD")):
        give(admin_api, code, origin="SG")
        amount = {"indicator": "investment", "nature": "projected", "investment_basis": "planned"}
        amount |= {"value": value * 10**6, "currency": currency}
        made(admin_api.post(f"{API}/projects/{code}/figures", amount))
    answer = found(admin_api.get(f"{API}/projects/summary", {"group_by": "origin_country"}))
    told = {
        row["origin_country"]["value"]: (
            row["investment_cny"],
            [(each["currency"], each["count"], each["value"]) for each in row["other_currencies"]],
        )
        for row in answer["rows"]
    }
    others = [("EUR", 2, 55_000_000), ("USD", 1, 7_000_000)]
    assert told == {"MY": (1_200_000_000, []), "SG": (None, others)}
    for each in answer["total"]["other_currencies"]:
        listed = found(admin_api.get(each["list_url"]))["results"]
        assert (len(listed), each["value"]) == {"EUR": (2, 55e6), "USD": (1, 7e6)}[each["currency"]]
    file = admin_api.get(f"{API}/projects/summary.csv", {"group_by": "origin_country"})
    assert "55,000,000 EUR; 7,000,000 USD" in file.getvalue().decode()
    page = admin_client.get("/projects?view=charts").content.decode()
    assert 'stage=signed&amp;investment_currency=EUR">55 million EUR<' in page
    listed = admin_client.get("/projects?investment_currency=EUR").content.decode()
    assert ("/projects/c" in listed, "other currencies: EUR" in listed) == (False, True)
    picture = admin_api.get(f"{API}/projects/summary.svg?group_by=park&measures=investment_cny")
    assert "not in it: Euro: 2 reports; US Dollar: 1 report" in picture.getvalue().decode()


def test_the_example_has_sourced_projects_of_one_park(admin_api: APIClient) -> None:
    with pytest.raises(CommandError, match="PROFILE=china"):
        call_command("make_demo", projects=1)
    call_command("load_fixtures", verbosity=0)
    asked = {"park": "khtp", "group_by": "capital_type"}
    answer = found(admin_api.get(f"{API}/projects/summary", asked))
    told = {row["capital_type"]["value"]: row["count"] for row in answer["rows"]}
    assert told == {"foreign": 9, "domestic": 2, None: 3}
    assert answer["total"]["investment_cny"] == 94_151_000_000
    others = answer["total"]["other_currencies"]
    assert [(each["currency"], each["count"]) for each in others] == [("EUR", 1), ("USD", 1)]
    projects = found(admin_api.get(f"{API}/projects", {"park": "khtp", "limit": 100}))["results"]
    assert len(projects) == 14
    assert all(project["source"] for project in projects)
    figures = found(admin_api.get(f"{API}/figures", {"limit": 100}))["results"]
    assert all(figure["source"] and figure["as_reported"] for figure in figures)


SHEET = """\
Project name,Signed on,Investment (RM million),Land (hectares),Origin,Sector
Wafers,31/12/2025,"1,200",5,Penang,C2610
Panels,01/2025,€ 25m,12.5 acres,Kedah/Kulim,C2610
Cells,15 June 2025,RM1.2 billion,,Singapore,Manufacturing
"""


def test_a_sheet_is_read_as_people_there_write(admin_api: APIClient) -> None:
    assert "national_code" not in [column.name for column in list_template_columns()]
    answer = applied(admin_api, SHEET.encode(), park="ours", confirm=["amounts"])
    assert answer["counts"]["create"] == 3, answer["rows"]
    rows = {
        row["name_en"]: (row["signed_on"], row["investment_cny"], row["land_mu"], row["origin"])
        for row in found(admin_api.get(f"{API}/projects"))["results"]
    }
    said = {row["as_reported"] for row in found(admin_api.get(f"{API}/figures"))["results"]}
    assert said == {"1,200 million MYR", "€ 25m", "RM1.2 billion"}
    assert rows == {
        "Wafers": ("2025-12-31", 1_200_000_000, 12.36, "MY-07"),
        "Panels": ("2025-01", None, 12.5, "0205"),
        "Cells": ("2025-06-15", 1_200_000_000, None, "SG"),
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_text_names_the_yuan(language: str) -> None:
    texts = trans_real.translation(language)
    with override(language):
        said = [texts.gettext(text) for text in TEXTS]
    assert [text for text in said if YUAN.search(text)] == []


PATHS = (
    *("/", "/projects?view=charts", "/projects/wafers", "/parks/ours", "/compare", "/targets"),
    *("/fundings", "/dispatch", "/admin/projects/project/add/", "/admin/projects/funding/add/"),
    *("/admin/projects/target/add/", f"{API}/projects.csv?header=en&unit=wan"),
    f"{API}/projects/summary.svg?group_by=size_band&measures=investment_cny",
)
_CODES = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_or_file_names_the_yuan(
    admin_api: APIClient, admin_client: Client, language: str
) -> None:
    give(admin_api, "wafers", investment_cny="RM1.2 billion")
    for path in PATHS:
        answer = admin_client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200, path
        text = _CODES.sub("", answer.getvalue().decode())
        found_here = [text[max(0, at.start() - 60) : at.end() + 40] for at in YUAN.finditer(text)]
        assert found_here == [], path
