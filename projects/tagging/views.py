"""The tags of a project and of an organisation: read and written below its URL."""

from django.utils.translation import gettext_lazy

from parks.models import Organisation, OrganisationTag
from parks.tagging import ORGANISATION_TAGS, OrganisationTagSerializer
from projects.children.columns import PROJECT_TAGS
from projects.children.serializers import ProjectTagSerializer
from projects.children.views import OwnedViewSet
from projects.models import ProjectTag


class OrganisationTagViewSet(OwnedViewSet):
    """The tags of an organisation: of which year or term, and who says so."""

    about = gettext_lazy("Tags are those of `/tags`; what its parent has stands there.")
    owner = "organisation"
    owners = Organisation
    table = ORGANISATION_TAGS
    queryset = OrganisationTag.objects.all()
    serializer_class = OrganisationTagSerializer
    ordering_fields = ["id", "year"]


class ProjectTagViewSet(OwnedViewSet):
    """The tags of a project: of which year or batch, and who says so."""

    about = gettext_lazy("Tags are those of `/tags`.")
    table = PROJECT_TAGS
    queryset = ProjectTag.objects.all()
    serializer_class = ProjectTagSerializer
    ordering_fields = ["id", "year"]
