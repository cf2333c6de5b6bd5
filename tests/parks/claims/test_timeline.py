"""/timeline: what happened to a park, region, group or organisation, and when, if that is known."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import (
    OrganisationFactory,
    ParkFactory,
    PostFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ENTRY = {
    "code": "agreement-2013",
    "park": "town",
    "region": None,
    "region_group": None,
    "organisation": None,
    "kind": "agreement",
    "happened_on": "2013",
    "happened_on_basis": "printed",
    "name_zh": "签署合作协议",
    "name_en": "Cooperation agreement",
    "nature": "actual",
    "said_by": "mayor",
    "said_by_text": "区政府",
    "attribution": "narration",
    "as_reported": "2013年，京津签署合作协议",
    "source": "S1",
    "note": "第一行\n第二行",
}


@kept_rows(autouse=True)
def surroundings(vocabularies: None) -> None:
    ParkFactory.create(code="town")
    PostFactory.create(code="mayor")
    SourceFactory.create(code="S1")


def test_an_entry_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/timeline", ENTRY)
    row = made(response)
    record = {name: row[name] for name in ("version", "created_at", "updated_at")}
    assert row == ENTRY | record
    assert record["version"] == 1
    assert response.headers["Location"] == f"http://testserver{API}/timeline/agreement-2013"
    assert found(admin_api.get(f"{API}/timeline/AGREEMENT-2013")) == row
    assert found(admin_api.get(f"{API}/timeline"))["results"] == [row]


def test_each_field_is_changed_alone(admin_api: APIClient) -> None:
    before = made(admin_api.post(f"{API}/timeline", ENTRY))
    for change in (
        {"kind": "policy"},
        {"nature": "recommended"},
        {"park": None, "region": "120115"},
        {"said_by": None},
        {"source": None},
        {"name_en": ""},
    ):
        after = found(admin_api.patch(f"{API}/timeline/agreement-2013", change))
        record = {name: after[name] for name in ("version", "updated_at")}
        assert after == before | change | record
        before = after


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"kind": "party"}, {"#/kind": "unknown_value"}),
    ({"kind": None}, {"#/kind": "null"}),
    ({"park": None}, {"#": "invalid"}),
    ({"region": "120115"}, {"#": "invalid"}),
    ({"organisation": "nobody"}, {"#/organisation": "unknown_value"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"happened_on": "2013-13"}, {"#/happened_on": "invalid_date"}),
    ({"nature": "real"}, {"#/nature": "unknown_value"}),
    ({"said_by": "王浩"}, {"#/said_by": "unknown_value"}),
    ({"source": "S2"}, {"#/source": "unknown_value"}),
]


def test_what_is_wrong_with_an_entry_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        answer = mistakes(admin_api.post(f"{API}/timeline", ENTRY | change))
        if expected == {"#/kind": "null"}:
            assert set(answer) == {"#/kind"}
        else:
            assert answer == expected, change
    assert codes(admin_api, "timeline") == []


@kept_rows
def entries(surroundings: None) -> None:
    TimelineEntryFactory.create(code="a", park=ParkFactory.create(code="bay"), on="2013")
    of_no_park = {"park": None}
    TimelineEntryFactory.create(
        code="b", region_group_id="jjj", kind="policy", on="2014-02-26", **of_no_park
    )
    TimelineEntryFactory.create(
        code="c",
        region_id="120115",
        kind="approval",
        on="2015-06",
        source=SourceFactory.create(code="S2"),
        name_zh="总体规划获批",
        **of_no_park,
    )
    TimelineEntryFactory.create(
        code="d", organisation=OrganisationFactory.create(code="maker"), **of_no_park
    )
    TimelineEntryFactory.create(
        code="e", region_id="120000", nature="recommended", on="2014", **of_no_park
    )


@pytest.mark.usefixtures("entries")
@together(
    ("parameters", "expected"),
    sample(
        [
            ({}, "aebcd"),
            ({"ordering": "-happened_on"}, "cbead"),
            ({"ordering": "code", "limit": "2"}, "abcde"),
            ({"park": "bay"}, "a"),
            ({"park": "town"}, ""),
            ({"park": "unknown"}, "ebcd"),
            ({"region": "天津"}, "ec"),
            ({"region": "120115"}, "c"),
            ({"region": "上海"}, ""),
            ({"region_group": "jjj"}, "ebc"),  # with what happened in its regions
            ({"region_group": "yrd"}, ""),
            ({"organisation": "maker"}, "d"),
            ({"organisation": "unknown"}, "aebc"),
            ({"kind": "policy,approval"}, "bc"),
            ({"kind": "opening"}, ""),
            ({"kind_not": "policy,approval"}, "aed"),
            ({"nature": "recommended"}, "e"),
            ({"nature": "target"}, ""),
            ({"happened_from": "2014"}, "ebc"),
            ({"happened_from": "2014-02"}, "bc"),
            ({"happened_from": "2015-06-02"}, ""),
            ({"happened_to": "2014"}, "aeb"),
            ({"happened_to": "2014-11"}, "ab"),
            ({"happened_to": "2012"}, ""),
            ({"source": "S2"}, "c"),
            ({"source": "S1"}, ""),
            ({"q": "规划"}, "c"),
            ({"q": "nothing"}, ""),
        ],
        2,
    ),
)
def test_the_list_can_be_narrowed_and_is_in_the_order_of_time(
    api: APIClient, parameters: Row, expected: str
) -> None:
    assert "".join(codes(api, "timeline", **parameters)) == expected
