"""`fields=`: answers with only those fields of each row that the client asks for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.generics import GenericAPIView
from rest_framework.serializers import ListSerializer

from config.api.readers import Query, Reader, Reading, read_distinct_names
from config.api.strict import StrictViewMixin


class FieldsReader(Reader[list[str] | None]):
    """Reads `fields`: names of top-level fields, separated by commas; None for all of them."""

    parameters = ("fields",)

    def read(self, query: Query, view: Any) -> Reading[list[str] | None]:
        if "fields" not in query:
            return None, []
        known = get_shown_fields(view)
        message = _("There is no field “%(name)s”.")
        return read_distinct_names("fields", query["fields"], known, message)


FIELDS = FieldsReader()


class SparseViewMixin(StrictViewMixin, GenericAPIView):
    """Shows only the fields that FIELDS has read, where the action takes it."""

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer: Any = super().get_serializer(*args, **kwargs)
        names = self.values.get(FIELDS)
        if names is not None:
            is_list = isinstance(serializer, ListSerializer)
            row: Any = serializer.child if is_list else serializer
            for name in {*row.fields} - {*names}:
                del row.fields[name]
        return serializer


def get_shown_fields(view: GenericAPIView) -> list[str]:
    """Name the fields that the rows of this view have in an answer."""
    row: Any = view.get_serializer_class()()
    return [name for name, field in row.fields.items() if not field.write_only]
