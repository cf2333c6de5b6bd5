"""A project's amount is the best of what is claimed; typing one in writes a claim."""

import pytest

from parks.models import Indicator
from projects.models import Project, ProjectFigure
from projects.writing.writing import record_investment
from tests.factories import ProjectFactory, ProjectFigureFactory, SourceFactory

pytestmark = pytest.mark.django_db

YI = 100_000_000
Headline = tuple[int | None, str, str]


def headline(project: Project) -> Headline:
    project.refresh_from_db()
    return project.investment_cny, project.investment_qualifier, project.investment_basis


UNKNOWN: Headline = (None, "", "")


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


@pytest.mark.both_databases
def test_without_a_claim_the_amount_is_unknown_and_ranks_last() -> None:
    project = ProjectFactory.create()
    assert headline(project) == UNKNOWN
    assert project.investment_rank == -1


def test_deleting_a_claim_lets_the_one_it_superseded_stand_again() -> None:
    project = ProjectFactory.create(investment=YI)
    record_investment(project, 2 * YI)
    project.figures.get(amount_cny=2 * YI).delete()
    assert headline(project) == (YI, "exact", "reported")


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


def test_the_same_amount_again_writes_nothing(project: Project) -> None:
    record_investment(project, YI, qualifier="about", basis="planned")
    project.refresh_from_db()
    version = project.version
    record_investment(project, YI, qualifier="about")
    record_investment(project, YI, qualifier="about", basis="planned")
    assert len(claims(project)) == 1
    project.refresh_from_db()
    assert project.version == version


def test_another_qualifier_is_a_new_claim(project: Project) -> None:
    record_investment(project, YI, qualifier="about")
    record_investment(project, YI, qualifier="exact")
    assert headline(project) == (YI, "exact", "reported")
    assert len(claims(project)) == 2


def test_no_amount_withdraws_every_claim_that_stands(project: Project) -> None:
    record_investment(project, YI, basis="intended")
    record_investment(project, 2 * YI, basis="agreed")
    record_investment(project, None)
    assert headline(project) == UNKNOWN
    assert claims(project) == [(YI, "intended", "withdrawn"), (2 * YI, "agreed", "withdrawn")]


def test_no_amount_for_a_project_without_one_writes_nothing(project: Project) -> None:
    record_investment(project, None)
    assert claims(project) == []
    assert project.version == 1


def test_an_amount_can_be_typed_in_again_after_it_was_withdrawn(project: Project) -> None:
    record_investment(project, YI, basis="agreed")
    record_investment(project, None)
    record_investment(project, 3 * YI, basis="agreed")
    assert headline(project) == (3 * YI, "exact", "agreed")


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
