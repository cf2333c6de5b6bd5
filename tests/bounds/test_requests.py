"""Bounds of what is asked for: one below and at each bound is answered, one above is refused."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, error, found, mistakes
from tests.factories import IndicatorFactory, ParkFactory, ProjectFactory, RegionFactory
from tests.projects.importing.imports import checked, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

SUMMARY = "projects/summary?group_by=size_band&bands"
BANDS = [",".join(str(number + 1) for number in range(count)) for count in (19, 20, 21)]
NAME = "区" * 200
CODES = ["120115"] * 43
# An address that ends with a parameter, values that are taken, and those that are refused
ASKED: list[tuple[str, list[Any], list[Any]]] = [
    ("projects?limit", [1, 2, 499, 500], [0, 501]),
    ("changes?limit", [1, 2, 499, 500], [0, 501]),
    ("projects/fab/history?limit", [1, 2, 499, 500], [0, 501]),
    ("figures?latest", [1, 2, 99, 100], [0, 101]),
    ("projects?silent_months_min", [1, 2, 599, 600], [0, 601]),
    ("projects?q", ["园" * 99, "园" * 100], ["园" * 101]),
    ("projects?origin", [NAME[1:], NAME], [f"{NAME}区"]),
    ("projects?origin", [",".join([NAME[1:], *CODES])], [",".join([NAME, *CODES])]),
    ("projects?code", [",".join(["x"] * 499), ",".join(["x"] * 500)], [",".join(["x"] * 501)]),
    ("projects?stage", [",".join(["signed"] * 200)], [",".join(["signed"] * 201)]),
    *(
        (f"projects?{name}_{end}", [0, "0.01", "99999999.99"], ["0.001", "100000000"])
        for name in ("land_mu", "floor_area_m2")
        for end in ("min", "max")
    ),
    ("projects?times_moved_min", [1, 2, 998, 999], [0, 1000]),
    ("projects?days_late_min", [1, 2, 9998, 9999], [0, 10_000]),
    ("projects?days_late_max", [1, 2, 9998, 9999], [0, 10_000]),
    ("projects?phase_no_min", [0, 1, 98, 99], [100]),
    ("projects?phase_no_max", [0, 1, 98, 99], [100]),
    ("projects?investment_min", ["8999999999999999", "9e15"], ["9000000000000001"]),
    ("projects?signed_from", ["1900", "1901", "2099", "2100-12-31"], ["1899", "2101"]),
    ("projects/summary?group_by", ["park,stage", "park,stage,kind"], ["park,stage,kind,origin"]),
    (SUMMARY, BANDS[:2], BANDS[2:]),
    ("projects/summary?group_by=park&top", [1, 2, 99, 100], [0, 101]),
    ("parks/compare?parks", ["east,west"], ["east"]),
]


@kept_rows
def rows() -> None:
    RegionFactory.create(code="120115", name_zh=NAME)
    RegionFactory.create(code="120116", name_zh=NAME[1:])
    IndicatorFactory.create()
    for code in ("east", "west"):
        park = ParkFactory.create(code=code)
    ProjectFactory.create(code="fab", park=park)


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
@together(("address", "taken", "refused"), ASKED)
def test_what_is_asked_for_is_within_its_bounds(
    api: APIClient, address: str, taken: list[Any], refused: list[Any]
) -> None:
    parameter = address.partition("?")[2].rpartition("&")[2]
    for value in taken:
        found(api.get(f"{API}/{address}={value}"))
    for value in refused:
        assert error(api.get(f"{API}/{address}={value}"))["parameter"] == parameter


# The same where all that is taken would take long: refused for another reason alone
@together(
    ("address", "taken", "refused"),
    [
        ("changes?limit=x&wait", [0, 1, 29, 30], [31]),
        ("projects/summary.svg?chart=x&width", [240, 241, 1599, 1600], [239, 1601]),
        ("projects/summary.png?chart=x&scale", [1, "1.001", "3.999", 4], ["0.999", "4.001"]),
    ],
)
def test_what_would_take_long_is_within_its_bounds(
    api: APIClient, address: str, taken: list[Any], refused: list[Any]
) -> None:
    other = address.partition("?")[2].partition("=")[0]
    parameter = address.rpartition("&")[2]
    for value in taken:
        assert [*mistakes(api.get(f"{API}/{address}={value}"))] == [other]
    for value in refused:
        assert {*mistakes(api.get(f"{API}/{address}={value}"))} == {other, parameter}


@pytest.mark.usefixtures("vocabularies")
def test_the_lines_of_a_report_are_asked_for_within_their_bounds(admin_api: APIClient) -> None:
    ParkFactory.create(code="town")
    batch = checked(admin_api, table(["name_zh", "park"], ["甲", "town"]))["code"]
    for parameter, taken, refused in (
        ("limit", (1, 999, 1000), (0, 1001)),
        ("after", (0, 1_999_999, 2_000_000), (-1, 2_000_001)),
    ):
        for value in taken:
            found(admin_api.get(f"{API}/imports/{batch}", {parameter: value}))
        for value in refused:
            answer = admin_api.get(f"{API}/imports/{batch}", {parameter: value})
            assert error(answer)["parameter"] == parameter


@together(("size", "status"), [(8189, 200), (8190, 200), (8191, 414)])
def test_an_address_has_no_more_than_8190_bytes(api: APIClient, size: int, status: int) -> None:
    start = f"{API}/regions?q=&name="
    address = f"{start:x<{size}}"
    assert len(address) == size
    assert (api.get(address).status_code == 414) == (status == 414)


@together(
    ("body", "code"),
    [
        ({"x" * 199: 1}, "unknown_field"),
        ({"x" * 200: 1}, "unknown_field"),
        ({"x" * 201: 1}, "parse_error"),
        ({f"x{number}": 1 for number in range(999)}, "unknown_field"),
        ({f"x{number}": 1 for number in range(1000)}, "unknown_field"),
        ({f"x{number}": 1 for number in range(1001)}, "parse_error"),
        ({"title": "a", "kind": ["x"] * 1000}, "unknown_value"),
        ({"title": "a", "kind": ["x"] * 1001}, "too_many_elements"),
    ],
)
def test_a_body_has_no_more_members_and_elements(
    admin_api: APIClient, body: dict[str, Any], code: str
) -> None:
    answer = admin_api.post(f"{API}/sources", json.dumps(body), content_type="application/json")
    assert code in mistakes(answer).values()


@together(
    ("count", "pointer"),
    [
        (0, "#/projects"),
        (1, "#/projects/0/park"),
        (1000, "#/projects/0/park"),
        (1001, "#/projects"),
    ],
)
def test_up_to_a_thousand_projects_are_sent_together(
    admin_api: APIClient, count: int, pointer: str
) -> None:
    body = {"projects": [{}] * count}
    assert pointer in mistakes(admin_api.post(f"{API}/projects/bulk", body, format="json"))
