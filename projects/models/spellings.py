"""How the names of projects are spelled in pinyin."""

from django.db import models

from parks.models.spellings import Spelling
from projects.models.projects import Project


class ProjectSpelling(Spelling):
    """How the Chinese name of a project is spelled."""

    names = ("name_zh",)
    row = models.ForeignKey(Project, models.CASCADE, related_name="spellings", db_constraint=False)

    class Meta:
        indexes = [
            models.Index(fields=["whole", "row"], name="project_spelled_whole"),
            models.Index(fields=["initials", "row"], name="project_spelled_initials"),
        ]
