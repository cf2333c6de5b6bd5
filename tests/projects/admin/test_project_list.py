"""The admin's list of projects: narrowed by the filters of the API, counted as its facets."""

import csv
import io
import re
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.models import Region, SavedList
from projects.models import Project
from tests.admin_pages import address
from tests.factories import (
    InvestorFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SectorFactory,
    TagFactory,
)
from tests.projects.importing.imports import checked
from tests.together import together

pytestmark = pytest.mark.django_db

LIST = address(Project, "changelist")


def listed(desk: Client, **query: str) -> Any:
    return desk.get(address(Project, "changelist"), query).context_data["cl"]


def options(changelist: Any, name: str) -> dict[str, str]:
    """What a drop-down offers: labels by value."""
    (found,) = [each for each in changelist.drop_downs if each["name"] == name]
    return {option["value"]: option["label"] for option in found["options"]}


def test_a_filter_offers_what_there_is_with_how_many_projects_have_it(desk: Client) -> None:
    RegionFactory.create(code="330000", level=Region.Level.PROVINCE, name_en="Zhejiang")
    origin = RegionFactory.create(code="330300")
    park = ParkFactory.create(name_en="Science Town")
    ProjectFactory.create(park=park, origin=origin, met={"signed": "2024-06"})
    ProjectFactory.create_batch(2, park=park)
    ProjectFactory.create(standing="suspended", standing_reason="no land")
    found = listed(desk)
    assert options(found, "park")[park.code] == "Science Town (3)"
    assert options(found, "stage") == {"signed": "contract signed (1)", "unknown": "unknown (3)"}
    assert options(found, "origin_province") == {"330000": "Zhejiang (1)", "unknown": "unknown (3)"}
    assert options(found, "signed_year") == {"2024": "2024 (1)", "unknown": "unknown (3)"}
    # What is chosen can be exchanged for another value; the other filters count what is left
    with CaptureQueriesContext(connection) as asked:
        chosen = listed(desk, standing="suspended")
        assert chosen.drop_downs
    # All of these read the list once, and once more without what is chosen
    assert sum("facet_0" in query["sql"] for query in asked.captured_queries) == 2
    assert options(chosen, "standing") == {"active": "active (3)", "suspended": "suspended (1)"}
    assert options(chosen, "stage") == {"unknown": "unknown (1)"}


@together(
    ("query", "detail", "suggestion"),
    [
        ({"stages": "signed"}, "There is no filter “stages”.", "stage"),
        ({"stage": "sighed"}, "“sighed” is not one of", "signed"),
        ({"investment_min": "lots"}, "", None),
        ({"tag": "fortune-500"}, "", None),
    ],
)
def test_what_the_api_does_not_understand_is_refused_and_nothing_listed(
    desk: Client, query: dict[str, str], detail: str, suggestion: str | None
) -> None:
    ProjectFactory.create()
    found = listed(desk, **query)
    (refusal,) = found.refusals
    assert (refusal.place["parameter"], refusal.suggestion) == (*query, suggestion)
    assert detail in refusal.message
    assert list(found.result_list) == []
    assert found.mistakes[0][1] is refusal


def test_conditions_name_what_their_codes_mean(desk: Client, vocabularies: None) -> None:
    park = ProjectFactory.create(met=["signed"], park__name_en="Old Town").park
    for tag in ("fortune-500", "key"):  # the first is said of organisations alone
        bearer = "organisation" if tag == "fortune-500" else "project"
        TagFactory.create(code=tag, name_en=f"The {tag}", bearer=bearer)
    for query, text in (
        ({"origin": "jjj,110108"}, "origin: Beijing-Tianjin-Hebei, Haidian District"),
        ({"reached": "signed"}, "reached at least: contract signed"),
        ({"sector": "ic"}, "sector: Integrated circuits (manufacture and design)"),
        ({"park_not": park.code}, "park other than: Old Town"),
        ({"investment_min": "1亿"}, "investment from: 100 million yuan"),
        ({"tag": "key"}, "tag: The key"),
        ({"tag": "fortune-500"}, "tag: fortune-500"),  # refused: not named as if it were known
    ):
        (chip,) = listed(desk, stage="unknown", **query).chips
        assert (chip["text"], chip["href"]) == (text, "?stage=unknown")


