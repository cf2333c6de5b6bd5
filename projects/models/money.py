"""What is said about a project in numbers, its investment first of all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.indexes import index_orders
from parks.models import Claim
from parks.models.claims import CLAIM_KEYS
from parks.models.ledger import build_history
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
