"""Amount and qualifier belong together: an equal amount keeps it, a new one does not get it."""

import json
from itertools import permutations
from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Park
from projects.models import Project, ProjectFigure, Target
from tests.answers import API, found
from tests.factories import FigureFactory, IndicatorFactory, ParkFactory, ProjectFactory
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

TEN_BILLION = 10_000_000_000
AMOUNT, QUALIFIER = "investment_cny", "investment_qualifier"
EQUAL = [
    *("10000000000", "10000000000.0", "1e10", "1E+10", "100亿", "100亿元", "10,000,000,000"),
    *("1000000万元", "10 billion yuan"),
]


@pytest.fixture
def hedged(town: Park) -> Project:
    """A project of about ten billion yuan on about 30 mu."""
    return ProjectFactory.create(
        code="fab",
        name_zh="晶圆厂",
        name_en="",
        park=town,
        land_mu=30,
        land_qualifier="about",
        investment=TEN_BILLION,
        investment__qualifier="about",
    )


def row_of(cells: dict[str, str]) -> bytes:
    """A file of one row of the stored project."""
    return table(["code", *cells], ["fab", *cells.values()])


def stored() -> tuple[Any, Any]:
    project = Project.objects.get(code="fab")
    return project.investment_cny, project.investment_qualifier


def warnings(answer: dict[str, Any]) -> list[str]:
    return [each["code"] for row in answer["rows"] for each in row.get("warnings", ())]


@together("cell", EQUAL)
def test_an_equal_amount_is_no_change_and_keeps_its_hedge(
    admin_api: APIClient, hedged: Project, cell: str
) -> None:
    for cells in ({AMOUNT: cell}, {AMOUNT: cell, QUALIFIER: ""}, {AMOUNT: cell, QUALIFIER: "约"}):
        answer = applied(admin_api, row_of(cells))
        assert answer["counts"]["same"] == 1, (cells, answer["rows"])
        assert warnings(answer) == []
    assert stored() == (TEN_BILLION, "about")


# What a file says; what is stored then, or the code of what is refused; the codes of warnings
CHANGES: list[tuple[dict[str, str], Any, list[str]]] = [
    ({AMOUNT: "12000000000", QUALIFIER: "about"}, (12 * 10**9, "about"), []),
    ({AMOUNT: "10000000000", QUALIFIER: "over"}, (TEN_BILLION, "over"), []),
    ({AMOUNT: "10000000000.0", QUALIFIER: "exact"}, (TEN_BILLION, "exact"), []),
    ({AMOUNT: "12000000000", QUALIFIER: "exact"}, (12 * 10**9, "exact"), []),
    ({AMOUNT: "超120亿元"}, (12 * 10**9, "over"), []),
    ({AMOUNT: "超100亿元"}, (TEN_BILLION, "over"), []),
    ({AMOUNT: "约120亿元", QUALIFIER: "about"}, (12 * 10**9, "about"), []),
    ({AMOUNT: "120亿元"}, (12 * 10**9, "exact"), ["hedge_dropped"]),
    ({AMOUNT: "120亿元", QUALIFIER: ""}, (12 * 10**9, "exact"), ["hedge_dropped"]),
    ({AMOUNT: "", QUALIFIER: "over"}, (TEN_BILLION, "over"), []),
    ({QUALIFIER: "over"}, (TEN_BILLION, "over"), []),
    ({AMOUNT: "超120亿元", QUALIFIER: "about"}, {QUALIFIER: "contradicting"}, []),
    ({AMOUNT: "约120亿元", QUALIFIER: "exact"}, {QUALIFIER: "contradicting"}, []),
    ({AMOUNT: "1.1e10"}, {AMOUNT: "lost_digits"}, []),
]


@together("cells, expected, warned", sample(CHANGES, 2))
def test_amount_and_qualifier_of_a_row_belong_together(
    admin_api: APIClient, hedged: Project, cells: dict[str, str], expected: Any, warned: list[str]
) -> None:
    for order in permutations(cells):
        data = row_of({name: cells[name] for name in order})
        answer = checked(admin_api, data)
        wrong = {name: code for (_line, name), code in faults(answer).items()}
        assert wrong == (expected if isinstance(expected, dict) else {}), order
        assert warnings(answer) == warned, order
    if not isinstance(expected, dict):
        applied(admin_api, data)
        assert stored() == expected


