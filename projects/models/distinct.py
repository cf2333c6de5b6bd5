"""Pairs of projects that somebody has said are two."""

from django.db import models

from parks.models.distinct import Distinct
from projects.models.projects import Project


class DistinctPair(Distinct):
    """Two projects that have a name, an amount or an investor in common."""

    one = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)
