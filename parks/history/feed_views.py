"""GET /changes: the feed of changes, without gaps or repetitions, with long polling."""

import time
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import LedgerView
from api.load import identify_client, place_to_wait, sleep_while_connected
from api.problems.nearest_rows import require_row
from api.readers import (
    FIELD_NAME,
    Query,
    Reader,
    Reading,
    array_like,
    describe_unknown_word,
    read_whole_parameter,
)
from api.serializers import MomentField
from config.database.time_limits import reading_seconds
from config.mistakes import Mistake
from parks.access import rights_of, select_readable
from parks.history.feed import Cursor, begin, build_rows, last_number, page, read_cursor, resources
from parks.models import Park
from parks.recording.records import Change
from parks.recording.seals import has_unsettled, settle_some

LONGEST_WAIT = 30  # seconds
LOOK_EVERY = 0.25  # seconds between two looks while somebody waits
MAX_LIMIT = 500
LATEST = "latest"

BEGIN_ANEW = {
    "other_ledger": _("This cursor belongs to another ledger; start again from the beginning."),
    "other_rights": _("What you may see has changed since; start again from the beginning."),
    "cursor_expired": _(
        "The changes after this cursor are no longer kept; start again from the beginning."
    ),
    "cursor_ahead": _(
        "This cursor is ahead of the ledger, which was restored; start again from the beginning."
    ),
}


class GoneError(APIException):
    """410: the cursor cannot be used any more."""

    status_code = status.HTTP_410_GONE

    def __init__(self, code: str) -> None:
        super().__init__(BEGIN_ANEW[code], code)
        self.errors = [Mistake(code, str(BEGIN_ANEW[code])).at(parameter="after")]


class ChangeSerializer(serializers.Serializer):
    """One change of one row."""

    number = serializers.IntegerField(help_text=_("Its place in the feed."))
    resource = serializers.CharField()
    code = serializers.CharField(help_text=_("The code of the row, or its number."))
    owner = serializers.CharField(
        allow_null=True, help_text=_("The code of the project or event that it belongs to.")
    )
    op = serializers.ChoiceField(["create", "update", "delete"])
    successor = serializers.CharField(
        allow_null=True, help_text=_("Of a row that was merged into another: the code of that one.")
    )
    version = serializers.IntegerField(allow_null=True)
    changed_fields = serializers.ListField(child=serializers.CharField())
    at = MomentField()
    by = serializers.CharField()
    reason = serializers.CharField()


class ChangesSerializer(serializers.Serializer):
    """Some changes, and from where to go on."""

    results = ChangeSerializer(many=True)
    after = serializers.CharField(help_text=_("Give it as `after` to continue."))
    has_more = serializers.BooleanField()


