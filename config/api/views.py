"""The base of every resource's views: strict, addressed by public code, created with a Location."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import mixins, status
from rest_framework.exceptions import NotFound
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.filters import StrictFilterBackend
from config.api.ordering import Ordering
from config.api.pagination import KeysetPagination
from config.api.renderers import JSONRenderer
from config.api.strict import StrictViewMixin


class LedgerReadViewSet(
    StrictViewMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet
):
    """List and detail of a resource whose rows have public codes."""

    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    # Codes are the same in either case: the column compared with, and the case it is kept in.
    code_column = "code_key"
    code_case: str = "lower"  # or "upper"

    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPagination
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["code"]
    ordering_default = "code"

    def get_renderers(self) -> list[BaseRenderer]:
        # What a resource says of itself (OPTIONS) is JSON, also where its answer is a file.
        return [JSONRenderer()] if self.action == "metadata" else super().get_renderers()

    def get_object(self) -> Model:
        """The row that the address names; NotFound if there is none that the client may see."""
        code = self.kwargs[self.lookup_field]
        kept = code.lower() if self.code_case == "lower" else code.upper()
        queryset = self.get_queryset()
        found = queryset.filter(**{self.code_column: kept}).first()
        if found is None:
            kind = queryset.model._meta.verbose_name
            raise NotFound(_("There is no %(kind)s “%(code)s”.") % {"kind": kind, "code": code})
        self.check_object_permissions(self.request, found)
        return found


class LedgerViewSet(
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    LedgerReadViewSet,
):
    """A resource that is also written: POST, PATCH and DELETE, each in one transaction."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    @transaction.atomic
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        code = getattr(serializer.instance, self.lookup_field)
        location = self.reverse_action("detail", kwargs={**self.kwargs, self.lookup_field: code})
        return Response(serializer.data, status.HTTP_201_CREATED, headers={"Location": location})

    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        part = kwargs.get("partial", False)
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=part)
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        # As GET answers: a serializer of a part would leave out the names of what is not known.
        return Response(self.get_serializer(self.get_object()).data)

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().destroy(request, *args, **kwargs)
