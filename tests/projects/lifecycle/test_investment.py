"""A project's amount is the best of what is claimed; typing one in writes a claim."""

import pytest

from config.amounts import MAX_CNY
from config.api.fields import print_partial_date
from parks.models import Indicator
from projects.models import Project, ProjectFigure
from projects.writing.writing import record_investment
from tests.factories import IndicatorFactory, ProjectFactory, ProjectFigureFactory, SourceFactory
from tests.together import together

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


def test_without_a_claim_the_amount_is_unknown_and_ranks_last() -> None:
    project = ProjectFactory.create()
    assert headline(project) == UNKNOWN
    assert project.investment_rank == -1


def test_a_claim_gives_the_amount_with_its_qualifier_and_basis() -> None:
    project = ProjectFactory.create(
        investment=2 * YI, investment__basis="planned", investment__qualifier="over"
    )
    assert headline(project) == (2 * YI, "over", "planned")
    assert project.investment_rank == 2 * YI


@together(
    ("bases", "best"),
    [
        (["reported", "intended"], "intended"),
        (["intended", "planned"], "planned"),
        (["planned", "agreed"], "agreed"),
        (["agreed", "planned", "intended", "reported"], "agreed"),
    ],
)
def test_the_best_basis_wins_however_large_new_or_late_the_others(
    bases: list[str], best: str
) -> None:
    for order in (bases, bases[::-1]):
        project = ProjectFactory.create()
        for basis in order:
            other = basis != best
            ProjectFigureFactory.create(
                project=project,
                investment_basis=basis,
                amount_cny=9 * YI if other else YI,
                on="2025" if other else "2019",
            )
        assert headline(project) == (YI, "exact", best)


@together(
    ("older", "newer"),
    [("2019", "2024"), ("2024-03-05", "2024"), (None, "2015"), ("2024-Q1", "2024-04-01")],
)
def test_of_one_basis_the_newest_wins_and_an_undated_one_is_oldest(
    older: str | None, newer: str
) -> None:
    for order in ([older, newer], [newer, older]):
        project = ProjectFactory.create()
        for on in order:
            amount = YI if on == newer else 9 * YI
            ProjectFigureFactory.create(project=project, amount_cny=amount, on=on)
        assert headline(project)[0] == YI


def test_of_two_claims_of_one_day_the_one_written_last_wins() -> None:
    project = ProjectFactory.create()
    for amount in (9 * YI, YI):
        ProjectFigureFactory.create(project=project, amount_cny=amount, on="2024-03-05")
    assert headline(project)[0] == YI


def test_superseded_and_withdrawn_claims_do_not_count() -> None:
    project = ProjectFactory.create(investment=YI, investment__basis="reported")
    planned = ProjectFigureFactory.create(project=project, investment_basis="planned")
    agreed = ProjectFigureFactory.create(
        project=project, amount_cny=3 * YI, investment_basis="agreed", is_withdrawn=True
    )
    assert headline(project) == (YI, "exact", "planned")
    planned.superseded_by = agreed
    planned.save()
    assert headline(project) == (YI, "exact", "reported")


def test_nothing_is_the_amount_where_every_claim_is_withdrawn() -> None:
    project = ProjectFactory.create(investment=YI, investment__is_withdrawn=True)
    assert headline(project) == UNKNOWN


def test_deleting_a_claim_lets_the_one_it_superseded_stand_again() -> None:
    project = ProjectFactory.create(investment=YI)
    record_investment(project, 2 * YI)
    project.figures.get(amount_cny=2 * YI).delete()
    assert headline(project) == (YI, "exact", "reported")


def test_money_in_another_currency_is_never_the_amount() -> None:
    project = ProjectFactory.create()
    ProjectFigureFactory.create(
        project=project,
        amount_cny=None,
        value="50000000",
        currency="USD",
        investment_basis="agreed",
    )
    assert headline(project) == UNKNOWN


def test_an_amount_in_words_is_not_a_number() -> None:
    project = ProjectFactory.create()
    ProjectFigureFactory.create(project=project, amount_cny=None, value_text="数亿元")
    assert headline(project) == UNKNOWN


def test_other_money_is_not_an_investment() -> None:
    tax = IndicatorFactory.create(code="tax_per_year", name_zh="年税收", name_en="Tax per year")
    project = ProjectFactory.create()
    ProjectFigureFactory.create(project=project, indicator=tax)
    assert headline(project) == UNKNOWN


def test_an_investment_of_nothing_is_known() -> None:
    project = ProjectFactory.create(investment=0)
    assert headline(project) == (0, "exact", "reported")
    assert project.investment_rank == 0


def test_the_largest_amount_is_kept_to_the_yuan() -> None:
    assert headline(ProjectFactory.create(investment=MAX_CNY))[0] == MAX_CNY


# --- Typing one in ------------------------------------------------------------------------------


@pytest.fixture
def project(investment_indicator: Indicator) -> Project:
    """A project that a source reports of, with no amount so far."""
    return ProjectFactory.create(
        source=SourceFactory.create(code="S1"),
        reported_on="2024-03-01",
        reported_on_precision="month",
    )


def test_an_amount_typed_in_becomes_a_claim_with_the_project_s_source(project: Project) -> None:
    record_investment(project, 2 * YI, qualifier="over", basis="planned")
    assert headline(project) == (2 * YI, "over", "planned")
    claim = project.figures.get()
    assert (
        claim.source.code,
        print_partial_date(claim.as_of, claim.as_of_precision),
        claim.nature,
    ) == (
        "S1",
        "2024-03",
        "projected",
    )


def test_an_intended_amount_is_marked_as_an_intention(project: Project) -> None:
    record_investment(project, YI, basis="intended")
    assert project.figures.get().nature == "intended"


def test_without_a_basis_the_amount_is_reported(project: Project) -> None:
    record_investment(project, YI)
    assert headline(project) == (YI, "exact", "reported")


def test_a_new_amount_keeps_the_basis_and_supersedes_the_old_claim(project: Project) -> None:
    record_investment(project, YI, basis="agreed")
    record_investment(project, 2 * YI)
    assert headline(project) == (2 * YI, "exact", "agreed")
    assert claims(project) == [(YI, "agreed", "superseded"), (2 * YI, "agreed", "")]


def test_another_basis_stands_beside_the_old_claim(project: Project) -> None:
    record_investment(project, YI, basis="intended")
    record_investment(project, 2 * YI, basis="agreed")
    assert headline(project) == (2 * YI, "exact", "agreed")
    assert claims(project) == [(YI, "intended", ""), (2 * YI, "agreed", "")]


def test_a_weaker_basis_does_not_change_the_headline(project: Project) -> None:
    record_investment(project, YI, basis="agreed")
    record_investment(project, 2 * YI, basis="reported")
    assert headline(project) == (YI, "exact", "agreed")


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