def test_an_amount_in_another_currency_keeps_its_hedge(admin_api: APIClient) -> None:
    header = ["项目名称", "总投资（万美元）"]
    applied(admin_api, table(header, ["新厂", "约3000"]), park="town")
    for cell in ("3000", "3,000.0", "3000万美元"):
        answer = applied(admin_api, table(header, ["新厂", cell]), park="town")
        assert answer["counts"]["same"] == 1, cell
    both = table([*header, QUALIFIER], ["新厂", "3000", "over"])
    applied(admin_api, both, park="town")
    claims = ProjectFigure.objects.standing().values_list("value", "currency", "qualifier")
    assert [*claims] == [(30_000_000, "USD", "over")]
    answer = checked(admin_api, table(header, ["新厂", "4000"]), park="town")
    assert warnings(answer) == ["hedge_dropped", "other_currency"]
    assert applied(admin_api, both, park="town")["counts"]["same"] == 1


LAND: list[tuple[dict[str, str], Any, list[str]]] = [
    ({"land_mu": "30"}, (30, "about"), []),
    ({"land_mu": "30.0"}, (30, "about"), []),
    ({"land_mu": "2公顷"}, (30, "about"), []),
    ({"land_mu": "30.00", "land_qualifier": "about"}, (30, "about"), []),
    ({"land_mu": "45", "land_qualifier": "about"}, (45, "about"), []),
    ({"land_mu": "45"}, (45, ""), ["hedge_dropped"]),
    ({"land_mu": "超45亩"}, (45, "over"), []),
    ({"land_qualifier": "over"}, (30, "over"), []),
    ({"land_mu": "超45亩", "land_qualifier": "about"}, {"land_qualifier": "contradicting"}, []),
]


@together("cells, expected, warned", LAND)
def test_land_and_its_qualifier_belong_together(
    admin_api: APIClient, hedged: Project, cells: dict[str, str], expected: Any, warned: list[str]
) -> None:
    for order in permutations(cells):
        answer = checked(admin_api, row_of({name: cells[name] for name in order}))
        assert warnings(answer) == warned
        if isinstance(expected, dict):
            assert {name: code for (_line, name), code in faults(answer).items()} == expected
    if not isinstance(expected, dict):
        applied(admin_api, row_of(cells))
        project = Project.objects.get()
        assert (project.land_mu, project.land_qualifier) == expected


# --- Files of other rows ------------------------------------------------------------------------


@pytest.fixture
def invested() -> None:
    IndicatorFactory.create(code="area", kind="number", unit="km2")
    figure: dict[str, Any] = {"park": Park.objects.get(), "as_of": None}
    FigureFactory.create(
        **figure, indicator_id="investment", amount_cny=5 * 10**8, value=None, qualifier="about"
    )


@pytest.mark.usefixtures("invested")
@together(
    "cells, expected",
    [
        ({"amount_cny": "500000000.0"}, None),
        ({"amount_cny": "5亿元"}, None),
        ({"amount_cny": "约5亿元"}, None),
        ({"amount_cny": "5亿元", "qualifier": "about"}, None),
        ({"amount_cny": "超5亿元"}, (5 * 10**8, "over")),
        ({"amount_cny": "6亿元", "qualifier": "about"}, (6 * 10**8, "about")),
        ({"amount_cny": "约6亿元"}, (6 * 10**8, "about")),
        ({"amount_cny": "6亿元"}, (6 * 10**8, "exact")),
        ({"amount_cny": "约5亿元", "qualifier": "exact"}, "contradicting"),
        ({"amount_cny": "约5亿元", "qualifier": "over"}, "contradicting"),
    ],
)
def test_figures_keep_their_hedges(
    admin_api: APIClient, cells: dict[str, str], expected: Any
) -> None:
    for order in permutations(cells):
        told = [cells[name] for name in order]
        data = table(["park", "indicator", *order], ["town", "investment", *told])
        answer = checked(admin_api, data, resource="figures")
        if isinstance(expected, str):
            assert faults(answer) == {(2, "qualifier"): expected}
        else:
            assert answer["counts"]["same"] == (expected is None), order
    if isinstance(expected, tuple):
        applied(admin_api, data, resource="figures")
        figure = Figure.objects.latest("id")
        assert (figure.amount_cny, figure.qualifier) == expected
        assert checked(admin_api, data, resource="figures")["counts"]["same"] == 1


