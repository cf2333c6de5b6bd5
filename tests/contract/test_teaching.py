"""Typical mistakes: each answer names the remedy, so that the next request is right."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, error, found, problem
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ASKED: dict[str, str] = {
    # What is asked for, and what the answer says of it
    "projects.json": "/api/v1/projects",
    "projects.xls": "/api/v1/projects.xlsx",
    "fundings/summary.pdf": "/api/v1/fundings/summary.svg",
    "projects/summary.pdf": "/api/v1/projects/summary.svg",
    "projects/summary.docx": "/api/v1/projects/summary.xlsx",
    "projects/facets.parquet": "/api/v1/projects/facets.xlsx",
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
    "projects?modified_since=2023": "follow /changes",
    "projects?since=2023": "follow /changes",
    "projects?signed_from=2024/03/01": '"suggestion":"2024-03-01"',
    "projects?signed_from=20240301": '"suggestion":"2024-03-01"',
    "projects?signed_from=2024年3月": '"suggestion":"2024-03"',
    "projects?stage=under construction": '"suggestion":"started"',
    "projects?ordering=-amount": '"suggestion":"-investment_cny"',
    "projects?origin=ZJ": '"suggestion":"浙江"',
    "projects/summary?by=stage": 'Nothing was returned.","suggestion":"group_by"',
    "projects/export": ".csv or .xlsx at its end",
    "projects/chip-packaging.csv": "/api/v1/projects.csv?code=chip-packaging",
    "parks/baodi-zgc/projects": "/api/v1/projects?park=baodi-zgc",
    "stats": "/api/v1/projects/summary",
    "/v1/projects": "/api/v1/projects",
    "/openapi.json": "/api/v1/schema",
    "/swagger": "/api/v1/docs",
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
ROW: Row = {"name_zh": "甲", "park": "baodi-zgc"}
SENT: list[tuple[Any, str]] = [
    ({"name": "甲"}, "name_zh"),
    ({"name_zh": "甲", "park": "宝坻京津中关村科技城"}, "baodi-zgc"),
    ({**ROW, "signed_on": "2023"}, "milestones"),
    ({**ROW, "origin": "北京市"}, "110000"),
    ({**ROW, "origin": "北京市海淀区"}, '"suggestion":"110108"'),
    ({**ROW, "origin": "浙江杭州"}, '"suggestion":"330100"'),
    ({**ROW, "origin": "Jiangsu/Suzhou"}, '"suggestion":"320500"'),
    ({**ROW, "sector": "集成电路"}, "C3973"),
    ({**ROW, "investment": 5}, "investment_cny"),
    ({**ROW, "investment_cny": "5 million USD"}, "not in yuan"),
    ({**ROW, "land_mu": "20亩"}, "without quotes and unit"),
    ({**ROW, "kind": "New"}, '"suggestion":"new"'),
    ({**ROW, "investors": ["华为"]}, "organisation"),
    ([{"name_zh": "甲"}], "POST /projects/bulk"),
    ({**ROW, "stage": "signed"}, "POST one to /projects/{code}/milestones"),
    ({**ROW, "counts_in_totals": True}, "“is_umbrella”"),
    ({**ROW, "news_on": "2024-01-01"}, "“reported_on”"),
    ({**ROW, "paid_in_cny": 1}, "/projects/{code}/fundings"),
    ({**ROW, "participations": []}, "below the project"),
    ({**ROW, "version": 3}, "If-Match"),
    ({**ROW, "park_name_zh": "城"}, "“park”"),
    ({**ROW, "status": "signed"}, "“standing”"),
    ({**ROW, "id": "x"}, '"suggestion":"code"'),
    ({**ROW, "amount": "x"}, '"suggestion":"investment_cny"'),
    ({**ROW, "phase_no": "two"}, "a whole number"),
    ({**ROW, "is_umbrella": "maybe"}, "true or false"),
    ({**ROW, "milestones": ["signed"]}, "an object with fields"),
]
HEADERS = [
    ("Idempotency-Key", "5f0c", "PUT creates at a code"),
    ("If-Match", '"5"', "of many rows each says its own “version”"),
    ("If-None-Match", "*", "PUT with “If-None-Match: *”"),
    ("Content-Range", "items 0-9/10", "PATCH changes the fields that it names"),
    ("X-HTTP-Method-Override", "PATCH", "Send the method itself"),
    ("X-API-Key", "secret", "Authorization: Bearer"),
    ("Prefer", "return=minimal, resolution=merge-duplicates", "PUT creates a row or replaces"),
]
METHODS = [
    ("put", "projects", "possible are: GET, POST, HEAD, OPTIONS. POST /projects/bulk"),
    ("delete", "projects", "DELETE at the URL of one row"),
    ("post", "projects/chip-packaging", "POST to the list creates a row"),
    ("put", "projects/chip-packaging/milestones/1", "PATCH at the URL of one row"),
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


@together(("header", "value", "remedy"), HEADERS)
def test_a_header_that_would_be_ignored(
    admin_api: APIClient, header: str, value: str, remedy: str
) -> None:
    refused = error(admin_api.post(f"{API}/projects", ROW, headers={header: value}))
    assert (refused["header"].lower(), refused["code"]) == (header.lower(), "unsupported_header")
    assert remedy in refused["detail"]


def test_headers_that_change_nothing_are_let_pass(admin_api: APIClient) -> None:
    found(admin_api.get(f"{API}/projects", headers={"Idempotency-Key": "5", "Prefer": "wait=5"}))
    refused = error(admin_api.get(f"{API}/projects", headers={"Prefer": "count=exact"}))
    assert "count=exact" in refused["detail"]


@together(("method", "address", "remedy"), METHODS)
def test_a_method_that_a_url_does_not_take(
    admin_api: APIClient, method: str, address: str, remedy: str
) -> None:
    answer = getattr(admin_api, method)(f"{API}/{address}", {}, headers={"If-Match": "*"})
    assert remedy in problem(answer, 405)["detail"]


def test_a_get_with_a_slash_at_the_end_is_redirected(api: APIClient) -> None:
    answer = api.get(f"{API}/projects/?stage=signed")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{API}/projects?stage=signed")
    assert f"the right one is {API}/projects" in api.post(f"{API}/projects/").json()["detail"]
