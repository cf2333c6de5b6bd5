"""What a ledger in ringgit answers; `test_in_ringgit.py` runs this with its profile."""

import re
from gettext import GNUTranslations
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override, trans_real
from rest_framework.test import APIClient

from parks.models import Region
from tests.answers import API, Row, found, made, mistakes
from tests.factories import ParkFactory
from tests.paths import ROOT

pytestmark = pytest.mark.django_db
with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
    TEXTS = [text for text in GNUTranslations(file)._catalog if isinstance(text, str)]  # type: ignore[attr-defined]
YUAN = re.compile(r"\byuan\b|(?<!_)CNY|RMB|¥|人民币|(?<![美单])元(?!素)", re.IGNORECASE)


@pytest.fixture(autouse=True)
def kulim() -> None:
    """A park in Kedah without projects."""
    call_command("load_fixtures", verbosity=0, vocabularies_only=True)
    Region(code="0205", level="prefecture", parent_id="MY-02", name_en="Kulim").save()
    ParkFactory.create(code="khtp", name_en="Kulim Hi-Tech Park", region_id="0205")


def give(api: APIClient, code: str, **fields: Any) -> Row:
    given = {"code": code, "park": "khtp", "name_en": code, "publication": "published"}
    milestones = [{"type": "signed", "actual_on": "2025-03", "agreement_type": "contract"}]
    return made(api.post(f"{API}/projects", given | {"milestones": milestones} | fields))


def test_totals_bands_targets_and_missing_amounts_are_in_ringgit(admin_api: APIClient) -> None:
    ours = give(admin_api, "wafers", investment_cny="over RM1.2 billion")
    assert (ours["investment_cny"], ours["investment_qualifier"]) == (1_200_000_000, "over")
    give(admin_api, "silent")
    given = {"group_by": "size_band", "park": "khtp"}
    answer = found(admin_api.get(f"{API}/projects/summary", given))
    assert answer["total"]["investment_cny"] == 1_200_000_000
    names = {row["size_band"]["name_en"] for row in answer["rows"]}
    assert names == {"1 billion to under 10 billion ringgit", "unknown"}
    missing = found(admin_api.get(f"{API}/projects", {"missing": "amount"}))["results"]
    assert [row["code"] for row in missing] == ["silent"]
    target = {"park": "khtp", "year": 2025, "measure": "agreed_cny", "value": "RM2.4 billion"}
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
    assert [each["value"] for each in answer["total"]["other_currencies"]] == [
        55 * 10**6,
        7 * 10**6,
    ]
    file = admin_api.get(f"{API}/projects/summary.csv", {"group_by": "origin_country"})
    assert "55,000,000 EUR; 7,000,000 USD" in file.getvalue().decode()
    page = admin_client.get("/projects?view=charts").content.decode()
    assert "55,000,000 EUR; 7,000,000 USD" in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_text_names_the_yuan(language: str) -> None:
    texts = trans_real.translation(language)
    with override(language):
        said = [texts.gettext(text) for text in TEXTS]
    assert [text for text in said if YUAN.search(text)] == []


PATHS = (
    *("/", "/projects?view=charts", "/projects/wafers", "/parks/khtp", "/compare", "/targets"),
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