@pytest.mark.usefixtures("invested")
def test_a_hedge_in_the_cell_of_a_number_is_kept(admin_api: APIClient) -> None:
    data = table(["park", "indicator", "value"], ["town", "area", "约14.5"])
    applied(admin_api, data, resource="figures")
    figure = Figure.objects.get(indicator="area")
    assert (figure.value, figure.qualifier) == (14.5, "about")


TARGET = {"park": "town", "year": "2026", "measure": "agreed_cny", "value": str(TEN_BILLION)}


@together(
    "changes, expected, warned",
    [
        ({"value": "10000000000.0"}, (TEN_BILLION, "about"), []),
        ({"value": "100亿元"}, (TEN_BILLION, "about"), []),
        ({"value": "约100亿元"}, (TEN_BILLION, "about"), []),
        ({"value": "120亿元", "qualifier": "about"}, (12 * 10**9, "about"), []),
        ({"value": "约120亿元"}, (12 * 10**9, "about"), []),
        ({"value": "120亿元"}, (12 * 10**9, "at_least"), ["hedge_dropped"]),
        ({"value": "100亿元", "qualifier": "over"}, (TEN_BILLION, "over"), []),
    ],
)
def test_targets_keep_their_qualifier(
    admin_api: APIClient, changes: dict[str, str], expected: tuple[int, str], warned: list[str]
) -> None:
    before = TARGET | {"qualifier": "about"}
    applied(admin_api, table(before, before.values()), resource="targets")
    cells = TARGET | changes
    answer = applied(admin_api, table(cells, cells.values()), resource="targets")
    assert warnings(answer) == warned
    target = Target.objects.get()
    assert (target.value, target.qualifier) == expected
    is_same = expected == (TEN_BILLION, "about")
    assert line(answer, 2)["action"] == ("same" if is_same else "update")


# --- Bodies ------------------------------------------------------------------------------------


@together(
    "body, expected",
    [
        ({AMOUNT: TEN_BILLION}, (TEN_BILLION, "about")),
        ({AMOUNT: "100亿元"}, (TEN_BILLION, "about")),
        ({AMOUNT: 1e10}, (TEN_BILLION, "about")),
        ({AMOUNT: TEN_BILLION, QUALIFIER: "exact"}, (TEN_BILLION, "exact")),
        ({AMOUNT: TEN_BILLION, QUALIFIER: "over"}, (TEN_BILLION, "over")),
        ({AMOUNT: 12 * 10**9}, (12 * 10**9, "exact")),
        ({AMOUNT: "超100亿元"}, (TEN_BILLION, "over")),
    ],
)
def test_a_patch_with_the_stored_amount_keeps_its_hedge(
    admin_api: APIClient, hedged: Project, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    found(admin_api.patch(f"{API}/projects/fab", body, headers={"If-Match": "*"}))
    assert stored() == expected


def test_a_put_without_a_qualifier_empties_it(admin_api: APIClient, hedged: Project) -> None:
    body = {"name_zh": "晶圆厂", "park": "town", AMOUNT: TEN_BILLION}
    found(admin_api.put(f"{API}/projects/fab", body, headers={"If-Match": "*"}))
    assert stored() == (TEN_BILLION, "exact")


def test_a_new_target_value_is_at_least_unless_it_says_more(admin_api: APIClient) -> None:
    park = ParkFactory.create()
    target = Target.objects.create(
        park=park, year=2026, measure="agreed_cny", value=10, qualifier="about"
    )
    address = f"{API}/targets/{target.code}"
    for body, expected in (({"value": 10}, "about"), ({"value": 12}, "at_least")):
        row = found(
            admin_api.patch(address, json.loads(json.dumps(body)), headers={"If-Match": "*"})
        )
        assert row["qualifier"] == expected
