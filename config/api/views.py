"""The base of every resource's views: strict, addressed by public code, written in one revision."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any, ClassVar

from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import mixins, status
from rest_framework.exceptions import APIException, ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from config import history
from config.api.as_of import AS_OF, AsOfViewMixin
from config.api.caching.revalidation import (
    RevalidatedViewMixin,
    check_if_match,
    check_put,
    make_entity_tag,
)
from config.api.lists.filters import FILTERS, StrictFilterBackend
from config.api.lists.ordering import ORDERING, Ordering
from config.api.lists.pagination import PAGE, KeysetPagination
from config.api.lists.planned_rows import PlannedRows, derive_plan, has_column
from config.api.problems.nearest_rows import find_no_row
from config.api.readers import Readers
from config.api.renderers import dump_json
from config.api.sparse_fields import EXPAND, FIELDS
from config.clients import Client


class LedgerReadViewSet(
    AsOfViewMixin,
    RevalidatedViewMixin,
    GenericViewSet,
):
    """List and detail of a resource whose rows have public codes."""

    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    # Codes are the same in either case: the column compared with, and the case it is kept in.
    code_column = "code_key"
    code_case: str = "lower"  # or "upper"

    readers: ClassVar[Readers] = {
        "list": (AS_OF, FILTERS, ORDERING, PAGE, EXPAND, FIELDS),
        "retrieve": (AS_OF, EXPAND, FIELDS),
    }
    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPagination
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["code"]
    ordering_default = "code"
    # The fields below a row that `expand` may name; lists have them on request
    expandable: ClassVar[Sequence[str]] = ()
    actions_by_key = ("retrieve", "update", "partial_update", "destroy")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        planned = self.plan_rows(self.values.get(FIELDS))
        page: Any = self.paginator
        return self.get_paginated_response(planned.build(page.find_page(rows, planned, self)))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.read_row(self.values.get(FIELDS)))

    def plan_rows(self, names: Collection[str] | None = None) -> Any:
        """Plan how rows are read as this client is shown them: all fields, or those named."""
        plan = derive_plan(self.get_serializer_class(), names)
        return PlannedRows(plan, self.get_client(), self.get_serializer_context())

    def get_client(self) -> Client:
        return Client(self.get_visibility(self.request), self.request.user)

    def read_row(self, names: Collection[str] | None = None) -> dict[str, Any]:
        """Read the row that the URL names, as it is shown: all fields, or those named.

        NotFound if there is none that the client may see.
        """
        has_version = has_column(self.get_queryset().model, "version")
        planned = self.plan_rows(names if has_version else None)
        found = planned.find(self.narrow(self.get_queryset()), 1)
        if not found:
            raise self.build_not_found()
        (row,) = planned.build(found)
        self.shown_version = str(planned.read_version(found[0])) if has_version else digest_row(row)
        return row if names is None else {name: row[name] for name in row if name in names}

    def get_object(self) -> Model:
        """Read the row that the URL names; NotFound if there is none that the client may see."""
        return self.require(self.find(self.get_queryset()))

    def find(self, rows: QuerySet) -> Model | None:
        """Find the one of these rows that the URL names; None if there is none."""
        return self.narrow(rows).first()

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Select those of the rows that the URL names: one, or none."""
        return rows.filter(**{self.code_column: self.read_code()})

    def read_code(self) -> str:
        """Read the code that the URL names, in the case in which it is kept."""
        code: str = self.kwargs[self.lookup_field]
        return code.lower() if self.code_case == "lower" else code.upper()

    def require(self, row: Model | None) -> Model:
        """Give back the row, if there is one and the client may do with it what it asks for.

        Else NotFound, or what the permission raises.
        """
        if row is None:
            raise self.build_not_found()
        self.check_object_permissions(self.request, row)
        return row

    def build_not_found(self) -> NotFound:
        """Build what says that there is no such row, or none that the client may see."""
        code = self.kwargs[self.lookup_field]
        return find_no_row(self.lookup_field, code, self.get_queryset())

    def version_of(self, row: Any) -> str:
        """Give what If-Match compares of the row that the URL names."""
        return str(row.version) if hasattr(row, "version") else digest_row(self.read_row())


def digest_row(shown: Mapping[str, Any]) -> str:
    """Digest (16 hex digits) all that a row shows: it is the version of one that has none."""
    return blake2b(dump_json(shown), digest_size=8).hexdigest()


