"""`{row}/history`: the versions of one row, the newest first, below the URL of the row."""

from hashlib import blake2b
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.lists.pagination import PAGE
from config.api.readers import Readers
from config.api.views import LedgerReadViewSet
from parks.access import has_any_rights, sees_all_of
from parks.history.serializers import VersionSerializer
from parks.history.versions import History
from parks.history.visibility import steps
from parks.models import RetiredCode
from parks.models.records import Change


class HistoryViewMixin(LedgerReadViewSet):
    """A resource whose rows tell their history. A deleted row's can still be read."""

    readers: ClassVar[Readers] = {"history": (PAGE,)}

    def get_visibility(self, request: Request) -> str:
        visibility = super().get_visibility(request)
        if self.action != "history" or not has_any_rights(request.user):
            return visibility
        # The names of accounts change without a change of the ledger.
        accounts = get_user_model()._default_manager.order_by("pk").values_list("pk", "username")
        return f"{visibility} {blake2b(repr([*accounts]).encode(), digest_size=8).hexdigest()}"

    @extend_schema(
        summary="What was changed in it, when, by whom and why",
        responses=VersionSerializer(many=True),
    )
    @action(
        detail=True,
        ordering_fields=["version"],
        ordering_default="-version",
        filter_backends=[],
    )
    def history(self, request: Request, **url_parts: str) -> Response:
        """Its versions, the newest first, each with what it changed, as data and in words.

        Readers without a role in the ledger see the versions that were public, and as what
        somebody wrote them; others see the accounts, too. The history of a deleted row can still
        be read by those who could read the row.
        """
        row = self.find(self.get_queryset().prefetch_related(None))
        deletion: Any = self.find(self.deletions()) if row is None else None
        if row is None and deletion is not None:
            row = deletion.instance
        row = self.require(row)
        model: Any = type(row)
        is_inside = sees_all_of(request.user, row)
        seen = steps(model, row.pk, is_inside=is_inside)
        if deletion is not None and deletion.history_id not in seen:
            self.require(None)  # it was not public when it was deleted, or would not be now
        versions = model.history.model.objects.filter(id=row.pk).select_related("revision")
        if not is_inside:
            versions = versions.filter(history_id__in=[*seen])
        page = self.paginate_queryset(versions) or []
        told = History(model, page, seen, request.user, sees_work=is_inside).describe()
        return self.get_paginated_response(told)

    def deletions(self) -> Any:
        """Find the last versions of rows that are no more, to which the URL may lead."""
        model: Any = self.get_queryset().model
        gone = model.history.model.objects.filter(history_type=Change.Op.DELETE)
        if self.code_column != "code_key":
            return gone
        code = self.kwargs[self.lookup_field].lower()
        retired = RetiredCode.objects.filter(model=model._meta.label_lower, code_key=code)
        # Versions are not indexed by code: only where a code is retired it is worth while.
        return gone if retired.exists() else gone.none()
