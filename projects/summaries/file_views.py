"""The files of what is computed from projects: facets, cohorts, and what became of an event."""

from collections.abc import Iterator
from typing import Any

from config.api.files.computed_files import UNKNOWN, ComputedFilesMixin
from config.api.files.list_files import FILE_PARAMETERS
from projects.models import Project
from projects.summaries.columns import COHORTS_TABLE, FACETS_TABLE, FOLLOW_THROUGH_TABLE
from projects.views import COHORTS_BY, FACETS, EventViewSet, ProjectViewSet


class FacetFilesViewSet(ComputedFilesMixin, ProjectViewSet):
    table = FACETS_TABLE
    rows_are = Project
    own_parameters = ["facets"]
    described_parameters = [*FILE_PARAMETERS, FACETS]

    def computed_rows(self: Any) -> Iterator[dict[str, Any]]:
        """One row for each value of each dimension."""
        for name, items in self.facets(self.request).data["facets"].items():
            for item in items:
                yield {**item, "facet": name, "value": or_unknown(item["value"])}


class CohortFilesViewSet(ComputedFilesMixin, ProjectViewSet):
    table = COHORTS_TABLE
    rows_are = Project
    own_parameters = ["group_by"]
    described_parameters = [*FILE_PARAMETERS, COHORTS_BY]

    def computed_rows(self: Any) -> Iterator[dict[str, Any]]:
        """One row for each year; the total is left out, it would be taken for one of them."""
        for row in self.cohorts(self.request).data["rows"]:
            yield {**row, "signed_year": or_unknown(row["signed_year"])}


class FollowThroughFilesViewSet(ComputedFilesMixin, EventViewSet):
    table = FOLLOW_THROUGH_TABLE
    rows_are = Project
    is_filtered = False
    described_parameters = FILE_PARAMETERS

    def computed_rows(self: Any) -> Iterator[dict[str, Any]]:
        """One row, of the event."""
        yield self.follow_through(self.request, self.kwargs["code"]).data

    def file_name(self) -> str:
        return f"{self.kwargs['code'].lower()}-follow-through"


def or_unknown(value: Any) -> Any:
    return UNKNOWN if value is None else value
