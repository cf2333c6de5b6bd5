"""`{row}/merge` and `{row}/merge/undo`, and the redirect from the code of a merged row."""

from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.caching import check_if_match
from api.problems.nearest_rows import find_no_row
from api.readers import Readers
from api.strict import StrictSerializerMixin
from parks.access import require_writes
from parks.history import views
from parks.merging.merging import find_merge, lock_both, merge, require_merge, undo_merge
from parks.recording.recording import read_reason
from parks.recording.records import RetiredCode

MOST_STEPS = 20  # of codes that lead to codes that lead on


class MergedAwayError(APIException):
    """308: the row was merged into another."""

    status_code = status.HTTP_308_PERMANENT_REDIRECT

    def __init__(self, code: str, location: str) -> None:
        super().__init__(_("It was merged into “%(code)s”.") % {"code": code})
        # The merge may be undone
        self.headers = {"Location": location, "Cache-Control": "no-cache"}


def find_successor(model: Any, code: str) -> str:
    """Find the code at the end of the chain of successors; blank if there is none."""
    found = ""
    for _step in range(MOST_STEPS):
        rows = RetiredCode.objects.filter(model=model._meta.label_lower)
        row = rows.filter(code_key=(found or code).lower()).exclude(successor="").first()
        if row is None:
            break
        found = row.successor
    return found


def build_moved(request: HttpRequest | Request, rows: Any, name: str, code: str) -> APIException:
    """Build the redirect to the successor of a code, or `NotFound` if the client may not see it.

    `rows` are those the client may see; `name` is the part of the URL that holds the code.
    """
    successor = find_successor(rows.model, code)
    if not successor or not rows.filter(code_key=successor.lower()).exists():
        return find_no_row(name, code, rows)
    parts = request.get_full_path().split("/")
    place = next(n for n, part in enumerate(parts) if part.partition("?")[0] == code)
    parts[place] = parts[place].replace(code, successor, 1)
    return MergedAwayError(successor, request.build_absolute_uri("/".join(parts)))


class MergeSerializer(StrictSerializerMixin, serializers.Serializer):
    """Into which row another is merged."""

    into = serializers.CharField(max_length=64, help_text=gettext_lazy("Its code."))


class MergerSerializer(serializers.Serializer):
    """What merging a row into another changed, or with `dry_run` would change."""

    into = serializers.CharField(help_text=gettext_lazy("The code of the row that stays."))
    retired = serializers.CharField(help_text=gettext_lazy("The code that leads to it now."))
    changes = views.FieldChangeSerializer(
        many=True, help_text=gettext_lazy("What the row that stays says by now.")
    )
    rows = views.RowChangeSerializer(
        many=True, help_text=gettext_lazy("What follows it, and what ends with the other one.")
    )


class MergeViewSet(views.HistoryViewSet):
    """A resource whose rows can be merged, and whose retired codes lead to their successors."""

    readers: ClassVar[Readers] = {"merge": (views.DRY_RUN,), "undo_merge": ()}

    def build_not_found(self) -> NotFound:
        moved: Any = build_moved(
            self.request, self.get_queryset(), self.lookup_field, self.kwargs[self.lookup_field]
        )
        return moved

    @extend_schema(
        summary=gettext_lazy("Merge it into another: the two are one"),
        description=gettext_lazy(
            "References follow, in one revision; what both say alike is kept once. "
            "What only this one says is taken over. Its code answers 308 to the other from then "
            "on, `as_of` an earlier moment shows it as it was, and the feed tells a delete with "
            "`successor`. It needs `If-Match`; only `dry_run` goes without. Refused with 409 "
            "where the two cannot be one, such as with credit codes that differ."
        ),
        parameters=[views.DRY_RUN_PARAMETER],
        request=MergeSerializer,
        responses=MergerSerializer,
    )
    @action(detail=True, methods=["post"], filter_backends=[], restores=True)
    def merge(self, request: Request, **url_parts: str) -> Response:
        is_preview = self.get_value(views.DRY_RUN)
        with transaction.atomic():
            row: Any = self.find(self.get_queryset())
            if row is None:
                raise self.build_not_found()
            require_writes(request.user, (row, None))
            row, into = self.lock_both(row, self.find_successor(request))
            require_merge(request.user, row, into)
            if not is_preview or "If-Match" in request.headers:
                check_if_match(request, row, self.version_of(row))
            reason = read_reason(request)
            merger = merge(row, into, request.user, reason=reason, is_preview=is_preview)
        return Response(merger)

    def lock_both(self, row: Any, into: Any) -> tuple[Any, Any]:
        """Lock both rows; raise `MergedAwayError` if `row` has just been merged into another."""
        try:
            return lock_both(row, into)
        except NotFound:
            if self.find(self.get_queryset()) is None:
                raise self.build_not_found() from None
            raise

    def find_successor(self, request: Request) -> Any:
        """Find the remaining row by the code in the body; raise `ValidationError` if none is."""
        body = MergeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        code = body.validated_data["into"]
        into = self.get_queryset().filter(code_key=code.lower()).first()
        if into is None:
            detail = _("There is no “%(code)s”.") % {"code": code}
            raise serializers.ValidationError(
                {"into": [serializers.ErrorDetail(detail, "unknown_value")]}
            )
        return into

    @extend_schema(
        summary=gettext_lazy("Take a merge back"),
        description=gettext_lazy(
            "At the code that the merge retired. Both rows stand again as they stood, in one "
            "revision. 409 where one of the rows that the merge changed was changed since."
        ),
        request=None,
    )
    @action(detail=True, methods=["post"], url_path="merge/undo", filter_backends=[])
    def undo_merge(self, request: Request, **url_parts: str) -> Response:
        model: Any = self.get_queryset().model
        merged = find_merge(model, self.kwargs[self.lookup_field], request.user)
        row = undo_merge(merged, request.user, reason=read_reason(request))
        return self.build_answer(row)
