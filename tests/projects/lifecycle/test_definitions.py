"""What definitions.md says of headlines and of fulfilment, sentence by sentence."""

from typing import Any

import pytest

from projects.lifecycle.words import Approval, MilestoneStatus, Stage
from projects.models import Funding
from tests.answers import API, CarefulClient, codes, found
from tests.factories import (
    FundingFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
LATER = (*list(Stage)[list(Stage).index(Stage.REGISTERED) :],)


@pytest.fixture
def fab() -> Any:
    return ProjectFactory.create(code="fab", park=ParkFactory.create(), met=["signed"])


def is_fulfilled(api: CarefulClient) -> bool:
    """Tell whether the filter and the rate say so; they say the same."""
    listed = codes(api, "projects", fulfilled="true") == ["fab"]
    rate = found(api.get(f"{API}/projects/cohorts"))["total"]["rates"]["fulfilment_rate"]
    assert rate["numerator"] == listed
    return listed


@pytest.mark.parametrize("on", [None, "2025-03"])
@pytest.mark.parametrize("step", [*Stage, *Approval])
def test_a_later_stage_fulfils_and_an_approval_beside_the_way_does_not(
    admin_api: CarefulClient, fab: Any, step: str, on: str | None
) -> None:
    if step != Stage.SIGNED:
        MilestoneFactory.create(project=fab, type=step, on=on)
    assert is_fulfilled(admin_api) is (step in LATER)


@pytest.mark.parametrize("status", ["scheduled", "revoked"])
def test_what_is_planned_or_revoked_does_not_fulfil(
    admin_api: CarefulClient, fab: Any, status: str
) -> None:
    assert status in MilestoneStatus
    MilestoneFactory.create(project=fab, type="started", status=status)
    assert is_fulfilled(admin_api) is False


@pytest.mark.parametrize("kind", Funding.Kind)
@pytest.mark.parametrize(
    ("amount", "came"),
    [
        ({"reported_cny": 1}, True),
        ({"reported_cny": 0}, False),
        ({"reported_cny": -1}, False),
        ({"reported_cny": None, "reported_value": 1, "currency": "USD"}, True),
    ],
)
def test_money_fulfils_where_it_came(
    admin_api: CarefulClient, fab: Any, kind: str, amount: dict[str, Any], came: bool
) -> None:
    FundingFactory.create(project=fab, kind=kind, note="核减", **amount)
    assert is_fulfilled(admin_api) is (came and kind != Funding.Kind.FOREIGN_AGREED)


def find_headline(api: CarefulClient) -> float:
    return float(found(api.get(f"{API}/projects/fab"))["investment_cny"] / YI)


def test_of_two_totals_of_one_day_the_one_entered_later_is_the_headline(
    admin_api: CarefulClient, fab: Any
) -> None:
    said = {"project": fab, "investment_basis": "agreed"}
    for yi in (9, 7):
        ProjectFigureFactory.create(**said, amount_cny=yi * YI, on="2025-03-31")
    assert find_headline(admin_api) == 7
    assert codes(admin_api, "projects", claims_in_conflict="true") == ["fab"]
    # A month counts by its last day, so it is of the same day as what is dated by that
    ProjectFigureFactory.create(**said, amount_cny=6 * YI, on="2025-03")
    assert find_headline(admin_api) == 6
    ProjectFigureFactory.create(**said, amount_cny=5 * YI, on="2025-03-30")
    ProjectFigureFactory.create(**said, amount_cny=4 * YI)
    ProjectFigureFactory.create(**said | {"investment_basis": "planned"}, amount_cny=3 * YI)
    assert find_headline(admin_api) == 6