class FeedQuestion:
    """The parsed query of the feed, and its `errors`; raises `GoneError` for an outdated cursor."""

    def __init__(self, query: Mapping[str, str], user: Any) -> None:
        self.query = query
        self.rights = rights_of(user)
        self.errors: list[Mistake] = []
        self.limit, wrong_limit = read_whole_parameter(query, "limit", 100, 1, MAX_LIMIT)
        self.wait, wrong_wait = read_whole_parameter(query, "wait", 0, 0, LONGEST_WAIT)
        self.errors += wrong_limit + wrong_wait
        self.resources = self.words("resource", sorted(resources()))
        self.parks = self.park_keys(user)
        self.after = self.cursor()

    def answer(self) -> dict[str, Any]:
        """Build the response from settled changes; settle a batch only to fill a short page.

        So a client that lags receives changes immediately, and does not wait for writers.
        """
        found, has_more = self.read_page(self.limit)
        if len(found) < self.limit:
            are_left = settle_some()
            more, has_more = self.read_page(self.limit - len(found))
            found += more
        else:
            are_left = has_unsettled()
        rows = build_rows(found, self.rights)
        return {"results": rows, "after": str(self.after), "has_more": has_more or are_left}

    def read_page(self, limit: int) -> tuple[list[Change], bool]:
        """Read settled changes, move the cursor, and return whether more follow."""
        found, self.after, has_more = page(
            self.rights, self.after, limit, self.resources, self.parks
        )
        return found, has_more

    def answer_in_time(self, request: HttpRequest) -> dict[str, Any]:
        """Build the response when there is a change, the time is over or the client disconnects."""
        end = time.monotonic() + self.wait
        while True:
            with reading_seconds():  # for each look
                answer = self.answer()
            is_answered = answer["results"] or answer["has_more"]
            if is_answered or (left := end - time.monotonic()) <= 0:
                return answer
            if not connection.in_atomic_block:
                connection.close()  # others need it more while we sleep
            if not sleep_while_connected(request, min(LOOK_EVERY, left)):
                return answer

    def words(self, name: str, allowed: list[str]) -> list[str]:
        given = [word.strip() for word in self.query.get(name, "").split(",") if name in self.query]
        self.errors += [
            describe_unknown_word(name, word, allowed) for word in given if word not in allowed
        ]
        return given

    def park_keys(self, user: Any) -> list[int] | None:
        if "park" not in self.query:
            return None
        keys = []
        for word in self.query["park"].split(","):
            try:
                keys.append(require_row(word.strip(), select_readable(Park, user)).pk)
            except Mistake as mistake:
                self.errors.append(mistake.at(parameter="park"))
        return keys

    def cursor(self) -> Cursor:
        text = self.query.get("after")
        if text is None:
            return begin(self.rights)
        if text == LATEST:
            settle_some()  # so that earlier changes are numbered
            return begin(self.rights, last_number())
        cursor, fault = read_cursor(text, self.rights)
        if fault in BEGIN_ANEW:
            raise GoneError(fault)
        if fault:
            detail = gettext(
                "“%(value)s” is not a cursor of this feed. Leave “after” out to begin, then "
                "follow “next”."
            ) % {"value": text}
            self.errors.append(Mistake("invalid_cursor", detail).at(parameter="after"))
        return cursor


class FeedQuestionReader(Reader[FeedQuestion]):
    """Reads all parameters of the feed."""

    parameters = ("after", "resource", "park", "limit", "wait")
    lists = ("resource",)
    several = ("park",)

    def read(self, query: Query, view: Any) -> Reading[FeedQuestion]:
        question = FeedQuestion(query, view.request.user)
        return question, question.errors


FEED_QUESTION = FeedQuestionReader()


class ChangesView(LedgerView):
    """What was created, changed and deleted, in an order in which none is missed or repeated."""

    readers = {"get": (FEED_QUESTION,)}
    further_problems = {"get": (410,)}

    @extend_schema(
        operation_id="changes_list",
        summary=_("What changed since a cursor"),
        description=_(
            "Changes after a cursor. A row that the reader may no longer see is a deletion."
        ),
        parameters=[
            OpenApiParameter(
                "after",
                description=_(
                    "The cursor of the previous answer, or `latest` for now; without it, from "
                    "the beginning."
                ),
            ),
            OpenApiParameter(
                "resource", array_like(FIELD_NAME), description=_("Resources, separated by commas.")
            ),
            OpenApiParameter(
                "park", description=_("Codes or names of parks, separated by commas.")
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100},
                description=_("1 to 500, by default 100."),
            ),
            OpenApiParameter(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
                description=_("Seconds to wait for a change if there is none yet, up to 30."),
            ),
        ],
        responses=ChangesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Tell what changed since a cursor."""
        question = self.get_value(FEED_QUESTION)
        answer = question.answer()
        headers = {"Cache-Control": "no-store"}
        if not (answer["results"] or answer["has_more"]) and question.wait:
            client, _limit = identify_client(self.http_request, request.user, request.auth)
            with place_to_wait(client) as is_free:
                if is_free:
                    answer = question.answer_in_time(self.http_request)
                else:
                    headers["Retry-After"] = "1"
        return Response(answer, headers=headers)
