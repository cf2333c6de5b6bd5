"""Who does what for a project: 包保领导, 责任人, 招商人员, 服务专员; never public."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import require_unique
from parks.models.ledger import RecordedQuerySet, build_history
from projects.models.progress import OF_ROLES
from projects.models.projects import Project
from projects.models.rows import ProjectRow


class Assignment(ProjectRow):
    """A person who answers for a project, in words, for the roles of its park alone.

    How to reach them is not kept.
    """

    class Role(models.TextChoices):
        SPONSOR = "sponsor", _("leader in charge")
        RESPONSIBLE = "responsible", _("person responsible")
        PROMOTER = "promoter", _("promoter")
        SERVICE = "service", _("service officer")

    audience = OF_ROLES
    told_by = ("role",)
    history = build_history()

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="assignments", verbose_name=_("project")
    )
    role = models.CharField(_("role"), max_length=11, choices=Role)
    name = models.CharField(_("name"), max_length=100)
    office = models.CharField(_("unit or post"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = RecordedQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in charge")
        verbose_name_plural = _("people in charge")
        ordering = ["project_id", "id"]
        indexes = [models.Index(fields=["name", "project"], name="assignment_by_name")]
        constraints = [
            require_unique(
                "assignment_once",
                ["project", "role", "name"],
                _("This person already has this role."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_role_display()})"
