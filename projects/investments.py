"""Amounts of investment that somebody types in or sends: each is written as a claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parks.cell_lookup import create_rows
from parks.models import Nature
from parks.recording.change_rows import chunks
from parks.recording.recording import recorded
from projects.lifecycle import words
from projects.lifecycle.words import InvestmentBasis
from projects.models import Project, ProjectFigure


@dataclass(frozen=True, slots=True)
class SaidInvestment:
    """What is said of the investment of a project; of no amount (None) that it is unknown.

    The project has the amount of before. What it rests on is as before where nothing is said.
    """

    project: Project
    amount_cny: int | None
    qualifier: str = "exact"
    basis: str = ""

    def find_basis(self) -> str:
        return self.basis or self.project.investment_basis or InvestmentBasis.REPORTED.value

    def is_known(self) -> bool:
        """Tell whether it says nothing new."""
        project = self.project
        known = (project.investment_cny, project.investment_qualifier, project.investment_basis)
        said = (self.amount_cny, self.qualifier, self.find_basis())
        return known == said or known[0] is self.amount_cny is None


def record_investment(
    project: Project, amount_cny: int | None, *, qualifier: str = "exact", basis: str = ""
) -> None:
    """Write the amount that somebody typed in for a project: see `record_investments`."""
    project.refresh_from_db(fields=words.DERIVED)
    record_investments([SaidInvestment(project, amount_cny, qualifier, basis)])


def record_investments(said: Sequence[SaidInvestment]) -> set[int]:
    """Write what is said of stored projects as claims; return the keys of those that it changes.

    A new claim supersedes the standing ones of its basis; `None` withdraws the standing
    investment claims, so that the amount is unknown. What says nothing new writes nothing.
    """
    news = {each.project.pk: each for each in said if not each.is_known()}
    if not news:
        return set()
    standing: list[ProjectFigure] = []
    for chunk in chunks(news):
        # What is said in another currency stays as reported
        claims = ProjectFigure.objects.standing().filter(
            indicator=words.HEADLINE_INDICATOR, amount_cny__isnull=False
        )
        standing += claims.filter(project__in=chunk)
    with recorded() as unit:
        amounts = {key: each for key, each in news.items() if each.amount_cny is not None}
        rows = [{**build_investment(each), "project_id": key} for key, each in amounts.items()]
        newest = dict(zip(amounts, create_rows(ProjectFigure, rows), strict=True))
        ProjectFigure.objects.supersede(
            {
                claim.pk: newest[claim.project_id]
                for claim in standing
                if claim.project_id in newest
                and claim.investment_basis == news[claim.project_id].find_basis()
            }
        )
        withdrawn = [claim for claim in standing if claim.project_id not in newest]
        for claim in withdrawn:
            claim.is_withdrawn = True
        ProjectFigure.objects.bulk_update(withdrawn, ["is_withdrawn"], batch_size=200)
        unit.postpone(Project, news)
    return {*news}


def build_investment(said: SaidInvestment) -> dict[str, Any]:
    """Build the columns of the claim of an amount, but for the key of its project."""
    project, basis = said.project, said.find_basis()
    is_intended = basis == InvestmentBasis.INTENDED
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": words.HEADLINE_INDICATOR,
        "amount_cny": said.amount_cny,
        "qualifier": said.qualifier,
        "investment_basis": basis,
        "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
        "as_of": project.reported_on,
        "as_of_precision": project.reported_on_precision,
        "source_id": project.source_id,
    }
