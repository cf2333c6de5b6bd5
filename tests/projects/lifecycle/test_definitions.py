"""What definitions.md says of headlines and of fulfilment, sentence by sentence."""

from typing import Any

import pytest

from tests.answers import API, CarefulClient, codes, found
from tests.factories import ParkFactory, ProjectFactory, ProjectFigureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000


@pytest.fixture
def fab() -> Any:
    return ProjectFactory.create(code="fab", park=ParkFactory.create(), met=["signed"])


def find_headline(api: CarefulClient) -> float:
    return float(found(api.get(f"{API}/projects/fab"))["investment_cny"] / YI)


@pytest.mark.both_databases
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
