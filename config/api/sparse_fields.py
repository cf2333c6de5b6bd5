"""`fields=` and `expand=`: which fields the rows of an answer have, less or more than usual."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.generics import GenericAPIView

from config.api.readers import Query, Reader, Reading, read_distinct_names
from config.api.serializers import list_shared_fields
from config.mistakes import Mistake


class ExpandReader(Reader[list[str]]):
    """Reads `expand`: names of the rows below a row that the answer has, too.

    Only what the view has among its `expandable` can be named; where there is nothing, the
    parameter is not understood.
    """

    lists = ("expand",)

    def names(self, view: Any) -> Collection[str]:
        return self.lists if view.expandable else ()

    def read(self, query: Query, view: Any) -> Reading[list[str]]:
        if "expand" not in query:
            return [], []
        message = _("There are no “%(name)s” to be expanded.")
        return read_distinct_names("expand", query["expand"], view.expandable, message)


class FieldsReader(Reader[list[str] | None]):
    """Reads `fields`: names of top-level fields, separated by commas; None for all of them.

    What EXPAND has read, if it is declared before, is added to them. Where rows are `whole`, they
    have all that can be expanded unless the client says what.
    """

    parameters = ("fields",)
    lists = ("fields",)

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole

    def read(self, query: Query, view: Any) -> Reading[list[str] | None]:
        serializer: Any = view.get_serializer_class()
        known = get_shown_fields(view)
        errors: list[Mistake] = []
        if "fields" in query:
            message = _("There is no field “%(name)s”.")
            names, errors = read_distinct_names("fields", query["fields"], known, message)
        elif serializer.on_request and ("expand" in query or not self.whole):
            names = [name for name in known if name not in serializer.on_request]
        else:
            return None, []
        return [*names, *view.values.get(EXPAND, ())], errors


EXPAND = ExpandReader()
FIELDS = FieldsReader()
WHOLE_FIELDS = FieldsReader(whole=True)


def get_shown_fields(view: GenericAPIView) -> Sequence[str]:
    """Name the fields that the rows of this view can have in an answer."""
    serializer: Any = view.get_serializer_class()
    return [str(field.field_name) for field in list_shared_fields(serializer)]
