"""`projects/duplicates`: pairs that are probably one, for those who may merge them."""

from parks.merging.duplicate_views import DuplicatesViewSet
from projects.doubts.duplicates import find_project_pairs
from projects.filters import ProjectFilterSet
from projects.models import DistinctPair, Project


class ProjectDuplicatesViewSet(DuplicatesViewSet):
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    merge_address = "project-merge"
    find_pairs = staticmethod(find_project_pairs)
    distinct = DistinctPair
