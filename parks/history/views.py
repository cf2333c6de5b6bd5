"""`{row}/history`: the versions of a row as JSON, and restoring one."""

from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.caching import check_restored, make_entity_tag
from api.lists.pagination import PAGE
from api.readers import FlagReader, Readers
from api.serializers import MomentField
from api.views import LedgerViewSet
from parks.access import has_any_rights, sees_all_of
from parks.history.restoring import find_version, restore_version
from parks.history.versions import OPERATIONS, History, steps
from parks.models import RetiredCode
from parks.recording.recording import read_reason
from parks.recording.records import Change

ANYTHING = {
    "type": ["string", "number", "boolean", "array", "null"],
    "items": {"type": ["string", "null"]},
}


@extend_schema_field(ANYTHING)
class DataField(serializers.Field):
    """What a field held: the code of a row, whole yuan, a date as text ..."""


class FieldChangeSerializer(serializers.Serializer):
    """A field that a version changed."""

    field = serializers.CharField(help_text=_("The name of the field, as in the row itself."))
    label = serializers.CharField(help_text=_("What people call it; localised."))
    old = DataField(help_text=_("What it held before, for programs; null for unknown."))
    new = DataField(help_text=_("What it holds since."))
    old_text = serializers.CharField(
        allow_null=True, help_text=_("The same in words; localised, amounts as 1.5亿元.")
    )
    new_text = serializers.CharField(allow_null=True)
    derived = serializers.BooleanField(
        help_text=_("Worked out from other rows: nobody typed it in.")
    )


class RowChangeSerializer(serializers.Serializer):
    """What happened at the same time to a row that belongs to this one."""

    resource = serializers.CharField(help_text=_("As in the changes feed, such as `milestone`."))
    kind = serializers.CharField(help_text=_("The same in words; localised."))
    code = serializers.CharField(allow_null=True, help_text=_("Its code, if it has one."))
    id = serializers.IntegerField(allow_null=True, help_text=_("Its number, if it has no code."))
    name = serializers.CharField(help_text=_("Which one it is, in words; localised."))
    op = serializers.ChoiceField([*OPERATIONS])
    changes = FieldChangeSerializer(many=True)


class VersionSerializer(serializers.Serializer):
    """A version of a row: who wrote it, when and why, and what it changed."""

    version = serializers.IntegerField()
    at = MomentField(help_text=_("When it was written; `as_of` takes it."))
    op = serializers.ChoiceField([*OPERATIONS])
    by = serializers.CharField(
        help_text=_("The account, for those who have a role; for others its role in words.")
    )
    role = serializers.CharField(
        allow_null=True,
        help_text=_("`superuser`, `vocabulary_editor`, `editor`, `import`, `program` ..."),
    )
    token = serializers.CharField(
        allow_null=True, help_text=_("The name of the token, for those who have a role.")
    )
    request_id = serializers.CharField(allow_null=True, help_text=_("For those who have a role."))
    batch = serializers.CharField(allow_null=True, help_text=_("The import it belongs to."))
    reason = serializers.CharField(help_text=_("Why, if somebody said so."))
    changes = FieldChangeSerializer(many=True)
    rows = RowChangeSerializer(many=True)


class RestorationSerializer(serializers.Serializer):
    """What going back to a version changed, or with `dry_run` would change."""

    version = serializers.IntegerField(help_text=_("Which the row has then."))
    restored = serializers.IntegerField(help_text=_("Which it went back to."))
    changes = FieldChangeSerializer(many=True)
    rows = RowChangeSerializer(
        many=True, help_text=_("What happens to other rows: those below it, and what follows.")
    )


DRY_RUN = FlagReader("dry_run")
DRY_RUN_PARAMETER = OpenApiParameter(
    "dry_run",
    bool,
    description=_("Only say what would change, field by field, and write nothing."),
    default=False,
)