class LedgerViewSet(
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    LedgerReadViewSet,
):
    """A resource that is also written: POST, PATCH and DELETE, each in one revision.

    What is changed or deleted is so under a lock and at the version that the client names.
    """

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    instead_of_methods = {
        "POST": gettext_lazy("POST to the list creates a row; PATCH at its URL changes it."),
        "PUT": gettext_lazy("PATCH at the URL of one row changes it."),
        "PATCH": gettext_lazy("PATCH at the URL of one row changes it."),
        "DELETE": gettext_lazy("DELETE at the URL of one row deletes it."),
    }
    answers_repeated: ClassVar[bool] = False  # a creation that says what is stored, by a 200

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            self.lock_owner()
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            repeated = self.find_repeated(serializer)
            if repeated is None:
                self.write(serializer)
        return self.build_answer(repeated or serializer.instance, is_new=repeated is None)

    def find_repeated(self, serializer: BaseSerializer[Any]) -> Model | None:
        """Find the stored row that a valid body says once more; None where it says a new one."""
        return None

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            row = self.get_locked()
            check_if_match(request, row, self.version_of(row))
            serializer = self.get_serializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            self.write(serializer)
        return self.build_answer(serializer.instance)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            row = self.get_locked()
            check_if_match(request, row, self.version_of(row))
            self.perform_destroy(row)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def write(self, serializer: BaseSerializer[Any]) -> None:
        """Store what a valid body says."""
        if serializer.instance is None:
            self.perform_create(serializer)
        else:
            self.perform_update(serializer)

    def get_serializer_context(self) -> dict[str, Any]:
        """Add the check that refuses a row which this client may not write."""
        return {**super().get_serializer_context(), "check_drafted": self.check_written}

    def check_written(self, row: Any) -> None:
        """Refuse what this client may not write, such as a row that moves to another owner."""
        self.check_object_permissions(self.request, row)

    def lock_owner(self) -> None:
        """Let nobody else write, until we have, what the rows of this resource belong to."""

    def find_locked(self) -> Model | None:
        """Lock the row that the URL names until we have written; None if there is none."""
        self.lock_owner()
        # The rows that it refers to stay free: only its own table is locked. What is shown beside
        # it is read with the answer.
        return self.find(self.get_queryset().select_for_update(of=("self",), no_key=True))

    def get_locked(self) -> Model:
        return self.require(self.find_locked())

    def build_answer(self, row: Any, *, is_new: bool = False) -> Response:
        """Build the answer to a write by reading again, as GET does for this client."""
        self.kwargs[self.lookup_field] = str(getattr(row, self.lookup_field))
        answer = Response(self.read_row())
        answer.headers["ETag"] = make_entity_tag(self.shown_version)
        if is_new:
            answer.status_code = status.HTTP_201_CREATED
            answer.headers["Location"] = self.reverse_action("detail", kwargs=self.kwargs)
        return answer


class PutViewSet(LedgerViewSet):
    """A resource whose rows are also put at their URLs: created there, or replaced."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]
    puts_new = False  # whether this PUT creates a row: who may POST it may put it, too

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if kwargs.get("partial"):
            return super().update(request, *args, **kwargs)
        try:
            row, is_new = self.create_or_replace(request)
        except (IntegrityError, APIException):
            # It was not there when we looked: somebody may have created it since.
            if self.puts_new and (there := self.find(self.get_queryset())) is not None:
                check_put(request, there, self.version_of(there))
            raise
        return self.build_answer(row, is_new=is_new)

    def create_or_replace(self, request: Request) -> tuple[Any, bool]:
        """Create or replace what the URL names; returns the row, and whether it is new."""
        with history.recorded():
            row = self.find_locked()
            self.puts_new = row is None
            if row is not None:
                self.check_object_permissions(request, row)
            check_put(request, row, "" if row is None else self.version_of(row))
            context = {**self.get_serializer_context(), "is_replacement": row is not None}
            serializer = self.get_serializer_class()(row, data=self.put_body(row), context=context)
            serializer.is_valid(raise_exception=True)
            self.write(serializer)
        return serializer.instance, row is None

    def put_body(self, row: Any) -> Any:
        """Give the body of a PUT with the code of its URL; ValidationError for another."""
        body, code = self.request.data, self.kwargs[self.lookup_field]
        if not isinstance(body, Mapping):
            return body
        given = body.get("code", code)
        if not isinstance(given, str) or given.lower() != code.lower():
            message = _("The code is given by the URL: “%(code)s”.") % {"code": code}
            raise ValidationError({"code": [ErrorDetail(message, "immutable")]})
        return {**body, "code": given if row is None else row.code}
