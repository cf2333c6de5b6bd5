"""Bounds of fields: one below and at each bound is stored over the API, one above is refused."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, found, made, mistakes
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory, TagFactory
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.together import taken_back, together

USCC = "91110108551385082Q"
NATIONAL = "2403-120115-89-05-123456"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

NAMES = {"name_zh": 200, "name_en": 200}
DEFINED = {"definition_zh": 300, "definition_en": 300}
CLAIM = {
    **{"period_text": 100, "base_period": 50, "scope_text": 200, "condition": 200},
    **{"printed_conversion": 100, "as_reported": 300, "said_by_text": 200},
}
REGION = {"code": "120199", "level": "county", "parent": "120000"}
ENTRY = {"park": "town", "kind": "opening", "happened_on": "2023"}
STOPPED = {"park": "town", "standing": "suspended", "standing_on": "2024"}
REVOKED = {"type": "signed", "status": "revoked", "actual_on": "2024"}
FLOW, FLOWS = {"kind": "paid_in", "month": "2023-11"}, "projects/fab/fundings"
OF_PROJECT = {
    **{"site": 200, "address": 300, "origin_text": 200, "sector_text": 200},
    **{"standing_reason": 300, "responsible_unit": 200},
}
OF_NOTE = {"text": 2000, "next_step": 1000, "noted_by": 200}
# Where one is stored, what it needs, and how long its texts may be
TEXTS: list[tuple[str, Row, dict[str, int]]] = [
    ("parks", {"region": "120115"}, {**NAMES, "code": 64, "brand": 100, "address": 300}),
    ("sources", {}, {"title": 300, "publisher": 300, "author": 200, "url": 1000}),
    ("indicators", {"kind": "area"}, {**NAMES, "code": 64, "unit": 40}),
    ("people", {}, {**NAMES, "code": 64}),
    ("tags", {"bearer": "project"}, {**NAMES, **DEFINED, "code": 32, "publisher": 200}),
    ("regions", REGION, {**NAMES, "kind": 40, "source": 200}),
    ("region-groups", {}, {**NAMES, **DEFINED, "code": 32, "family": 32, "source": 300}),
    ("sector-groups", {}, {**NAMES, "code": 32, "source": 300}),
    ("figures", {"park": "town", "indicator": "area", "value": 1}, CLAIM),
    ("figures", {"park": "town", "indicator": "area"}, {"value": 300}),
    ("timeline", ENTRY, {**NAMES, "said_by_text": 200, "as_reported": 300}),
    ("events", {"park": "town"}, {**NAMES, "place": 200, "host": 300}),
    ("projects", STOPPED, {**NAMES, **OF_PROJECT}),
    ("projects/fab/people", {"role": "responsible"}, {"name": 100, "office": 200}),
    ("projects/fab/progress", {"noted_on": "2024-03-08"}, OF_NOTE),
    ("projects/fab/milestones", REVOKED, {"document_no": 100, "reason": 300}),
    ("projects/fab/fundings", {**FLOW, "reported_cny": 1}, {"as_reported": 300}),
    ("projects/fab/tags", {"tag": "key"}, {"detail": 200}),
]


@kept_rows
def rows(vocabularies: None) -> None:
    town = ParkFactory.create(code="town")
    ProjectFactory.create(code="fab", park=town)
    OrganisationFactory.create(code="acme")
    TagFactory.create(code="key", bearer="project")


def text(field: str, length: int) -> str:
    """A text of this length that this field takes, if it is not too long."""
    start = "https://example.org/" if field == "url" else ""
    return f"{start:a<{length}}"


@pytest.mark.slow
@together(("address", "needed", "longest"), TEXTS)
def test_texts_are_as_long_as_they_may_be(
    admin_api: APIClient, address: str, needed: Row, longest: dict[str, int]
) -> None:
    below = {field: text(field, length - 1) for field, length in longest.items()}
    at = {field: text(field, length) for field, length in longest.items()}
    above = {field: text(field, length + 1) for field, length in longest.items()}
    for body in (below, at):
        with taken_back():
            row = made(admin_api.post(f"{API}/{address}", {**needed, **body}, format="json"))
        assert {field: row[field] for field in body} == body
    answer = admin_api.post(f"{API}/{address}", {**needed, **above}, format="json")
    assert mistakes(answer) == {f"#/{field}": "max_length" for field in above}


TAG = {"bearer": "project", "name_zh": "甲", "code": "t"}
UNIT = {"code": "x", "name_zh": "甲", "kind": "area"}
PARK = {"name_zh": "园", "region": "120115"}
PROJECT = {"name_zh": "厂", "park": "town"}
EAST, NORTH = {"longitude": 1}, {"latitude": 1}
AREA = {"park": "town", "indicator": "area"}
MONEY = {"park": "town", "indicator": "investment"}
TARGET = {"park": "town", "year": 2026, "measure": "signed_count", "value": 40}
SUM = {**FLOW, "is_cumulative": True}
MOST = 9_000_000_000_000_000
LATITUDES = [-90, 89.999999, 90], [-90.000001, 90.000001, 1.0000001]
LONGITUDES = [-180, 179.999999, 180], [-180.000001, 180.000001]
# A field of a body, the values that are stored, and those that are refused
VALUES: list[tuple[str, Row, str, list[Any], list[Any]]] = [
    ("indicators", UNIT, "headline_rank", [1, 1000], [0, 1001]),
    ("tags", TAG, "term_years", [1, 2, 19, 20], [0, 21]),
    ("parks", PARK | EAST, "latitude", *LATITUDES),
    ("parks", PARK | NORTH, "longitude", *LONGITUDES),
    ("projects", PROJECT | EAST, "latitude", *LATITUDES),
    ("projects", PROJECT | NORTH, "longitude", *LONGITUDES),
    *(
        ("projects", PROJECT, name, [0, 0.01, 99_999_999.99], [-0.01, 0.001, 100_000_000])
        for name in ("land_mu", "floor_area_m2")
    ),
    ("projects", {**PROJECT, "part_of": "fab"}, "phase_no", [1, 2, 98, 99], [0, 100]),
    ("organisations", {"name_zh": "甲"}, "aliases", [["a" * 199], ["a" * 200]], [["a" * 201]]),
    ("organisations", {"name_zh": "甲"}, "uscc", [USCC], [USCC[:-1], f"{USCC}0"]),
    ("figures", AREA, "value", [99_999_999_999.9999, 999_999_999_999_999], [0.00001, 10**15]),
    ("figures", MONEY, "value", [-MOST, MOST - 1, MOST], [-MOST - 1, MOST + 1]),
    ("figures", {**AREA, "value": 1}, "size_floor_cny", [0, 1], [-1]),
    ("targets", TARGET, "value", [1, 2, MOST - 1, MOST], [0, MOST + 1]),
    ("targets", TARGET, "size_floor_cny", [0, 1, MOST], [-1, MOST + 1]),
    ("targets", TARGET, "year", [1900, 1901, 2099, 2100], [1899, 2101]),
    ("projects/fab/plans", {"year": 2026}, "planned_cny", [1, 2, MOST - 1, MOST], [0, MOST + 1]),
    ("projects/fab/plans", {"planned_cny": 1}, "year", [1900, 1901, 2099, 2100], [1899, 2101]),
    (FLOWS, {**FLOW, "note": "a"}, "reported_cny", [-MOST, MOST], [-MOST - 1, MOST + 1]),
    (FLOWS, SUM, "reported_cny", [0, 1], [-1]),
    (FLOWS, {**FLOW, "reported_cny": MOST}, "recognised_cny", [0, 1, MOST], [-1, MOST + 1]),
    (FLOWS, {**SUM, "currency": "USD"}, "reported_value", [0, 1], [-1]),
    ("regions", {"name_zh": "甲", "level": "county"}, "code", ["130102"], ["13010", "1301022"]),
    ("regions", {"name_zh": "甲", "level": "country"}, "code", ["ZZ"], ["Z", "ZZZ"]),
    ("sectors", {"name_zh": "甲", "level": "class"}, "code", ["C3978"], ["C39781"]),
    ("projects", PROJECT, "national_code", [NATIONAL], [NATIONAL[:-1], f"{NATIONAL}0"]),
]
# The same of a row within a list
WITHIN: list[tuple[str, Row, str, list[Any], list[Any]]] = [
    ("investors", {"organisation": "acme"}, "share_bp", [1, 2, 9999, 10000], [0, 10001]),
    ("milestones", {"type": "signed"}, "id", [], [0]),
]


@pytest.mark.slow
@pytest.mark.both_databases
@together(("address", "needed", "field", "taken", "refused"), sample(VALUES, 1 + HERE))
def test_numbers_are_within_their_bounds(
    admin_api: APIClient, address: str, needed: Row, field: str, taken: Any, refused: Any
) -> None:
    for value in taken:
        with taken_back():
            answer = admin_api.post(f"{API}/{address}", {**needed, field: value}, format="json")
        assert made(answer)[field] == value
    for value in refused:
        answer = admin_api.post(f"{API}/{address}", {**needed, field: value}, format="json")
        assert {each.partition("/0")[0] for each in mistakes(answer)} <= {f"#/{field}", "#"}, value


@together(("rows_of", "needed", "field", "taken", "refused"), WITHIN)
def test_numbers_of_rows_within_a_list_are_within_their_bounds(
    admin_api: APIClient, rows_of: str, needed: Row, field: str, taken: Any, refused: Any
) -> None:
    def write(value: Any) -> Any:
        body = {**PROJECT, rows_of: [{**needed, field: value}]}
        return admin_api.post(f"{API}/projects", body, format="json")

    for value in taken:
        with taken_back():
            answer = write(value)
        assert made(answer)[rows_of][0][field] == value
    for value in refused:
        assert [*mistakes(write(value))] == [f"#/{rows_of}/0/{field}"], value


@together(
    ("address", "body", "pointer"),
    [
        ("projects/duplicates", {"codes": ["fab"]}, "#/codes"),
        ("projects/duplicates", {"codes": ["fab", "a", "b"]}, "#/codes"),
        ("projects/duplicates", {"codes": ["fab", "a" * 65]}, "#/codes/1"),
        ("projects/fab/merge", {"into": "a" * 65}, "#/into"),
    ],
)
def test_two_codes_are_named(admin_api: APIClient, address: str, body: Row, pointer: str) -> None:
    answer = admin_api.post(f"{API}/{address}", body, format="json")
    assert mistakes(answer)[pointer] in ("min_length", "max_length")


def test_codes_of_64_characters_and_two_codes_are_looked_up(admin_api: APIClient) -> None:
    for code in ("a" * 63, "a" * 64):
        for address, body in (
            ("projects/duplicates", {"codes": ["fab", code]}),
            ("projects/fab/merge", {"into": code}),
        ):
            answer = admin_api.post(f"{API}/{address}", body, format="json")
            assert {*mistakes(answer).values()} == {"unknown_value"}


@together(("length", "kept"), [(299, 299), (300, 300), (301, 300)])
def test_of_a_reason_300_characters_are_kept(admin_api: APIClient, length: int, kept: int) -> None:
    headers = {"Change-Reason": "a" * length, "If-Match": "*"}
    found(admin_api.patch(f"{API}/projects/fab", {"note": "b"}, headers=headers))
    newest = found(admin_api.get(f"{API}/projects/fab/history"))["results"][0]
    assert newest["reason"] == "a" * kept
