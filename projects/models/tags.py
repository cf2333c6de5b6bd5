"""Tags of projects (省重点, 集中开工 ...), by the vocabulary that organisations share."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from parks.models.ledger import RecordedQuerySet, build_history
from parks.models.tags import Tag, Tagging, tag_once
from projects.models.projects import Project
from projects.models.rows import OF_PROJECT, DerivesProject


class ProjectTag(DerivesProject, Tagging):
    """That a project has a tag; it is seen with the project."""

    bears = Tag.Bearer.PROJECT
    audience = OF_PROJECT
    told_by = ("tag", "year")
    history = build_history(unindexed=["source", "tag"])

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="tags", verbose_name=_("project")
    )

    objects = RecordedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag of a project")
        verbose_name_plural = _("tags of projects")
        ordering = ["project_id", "tag_id", "-year", "id"]
        indexes = [models.Index(fields=["tag", "project"], name="project_by_tag")]
        constraints = [*Tagging.Meta.constraints, *tag_once("project")]
