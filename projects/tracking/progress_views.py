"""GET /progress: what was noted of all projects of the reader's parks, as one list or file."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from config.api.views import LedgerReadViewSet
from parks.access import readable_rows
from parks.file_views import FilesMixin
from projects.children.columns import PROGRESS
from projects.children.serializers import ProgressNoteSerializer
from projects.models import ProgressNote
from projects.tracking.filters import ProgressFilterSet
from projects.tracking.roles import ROLE_PROBLEMS, ForRolesMixin


class ProgressListViewSet(ForRolesMixin, FilesMixin, LedgerReadViewSet):
    """The notes that stand, of the parks in which one has a role: the week of a park, say."""

    about = gettext_lazy("The notes that stand, of the parks in which you have a role.")
    table = PROGRESS
    further_problems = ROLE_PROBLEMS
    has_past = True
    queryset = ProgressNote.objects.all()
    serializer_class = ProgressNoteSerializer
    filterset_class = ProgressFilterSet
    ordering_fields = ["noted_on", "due_on", "code"]
    ordering_default = "-noted_on"

    def get_queryset(self) -> QuerySet:
        return readable_rows(self.request.user, ProgressNote).standing()  # type: ignore[attr-defined]
