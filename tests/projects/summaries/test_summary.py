"""GET /projects/summary: grouped totals, unknown included, each row with the list that makes it."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.models import Park
from tests.answers import API, Row, error, found, mistakes
from tests.conftest import make_vocabularies
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

YI = 10**8


@kept_rows
def ledger() -> None:
    """Six projects, of which most are known only coarsely."""
    make_vocabularies()
    town = ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    port = ParkFactory.create(code="port", name_zh="", name_en="Port", region_id="310115")
    for code, park, origin, sector, met, amount, basis in [
        ("chips", town, "330300", "C3973", {"signed": "2024-03"}, 3 * YI, "agreed"),
        ("design", town, "330106", "I6520", {"signed": "2024", "operating": None}, YI, "planned"),
        ("pills", town, "310000", "C27", {"signed": None}, None, ""),
        ("abroad", port, "DE", "C", {"started": "2023"}, 7 * YI, "reported"),
        ("nobody", town, None, None, {}, 2 * YI, "intended"),
        ("south", town, "440000", "C39", {"signed": "2023-Q4"}, 5 * YI, "agreed"),
    ]:
        amounts = {"investment": amount, "investment__basis": basis} if amount else {}
        ProjectFactory.create(
            code=code, park=park, origin_id=origin, sector_id=sector, met=met, **amounts
        )


def summary(api: APIClient, **parameters: Any) -> Row:
    return found(api.get(f"{API}/projects/summary", parameters))


def cells(answer: Row, *names: str) -> dict[Any, Any]:
    """The named measures of each row by the values of its dimensions."""
    rows = {}
    for row in answer["rows"]:
        values = tuple(row[name]["value"] for name in answer["group_by"])
        measured = tuple(row[name] for name in names or ["count"])
        rows[values[0] if len(values) == 1 else values] = (
            measured[0] if len(measured) == 1 else measured
        )
    return rows


# --- Rows ------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_row_is_answered_whole(api: APIClient, ledger: None) -> None:
    answer = summary(api, group_by="origin_group", reached="signed")
    assert answer["rows"][0] == {
        "origin_group": {"value": "yrd", "name_zh": "长江三角洲", "name_en": "Yangtze River Delta"},
        "count": 3,
        "investment_cny": 4 * YI,
        "count_by_agreement": {"contract": 0, "framework": 0, "intent": 0, "unknown": 3},
        "investment_by_basis": {"agreed": 3 * YI, "planned": YI, "intended": 0, "reported": 0},
        "amounts": {"investment_cny": {"exact": 2, "qualified": 0, "missing": 1}},
        "list_url": f"http://testserver{API}/projects?reached=signed&origin_group=yrd",
    }
    assert answer["total"] == {
        "count": 5,
        "investment_cny": 16 * YI,
        "count_by_agreement": {"contract": 0, "framework": 0, "intent": 0, "unknown": 5},
        "investment_by_basis": {"agreed": 8 * YI, "planned": YI, "intended": 0, "reported": 7 * YI},
        "amounts": {"investment_cny": {"exact": 4, "qualified": 0, "missing": 1}},
        "list_url": f"http://testserver{API}/projects?reached=signed",
    }
    assert answer["additive"] is True
    assert answer["as_of"] is None


def test_who_has_a_role_sees_how_many_drafts_a_total_has(api: APIClient, ledger: None) -> None:
    town = Park.objects.get(code="town")
    for code in ("draft", "second-draft"):
        ProjectFactory.create(code=code, park=town, publication="draft", origin_id="330106")
    ProjectFactory.create(code="of-port", park=Park.objects.get(code="port"), publication="draft")
    assert "drafts" not in summary(api)
    person = APIClient()
    person.force_authenticate(MembershipFactory.create(park=town, role="viewer").user)
    answer = summary(person, origin="zhejiang")
    assert (answer["total"]["count"], answer["drafts"]["count"]) == (4, 2)
    drafts = found(person.get(answer["drafts"]["list_url"]))["results"]
    assert {row["code"] for row in drafts} == {"draft", "second-draft"}
    assert found(api.get(f"{API}/projects", {"publication": "draft"}))["results"] == []


def test_unknown_is_a_row_with_names_and_comes_last(api: APIClient, ledger: None) -> None:
    last = summary(api, group_by="origin_province")["rows"][-1]
    assert last["origin_province"] == {"value": None, "name_zh": "未知", "name_en": "unknown"}


def test_the_largest_are_those_of_the_measure_whose_share_is_asked_for(
    api: APIClient, ledger: None
) -> None:
    answer = summary(api, group_by="origin_province", measures="investment_share", top=2)
    shares = [(row["origin_province"]["value"], row["investment_share"]) for row in answer["rows"]]
    assert shares == [("foreign", 38.89), ("440000", 27.78), ("other", 22.22), (None, 11.11)]


# --- Measures --------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_size_bands_count_each_and_all_larger_ones(api: APIClient, ledger: None) -> None:
    answer = summary(
        api, group_by="size_band", measures="count,count_at_least", bands="1,3,5", band_unit="yi"
    )
    assert cells(answer, "count", "count_at_least") == {
        f"{YI}-{3 * YI}": (2, 5),
        f"{3 * YI}-{5 * YI}": (1, 3),
        f"{5 * YI}-": (2, 2),
        None: (1, None),
    }
    names = [(row["size_band"]["name_zh"], row["size_band"]["name_en"]) for row in answer["rows"]]
    assert names[0] == ("1亿元至3亿元以下", "100 million to under 300 million yuan")
    assert names[2] == ("5亿元及以上", "500 million yuan and more")
    assert answer["bands"] == [YI, 3 * YI, 5 * YI]
    for row in answer["rows"][:3]:
        listed = found(api.get(row["at_least_url"] + "&count=exact"))
        assert listed["count"] == row["count_at_least"]


def test_bands_are_asked_for_in_yuan_ten_thousands_or_hundred_millions(
    api: APIClient, ledger: None
) -> None:
    for bands, unit in [("300000000", "yuan"), ("30000", "wan"), ("3", "yi"), ("3亿", "yuan")]:
        answer = summary(api, group_by="size_band", bands=bands, band_unit=unit)
        assert answer["bands"] == [3 * YI], (bands, unit)
    assert summary(api, group_by="size_band", bands="0.5,3")["bands"] == [YI // 2, 3 * YI]
    assert len(summary(api, group_by="size_band")["bands"]) == 5


@together("asked", ["2亿-4亿,7亿-,unknown", "2亿-3亿,3亿-4亿,7亿-,unknown"])
def test_a_band_in_a_filter_narrows_the_bands_of_the_rows(
    api: APIClient, ledger: None, asked: str
) -> None:
    answer = summary(api, group_by="size_band", bands="3,6", size_band=asked)
    assert cells(answer) == {f"0-{3 * YI}": 1, f"{3 * YI}-{6 * YI}": 1, f"{6 * YI}-": 1, None: 1}
    listed = [found(api.get(row["list_url"]))["results"] for row in answer["rows"]]
    assert [[row["code"] for row in rows] for rows in listed] == [
        ["nobody"],
        ["chips"],
        ["abroad"],
        ["pills"],
    ]


def test_shares_are_of_the_same_period_where_there_is_one(api: APIClient, ledger: None) -> None:
    answer = summary(api, group_by="origin_group,signed_year", measures="share")
    assert cells(answer, "share", "share_of")["yrd", 2024] == (100, 2)
    assert cells(answer, "share", "share_of")["yrd", None] == (33.33, 3)
    answer = summary(api, group_by="origin_group", measures="share,investment_share")
    assert cells(answer, "share", "investment_share")["yrd"] == (50, 22.22)
    (row, *_others) = answer["rows"]
    assert (row["share_of"], row["investment_share_of"]) == (6, 18 * YI)


# --- Order, top, compare, cumulative ---------------------------------------------------------


def test_the_largest_come_first_and_periods_in_their_order(api: APIClient, ledger: None) -> None:
    assert [*cells(summary(api, group_by="sector_section"))] == ["C", "I", None]
    assert [*cells(summary(api, group_by="signed_year"))] == [2023, 2024, None]
    assert [*cells(summary(api, group_by="stage"))] == ["signed", "started", "operating", None]
    descending = summary(api, group_by="signed_year", order="-signed_year")
    assert [*cells(descending)] == [2024, 2023, None]
    by_amount = summary(api, group_by="origin_group", order="investment_cny")
    assert [*cells(by_amount, "investment_cny").values()] == [4 * YI, 7 * YI, 7 * YI]


@pytest.mark.both_databases
def test_top_keeps_the_largest_and_puts_the_others_together(api: APIClient, ledger: None) -> None:
    answer = summary(api, group_by="origin_province", top="1", measures="investment_cny")
    assert cells(answer, "count", "investment_cny") == {
        "foreign": (1, 7 * YI),
        "other": (4, 9 * YI),
        None: (1, 2 * YI),
    }
    other = answer["rows"][1]
    assert other["origin_province"]["name_zh"] == "其他"
    listed = found(api.get(other["list_url"]))["results"]
    assert [row["code"] for row in listed] == ["chips", "design", "pills", "south"]
    answer = summary(api, group_by="signed_year,kind", top="1")
    assert "other" not in str(answer["rows"])


def test_the_others_are_one_row_where_a_word_has_their_name(
    admin_api: APIClient, ledger: None
) -> None:
    park = Park.objects.first()
    for reason in ("other", "other", "other", "land", "land", "funds", "market"):
        ProjectFactory.create(park=park, standing="terminated", lost_because=reason)
    asked = {"group_by": "lost_because", "lost_because_not": "unknown"}
    assert cells(summary(admin_api, **asked))["other"] == 3
    answer = summary(admin_api, **asked, top="1")
    assert cells(answer) == {"land": 2, "other": 5}
    listed = found(admin_api.get(answer["rows"][1]["list_url"]))["results"]
    assert {row["lost_because"] for row in listed} == {"other", "funds", "market"}


@pytest.mark.both_databases
def test_periods_are_compared_with_those_a_year_before(api: APIClient, ledger: None) -> None:
    answer = summary(api, group_by="signed_year", compare="previous_year")
    first, second, unknown = answer["rows"]
    assert (first["previous"], first["change_percent"]) == (None, None)
    assert second["previous"]["count"] == 1
    assert second["previous"]["list_url"].endswith("?signed_year=2023")
    assert second["change_percent"] == {"count": 100, "investment_cny": -20}
    assert unknown["previous"] is None


# --- What the answer says of itself ----------------------------------------------------------


def test_filters_are_told_as_they_were_understood(api: APIClient, ledger: None) -> None:
    answer = summary(
        api,
        origin="长三角",
        sector="ic",
        investment_min="1亿",
        signed_from="2022",
        park="TOWN",
        origin_group="yrd",
        size_band="1亿-5亿",
        counts_in_totals="true",
        signed_quarter="unknown",
    )
    told = {name: each["understood"] for name, each in answer["filters"].items()}
    assert told == {
        "origin": {"codes": ["31", "32", "33", "34"], "without": [], "unknown": False},
        "sector": {"codes": ["C3973", "I6520"], "without": [], "unknown": False},
        "investment_min": YI,
        "signed_from": "2022",
        "park": ["TOWN"],
        "origin_group": ["yrd"],
        "size_band": [f"{YI}-{5 * YI}"],
        "counts_in_totals": ["true"],
        "signed_quarter": ["unknown"],
    }
    assert answer["filters"]["origin"]["given"] == "长三角"


# --- Refused ---------------------------------------------------------------------------------


@together(
    ("parameters", "expected"),
    sample(
        [
            ({"group_by": "origin_groups"}, {"group_by": "unknown_value"}),
            ({"group_by": "stage,"}, {"group_by": "unknown_value"}),
            ({"group_by": "stage,stage"}, {"group_by": "repeated_value"}),
            ({"group_by": "stage,kind,park,event"}, {"group_by": "too_many_values"}),
            ({"measures": "sum"}, {"measures": "unknown_value"}),
            ({"measures": "count_at_least"}, {"measures": "needs_size_band"}),
            ({"bands": "1,5"}, {"bands": "needs_size_band"}),
            ({"group_by": "size_band", "bands": "5,1"}, {"bands": "invalid"}),
            ({"group_by": "size_band", "bands": "1,1"}, {"bands": "invalid"}),
            ({"group_by": "size_band", "bands": "0,1"}, {"bands": "out_of_range"}),
            ({"group_by": "size_band", "bands": "1,x"}, {"bands": "invalid"}),
            ({"group_by": "size_band", "bands": "约1"}, {"bands": "invalid"}),
            (
                {"group_by": "size_band", "bands": "1", "band_unit": "亿"},
                {"band_unit": "unknown_value"},
            ),
            ({"group_by": "stage", "order": "investment"}, {"order": "unknown_value"}),
            ({"group_by": "stage", "order": "-kind"}, {"order": "unknown_value"}),
            ({"group_by": "stage", "top": "0"}, {"top": "out_of_range"}),
            ({"group_by": "stage", "top": "101"}, {"top": "out_of_range"}),
            ({"group_by": "stage", "top": "many"}, {"top": "invalid"}),
            ({"top": "3"}, {"top": "needs_group"}),
            ({"group_by": "signed_year", "top": "3"}, {"top": "needs_group"}),
            ({"group_by": "stage", "compare": "previous_year"}, {"compare": "needs_period"}),
            ({"group_by": "signed_year", "compare": "last_year"}, {"compare": "unknown_value"}),
            (
                {"group_by": "signed_year,started_year", "cumulative": "true"},
                {"cumulative": "needs_period"},
            ),
            ({"group_by": "signed_year", "cumulative": "yes"}, {"cumulative": "unknown_value"}),
            ({"limit": "5"}, {"limit": "unknown_parameter"}),
            (
                {"group_by": "x", "measures": "y", "stage": "z"},
                {
                    "group_by": "unknown_value",
                    "measures": "unknown_value",
                    "stage": "unknown_value",
                },
            ),
        ],
        2,
    ),
)
def test_what_is_not_understood_is_refused(
    api: APIClient, parameters: dict[str, str], expected: dict[str, str]
) -> None:
    assert mistakes(api.get(f"{API}/projects/summary", parameters)) == expected


def test_a_refusal_lists_what_is_allowed_and_suggests_the_nearest(api: APIClient) -> None:
    wrong = error(api.get(f"{API}/projects/summary?group_by=origin_grup"))
    assert wrong["suggestion"] == "origin_group"
    assert {"origin_group", "size_band", "signed_quarter"} <= {*wrong["candidates"]}
    wrong = error(api.get(f"{API}/projects/summary?measures=investment"))
    assert wrong["suggestion"] == "investment_cny"


# --- Files -----------------------------------------------------------------------------------


def test_the_rows_are_a_csv_file_too(api: APIClient, ledger: None) -> None:
    query = {"group_by": "origin_group", "measures": "investment_cny,share"}
    response = api.get(f"{API}/projects/summary.csv", query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = [*csv.DictReader(io.StringIO(text, newline=""))]
    answer = summary(api, **query)
    assert [line["origin_group"] for line in lines] == ["rest", "yrd", "unknown"]
    for line, row in zip(lines, answer["rows"], strict=True):
        assert line["origin_group_name_zh"] == row["origin_group"]["name_zh"]
        assert line["investment_cny"] == str(row["investment_cny"])
        assert line["share"] == f"{row['share']:g}"
        assert line["investment_agreed_cny"] == str(row["investment_by_basis"]["agreed"])
        assert line["investment_cny_missing"] == str(row["amounts"]["investment_cny"]["missing"])
        assert line["list_url"] == row["list_url"]
    assert response.headers["X-Row-Count"] == "3"


def test_files_take_units_headers_and_columns(api: APIClient, ledger: None) -> None:
    query = {
        "group_by": "signed_year",
        "cumulative": "true",
        "unit": "yi",
        "header": "zh",
        "columns": "signed_year,count,investment_cny,cumulative_investment_cny",
        "bom": "false",
    }
    response = api.get(f"{API}/projects/summary.csv", query)
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[1:] == ["2023,1,5,5", "2024,2,4,9", "unknown,3,9,"]
    wrong = mistakes(api.get(f"{API}/projects/summary.csv", {**query, "columns": "amount"}))
    assert wrong == {"columns": "unknown_value"}


def test_a_workbook_tells_total_filters_and_definitions(api: APIClient, ledger: None) -> None:
    asked = {"group_by": "stage", "origin": "yrd", "measures": "investment_cny"}
    response = api.get(f"{API}/projects/summary.xlsx", asked)
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)), read_only=True)
    rows, _about, meanings = (list(book[name].values) for name in book.sheetnames)
    assert [row[0] for row in rows] == ["stage", "signed", "operating"]
    told = {(row[0], row[1]): row[2] for row in meanings}
    assert {("total", "count"), ("filter", "origin"), ("definition", "projects")} <= {*told}
    assert told["filter", "origin"] == "codes: 31, 32, 33, 34"
    assert told["total", "investment_cny"].endswith(" yuan")
    query = {"group_by": "stage", "origin": "yrd", "header": "zh"}
    response = api.get(f"{API}/projects/summary.xlsx", query)
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)), read_only=True)
    assert book.sheetnames == ["汇总", "说明", "指标口径"]
    words = [row[0] for row in book["指标口径"].values]
    assert list(dict.fromkeys(words)) == ["关于", "合计", "查询条件", "定义"]


def test_a_summary_has_as_many_rows_as_it_may(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.summaries.totals.MOST_SUMMARY_ROWS", 2)
    response = api.get(f"{API}/projects/summary?group_by=origin_province")
    assert error(response)["code"] == "too_many_rows"
