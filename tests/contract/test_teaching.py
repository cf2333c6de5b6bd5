"""Typical mistakes: each answer names the remedy, so that the next request is right."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ASKED: dict[str, str] = {
    # What is asked for, and what the answer says of it
    "projects/": "/api/v1/projects",
    "projects.json": "/api/v1/projects",
    "projects.xls": "/api/v1/projects.xlsx",
    "projects/summary.pdf": "/api/v1/projects/summary.svg",
    "project": "/api/v1/projects",
    "Projects": "/api/v1/projects",
    "region_groups": "/api/v1/region-groups",
    "/api/projects": "/api/v1/projects",
    "/api/v2/projects": "/api/v1/projects",
    "projects?format=csv": ".csv or .xlsx at its end",
    "projects?page=2": "cursor",
    "projects?offset=50": "cursor",
    "projects?page_size=10": "limit",
    "projects?sort=name": "ordering",
    "projects?search=芯片": '"suggestion":"q"',
    "projects?name=芯片": '"suggestion":"q"',
    "projects?year=2023": "signed_year",
    "projects?province=北京": "origin_province",
    "projects?industry=C": '"suggestion":"sector"',
    "projects?signed_after=2020": "signed_from",
    "projects?signed_before=2020": "signed_to",
    "projects?signed_on=2023": "signed_from",
    "projects?investment__gte=5": "investment_min",
    "projects?max_investment=5": "investment_max",
    "projects?modified_since=2023": "updated_from",
    "projects?include_drafts=1": "publication",
    "projects?group_by=stage": "/summary",
    "projects?api_key=abc": "Authorization",
    "projects?lang=zh": "Accept-Language",
    "projects?ordering=investment": "investment_cny",
    "projects?limit=1000": "from 1 to 500",
    "projects?stage=Signed": '"suggestion":"signed"',
    "projects?stage=signed&stage=started": "separated by commas",
    "projects?limit=5&limit=6": "takes one value",
    "projects?investment_min=1亿&investment_min=2亿": "takes one value",
    "projects?q=厂&q=芯片": "takes one value",
    "changes?park=a&park=b": "separated by commas",
    "projects?park=宝坻": "baodi-zgc",
    "projects?fields=nam": "name_zh",
    "projects?as_of=yesterday": "2024-03-31",
    "projects?investment_min=1.5 yi": "1.5亿元",
    "projects?count=true": "exact",
    "changes?after=0": "Leave “after” out",
    "parks/baodi": "baodi-zgc",
    "projects/chip-packagin": "chip-packaging",
    "projects/chip-packagin/milestones": "chip-packaging",
    "regions/Beijing": "110000",
    "sectors/3973": "C3973",
}
SENT: list[tuple[Any, str]] = [
    ({"name": "甲"}, "name_zh"),
    ({"name_zh": "甲", "park": "宝坻京津中关村科技城"}, "baodi-zgc"),
    ({"name_zh": "甲", "park": "baodi-zgc", "stage": "signed"}, "milestones"),
    ({"name_zh": "甲", "park": "baodi-zgc", "signed_on": "2023"}, "milestones"),
    ({"name_zh": "甲", "park": "baodi-zgc", "origin": "北京市"}, "110000"),
    ({"name_zh": "甲", "park": "baodi-zgc", "origin": "北京市海淀区"}, '"suggestion":"110108"'),
    ({"name_zh": "甲", "park": "baodi-zgc", "origin": "浙江杭州"}, '"suggestion":"330100"'),
    ({"name_zh": "甲", "park": "baodi-zgc", "origin": "Jiangsu/Suzhou"}, '"suggestion":"320500"'),
    ({"name_zh": "甲", "park": "baodi-zgc", "sector": "集成电路"}, "C3973"),
    ({"name_zh": "甲", "park": "baodi-zgc", "investment": 5}, "investment_cny"),
    ({"name_zh": "甲", "park": "baodi-zgc", "investment_cny": "5 million USD"}, "not in yuan"),
    ({"name_zh": "甲", "park": "baodi-zgc", "land_mu": "20亩"}, "without quotes and unit"),
    ({"name_zh": "甲", "park": "baodi-zgc", "kind": "New"}, '"suggestion":"new"'),
    ({"name_zh": "甲", "park": "baodi-zgc", "investors": ["华为"]}, "organisation"),
    ([{"name_zh": "甲"}], "/projects/bulk"),
]


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> None:
    park = ParkFactory.create(code="baodi-zgc", name_zh="宝坻京津中关村科技城")
    ProjectFactory.create(code="chip-packaging", park=park)


@together(("asked", "remedy"), ASKED.items())
def test_a_question_that_is_not_understood(api: APIClient, asked: str, remedy: str) -> None:
    answer = api.get(asked if asked.startswith("/") else f"{API}/{asked}")
    assert answer.status_code in (400, 404)
    assert remedy in answer.content.decode()


@together(("body", "remedy"), SENT)
def test_a_body_that_is_not_understood(admin_api: APIClient, body: Any, remedy: str) -> None:
    answer = admin_api.post(f"{API}/projects", body, format="json")
    assert answer.status_code == 400
    assert remedy in answer.content.decode()