def test_what_is_listed_is_exported_with_the_headers_of_the_page(client: Client) -> None:
    mine = MembershipFactory.create(role="editor")
    wanted = ProjectFactory.create(park=mine.park, investment=250_000_000, name_zh="晶圆厂")
    InvestorFactory.create(project=wanted, share_bp=6667)
    ProjectFactory.create(park=mine.park)
    ProjectFactory.create(park__publication="published", investment=300_000_000)  # of others
    client.force_login(mine.user)
    page = client.get(LIST, {"investment_min": "1亿"}, headers={"accept-language": "zh-hans"})
    assert page.context_data["files"]["header"] == "zh"
    asked = {**dict(page.context_data["cl"].narrowed_by), "header": "zh", "unit": "wan"}
    answer = client.get(f"{LIST}export.csv", asked)
    data = read_file(answer)
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["编码"], row["中文名称"], row["投资额（万元）"]) == (wanted.code, "晶圆厂", "25000")
    book = client.get(f"{LIST}export.xlsx", asked)
    sheets = openpyxl.load_workbook(io.BytesIO(read_file(book)))
    assert [cell.value for cell in sheets.worksheets[0]["A"]] == ["编码", wanted.code]
    # What people read is in words and percent, and comes in again as it is
    words = ("状态", "投资额依据", "总协议", "计入合计", "阶段", "资本类型")
    assert [row[word] for word in words] == ["正常推进", "仅见报道，未说明依据", "否", "否", "", ""]
    assert [*sheets["投资方"].values][1][-2:] == ("牵头投资方", 66.67)
    assert [*sheets["投资方"].values][0][-1] == "出资比例（%）"
    api = APIClient()
    api.force_authenticate(mine.user)
    assert checked(api, data)["counts"]["same"] == 1
    plain = client.get(f"{LIST}export.csv", {**asked, "header": "code"})
    assert "active" in read_file(plain).decode()


def read_file(answer: Any) -> bytes:
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def save_list(client: Client, **sent: Any) -> str:
    """Send the form that saves a list; return where it leads, or what is wrong with it."""
    answer = client.post("/saved", sent, headers={"accept": "text/html"})
    return answer.headers.get("Location", "") or answer.content.decode()


def offered(client: Client) -> list[tuple[str, str, bool]]:
    """The saved lists beside the filters: name, address, and whether one may take it away."""
    lists = client.get(LIST).context_data["saved_lists"]
    return [(each["row"].name, each["row"].query, each["is_mine"]) for each in lists]


def test_a_list_is_saved_for_oneself_or_for_a_park_and_taken_away(client: Client) -> None:
    mine = MembershipFactory.create(role="editor")
    viewer = MembershipFactory.create(park=mine.park, role="viewer").user
    stranger = MembershipFactory.create(role="editor").user
    client.force_login(mine.user)
    page: Any = client.get(LIST, {"stage": "signed", "q": "晶圆", "o": "-1"})
    query = page.context_data["cl"].conditions
    assert query in page.content.decode().replace("&amp;", "&")
    assert save_list(client, name="late", query="overdue=true") == f"{LIST}?overdue=true"
    assert query in save_list(client, name=" fabs ", query=query, park=mine.park.pk)
    assert "signed" in save_list(client, name="late", query="overdue=true&stage=signed")
    fabs = ("fabs", query, True)
    assert offered(client) == [fabs, ("late", "overdue=true&stage=signed", True)]
    assert listed(client, **dict(parse_qsl(query))).conditions == query
    assert "at most 64" in save_list(client, name="x" * 65, query=query)
    assert "valid" in save_list(client, name="theirs", query=query, park=ParkFactory.create().pk)
    # Whoever has a role in the park sees it, and only editors take it away
    (saved,) = SavedList.objects.filter(name="fabs")
    client.force_login(viewer)
    assert offered(client) == [("fabs", query, False)]
    assert client.post("/saved", {"delete": saved.pk}).status_code == 403
    client.force_login(stranger)
    assert offered(client) == []
    assert client.post("/saved", {"delete": saved.pk}).status_code == 403
    client.force_login(mine.user)
    answer = client.post("/saved", {"delete": saved.pk})
    assert answer.headers["Location"] == f"{LIST}?{query}"
    assert [name for name, *_rest in offered(client)] == ["late"]


def test_words_for_origin_and_sector_find_projects(vocabularies: None, desk: Client) -> None:
    RegionFactory.create(code="110105", name_zh="朝阳区", level="county")
    RegionFactory.create(code="220104", name_zh="朝阳区", level="county")
    SectorFactory.create(code="C3841", name_zh="锂离子电池制造")
    chips = ProjectFactory.create(code="p1", name_zh="甲", sector_id="C3973", origin_id="330300")
    cells = ProjectFactory.create(code="p2", name_zh="乙", sector_id="C3841", origin_id="110105")
    named = ProjectFactory.create(code="p3", name_zh="芯片厂", origin_id="220104")
    abroad = ProjectFactory.create(code="p4", name_zh="丙", origin_id="DE")
    for words, wanted in {
        "芯片": {chips, named},
        "浙江": {chips},
        "长三角 芯片": {chips},
        "温州": {chips},
        "锂电池": {cells},
        "C38": {cells},
        "朝阳": {cells, named},
        "国外": {abroad},
        "芯片 朝阳": {named},
        "3841": set(),
    }.items():
        assert {*listed(desk, q=words).result_list} == wanted, words


def test_the_start_page_counts_what_needs_attention_in_ones_own_parks(client: Client) -> None:
    mine = MembershipFactory.create(role="editor")
    for park in (mine.park, ParkFactory.create(publication="published")):
        late = ProjectFactory.create(park=park, publication="published")
        MilestoneFactory.create(project=late, type="started", status="scheduled", planned="2024-01")
    client.force_login(mine.user)
    page = client.get("/admin/").content.decode()
    (counted,) = re.findall(rf'href="{LIST}\?([^"]*overdue[^"]*)">[^<]*: <strong>(\d+)', page)
    assert f"park={mine.park.code}" in counted[0]
    assert counted[1] == "1"
