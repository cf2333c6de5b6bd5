"""A project's amount is the best of what is claimed; typing one in writes a claim."""

import pytest

from parks.models import Indicator
from projects.models import Project, ProjectFigure
from projects.writing.writing import record_investment
from tests.factories import ProjectFactory, ProjectFigureFactory, SourceFactory

pytestmark = pytest.mark.django_db

YI = 100_000_000


def claims(project: Project) -> list[tuple[int | None, str, str]]:
    """Amount, basis and whether it stands, of every investment claim in the order of writing."""
    return [
        (
            claim.amount_cny,
            claim.investment_basis,
            "superseded" if claim.superseded_by_id else "withdrawn" if claim.is_withdrawn else "",
        )
        for claim in project.figures.filter(indicator="investment").order_by("id")
    ]


# --- The headline -------------------------------------------------------------------------------


def test_what_is_typed_in_leaves_the_amount_of_a_part_alone() -> None:
    project = ProjectFactory.create(investment=2 * YI)
    ProjectFigureFactory.create(project=project, amount_cny=YI, scope_text="一期")
    record_investment(project, 3 * YI)
    assert claims(project)[1] == (YI, "reported", "")
    record_investment(project, None)
    stand = [(2 * YI, "superseded"), (YI, ""), (3 * YI, "withdrawn")]
    assert [(amount, stands) for amount, _basis, stands in claims(project)] == stand


# --- Typing one in ------------------------------------------------------------------------------


@pytest.fixture
def project(investment_indicator: Indicator) -> Project:
    """A project that a source reports of, with no amount so far."""
    return ProjectFactory.create(
        source=SourceFactory.create(code="S1"),
        reported_on="2024-03-01",
        reported_on_precision="month",
    )


def test_an_intended_amount_is_marked_as_an_intention(project: Project) -> None:
    record_investment(project, YI, basis="intended")
    assert project.figures.get().nature == "intended"


@pytest.mark.parametrize("amount", [2 * YI, None])
def test_what_is_said_in_another_currency_stays_as_reported(
    project: Project, amount: int | None
) -> None:
    foreign = ProjectFigureFactory.create(
        project=project, amount_cny=None, value="50000000", currency="USD"
    )
    record_investment(project, YI)
    record_investment(project, amount)
    assert foreign in ProjectFigure.objects.standing()


def test_a_copy_read_before_somebody_else_s_claim_is_no_trap(project: Project) -> None:
    stale = Project.objects.get(pk=project.pk)
    record_investment(project, YI, basis="agreed")
    record_investment(stale, YI, basis="agreed")
    assert len(claims(project)) == 1
