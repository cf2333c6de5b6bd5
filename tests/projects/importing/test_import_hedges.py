"""Amount and qualifier belong together: an equal amount keeps it, a new one does not get it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Park
from projects.models import Project
from tests.answers import API, found
from tests.factories import (
    FigureFactory,
    IndicatorFactory,
    ParkFactory,
    ProjectFactory,
    TargetOfParkFactory,
)
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

TEN_BILLION = 10_000_000_000
AMOUNT, QUALIFIER = "investment_cny", "investment_qualifier"
EQUAL = [
    *("10000000000", "10000000000.0", "1e10", "1E+10", "100亿", "100亿元", "10,000,000,000"),
    *("1000000万元", "10 billion yuan"),
]
# A cell of an amount and of its qualifier; what is stored then, or the code of the error and its
# column; the warning
Case = tuple[str, str, Any, str]
SAME = (TEN_BILLION, "about")
AMOUNTS: list[Case] = [
    *((cell, said, SAME, "") for cell in EQUAL for said in ("", "约")),
    ("12000000000", "about", (12 * 10**9, "about"), ""),
    ("10000000000", "over", (TEN_BILLION, "over"), ""),
    ("10000000000.0", "exact", (TEN_BILLION, "exact"), ""),
    ("12000000000", "exact", (12 * 10**9, "exact"), ""),
    ("超120亿元", "", (12 * 10**9, "over"), ""),
    ("超100亿元", "", (TEN_BILLION, "over"), ""),
    ("约120亿元", "about", (12 * 10**9, "about"), ""),
    ("120亿元", "", (12 * 10**9, "exact"), "hedge_dropped"),
    ("", "over", (TEN_BILLION, "over"), ""),
    ("超120亿元", "about", {QUALIFIER: "contradicting"}, ""),
    ("约120亿元", "exact", {QUALIFIER: "contradicting"}, ""),
    ("1.1e10", "", {AMOUNT: "lost_digits"}, ""),
]
LAND: list[Case] = [
    ("30", "", (30, "about"), ""),
    ("30.0", "", (30, "about"), ""),
    ("2公顷", "", (30, "about"), ""),
    ("30.00", "about", (30, "about"), ""),
    ("45", "about", (45, "about"), ""),
    ("45", "", (45, ""), "hedge_dropped"),
    ("超45亩", "", (45, "over"), ""),
    ("", "over", (30, "over"), ""),
    ("超45亩", "about", {"land_qualifier": "contradicting"}, ""),
]


@kept_rows
def hedged(investment_indicator: None, town: Park) -> None:
    """Projects of about ten billion yuan on about 30 mu."""
    for n in range(len(AMOUNTS)):
        ProjectFactory.create(
            **{"code": f"p{n}", "name_zh": f"厂{n}号", "park": town},
            **{"land_mu": 30, "land_qualifier": "about"},
            **{"investment": TEN_BILLION, "investment__qualifier": "about"},
        )


def warnings(row: dict[str, Any]) -> str:
    return ",".join(each["code"] for each in row.get("warnings", ()))


@pytest.mark.slow
@together("names, cases", [((AMOUNT, QUALIFIER), AMOUNTS), (("land_mu", "land_qualifier"), LAND)])
@together("places", [(0, 1), (1, 0), (0,), (1,)])
def test_amount_and_qualifier_of_a_row_belong_together(
    admin_api: APIClient, hedged: None, names: Any, cases: list[Case], places: tuple[int, ...]
) -> None:
    missing = {0, 1} - {*places}
    rows = {f"p{n}": case for n, case in enumerate(cases) if not any(case[at] for at in missing)}
    header = ["code", *(names[at] for at in places)]
    cells = ([code, *(case[at] for at in places)] for code, case in rows.items())
    answer = applied(admin_api, table(header, *cells), on_error="skip", confirm="amounts")
    wrong = faults(answer)
    for number, (code, (_amount, _word, expected, warned)) in enumerate(rows.items(), start=2):
        row = line(answer, number)
        assert warnings(row) == warned, row
        if isinstance(expected, dict):
            assert {name: of for (at, name), of in wrong.items() if at == number} == expected
            continue
        project = Project.objects.get(code=code)
        assert tuple(getattr(project, name) for name in names) == expected, row
        is_same = expected in (SAME, (30, "about"))
        assert row["action"] == ("same" if is_same else "update"), row


# --- Files of other rows ------------------------------------------------------------------------

FIGURES: list[tuple[str, str, Any]] = [
    ("500000000.0", "", None),
    ("约5亿元", "", None),
    ("5亿元", "about", None),
    ("超5亿元", "", (5 * 10**8, "over")),
    ("6亿元", "about", (6 * 10**8, "about")),
    ("约6亿元", "", (6 * 10**8, "about")),
    ("6亿元", "", (6 * 10**8, "exact")),
    ("约5亿元", "exact", "contradicting"),
    ("约5亿元", "over", "contradicting"),
]


def test_figures_keep_their_hedges(admin_api: APIClient) -> None:
    IndicatorFactory.create(code="area", kind="number", unit="km2")
    amount: dict[str, Any] = {"indicator_id": "investment", "amount_cny": 5 * 10**8, "value": None}
    for n in range(len(FIGURES)):
        park = ParkFactory.create(code=f"park{n}")
        FigureFactory.create(**amount, park=park, as_of=None, qualifier="about")
    header = ["park", "indicator", "amount_cny", "value", "qualifier"]
    rows = [
        [f"park{n}", "investment", cell, "", word] for n, (cell, word, _of) in enumerate(FIGURES)
    ]
    rows.append(["park0", "area", "", "约14.5", ""])
    for order in (1, -1):
        columns = [header[::order], *(row[::order] for row in rows)]
        answer = checked(admin_api, table(*columns), resource="figures")
        wrong = {number: code for (number, _name), code in faults(answer).items()}
        for number, (_cell, _word, expected) in enumerate(FIGURES, start=2):
            assert wrong.get(number) == (expected if isinstance(expected, str) else None)
            assert (line(answer, number)["action"] == "same") is (expected is None)
    applied(admin_api, table(header, *rows), resource="figures", on_error="skip")
    for n, (_cell, _word, expected) in enumerate(FIGURES):
        figure = Figure.objects.filter(park__code=f"park{n}", indicator="investment").latest("id")
        if isinstance(expected, tuple):
            assert (figure.amount_cny, figure.qualifier) == expected
    area = Figure.objects.get(indicator="area")
    assert (area.value, area.qualifier) == (14.5, "about")
    again = checked(admin_api, table(header, *rows), resource="figures")
    assert again["counts"]["same"] == len(rows) - 2


# --- Bodies ------------------------------------------------------------------------------------


def test_a_new_target_value_is_at_least_unless_it_says_more(admin_api: APIClient) -> None:
    target = TargetOfParkFactory.create(measure="agreed_cny", value=10, qualifier="about")
    for value, expected in ((10, "about"), (12, "at_least")):
        address = f"{API}/targets/{target.code}"
        row = found(admin_api.patch(address, {"value": value}, headers={"If-Match": "*"}))
        assert row["qualifier"] == expected
