"""GET /parks/{code}: its headline figures, each with the way to what contradicts it."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Indicator, Park
from tests.answers import API, BARE_CLAIM, Row, found
from tests.factories import FigureFactory, ParkFactory, PersonFactory, PostFactory, SourceFactory
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000


@kept_rows
def park(vocabularies: None) -> Park:
    return ParkFactory.create(code="town")


def claim(park: Park, code: str, value: Any = 12, **fields: Any) -> Figure:
    fields = {"indicator_id": "entities", "indicator": None, "value": value} | fields
    return FigureFactory.create(code=code, park=park, **fields)


def headlines(api: APIClient) -> list[Row]:
    return found(api.get(f"{API}/parks/town"))["figures"]


def test_a_headline_is_answered_whole(api: APIClient, park: Park) -> None:
    mayor = PersonFactory.create(name_zh="王浩", name_en="Wang Hao")
    claim(
        park,
        "capacity",
        value=None,
        indicator_id="tax_per_year",
        amount_cny=11 * YI,
        qualifier="about",
        nature="at_capacity",
        on="2024-03-12",
        period_from="2030-01-01",
        period_from_precision="year",
        base_period="2013",
        printed_conversion="$153 million",
        as_reported="年税收11亿元",
        said_by=PostFactory.create(code="mayor", person=mayor, name_zh="副区长", name_en="Deputy"),
        attribution="quotation",
        source=SourceFactory.create(code="S2", title="访谈"),
        condition="once all plants run",
        note="达产后",
    )
    (headline,) = headlines(api)
    assert headline == BARE_CLAIM | {
        "code": "capacity",
        "indicator": "tax_per_year",
        "indicator_name_zh": Indicator.objects.get(code="tax_per_year").name_zh,
        "indicator_name_en": Indicator.objects.get(code="tax_per_year").name_en,
        "value": 11 * YI,
        "unit": "CNY per year",
        "qualifier": "about",
        "nature": "at_capacity",
        "as_of": "2024-03-12",
        "period_from": "2030",
        "base_period": "2013",
        "condition": "once all plants run",
        "printed_conversion": "$153 million",
        "as_reported": "年税收11亿元",
        "said_by": "mayor",
        "said_by_name": "Wang Hao, Deputy",
        "attribution": "quotation",
        "source": "S2",
        "source_title": "访谈",
        "note": "达产后",
        "created_at": headline["created_at"],
        "updated_at": headline["updated_at"],
        "others": 0,
        "claims_url": f"http://testserver{API}/figures?park=town&indicator=tax_per_year",
    }


def test_the_headline_of_each_indicator_and_nature_is_its_newest_standing_claim_of_the_whole(
    api: APIClient, park: Park
) -> None:
    superseded = claim(park, "superseded", on="2026")
    superseded.superseded_by = claim(park, "successor", on="2019")
    superseded.save()
    claim(park, "old", on="2020")
    claim(park, "newest", on="2024-03", qualifier="over")
    claim(park, "undated")
    claim(park, "withdrawn", on="2025", is_withdrawn=True)
    claim(park, "part", on="2025", origin_id="110000")
    claim(park, "target", on="2018", nature="target")
    claim(park, "jobs", indicator_id="jobs")
    claim(ParkFactory.create(), "elsewhere", on="2026")
    shown = {row["code"]: (row["indicator"], row["nature"]) for row in headlines(api)}
    assert shown == {
        "newest": ("entities", "actual"),
        "target": ("entities", "target"),
        "jobs": ("jobs", "actual"),
    }


def test_words_that_say_what_the_whole_is_of_leave_it_a_headline(
    api: APIClient, park: Park
) -> None:
    claim(park, "part", 9, on="2025", indicator_id="area", scope_text="second phase")
    claim(park, "whole", 14, on="2024", indicator_id="area", scope_text="land transformed")
    assert headlines(api) == []
    Figure.objects.filter(code="whole").update(scope_is_whole=True)
    assert [(row["code"], row["scope_text"]) for row in headlines(api)] == [
        ("whole", "land transformed")
    ]


def test_ranked_indicators_lead_each_with_what_is(api: APIClient, park: Park) -> None:
    claim(park, "target", indicator_id="area", nature="target")
    claim(park, "area", indicator_id="area")
    claim(park, "expected", indicator_id="jobs", nature="at_capacity")
    claim(park, "entities")
    claim(park, "growth", indicator_id="output_growth")
    assert [row["code"] for row in headlines(api)] == [
        *("area", "entities", "expected"),
        *("target", "growth"),
    ]


def test_of_the_same_day_the_claim_entered_last_is_the_headline(api: APIClient, park: Park) -> None:
    claim(park, "z", 17, on="2024")
    claim(park, "a", 18, on="2024")
    assert [(row["code"], row["value"]) for row in headlines(api)] == [("a", 18)]


def test_a_flow_is_as_new_as_the_end_of_its_period(api: APIClient, park: Park) -> None:
    for year in ("2024", "2023"):
        claim(park, year, period_to=f"{year}-01-01", period_to_precision="year")
    assert [row["code"] for row in headlines(api)] == ["2024"]


def test_a_claim_of_a_part_alone_is_no_headline(api: APIClient, park: Park) -> None:
    for number, narrowed in enumerate(
        [
            {"origin_id": "110000"},
            {"origin_group_id": "jjj"},
            {"sector_id": "C39"},
            {"sector_group_id": "ic"},
            {"place_id": "120115"},
            {"size_floor_cny": 0},
            {"scope_text": "央企"},
        ]
    ):
        claim(park, f"part-{number}", **narrowed)
    assert headlines(api) == []


def test_all_other_claims_are_counted_and_one_click_away(api: APIClient, park: Park) -> None:
    claim(park, "old", 15, on="2020")
    claim(park, "new", 17, on="2024")
    claim(park, "withdrawn", 99, is_withdrawn=True)
    claim(park, "target", 50, nature="target")
    claim(park, "part", 3, origin_id="110000")
    claim(park, "jobs", 9, indicator_id="jobs")
    claim(ParkFactory.create(), "elsewhere", 1)
    rows = {row["code"]: row for row in headlines(api)}
    others = {code: row["others"] for code, row in rows.items()}
    assert others == {"new": 4, "target": 4, "jobs": 0}
    for code, row in rows.items():
        answer = found(api.get(row["claims_url"]))
        assert len(answer["results"]) == row["others"] + 1
        assert code in {each["code"] for each in answer["results"]}
    leads_to = {each["code"] for each in found(api.get(rows["new"]["claims_url"]))["results"]}
    assert leads_to == {"old", "new", "withdrawn", "target", "part"}
    assert urlsplit(rows["new"]["claims_url"]).path == f"{API}/figures"
