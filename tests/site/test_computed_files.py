"""What is computed is a file, too: facets, cohorts, follow-through, comparisons of parks."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from rest_framework.test import APIClient

from parks.columns import COMPARISON
from projects.summaries.chains import ChainViewSet
from projects.summaries.questions import PROJECT_VOCABULARY, SummaryQuestion
from projects.summaries.tables import (
    COHORTS_TABLE,
    FACETS_TABLE,
    FOLLOW_THROUGH_TABLE,
    build_summary_table,
)
from tests.answers import API, Row, found, mistakes, walk
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    SigningEventFactory,
)
from tests.seeded import kept_rows
from tests.site.test_files import file, rows_of_csv, sheets
from tests.together import together

pytestmark = pytest.mark.django_db

YI = 100_000_000
ADDRESSES = {
    "projects/facets": {"facets": "stage,origin_group"},
    "projects/cohorts": {},
    "sector-groups/ic/links": {},
    "events/Forum/follow-through": {},
    "parks/compare": {"parks": "bay,town"},
}


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> None:
    town, bay = (ParkFactory.create(code=code, name_zh=f"={code}") for code in ("town", "bay"))
    forum = SigningEventFactory.create(code="Forum", on="2023-11-29")
    EventFigureFactory.create(
        event=forum, indicator__code="declared_projects", value=8, qualifier="over"
    )
    for code, investment, signed in [("a", 3 * YI, "2023"), ("b", 12_345, "2024"), ("c", None, "")]:
        project = ProjectFactory.create(
            code=code,
            park=town,
            origin_id="330300" if code == "a" else None,
            investment=investment,
            investment__basis="agreed",
            met={"signed": signed or None, "started": None}
            if code == "a"
            else {"signed": signed or None},
        )
        ParticipationFactory.create(event=forum, project=project, role="signed")
    FundingFactory.create(project__code="later", project__park=bay, reported_cny=5)
    FigureFactory.create(code="t", park=town, value="14.50", on="2024-06", qualifier="over")
    FigureFactory.create(
        park=bay,
        indicator__code="planned_investment",
        value=None,
        amount_cny=1_234 * YI,
        on="2019-03-02",
    )


def answer(api: APIClient, address: str, **more: str) -> Row:
    return found(api.get(f"{API}/{address}", ADDRESSES[address] | more))


def test_cohorts_have_a_row_for_each_year_with_its_rates(api: APIClient) -> None:
    rows = rows_of_csv(api, "projects/cohorts", unit="wan", header="code", stage="signed,started")
    listed = answer(api, "projects/cohorts", stage="signed,started")["rows"]
    assert [row["signed_year"] for row in rows] == ["2023", "2024", "unknown"]
    assert [row["investment_total_cny_wan"] for row in rows] == ["30000", "1.2345", ""]
    for row, same in zip(rows, listed, strict=True):
        assert row["start_rate_percent"] == f"{same['rates']['start_rate']['percent']:g}"
        assert row["funds_in_place_rate_percent"] == ""
        assert row["list_url"] == same["list_url"]
        opened = walk(api, row["list_url"].partition(f"{API}/")[2])
        assert len(opened) == int(row["projects"])


def test_a_comparison_has_a_row_for_each_park_also_where_nothing_is_known(api: APIClient) -> None:
    rows = rows_of_csv(api, "parks/compare", **ADDRESSES["parks/compare"], unit="yi")
    named = {(row["indicator"], row["park"]): row for row in rows}
    assert [*named] == [
        *(("area", park) for park in ("bay", "town")),
        *(("planned_investment", park) for park in ("bay", "town")),
    ]
    area = named["area", "town"]
    shown = {name: area[name] for name in ("value", "as_of", "qualifier", "figure", "others")}
    assert shown == {
        **{"value": "14.5", "as_of": "2024-06", "qualifier": "over", "figure": "t", "others": "0"}
    }
    assert area["park_name_zh"] == "'=town"
    assert named["planned_investment", "bay"]["amount_cny_yi"] == "1234"
    nothing = named["area", "bay"]
    assert {nothing[name] for name in ("value", "as_of", "qualifier", "figure", "source")} == {""}


@together("address", ADDRESSES)
def test_the_workbook_has_the_same_rows_typed_and_says_what_was_asked(
    api: APIClient, address: str
) -> None:
    asked = ADDRESSES[address]
    rows, about = sheets(api, address, **asked).values()
    header, *cells = rows
    plain = rows_of_csv(api, address, **asked)
    assert header == [*plain[0]]
    assert len(cells) == len(plain)
    assert ["rows", None, len(plain), None] in about
    for name, value in asked.items():
        assert ["asked", name, value, None] in about
    numbers = {"count", "projects", "amount_cny", "value", "declared_projects"} & {*header}
    for name in numbers - ({"value"} if address == "projects/facets" else set()):
        typed = {type(row[header.index(name)]) for row in cells}
        assert typed <= {int, float, type(None)}, name
        assert typed - {type(None)}, name


def test_a_filter_narrows_a_file_and_a_unit_is_refused_where_there_is_no_money(
    api: APIClient,
) -> None:
    rows = rows_of_csv(api, "projects/facets", facets="park", origin="unknown")
    assert [(row["value"], row["count"]) for row in rows] == [("town", "2"), ("bay", "1")]
    assert mistakes(api.get(f"{API}/projects/facets.csv", {"unit": "wan"})) == {
        "unit": "unknown_parameter"
    }
    refused = mistakes(api.get(f"{API}/events/forum/follow-through.csv", {"stage": "signed"}))
    assert refused == {"stage": "unknown_parameter"}


QUESTION = SummaryQuestion(
    group_by=("signed_year", "origin_group", "size_band"),
    measures=("count", "investment_cny", "paid_in_cny", "share", "investment_share"),
    compare="previous_year",
    cumulative=True,
)
TABLES = {
    "facets": FACETS_TABLE,
    "cohorts": COHORTS_TABLE,
    "follow-through": FOLLOW_THROUGH_TABLE,
    "compare": COMPARISON,
    "links": ChainViewSet.table,
    "summary": build_summary_table("summary", QUESTION, PROJECT_VOCABULARY),
}


@together("name", TABLES)
@together("language", ["en", "zh-hans"])
def test_the_labels_of_a_computed_table_are_all_different(name: str, language: str) -> None:
    with translation.override(language):
        labels = [str(column.label) for column in TABLES[name].columns]
    assert sorted(label for label in labels if labels.count(label) > 1) == []


def test_a_header_of_a_summary_names_the_unit_of_its_money_once(api: APIClient) -> None:
    asked = {"group_by": "stage", "header": "en", "unit": "yi", "columns": "stage,investment_cny"}
    assert [*rows_of_csv(api, "projects/summary", **asked)[0]] == [
        "stage",
        "investment (100 million yuan)",
    ]


def test_the_cells_that_open_lists_are_texts_and_no_links(api: APIClient) -> None:
    response, content = file(api, "projects/cohorts.xlsx")
    page: Any = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert page.freeze_panes == "B2"
    assert {cell.hyperlink for row in page.iter_rows() for cell in row} == {None}
    assert response.headers["X-Row-Count"] == "3"
    text = file(api, "projects/cohorts.csv")[1].decode("utf-8-sig")
    assert len([*csv.reader(io.StringIO(text, newline=""))]) == 4
