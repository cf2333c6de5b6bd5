"""The files of what is computed from projects: facets, cohorts, and what became of an event."""

from collections.abc import Iterator
from typing import Any

from config.api.as_of import AS_OF
from config.api.files.computed_files import ComputedFilesMixin
from config.api.files.list_files import FILE_OPTIONS, FILE_PARAMETERS
from config.api.lists.filter_fields import UNKNOWN
from config.api.lists.filters import FILTERS
from projects.models import Project
from projects.summaries.tables import COHORTS_TABLE, FACETS_TABLE, FOLLOW_THROUGH_TABLE
from projects.views import (
    COHORTS_BY,
    COHORTS_BY_PARAMETER,
    FACET_DIMENSIONS,
    FACETS_PARAMETER,
    EventViewSet,
    ProjectViewSet,
)


class FacetFilesViewSet(ComputedFilesMixin, ProjectViewSet):
    table = FACETS_TABLE
    rows_are = Project
    readers = {
        "csv": (AS_OF, FILTERS, FACET_DIMENSIONS, FILE_OPTIONS),
        "xlsx": (AS_OF, FILTERS, FACET_DIMENSIONS, FILE_OPTIONS),
    }
    described_parameters = [*FILE_PARAMETERS, FACETS_PARAMETER]

    def compute_rows(self: Any) -> Iterator[dict[str, Any]]:
        """Compute one row for each value of each dimension."""
        for name, items in self.facets(self.request).data["facets"].items():
            for item in items:
                yield {**item, "facet": name, "value": or_unknown(item["value"])}


class CohortFilesViewSet(ComputedFilesMixin, ProjectViewSet):
    table = COHORTS_TABLE
    rows_are = Project
    readers = {
        "csv": (AS_OF, FILTERS, COHORTS_BY, FILE_OPTIONS),
        "xlsx": (AS_OF, FILTERS, COHORTS_BY, FILE_OPTIONS),
    }
    described_parameters = [*FILE_PARAMETERS, COHORTS_BY_PARAMETER]

    def compute_rows(self: Any) -> Iterator[dict[str, Any]]:
        """Compute one row for each year, without the total, which would be taken for one."""
        for row in self.cohorts(self.request).data["rows"]:
            yield {**row, "signed_year": or_unknown(row["signed_year"])}


class FollowThroughFilesViewSet(ComputedFilesMixin, EventViewSet):
    table = FOLLOW_THROUGH_TABLE
    rows_are = Project
    readers = {"csv": (AS_OF, FILE_OPTIONS), "xlsx": (AS_OF, FILE_OPTIONS)}
    described_parameters = FILE_PARAMETERS

    def compute_rows(self: Any) -> Iterator[dict[str, Any]]:
        """Compute one row, of the event."""
        yield self.follow_through(self.request, self.kwargs["code"]).data

    def file_name(self) -> str:
        return f"{self.kwargs['code'].lower()}-follow-through"


def or_unknown(value: Any) -> Any:
    return UNKNOWN if value is None else value
