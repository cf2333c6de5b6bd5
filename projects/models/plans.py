"""Plans of a year: what is to be invested in a project in that year (年度计划投资)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.amounts import MAX_CNY
from config.dates import EARLIEST_YEAR, LATEST_YEAR
from config.fields import refer_to, require_unique
from parks.models import Source
from parks.models.ledger import RecordedQuerySet, build_history
from projects.models.progress import OF_ROLES
from projects.models.projects import Project
from projects.models.rows import ProjectRow


class YearPlan(ProjectRow):
    """What is to be invested in a project in one year, for the roles of its park alone."""

    audience = OF_ROLES
    told_by = ("year",)
    history = build_history(unindexed=["source"])

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="plans", verbose_name=_("project")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(EARLIEST_YEAR), MaxValueValidator(LATEST_YEAR)]
    )
    planned_cny = models.BigIntegerField(
        _("planned investment (yuan)"),
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CNY)],
    )
    source = refer_to(Source, _("source"))
    note = models.TextField(_("note"), blank=True)

    objects = RecordedQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan of a year")
        verbose_name_plural = _("plans of years")
        ordering = ["project_id", "year"]
        indexes = [models.Index(fields=["year", "id"], name="plan_by_year")]
        constraints = [
            require_unique(
                "plan_once_a_year",
                ["project", "year"],
                _("The project has a plan of this year already; change that one."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}"
