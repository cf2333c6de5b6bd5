"""/figures: claims about parks, regions, groups and organisations; appended, not overwritten."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Indicator
from tests.answers import API, Row, codes, error, found, made, mistakes
from tests.factories import (
    FigureFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    SourceFactory,
)
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
CLAIM = {
    "code": "town-invested-2024",
    "park": "town",
    "region": None,
    "region_group": None,
    "organisation": None,
    "indicator": "invested",
    "value": 17_600_000_000,
    "currency": "",
    "qualifier": "about",
    "nature": "actual",
    "as_of": "2024-03",
    "as_of_basis": "publication",
    "period_from": "2013",
    "period_to": "2024-Q1",
    "period_text": "过去十年间",
    "base_period": "2013",
    "origin": "110000",
    "origin_group": "jjj",
    "sector": "C39",
    "sector_group": "ic",
    "place": "120115",
    "size_floor_cny": YI,
    "scope_text": "央企",
    "scope_is_whole": False,
    "condition": "全面达产后",
    "printed_conversion": "$2.4 billion",
    "as_reported": "约176亿元",
    "said_by": "wang-hao-mayor",
    "said_by_text": "管委会",
    "attribution": "quotation",
    "source": "S1",
    "is_withdrawn": False,
    "note": "第一行\n第二行",
}
ENTITIES = {"park": "town", "indicator": "entities", "value": 1500, "qualifier": "over"}


@kept_rows(autouse=True)
def surroundings(vocabularies: None) -> None:
    """What `CLAIM` refers to."""
    ParkFactory.create(code="town")
    mayor = PersonFactory.create(code="wang-hao", name_zh="王浩", name_en="Wang Hao")
    PostFactory.create(code="wang-hao-mayor", person=mayor, name_zh="副区长", name_en="Deputy")
    SourceFactory.create(code="S1", title="报道")


def claim(code: str, **fields: Any) -> Figure:
    """A figure of 12 entities in the town, unless told otherwise."""
    if not {"park", "region_id", "region_group_id", "organisation"} & {*fields}:
        fields["park"] = ParkFactory._meta.model.objects.get(code="town")
    fields = {"indicator_id": "entities", "indicator": None, "value": 12} | fields
    return FigureFactory.create(code=code, **fields)


def new(admin_api: APIClient, **fields: object) -> Row:
    return made(admin_api.post(f"{API}/figures", ENTITIES | fields))


# --- What is taken ------------------------------------------------------------------------------


def test_a_claim_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/figures", CLAIM)
    row = made(response)
    assert row == CLAIM | {
        "indicator_name_zh": Indicator.objects.get(code="invested").name_zh,
        "indicator_name_en": Indicator.objects.get(code="invested").name_en,
        "unit": "CNY",
        "said_by_name": "Wang Hao, Deputy",
        "source_title": "报道",
        "superseded_by": None,
        "subject_type": "park",
        **dict.fromkeys(["project", "event"]),
        "claim_url": f"http://testserver{API}/figures/town-invested-2024",
        "version": 1,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    assert response.headers["Location"] == row["claim_url"]
    assert found(admin_api.get(f"{API}/figures/TOWN-invested-2024")) == row
    assert found(admin_api.get(f"{API}/figures"))["results"] == [row]


def test_a_value_stays_the_number_or_the_words_that_were_given(admin_api: APIClient) -> None:
    for indicator, currency, value, unit in [
        *[("invested", "", 17_600_000_000, "CNY"), ("invested", "", -5, "CNY")],
        *[("invested", "USD", 2_400_000_000, "USD"), ("invested", "USD", 2.5, "USD")],
        *[("invested", "", "数亿元", "CNY"), ("entities", "", 1500, "enterprises")],
        *[("entities", "", "一千余家", "enterprises"), ("area", "", 14.5, "km2")],
        *[("population_change", "", -3.25, "percent"), ("other", "", "世界一流", "")],
    ]:
        row = new(admin_api, indicator=indicator, currency=currency, value=value)
        assert (row["value"], row["unit"], row["currency"]) == (value, unit, currency)
        assert found(admin_api.get(f"{API}/figures/{row['code']}"))["value"] == value


def test_money_may_be_written_as_people_write_it(admin_api: APIClient) -> None:
    written = {"park": "town", "indicator": "invested", "value": "约176亿元"}
    row = made(admin_api.post(f"{API}/figures", written))
    assert (row["value"], row["qualifier"]) == (17_600_000_000, "about")
    row = new(admin_api, indicator="invested", value="约176亿元", qualifier="over")
    assert (row["value"], row["qualifier"]) == (17_600_000_000, "over")


# --- What is refused ----------------------------------------------------------------------------


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"value": 1.5}, {"#/value": "fraction_of_yuan"}),
    ({"value": True}, {"#/value": "invalid"}),
    ({"value": None}, {"#/value": "null"}),
    ({"value": [1]}, {"#/value": "invalid"}),
    ({"value": ""}, {"#/value": "empty"}),
    ({"value": "10至20亿元"}, {"#/value": "range"}),
    ({"value": "3.81亿美元"}, {"#/value": "other_currency"}),
    ({"value": 10**18}, {"#/value": "max_value"}),
    ({"indicator": "other", "value": "长" * 301}, {"#/value": "max_length"}),
    ({"indicator": "area", "value": 0.00001}, {"#/value": "max_decimal_places"}),
    ({"indicator": "invest"}, {"#/indicator": "unknown_value"}),
    ({"park": None}, {"#": "invalid"}),
    ({"region": "120115"}, {"#": "invalid"}),
    ({"region_group": "jjj"}, {"#": "invalid"}),
    ({"park": "nowhere"}, {"#/park": "unknown_value"}),
    ({"organisation": "nobody"}, {"#/organisation": "unknown_value"}),
    ({"nature": "planned"}, {"#/nature": "unknown_value"}),
    ({"qualifier": "more"}, {"#/qualifier": "unknown_value"}),
    ({"attribution": "gossip"}, {"#/attribution": "unknown_value"}),
    ({"as_of": "2024-13"}, {"#/as_of": "invalid_date"}),
    ({"period_from": "2025", "period_to": "2024"}, {"#": "invalid"}),
    ({"origin": "999999"}, {"#/origin": "unknown_value"}),
    ({"sector": "Z99"}, {"#/sector": "unknown_value"}),
    ({"sector_group": "iC"}, {"#/sector_group": "unknown_value"}),
    ({"origin_group": "jj"}, {"#/origin_group": "unknown_value"}),
    ({"place": 120115}, {"#/place": "unknown_value"}),
    ({"size_floor_cny": -1}, {"#/size_floor_cny": "min_value"}),
    ({"said_by": "nobody"}, {"#/said_by": "unknown_value"}),
    ({"source": "S9"}, {"#/source": "unknown_value"}),
    ({"supersedes": "x"}, {"#/supersedes": "unknown_value"}),
    ({"code": "Summary"}, {"#/code": "reserved_code"}),
]


def test_what_is_wrong_with_a_claim_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        assert mistakes(admin_api.post(f"{API}/figures", CLAIM | change)) == expected, change
    nothing = mistakes(admin_api.post(f"{API}/figures", {"park": "town"}))
    assert nothing == {"#/indicator": "required", "#/value": "required"}
    assert codes(admin_api, "figures") == []


def test_a_claim_is_about_exactly_one_subject(admin_api: APIClient) -> None:
    OrganisationFactory.create(code="maker")
    subjects = {"park": "town", "region": "120115", "region_group": "jjj", "organisation": "maker"}
    for name, code in subjects.items():
        alone = {"park": None} | {name: code}
        assert new(admin_api, **alone)[name] == code
        for other in {*subjects} - {name}:
            two = ENTITIES | alone | {other: subjects[other]}
            wrong = error(admin_api.post(f"{API}/figures", two))
            assert wrong["pointer"] == "#"
            assert "one park, region, region group or organisation" in wrong["detail"]


# --- Appended, never overwritten ----------------------------------------------------------------


def test_what_was_claimed_is_not_changed_afterwards(admin_api: APIClient) -> None:
    code = made(admin_api.post(f"{API}/figures", CLAIM))["code"]
    before = found(admin_api.get(f"{API}/figures/{code}"))
    mended = {"note", "source", "said_by", "said_by_text", "attribution", "is_withdrawn"}
    for name, value in CLAIM.items():
        if name not in mended:
            response = admin_api.patch(f"{API}/figures/{code}", {name: value})
            assert mistakes(response) == {f"#/{name}": "append_only"}, name
    assert found(admin_api.get(f"{API}/figures/{code}")) == before
    mixed = {"note": "新", "value": 1, "as_off": "2024"}
    assert "#/value" in mistakes(admin_api.patch(f"{API}/figures/{code}", mixed))
    assert found(admin_api.get(f"{API}/figures/{code}")) == before


def test_the_reference_to_the_source_is_mended(admin_api: APIClient) -> None:
    before = made(admin_api.post(f"{API}/figures", CLAIM))
    change = {
        "note": "",
        "source": None,
        "said_by": None,
        "said_by_text": "区政府",
        "attribution": None,
        "is_withdrawn": True,
    }
    after = found(admin_api.patch(f"{API}/figures/{before['code']}", change))
    follows = {"said_by_name": "区政府", "source_title": None, "version": 2}
    assert after == before | change | follows | {"updated_at": after["updated_at"]}


def test_a_newer_claim_supersedes_an_earlier_one_which_stays(admin_api: APIClient) -> None:
    old = new(admin_api, value=1200, as_of="2022")
    latest = new(admin_api, value=1500, as_of="2024", supersedes=old["code"].upper())
    assert "supersedes" not in latest
    kept = found(admin_api.get(f"{API}/figures/{old['code']}"))
    record = {"superseded_by": latest["code"], "version": 2, "updated_at": kept["updated_at"]}
    assert kept == old | record
    assert codes(admin_api, "figures", superseded="false") == [latest["code"]]
    assert codes(admin_api, "figures", superseded="true") == [old["code"]]
    assert admin_api.delete(f"{API}/figures/{latest['code']}").status_code == 204
    assert codes(admin_api, "figures", superseded="false") == [old["code"]]


def test_only_a_standing_claim_about_the_same_is_superseded(admin_api: APIClient) -> None:
    ParkFactory.create(code="other")
    old = new(admin_api)["code"]
    for change in ({"park": "other"}, {"park": None, "region": "120115"}, {"indicator": "jobs"}):
        body = ENTITIES | change | {"supersedes": old}
        answer = mistakes(admin_api.post(f"{API}/figures", body))
        assert answer == {"#/supersedes": "not_about_the_same"}, change
    newer = new(admin_api, supersedes=old)["code"]
    again = mistakes(admin_api.post(f"{API}/figures", ENTITIES | {"supersedes": old}))
    assert again == {"#/supersedes": "already_superseded"}
    answer = mistakes(admin_api.patch(f"{API}/figures/{newer}", {"supersedes": old}))
    assert answer == {"#/supersedes": "append_only"}


def test_the_code_of_a_deleted_claim_is_not_given_again(admin_api: APIClient) -> None:
    code = made(admin_api.post(f"{API}/figures", CLAIM))["code"]
    taken = admin_api.post(f"{API}/figures", CLAIM)
    assert mistakes(taken, 409) == {"#/code": "unique"}
    assert admin_api.delete(f"{API}/figures/{code}").status_code == 204
    assert admin_api.get(f"{API}/figures/{code}").status_code == 404
    again = admin_api.post(f"{API}/figures", CLAIM | {"code": code.upper()})
    assert mistakes(again, 409) == {"#/code": "code_retired"}


# --- Filters ------------------------------------------------------------------------------------


@kept_rows
def claims(surroundings: None) -> None:
    source = SourceFactory.create(code="S2")
    maker = OrganisationFactory.create(code="maker")
    old = claim("a-2020", on="2020", source=source)
    claim("b-2022", on="2022-06", qualifier="over", origin_id="110108", sector_id="C3973")
    newer = claim("c-2024", on="2024-03-12", nature="target", place_id="120115")
    old.superseded_by = newer
    old.save()
    claim("d-undated", indicator_id="jobs", is_withdrawn=True, nature="projected")
    claim("e-baodi", region_id="120115", park=None, on="2023-Q4", origin_group_id="jjj")
    claim("f-tianjin", region_id="120000", park=None, sector_group_id="ic")
    wang = PersonFactory.create(code="wang")
    claim(
        "g-jjj",
        region_group_id="jjj",
        park=None,
        scope_text="央企",
        said_by=PostFactory.create(code="mayor", person=wang),
        attribution="quotation",
    )
    claim("h-maker", organisation=maker, park=None, size_floor_cny=YI)


@pytest.mark.usefixtures("claims")
@together(
    ("parameters", "expected"),
    sample(
        [
            ({"park": "town"}, "abcd"),
            ({"park": "TOWN,unknown"}, "abcdefgh"),
            ({"park": "unknown"}, "efgh"),
            ({"region": "120000"}, "ef"),
            ({"region": "宝坻"}, "e"),
            ({"region": "上海"}, ""),
            ({"region": "unknown"}, "abcdgh"),
            ({"region_group": "jjj"}, "g"),
            ({"region_group": "YRD"}, ""),
            ({"region_group": "unknown"}, "abcdefh"),
            ({"organisation": "maker"}, "h"),
            ({"organisation": "unknown"}, "abcdefg"),
            ({"indicator": "jobs"}, "d"),
            ({"indicator": "JOBS,entities"}, "abcdefgh"),
            ({"indicator": "gdp"}, ""),
            ({"indicator_not": "jobs,gdp"}, "abcefgh"),
            ({"nature": "target,projected"}, "cd"),
            ({"nature": "interest"}, ""),
            ({"nature_not": "actual"}, "cd"),
            ({"qualifier": "over"}, "b"),
            ({"qualifier": "nearly"}, ""),
            ({"as_of_min": "2022-06"}, "bce"),
            ({"as_of_min": "2022-06-02"}, "ce"),
            ({"as_of_min": "2024-03-13"}, ""),
            ({"as_of_max": "2022"}, "ab"),
            ({"as_of_max": "2023-12-30"}, "ab"),
            ({"as_of_max": "2023-12-31"}, "abe"),
            ({"as_of_max": "2020-11"}, ""),
            ({"as_of_min": "2022", "as_of_max": "2023"}, "be"),
            ({"origin": "北京"}, "b"),
            ({"origin": "jjj"}, "b"),
            ({"origin": "浙江"}, ""),
            ({"origin": "unknown"}, "acdefgh"),
            ({"sector": "C39"}, "b"),
            ({"sector": "ic"}, "b"),
            ({"sector": "I"}, ""),
            ({"place": "天津"}, "c"),
            ({"place": "河北"}, ""),
            ({"is_narrowed": "true"}, "bcefgh"),
            ({"is_narrowed": "false"}, "ad"),
            ({"said_by": "mayor"}, "g"),
            ({"said_by": "WANG,unknown"}, "abcdefgh"),
            ({"said_by": "unknown"}, "abcdefh"),
            ({"attribution": "quotation"}, "g"),
            ({"attribution": "caption"}, ""),
            ({"attribution": "unknown"}, "abcdefh"),
            ({"q": "央"}, "g"),
            ({"q": "央 h-maker"}, ""),
            ({"source": "S2"}, "a"),
            ({"source": "s1"}, ""),
            ({"source": "unknown"}, "bcdefgh"),
            ({"superseded": "true"}, "ad"),
            ({"superseded": "false"}, "bcefgh"),
            ({"park": "town", "superseded": "false", "nature": "actual"}, "b"),
            ({"ordering": "as_of"}, "abecdfgh"),
            ({"ordering": "-as_of,code", "limit": "2"}, "cebadfgh"),
            ({"ordering": "-code"}, "hgfedcba"),
        ],
        2,
    ),
)
def test_the_list_can_be_narrowed_and_ordered(
    api: APIClient, parameters: Row, expected: str
) -> None:
    assert "".join(code[0] for code in codes(api, "figures", **parameters)) == expected


# --- The newest of each kind --------------------------------------------------------------------


def test_the_latest_is_the_newest_of_the_claims_about_the_same(api: APIClient) -> None:
    claim("a", on="2022")
    claim("b", on="2024-03")
    claim("c", on="2024")  # the year ends after March
    claim("d")  # of unknown age: older than all others
    claim("e", on="2021", nature="target")
    claim("f", on="2021", indicator_id="jobs")
    claim("g", on="2021", region_id="120115", park=None)
    assert codes(api, "figures", latest="1") == ["c", "e", "f", "g"]
    assert codes(api, "figures", latest="2") == ["b", "c", "e", "f", "g"]
    assert codes(api, "figures", latest="3") == ["a", "b", "c", "e", "f", "g"]
    assert codes(api, "figures", latest="100", limit="3") == ["a", "b", "c", "d", "e", "f", "g"]


@together(
    "narrowed",
    [
        {"origin_id": "110000"},
        {"origin_group_id": "jjj"},
        {"sector_id": "C39"},
        {"sector_group_id": "ic"},
        {"place_id": "120115"},
        {"size_floor_cny": YI},
        {"scope_text": "央企"},
    ],
)
def test_a_part_and_the_whole_are_not_the_same(api: APIClient, narrowed: Row) -> None:
    claim("whole", on="2020")
    claim("part-old", on="2021", **narrowed)
    claim("part-new", on="2024", **narrowed)
    assert codes(api, "figures", latest="1") == ["part-new", "whole"]
    assert codes(api, "figures", is_narrowed="false") == ["whole"]


def test_the_other_filters_choose_what_is_ranked(api: APIClient) -> None:
    old = claim("a-old", on="2020")
    middle = claim("b-middle", on="2022")
    newest = claim("c-newest", on="2024", is_withdrawn=True)
    assert codes(api, "figures", latest="1") == [newest.code]
    assert codes(api, "figures", latest="1", superseded="false") == [middle.code]
    assert codes(api, "figures", latest="1", as_of_max="2021") == [old.code]
    middle.superseded_by = newest
    middle.save()
    assert codes(api, "figures", latest="1", superseded="false") == [old.code]
