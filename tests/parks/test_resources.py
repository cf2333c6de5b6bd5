"""Each resource of parks: added with every field, read back, changed, refused, ended."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, error, found, mistakes, problem, walk
from tests.factories import (
    FigureFactory,
    InvestorFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    SourceFactory,
)
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

USCC = "91110108551385082Q"
OF_NOBODY = {"publication": "published", "park": None}
SUBJECTS = {"park": "town", **dict.fromkeys(["region", "region_group", "organisation"])}
NOTE = {"note": "第一行\n第二行"}
# A new row of each resource, with every field that is written
BODIES: dict[str, Row] = {
    "regions": {
        **{"code": "330400", "name_zh": "嘉兴市", "name_en": "Jiaxing", "level": "prefecture"},
        **{"kind": "prefecture_city", "parent": "330000", "aliases": ["禾城"]},
        **{"valid_from": "1983-07-27", "valid_to": None, "is_statistical": False},
        "source": "国函〔1983〕157号",
    },
    "sectors": {
        **{"code": "C3974", "name_zh": "显示器件制造", "name_en": "Manufacture of displays"},
        **{"level": "class", "parent": "C397", "hitech": "yes"},
        **{"valid_from": "2017-10-01", "valid_to": None},
    },
    "region-groups": {
        **{"code": "hangzhou-bay", "name_zh": "环杭州湾", "name_en": "Hangzhou Bay"},
        **{"family": "", "definition_zh": "上海和各市", "definition_en": "Around the bay"},
        **{"aliases": ["杭州湾区"], "source": "", "has_countries": False},
        "members": [
            {"region": "310000", "valid_from": None, "valid_to": None},
            {"region": "330100", "valid_from": "2003-01-01", "valid_to": "2099-12-31"},
        ],
    },
    "sector-groups": {
        **{"code": "electronics", "name_zh": "电子与软件", "name_en": "Electronics"},
        **{"aliases": ["数字经济"], "source": "our own"},
        "members": [
            {"sector": "C39", "position": "midstream", "excluded": False},
            {"sector": "C3973", "position": None, "excluded": True},
            {"sector": "I65", "position": "upstream", "excluded": False},
        ],
    },
    "tags": {
        **{"code": "champion", "name_zh": "隐形冠军", "name_en": "Hidden champion"},
        **{"bearer": "organisation", "is_yearly": True, "term_years": 3, "is_of_group": True},
        **{"publisher": "协会", "definition_zh": "名单", "definition_en": "A list"},
        **{"valid_from": "2015-01-01", "valid_to": None},
    },
    "indicators": {
        **{"code": "trials", "name_zh": "试验数", "name_en": "Trials", "kind": "count"},
        **{"unit": "trials", "is_summable": True, "headline_rank": 7},
        **{"definition_zh": "完成的", "definition_en": "Completed ones"},
    },
    "organisations": {
        **{"code": "xiaomi", "name_zh": "小米通讯技术有限公司", "name_en": "Xiaomi"},
        **{"aliases": ["小米", "Mi Home"], "uscc": USCC, "kind": "company"},
        **{"ownership": "private", "region": "110108", "parent": "group", "source": "S1"},
        **NOTE,
    },
    "sources": {
        **{"code": "news-1", "title": "16个重点项目签约", "publisher": "天津日报"},
        **{"author": "杜洋洋", "published_on": "2023-02-03", "kind": "media"},
        **{"url": "https://example.org/a?b=1", "is_copy": True},
        **NOTE,
    },
    "people": {"code": "ye", "name_zh": "叶堂林", "name_en": "Ye Tanglin", "source": "S1", **NOTE},
    "parks": {
        **{"code": "zgc-town", "name_zh": "京津中关村科技城", "name_en": "Science Town"},
        **{"aliases": ["宝坻中关村科技城", "Baodi Town"], "kind": "science_town"},
        **{"region": "120115", "address": "京津新城", "latitude": 39.61, "longitude": 117.32},
        **{"point_accuracy": "area", "point_datum": "bd09", "brand": "zhongguancun"},
        **{"operator": "group", "leading_sectors": ["ic", "zgc-equipment"], "source": "S1"},
        **{"is_placeholder": False, "publication": "published", "default_publication": "draft"},
        **NOTE,
    },
    "figures": {
        **{"code": "town-2024", **SUBJECTS, "indicator": "invested", "value": 17_600_000_000},
        **{"currency": "", "qualifier": "about", "nature": "actual", "as_of": "2024-03"},
        **{"as_of_basis": "publication", "period_from": "2013", "period_to": "2024-Q1"},
        **{"period_text": "过去十年间", "base_period": "2013", "origin": "110000"},
        **{"origin_group": "jjj", "sector": "C39", "sector_group": "ic", "place": "120115"},
        **{"size_floor_cny": 100_000_000, "scope_text": "央企", "scope_is_whole": False},
        **{"condition": "全面达产后", "printed_conversion": "$2.4 billion"},
        **{"as_reported": "约176亿元", "said_by": "mayor", "said_by_text": "管委会"},
        **{"attribution": "quotation", "source": "S1", "is_withdrawn": False, **NOTE},
    },
    "timeline": {
        **{"code": "agreement-2013", **SUBJECTS, "kind": "agreement", "happened_on": "2013"},
        **{"happened_on_basis": "printed", "name_zh": "签署合作协议", "name_en": "Agreement"},
        **{"nature": "actual", "said_by": "mayor", "said_by_text": "区政府"},
        **{"attribution": "narration", "as_reported": "京津签署", "source": "S1", **NOTE},
    },
}
# What is shown besides, and what the tests of single resources are about
SHOWN: dict[str, Row] = {
    "organisations": OF_NOBODY,
    "sources": OF_NOBODY,
    "people": {**OF_NOBODY, "posts": []},
    "parks": {"region_name_zh": "宝坻区", "region_name_en": "Baodi District"},
    "figures": {
        **{"indicator_name_zh": "累计投资额"},
        **{"indicator_name_en": "Investment in the park so far"},
        **{"unit": "CNY", "said_by_name": "Wang Hao, Deputy", "source_title": "报道"},
        **{"superseded_by": None, "subject_type": "park", "project": None, "event": None},
        "claim_url": f"http://testserver{API}/figures/town-2024",
    },
}
ELSEWHERE = ["cited_by", "figures", "projects"]
VOCABULARIES = ["regions", "sectors", "region-groups", "sector-groups", "tags", "indicators"]
LEDGER = [path for path in BODIES if path not in VOCABULARIES]


@kept_rows(autouse=True)
def world(vocabularies: None) -> None:
    """What `BODIES` refer to."""
    ParkFactory.create(code="town")
    mayor = PersonFactory.create(code="wang-hao", name_zh="王浩", name_en="Wang Hao")
    PostFactory.create(code="mayor", person=mayor, name_zh="副区长", name_en="Deputy")
    SourceFactory.create(code="S1", title="报道")
    OrganisationFactory.create(code="group", name_zh="集团")


def read(response: Any) -> Row:
    """The row of an answer, without what other tests are about."""
    assert response.status_code in (200, 201), response.content.decode()
    return {name: value for name, value in response.json().items() if name not in ELSEWHERE}


def add(client: APIClient, path: str) -> tuple[str, Row]:
    """The address of the new row, and the row."""
    response = client.post(f"{API}/{path}", BODIES[path])
    assert response.headers["Location"] == f"http://testserver{API}/{path}/{BODIES[path]['code']}"
    return response.headers["Location"], read(response)


@together("path", BODIES)
def test_a_row_is_added_with_every_field_and_read_back(admin_api: APIClient, path: str) -> None:
    address, row = add(admin_api, path)
    record = {name: row[name] for name in ("version", "created_at", "updated_at") if name in row}
    assert (record != {}) is (path in LEDGER)
    assert row == BODIES[path] | record | SHOWN.get(path, {})
    assert read(admin_api.get(address)) == row
    assert read(admin_api.get(f"{API}/{path}/{row['code'].swapcase()}")) == row
    assert [each for each in walk(admin_api, path) if each["code"] == row["code"]] == [row]


CHANGES: dict[str, list[Row]] = {
    "regions": [{"valid_to": "2026-01-31", "kind": "city"}],
    "sectors": [{"hitech": None}, {"name_en": "Displays"}],
    "region-groups": [
        {"members": [{"region": "330000", "valid_from": None, "valid_to": None}]},
        {
            "members": [  # it left and came back
                {"region": "310000", "valid_from": "2001-01-01", "valid_to": "2005-12-31"},
                {"region": "310000", "valid_from": "2019-01-01", "valid_to": None},
            ]
        },
        {"name_zh": "湾"},
    ],
    "sector-groups": [
        {"members": [{"sector": "C39", "position": None, "excluded": False}]},
        {"name_zh": "电子"},
    ],
    "tags": [{"term_years": None, "is_yearly": False}],
    "indicators": [{"definition_en": "", "is_summable": False}],
    "organisations": [{"parent": None, "aliases": []}, {"kind": None}],
    "sources": [{"url": "", "published_on": None}],
    "people": [{"name_en": "", "source": None}],
    "parks": [{"leading_sectors": ["ic"], "operator": None, "kind": None}],
    "figures": [{"note": "", "is_withdrawn": True}],
    "timeline": [
        *({"kind": "policy"}, {"nature": "recommended"}, {"park": None, "region": "120115"}),
        *({"said_by": None, "source": None}, {"name_en": ""}),
    ],
}


@pytest.mark.slow
@together("path", BODIES)
def test_a_field_is_changed_and_the_rest_stays(admin_api: APIClient, path: str) -> None:
    address, before = add(admin_api, path)
    for number, change in enumerate(CHANGES[path], 2):
        after = read(admin_api.patch(address, change))
        record = {"version": number, "updated_at": after.get("updated_at")}
        assert after == before | change | (record if path in LEDGER else {})
        assert read(admin_api.get(address)) == after
        before = after


@together("path", BODIES)
def test_a_code_is_taken_once_and_never_changes(admin_api: APIClient, path: str) -> None:
    address, row = add(admin_api, path)
    again = {name: value for name, value in BODIES[path].items() if name != "uscc"}
    assert mistakes(admin_api.post(f"{API}/{path}", again), 409) == {"#/code": "unique"}
    told = mistakes(admin_api.patch(address, {"code": f"{row['code'][:-1]}9"}))
    assert told == {"#/code": "append_only" if path == "figures" else "immutable"}
    assert codes(admin_api, path, code=row["code"]) == [row["code"]]


@together("path", VOCABULARIES)
def test_a_term_is_not_replaced(admin_api: APIClient, path: str) -> None:
    address, row = add(admin_api, path)
    response = admin_api.put(address, BODIES[path])
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
    assert read(admin_api.get(address)) == row


@together("path", [*LEDGER, *VOCABULARIES])
def test_the_code_of_a_row_that_is_deleted_is_given_to_no_other(
    admin_api: APIClient, path: str
) -> None:
    address, row = add(admin_api, path)
    assert admin_api.delete(address).status_code == 204
    assert admin_api.get(address).status_code == 404
    code = row["code"].upper() if path in LEDGER else row["code"]
    again = admin_api.post(f"{API}/{path}", BODIES[path] | {"code": code})
    assert mistakes(again, 409) == {"#/code": "code_retired"}


# What needs a row of which it has the key
NEEDS: list[tuple[str, Any]] = [
    ("organisations", lambda row: InvestorFactory.create(organisation=row)),
    ("organisations", lambda row: ParkFactory.create(operator=row)),
    ("sources", lambda row: ProjectFactory.create(source=row)),
    ("people", lambda row: FigureFactory.create(said_by=PostFactory.create(person=row))),
    ("parks", lambda row: ProjectFactory.create(park=row)),
]
MAKERS: dict[str, Any] = {
    **{"organisations": OrganisationFactory, "sources": SourceFactory},
    **{"people": PersonFactory, "parks": ParkFactory},
}


@together(("path", "need"), NEEDS)
def test_a_row_that_others_need_is_not_deleted(admin_api: APIClient, path: str, need: Any) -> None:
    need(MAKERS[path].create(code="needed"))
    told = problem(admin_api.delete(f"{API}/{path}/needed"), 409)
    assert (told["type"], told["dependents"]) == ("/problems/conflict", 1)
    assert "needed" in codes(admin_api, path)


# What no field takes for its type, and words and codes of none, are tests of the contract
NAMELESS = ({"name_zh": " ", "name_en": "\u3000"}, {"#": "invalid"})
WRONG: dict[str, list[tuple[Row, dict[str, str]]]] = {
    "regions": [
        NAMELESS,
        *(({"code": code}, {"#/code": "invalid"}) for code in ("33040", "fr")),
        *(({"parent": code}, {"#/parent": "unknown_value"}) for code in ("339900", 330000)),
        *[
            ({"valid_to": "1983-07-26"}, {"#": "invalid"}),
            ({"valid_to": "1983-13"}, {"#/valid_to": "invalid"}),
        ],
        *(({"aliases": each}, {"#/aliases": "not_a_list"}) for each in ("禾城", {"zh": "禾城"})),
        ({"aliases": ["禾城", ["嘉禾"]]}, {"#/aliases/1": "invalid"}),
        ({"aliases": ["禾\u0000城"]}, {"#/aliases/0": "control_character"}),
    ],
    "sectors": [
        NAMELESS,
        *(({"code": code}, {"#/code": "invalid"}) for code in ("Z3974", "c3974")),
        *[
            ({"hitech": "maybe"}, {"#/hitech": "unknown_value"}),
            ({"valid_to": "2017-09-30"}, {"#": "invalid"}),
        ],
    ],
    "region-groups": [
        NAMELESS,
        ({"code": "Hangzhou"}, {"#/code": "invalid"}),
        ({"members": {}}, {"#/members": "not_a_list"}),
        ({"members": ["319999"]}, {"#/members/0": "unknown_value"}),
        ({"members": [{"region": "319999"}]}, {"#/members/0/region": "unknown_value"}),
        ({"members": [{}]}, {"#/members/0/region": "required"}),
        ({"members": [{"region": "310000", "since": 2}]}, {"#/members/0/since": "unknown_field"}),
        (
            {"members": [{"region": "310000", "valid_from": "2019-01-01", "valid_to": "2018-1-1"}]},
            {"#/members/0": "invalid"},
        ),
        ({"aliases": [7, ["x"]]}, {"#/aliases/0": "invalid", "#/aliases/1": "invalid"}),
    ],
    "sector-groups": [
        NAMELESS,
        *[({"code": "Electronics"}, {"#/code": "invalid"}), ({"code": ""}, {"#/code": "blank"})],
        ({"members": [{"sector": "C99"}]}, {"#/members/0/sector": "unknown_value"}),
        ({"members": [{"sector": "C39", "excluded": 3}]}, {"#/members/0/excluded": "invalid"}),
    ],
    "tags": [NAMELESS, ({"code": "Champion"}, {"#/code": "invalid"})],
    "indicators": [
        NAMELESS,
        *(({"code": code}, {"#/code": "invalid"}) for code in ("two words", "Patents")),
        ({"is_summable": None}, {"#/is_summable": "null"}),
    ],
    "organisations": [
        NAMELESS,
        *(({"uscc": f"{USCC[:-1]}{end}"}, {"#/uscc": "invalid_uscc"}) for end in ("R", "")),
        *(({"code": code}, {"#/code": "invalid"}) for code in ("小米", "a/b")),
        ({"code": "Unknown"}, {"#/code": "reserved_code"}),
        ({"parent": "xiaomi"}, {"#/parent": "unknown_value"}),
    ],
    "sources": [
        *[({"title": None}, {"#/title": "null"}), ({"title": ""}, {"#/title": "blank"})],
        *(({"url": url}, {"#/url": "invalid"}) for url in ("ftp://a.org/a", "javascript:alert(1)")),
        *(
            ({"published_on": day}, {"#/published_on": "invalid_date"})
            for day in ("03.02.2023", "2023-02-30")
        ),
    ],
    "people": [NAMELESS, ({"code": "Import"}, {"#/code": "reserved_code"})],
    "parks": [
        NAMELESS,
        *(({"operator": code}, {"#/operator": "unknown_value"}) for code in ("nobody", 7)),
        ({"leading_sectors": "ic"}, {"#/leading_sectors": "not_a_list"}),
        ({"leading_sectors": ["ic", "C39"]}, {"#/leading_sectors": "unknown_value"}),
        *(({"publication": word}, {"#/publication": "unknown_value"}) for word in ("public", "")),
        ({"region": None}, {"#/region": "null"}),
    ],
    "figures": [
        ({"value": 1.5}, {"#/value": "fraction_of_yuan"}),
        *(({"value": value}, {"#/value": "invalid"}) for value in (True, [1])),
        *[({"value": None}, {"#/value": "null"}), ({"value": ""}, {"#/value": "empty"})],
        ({"value": "10至20亿元"}, {"#/value": "range"}),
        ({"value": "3.81亿美元"}, {"#/value": "other_currency"}),
        ({"value": 10**18}, {"#/value": "max_value"}),
        ({"indicator": "other", "value": "长" * 301}, {"#/value": "max_length"}),
        ({"indicator": "area", "value": 0.00001}, {"#/value": "max_decimal_places"}),
        *(
            ({name: code}, {"#": "invalid"})
            for name, code in {"park": None, "region": "120115"}.items()
        ),
        ({"period_from": "2025", "period_to": "2024"}, {"#": "invalid"}),
        ({"sector_group": "iC"}, {"#/sector_group": "unknown_value"}),
        ({"size_floor_cny": -1}, {"#/size_floor_cny": "min_value"}),
        ({"supersedes": "x"}, {"#/supersedes": "unknown_value"}),
    ],
    "timeline": [
        NAMELESS,
        *(
            ({name: code}, {"#": "invalid"})
            for name, code in {"park": None, "region": "120115"}.items()
        ),
        ({"happened_on": "2013-13"}, {"#/happened_on": "invalid_date"}),
    ],
}


@pytest.mark.slow
@together("path", WRONG)
def test_what_is_wrong_is_told_where_it_stands(admin_api: APIClient, path: str) -> None:
    before = codes(admin_api, path)
    for change, expected in WRONG[path]:
        assert mistakes(admin_api.post(f"{API}/{path}", BODIES[path] | change)) == expected, change
    assert codes(admin_api, path) == before


def test_a_credit_code_belongs_to_one_organisation(admin_api: APIClient) -> None:
    add(admin_api, "organisations")
    again = BODIES["organisations"] | {"code": "other"}
    assert mistakes(admin_api.post(f"{API}/organisations", again), 409) == {"#/uscc": "unique"}


def test_a_region_is_in_a_group_only_once(admin_api: APIClient) -> None:
    address, before = add(admin_api, "region-groups")
    twice = {"name_zh": "包邮区", "members": [{"region": "310000"}, {"region": "310000"}]}
    wrong = error(admin_api.patch(address, twice), 409)
    assert wrong["detail"] == "This region is already in the group."
    assert found(admin_api.get(address)) == before


def test_posts_are_shown_with_their_person(api: APIClient) -> None:
    organisation, source = OrganisationFactory.create(code="district"), SourceFactory.create()
    PostFactory.create(
        **{"code": "late", "person": PersonFactory.create(code="ye"), "name_zh": "区长"},
        **{"name_en": "Mayor", "organisation": organisation, "source": source},
        **{"held_from": "2019-01-01", "held_from_precision": "year"},
        **{"held_to": "2024-03-01", "held_to_precision": "month"},
    )
    assert found(api.get(f"{API}/people/ye"))["posts"] == [
        {
            **{"code": "late", "name_zh": "区长", "name_en": "Mayor"},
            **{"organisation": "district", "source": source.code},
            **{"held_from": "2019", "held_to": "2024-03"},
        }
    ]
