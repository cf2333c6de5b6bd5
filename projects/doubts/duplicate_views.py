"""`projects/duplicates`: pairs that are probably one, for those who may merge them."""

from typing import Any

from django.db.models import QuerySet

from parks.merging.duplicate_views import DuplicatesViewSet
from projects.doubts.pairs import find_project_pairs
from projects.filters import ProjectFilterSet
from projects.models import Project


class ProjectDuplicatesViewSet(DuplicatesViewSet):
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    merge_address = "project-merge"

    def find_pairs(self, rows: QuerySet) -> Any:
        return find_project_pairs(rows)
