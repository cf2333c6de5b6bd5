"""What is chosen of many claims: the newest, the headlines of parks, sums and comparisons."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Indicator
from tests.answers import API, Row, codes, error, found, mistakes
from tests.factories import FigureFactory, ParkFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
# Each dimension that narrows a claim to a part of its subject
NARROWED: list[Row] = [
    *({"origin_id": "110000"}, {"origin_group_id": "jjj"}, {"sector_id": "C39"}),
    *({"sector_group_id": "ic"}, {"place_id": "120115"}, {"size_floor_cny": 0}),
    {"scope_text": "央企"},
]


@kept_rows(autouse=True)
def parks(vocabularies: None) -> dict[str, Any]:
    return {code: ParkFactory.create(code=code) for code in ("Town", "bay", "hill")}


def claim(
    code: str, park: Any, value: Any = 12, indicator: str = "entities", **fields: Any
) -> Figure:
    is_money = indicator == "invested" and "currency" not in fields
    columns = {"amount_cny": value, "value": None} if is_money else {"value": value}
    fields = {"indicator_id": indicator, "indicator": None, "park": park} | columns | fields
    return FigureFactory.create(code=code, **fields)


def headlines(api: APIClient) -> list[Row]:
    return found(api.get(f"{API}/parks/town"))["figures"]


def total(api: APIClient, **parameters: str) -> Any:
    asked = {"indicator": "entities", "nature": "actual"} | parameters
    return found(api.get(f"{API}/figures/summary", asked))


def compare(api: APIClient, **parameters: str) -> Row:
    return found(api.get(f"{API}/parks/compare", parameters))


def cells(answer: Row) -> dict[tuple[str, str], dict[str, str | None]]:
    """The code of the claim in each cell of a comparison."""
    return {
        (row["indicator"], row["nature"]): {
            park: claim and claim["code"] for park, claim in row["parks"].items()
        }
        for row in answer["rows"]
    }


@together("narrowed", NARROWED)
def test_a_part_is_not_the_whole(api: APIClient, parks: dict[str, Any], narrowed: Row) -> None:
    claim("whole", parks["Town"], 1500, on="2020")
    claim("part-old", parks["Town"], 300, on="2021", **narrowed)
    claim("part-new", parks["Town"], 400, on="2024", **narrowed)
    assert codes(api, "figures", latest="1") == ["part-new", "whole"]
    assert codes(api, "figures", is_narrowed="false") == ["whole"]
    assert [row["code"] for row in headlines(api)] == ["whole"]
    claim("part-alone", parks["bay"], 30, **narrowed)
    answer = total(api)
    assert (answer["sum"], answer["claims"]) == (1500, ["whole"])


def test_words_that_say_what_the_whole_is_of_leave_it_a_headline(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("part", parks["Town"], on="2025", scope_text="second phase")
    claim("whole", parks["Town"], on="2024", scope_text="land transformed", scope_is_whole=True)
    assert [row["code"] for row in headlines(api)] == ["whole"]


# --- The newest of each kind --------------------------------------------------------------------


def test_the_latest_is_the_newest_of_the_claims_about_the_same(
    api: APIClient, parks: dict[str, Any]
) -> None:
    for code, fields in {
        "a": {"on": "2022"},
        "b": {"on": "2024-03"},
        "c": {"on": "2024"},  # the year ends after March
        "d": {},  # of unknown age: older than all others
        "e": {"on": "2021", "nature": "target"},
        "f": {"on": "2021", "indicator": "jobs"},
        "g": {"on": "2021", "region_id": "120115", "park": None},
    }.items():
        claim(code, **{"park": parks["Town"], **fields})
    for latest, expected in {"1": "cefg", "2": "bcefg", "3": "abcefg", "100": "abcdefg"}.items():
        assert "".join(codes(api, "figures", latest=latest, limit="3")) == expected


def test_the_other_filters_choose_what_is_ranked(api: APIClient, parks: dict[str, Any]) -> None:
    claim("old", parks["Town"], on="2020")
    middle = claim("middle", parks["Town"], on="2022")
    newest = claim("newest", parks["Town"], on="2024", is_withdrawn=True)
    assert codes(api, "figures", latest="1") == ["newest"]
    assert codes(api, "figures", latest="1", superseded="false") == ["middle"]
    assert codes(api, "figures", latest="1", as_of_max="2021") == ["old"]
    middle.superseded_by = newest
    middle.save()
    assert codes(api, "figures", latest="1", superseded="false") == ["old"]


# --- Headlines ----------------------------------------------------------------------------------


def test_the_headline_of_each_indicator_and_nature_is_its_newest_standing_claim(
    api: APIClient, parks: dict[str, Any]
) -> None:
    town = parks["Town"]
    superseded = claim("superseded", town, on="2026")
    superseded.superseded_by = claim("successor", town, on="2019")
    superseded.save()
    claim("old", town, on="2020")
    claim("newest", town, on="2024-03", qualifier="over")
    claim("undated", town)
    claim("withdrawn", town, on="2025", is_withdrawn=True)
    claim("target", town, on="2018", nature="target")
    claim("jobs", town, indicator="jobs")
    claim("elsewhere", parks["bay"], on="2026")
    rows = {row["code"]: row for row in headlines(api)}
    assert {
        code: (row["indicator"], row["nature"], row["others"]) for code, row in rows.items()
    } == {
        "newest": ("entities", "actual", 6),
        "target": ("entities", "target", 6),
        "jobs": ("jobs", "actual", 0),
    }
    # All others are one click away, and it is told as by itself
    for code, row in rows.items():
        address = row.pop("claims_url")
        assert urlsplit(address).path == f"{API}/figures"
        told = found(api.get(address))["results"]
        assert len(told) == row.pop("others") + 1
        (detail,) = (each for each in told if each["code"] == code)
        assert row.items() <= detail.items()


def test_ranked_indicators_lead_each_with_what_is(api: APIClient, parks: dict[str, Any]) -> None:
    town = parks["Town"]
    claim("target", town, indicator="area", nature="target")
    claim("area", town, indicator="area")
    claim("expected", town, indicator="jobs", nature="at_capacity")
    claim("entities", town)
    claim("growth", town, indicator="output_growth")
    shown = ["area", "entities", "expected", "target", "growth"]
    assert [row["code"] for row in headlines(api)] == shown


def test_of_the_same_day_the_claim_entered_last_is_the_headline(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("z", parks["Town"], 17, on="2024")
    claim("a", parks["Town"], 18, on="2024")
    assert [(row["code"], row["value"]) for row in headlines(api)] == [("a", 18)]


def test_a_flow_is_as_new_as_the_end_of_its_period(api: APIClient, parks: dict[str, Any]) -> None:
    for year in ("2024", "2023"):
        claim(year, parks["Town"], period_to=f"{year}-01-01", period_to_precision="year")
    assert [row["code"] for row in headlines(api)] == ["2024"]


# --- Sums ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_newest_claim_of_each_subject_is_added_up(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("old", parks["Town"], 900, on="2020")
    claim("new", parks["Town"], 1500, on="2024", qualifier="over")
    claim("bay", parks["bay"], 20, on="2021")
    claim("gone", parks["bay"], 50, on="2026", is_withdrawn=True)
    claim("words", parks["hill"], None, value_text="数百家")
    claim("baodi", None, "3", region_id="120115")
    assert total(api) == {
        **{"indicator": "entities", "unit": "enterprises", "nature": "actual", "sum": 1523},
        **{"count": 4, "exact": 2, "qualified": 1, "missing": 1, "other_currency": 0},
        "claims": ["baodi", "bay", "new", "words"],
    }
    for parameters, expected in [
        *[({"park": "town"}, 1500), ({"park": "town,bay"}, 1520), ({"region": "天津"}, 3)],
        *[({"as_of_max": "2023"}, 920), ({"park": "town", "as_of_max": "2023"}, 900)],
    ]:
        assert total(api, **parameters)["sum"] == expected, parameters
    empty = total(api, nature="target")
    assert (empty["sum"], empty["count"], empty["claims"]) == (None, 0, [])


@pytest.mark.both_databases
def test_money_is_added_up_to_the_yuan_and_other_currencies_are_left_out(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("town", parks["Town"], 900_000_000_000_001, "invested")
    claim("bay", parks["bay"], 900_000_000_000_000, "invested")
    claim("town-usd", parks["Town"], 24, "invested", on="2024", currency="USD")
    claim("hill-usd", parks["hill"], 24, "invested", currency="USD")
    answer = total(api, indicator="invested")
    assert (answer["sum"], answer["other_currency"]) == (1_800_000_000_000_001, 2)
    assert answer["claims"] == ["bay", "town"]


def test_what_does_not_stand_is_not_added_up(api: APIClient, parks: dict[str, Any]) -> None:
    old = claim("old", parks["Town"], 900, on="2025")
    old.superseded_by = claim("new", parks["Town"], 800, on="2024")
    old.save()
    answer = total(api)
    assert (answer["sum"], answer["claims"]) == (800, ["new"])


def test_what_is_and_what_is_expected_are_never_added_up(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("actual", parks["Town"], 3000, "jobs", on="2024")
    claim("at_capacity", parks["Town"], 10_000, "jobs", on="2024", nature="at_capacity")
    for nature, amount in (("actual", 3000), ("at_capacity", 10_000)):
        answer = total(api, indicator="jobs", nature=nature)
        assert (answer["sum"], answer["claims"]) == (amount, [nature])
    wrong = error(
        api.get(f"{API}/figures/summary", {"indicator": "jobs", "nature": "actual,at_capacity"})
    )
    assert (wrong["parameter"], wrong["code"]) == ("nature", "one_nature")
    assert "never added up" in wrong["detail"]


@together(
    ("indicator", "nature", "expected"),
    [
        ("", "", {"indicator": "required", "nature": "required"}),
        ("jobs,entities", "actual", {"indicator": "one_indicator"}),
        ("occupancy_rate", "actual", {"indicator": "not_summable"}),
        ("declared_investment", "intended", {"indicator": "not_summable"}),
        ("job", "actual", {"indicator": "unknown_value"}),
        ("jobs", "real", {"nature": "unknown_value"}),
    ],
)
def test_a_sum_that_would_mean_nothing_is_refused(
    api: APIClient, indicator: str, nature: str, expected: dict[str, str]
) -> None:
    asked = {"indicator": indicator, "nature": nature} if indicator else {}
    assert mistakes(api.get(f"{API}/figures/summary", asked)) == expected


# --- Parks side by side -------------------------------------------------------------------------


def test_each_row_is_an_indicator_and_nature_with_a_cell_for_each_park(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("t-old", parks["Town"], 900, on="2020")
    claim("t-new", parks["Town"], 1500, on="2024", qualifier="over")
    claim("b", parks["bay"], 20, on="2021")
    claim("b-jobs", parks["bay"], 7, "jobs", nature="projected")
    claim("h", parks["hill"], 1)
    answer = compare(api, parks="bay,town")
    assert answer["parks"] == ["bay", "Town"]
    assert cells(answer) == {
        ("entities", "actual"): {"bay": "b", "Town": "t-new"},
        ("jobs", "projected"): {"bay": "b-jobs", "Town": None},
    }
    row = answer["rows"][0]
    entities = Indicator.objects.get(code="entities")
    names = ("name_zh", "name_en", "unit")
    assert [row[name] for name in names] == [getattr(entities, name) for name in names]
    (detail,) = headlines(api)
    detail.pop("claims_url")
    assert row["parks"]["Town"] == detail
    claim("t-jobs", parks["Town"], 7, "jobs")
    narrowed = cells(compare(api, parks="town,bay", indicators="JOBS,area"))
    assert {row[0] for row in narrowed} == {"jobs"}
    narrowed = cells(compare(api, parks="town,bay", indicators="entities", as_of_max="2020"))
    assert narrowed == {("entities", "actual"): {"Town": "t-old", "bay": None}}


def test_two_parks_or_more_are_named_once_each_in_the_order_asked_for(api: APIClient) -> None:
    assert compare(api, parks="hill, TOWN ,bay,hill")["parks"] == ["hill", "Town", "bay"]
    ParkFactory.create(code="district", is_placeholder=True)
    for asked, code in {"town,TOWN": "required", "town,district": "placeholder"}.items():
        wrong = error(api.get(f"{API}/parks/compare", {"parks": asked}))
        assert (wrong["parameter"], wrong["code"]) == ("parks", code)
    assert wrong["detail"].startswith("district:")
