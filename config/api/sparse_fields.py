"""`fields=`: answers with only those fields of each row that the client asks for."""

from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.serializers import ListSerializer

from config.api.problems.errors import ParameterError
from config.api.strict import StrictViewMixin
from config.suggestions import nearest

SPARSE_ACTIONS = ("list", "retrieve")


class SparseFields:
    """Reads the parameter `fields`: names of fields at the top of a row, with commas."""

    query_parameters = ("fields",)

    def query_errors(self, request: Request, view: Any) -> list[ParameterError]:
        """What is wrong with `fields`: names that no row has, and names given twice."""
        if "fields" not in request.query_params:
            return []
        known = shown_fields(view)
        names = request.query_params["fields"].split(",")
        errors = []
        for place, name in enumerate(names):
            if name not in known:
                detail = _("There is no field “%(name)s”.") % {"name": name}
                suggestion = nearest(name, known)
                errors.append(ParameterError("fields", "unknown_value", detail, suggestion, known))
            elif name in names[:place]:
                detail = _("“%(key)s” is named twice.") % {"key": name}
                errors.append(ParameterError("fields", "repeated_value", detail))
        return errors


class SparseViewMixin(StrictViewMixin, GenericAPIView):
    """Lists and details that take `fields`."""

    def get_query_parameters(self) -> Collection[str]:
        understood = super().get_query_parameters()
        if getattr(self, "action", None) in SPARSE_ACTIONS:
            return {*understood, *SparseFields.query_parameters}
        return understood

    def _readers(self, understood: set[str]) -> Iterator[Any]:
        yield from super()._readers(understood)
        if understood.intersection(SparseFields.query_parameters):
            yield SparseFields()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer: Any = super().get_serializer(*args, **kwargs)
        if self.request is not None and (text := self.request.GET.get("fields")):
            is_list = isinstance(serializer, ListSerializer)
            row: Any = serializer.child if is_list else serializer
            for name in {*row.fields} - {*text.split(",")}:
                del row.fields[name]
        return serializer


def shown_fields(view: GenericAPIView) -> list[str]:
    """The fields that the rows of this view have in an answer."""
    row: Any = view.get_serializer_class()()
    return [name for name, field in row.fields.items() if not field.write_only]
