"""`fields=`: answers with only those fields of each row that the client asks for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.generics import GenericAPIView

from config.api.readers import Query, Reader, Reading, read_distinct_names
from config.api.serializers import list_shared_fields


class FieldsReader(Reader[list[str] | None]):
    """Reads `fields`: names of top-level fields, separated by commas; None for all of them."""

    parameters = ("fields",)
    lists = ("fields",)

    def read(self, query: Query, view: Any) -> Reading[list[str] | None]:
        if "fields" not in query:
            return None, []
        known = get_shown_fields(view)
        message = _("There is no field “%(name)s”.")
        return read_distinct_names("fields", query["fields"], known, message)


FIELDS = FieldsReader()


def get_shown_fields(view: GenericAPIView) -> list[str]:
    """Name the fields that the rows of this view have in an answer."""
    serializer: Any = view.get_serializer_class()
    return [str(field.field_name) for field in list_shared_fields(serializer)]