class HistoryViewSet(LedgerViewSet):
    """A resource whose rows tell their history, and go back in it. So do deleted rows."""

    readers: ClassVar[Readers] = {"history": (PAGE,), "restore": (DRY_RUN,)}

    def get_visibility(self, request: Request) -> str:
        visibility = super().get_visibility(request)
        if self.action != "history" or not has_any_rights(request.user):
            return visibility
        # The names of accounts change without a write to the ledger
        accounts = get_user_model()._default_manager.order_by("pk").values_list("pk", "username")
        return f"{visibility} {blake2b(repr([*accounts]).encode(), digest_size=8).hexdigest()}"

    @extend_schema(
        summary=_("What was changed in it, when, by whom and why"),
        description=_(
            "Its versions, the newest first, each with what it changed, as data and in words. "
            "Readers without a role in the ledger see the versions that were public, and as "
            "what somebody wrote them; others see the accounts, too. The history of a deleted "
            "row can still be read by those who could read the row."
        ),
        responses=VersionSerializer(many=True),
    )
    @action(
        detail=True, ordering_fields=["version"], ordering_default="-version", filter_backends=[]
    )
    def history(self, request: Request, **url_parts: str) -> Response:
        row = self.find(self.get_queryset().prefetch_related(None))
        row, seen = self.require_history(row)
        model: Any = type(row)
        is_inside = sees_all_of(request.user, row)
        versions = model.history.model.objects.filter(id=row.pk).select_related("revision")
        if not is_inside:
            versions = versions.filter(history_id__in=[*seen])
        page = self.paginate_queryset(versions) or []
        history = History(model, page, seen, request.user, sees_work=is_inside)
        return self.get_paginated_response(history.describe())

    def require_history(self, row: Any) -> tuple[Any, Any]:
        """Return the row, or else the last deleted one, and the versions the client may see.

        Raise `NotFound`, or what the permission raises, if there is none.
        """
        deletion: Any = self.find(self.deletions()) if row is None else None
        found = row if deletion is None else deletion.instance
        if found is None:
            raise self.build_not_found()
        seen = steps(type(found), found.pk, is_inside=sees_all_of(self.request.user, found))
        if deletion is not None and deletion.history_id not in seen:
            raise self.build_not_found()
        return self.require(found), seen

    @extend_schema(
        summary=_("Go back to a version"),
        description=_(
            "The row, with the rows below it that the version knew, says again what it said "
            "then. It is a new version, in one revision with its reason: nothing is taken out "
            "of the history. A deleted row comes back under its own code (201). What came "
            "later below it is deleted; claims are superseded or withdrawn instead, never "
            "written over. A row that is there needs `If-Match`, a deleted one "
            "`If-None-Match: *`; only `dry_run` goes without."
        ),
        request=None,
        parameters=[DRY_RUN_PARAMETER],
        responses={200: RestorationSerializer, 201: RestorationSerializer},
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="history/(?P<version>[0-9]{1,9})/restore",
        filter_backends=[],
        restores=True,
    )
    def restore(self, request: Request, version: str, **url_parts: str) -> Response:
        is_preview = self.get_value(DRY_RUN)
        with transaction.atomic():
            row: Any = self.find_locked()
            self.puts_new = row is None
            shown, seen = self.require_history(row)
            version_now = str(shown.version)
            if not is_preview or {"If-Match", "If-None-Match"} & {*request.headers}:
                check_restored(request, row, version_now)
            earlier = find_version(type(shown), shown.pk, int(version))
            if earlier.history_id not in seen:
                raise self.build_not_found()
            restored = restore_version(
                earlier,
                row,
                request.user,
                reason=read_reason(request),
                is_preview=is_preview,
                guard=self.guard_restored(shown),
            )
            self.check_written(restored.row)
        answer = Response(restored.describe())
        if row is not None or not is_preview:  # the tag of the row as it is now
            current = version_now if is_preview else str(restored.version)
            answer.headers["ETag"] = make_entity_tag(current)
        if row is None and not is_preview:
            answer.status_code = status.HTTP_201_CREATED
            answer.headers["Location"] = self.reverse_action("detail", kwargs=url_parts)
        return answer

    def guard_restored(self, row: Any) -> AbstractContextManager[Any]:
        """Return the context in which a row is restored; it raises what forbids that."""
        return nullcontext()

    def deletions(self) -> Any:
        """Find the deletions of rows with the code of the URL."""
        model: Any = self.get_queryset().model
        gone = model.history.model.objects.filter(history_type=Change.Op.DELETE)
        gone = gone.order_by("-history_id")  # it may have come back in between
        if self.code_column != "code_key":
            return gone
        code = self.kwargs[self.lookup_field].lower()
        retired = RetiredCode.objects.filter(model=model._meta.label_lower, code_key=code)
        # Versions are not indexed by code: search them only if the code is retired
        return gone if retired.exists() else gone.none()
