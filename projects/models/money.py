"""What is said about a project in numbers, its investment first of all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.indexes import index_orders
from parks.models import Claim, Nature
from parks.models.claims import CLAIM_KEYS
from parks.models.ledger import build_history
from parks.recording.recording import recorded
from projects.lifecycle import words
from projects.lifecycle.words import InvestmentBasis
from projects.models.projects import Project
from projects.models.rows import OF_PROJECT, DerivesProject


class ProjectFigure(DerivesProject, Claim):
    """A claim about a project. Those of the investment say what the amount rests on."""

    about = ("project",)
    audience = OF_PROJECT
    history = build_history(unindexed=CLAIM_KEYS)

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="figures", verbose_name=_("project")
    )
    investment_basis = models.CharField(
        _("basis of the investment"), max_length=8, choices=InvestmentBasis, blank=True
    )

    class Meta(Claim.Meta):
        abstract = False
        verbose_name = _("project figure")
        verbose_name_plural = _("project figures")
        ordering = ["project_id", "indicator_id", "-as_of", "code"]
        indexes = [
            models.Index(fields=["project", "indicator"], name="project_figure_by_indicator"),
            *index_orders("project_figure", code="code", day="as_of", update="updated_at"),
        ]
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                name="project_figure_basis_of_investment",
                condition=Q(investment_basis="", amount_cny__isnull=True)
                | (Q(indicator=words.HEADLINE_INDICATOR) & ~Q(investment_basis=""))
                | (~Q(indicator=words.HEADLINE_INDICATOR) & Q(investment_basis="")),
                violation_error_message=_(
                    "An amount of investment says what it rests on; no other figure does."
                ),
            ),
            models.CheckConstraint(
                name="project_figure_investment_not_negative",
                condition=~Q(indicator=words.HEADLINE_INDICATOR)
                | Q(amount_cny__isnull=True)
                | Q(amount_cny__gte=0),
                violation_error_message=_("The investment cannot be negative."),
            ),
        ]


def record_investment(
    project: Project, amount_cny: int | None, *, qualifier: str = "exact", basis: str = ""
) -> None:
    """Write the amount that somebody typed in for a project as a claim.

    A new claim supersedes the standing ones of its basis; `None` withdraws the standing
    investment claims, so that the amount is unknown. What says nothing new writes nothing.
    """
    project.refresh_from_db(fields=words.DERIVED)
    basis = basis or project.investment_basis or InvestmentBasis.REPORTED
    said = (project.investment_cny, project.investment_qualifier, project.investment_basis)
    if said == (amount_cny, qualifier, basis) or said[0] is amount_cny is None:
        return
    standing = project.figures.standing().filter(
        indicator=words.HEADLINE_INDICATOR, amount_cny__isnull=False
    )  # what is said in another currency stays as reported
    with recorded():
        if amount_cny is None:
            for claim in standing:
                claim.is_withdrawn = True
                claim.save()
            return
        earlier = list(standing.filter(investment_basis=basis))
        newest = ProjectFigure.objects.create(
            project=project,
            indicator_id=words.HEADLINE_INDICATOR,
            amount_cny=amount_cny,
            qualifier=qualifier,
            investment_basis=basis,
            nature=Nature.INTENDED if basis == InvestmentBasis.INTENDED else Nature.PROJECTED,
            as_of=project.reported_on,
            as_of_precision=project.reported_on_precision,
            source=project.source,
        )
        newest.supersede(*earlier)
