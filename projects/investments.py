"""Amounts of investment that somebody types in or sends: each is written as a claim."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parks.cell_lookup import create_rows
from parks.models import Nature
from parks.recording.change_rows import chunks
from parks.recording.recording import recorded
from projects.changing import update_rows
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
    # What is said in another currency stays as reported
    standing = [claim for claim in find_standing(news) if claim.amount_cny is not None]
    with recorded() as unit:
        new = [
            (key, build_investment(each))
            for key, each in news.items()
            if each.amount_cny is not None
        ]
        write_claims(new, standing, {*news} - {key for key, _claim in new})
        unit.postpone(Project, news)
    return {*news}


def find_standing(projects: Collection[int]) -> list[ProjectFigure]:
    """Find the claims of the whole investment of projects, by their keys, that stand."""
    standing: list[ProjectFigure] = []
    for chunk in chunks(projects):
        rows = ProjectFigure.objects.standing().of_the_whole()
        standing += rows.filter(project__in=chunk, indicator=words.HEADLINE_INDICATOR)
    return standing


def write_claims(
    new: Sequence[tuple[int, Mapping[str, Any]]],
    standing: Sequence[ProjectFigure],
    unknown: Collection[int],
) -> None:
    """Write new claims, by project; they supersede the `standing` ones of their basis.

    Of projects whose amount is `unknown` from now on, those in yuan are withdrawn.
    """
    keys = create_rows(ProjectFigure, [{**claim, "project_id": project} for project, claim in new])
    latest = {
        (project, claim["investment_basis"]): key
        for (project, claim), key in zip(new, keys, strict=True)
    }
    ProjectFigure.objects.supersede(
        {
            figure.pk: latest[said]
            for figure in standing
            if (said := (figure.project_id, figure.investment_basis)) in latest
        }
    )
    ends = [f.pk for f in standing if f.amount_cny is not None and f.project_id in unknown]
    update_rows(ProjectFigure, dict.fromkeys(ends, {"is_withdrawn": True}))


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
