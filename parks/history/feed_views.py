"""GET /changes: the feed of changes, without gaps or repetitions, with long polling."""

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from api.asking import API_ROOT, ask_api, find_view
from api.base import LedgerView
from api.load import identify_client, place_to_wait, sleep_while_connected
from api.problems.nearest_rows import require_row
from api.readers import (
    FIELD_NAME,
    Query,
    Reader,
    Reading,
    array_like,
    array_of,
    describe_unknown_word,
    read_whole_parameter,
)
from api.serializers import MomentField
from config.database.time_limits import reading_seconds
from config.mistakes import Mistake
from parks.access import rights_of, select_readable
from parks.history.feed import (
    Cursor,
    begin,
    build_rows,
    last_number,
    page,
    read_cursor,
    resource_of,
    resources,
)
from parks.models import Park
from parks.recording.records import Change
from parks.recording.seals import has_unsettled, settle_some

LONGEST_WAIT = 30  # seconds
LOOK_EVERY = 0.25  # seconds between two looks while somebody waits
MAX_LIMIT = 500
LATEST = "latest"
ROW = "row"
# Where the list of a resource has another name, or other rows with the same codes
_LISTED_AS = {"signing_event": "event"}
_LISTED_WITH = {"figure": {"subject_type_not": "project,event"}}
_CODES_AT_ONCE = 100

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
    row = serializers.DictField(
        required=False,
        allow_null=True,
        help_text=_(
            "With `expand=row`: the row as its list shows it now, or the row to which it belongs, "
            "with all that can be expanded; null if it is gone or has no code."
        ),
    )


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
        self.settle, wrong_settle = read_whole_parameter(query, "settle", 0, 0, LONGEST_WAIT)
        self.errors += wrong_limit + wrong_wait + wrong_settle
        self.has_rows = self.words("expand", [ROW]) == [ROW]
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
        """Build the response when there is a change, the time is over or the client disconnects.

        From the first change on, `settle` seconds gather those that follow.
        """
        end = time.monotonic() + self.wait
        gathered: list[dict[str, Any]] = []
        while True:
            with reading_seconds():  # for each look
                answer = self.answer()
            if answer["results"] and not gathered:
                end = min(end, time.monotonic() + self.settle)
            gathered += answer["results"]
            self.limit -= len(answer["results"])
            left = end - time.monotonic()
            if answer["has_more"] or not self.limit or left <= 0:
                break
            if not connection.in_atomic_block:
                connection.close()  # others need it more while we sleep
            if not sleep_while_connected(request, min(LOOK_EVERY, left)):
                break
        return {**answer, "results": gathered}

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
                "send the “after” of each answer."
            ) % {"value": text}
            self.errors.append(Mistake("invalid_cursor", detail).at(parameter="after"))
        return cursor


class FeedQuestionReader(Reader[FeedQuestion]):
    """Reads all parameters of the feed."""

    parameters = ("after", "resource", "park", "limit", "wait", "settle", "expand")
    lists = ("resource", "expand")
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
            OpenApiParameter(
                "settle",
                {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
                description=_(
                    "With `wait`: seconds for which further changes are gathered after the first."
                ),
            ),
            OpenApiParameter(
                "expand",
                array_of([ROW]),
                description=_("`row`: each change has its row as it is now."),
            ),
        ],
        responses=ChangesSerializer,
    )
    def get(self, request: Request) -> Response:
        question = self.get_value(FEED_QUESTION)
        headers = {"Cache-Control": "no-store"}
        client, _limit = identify_client(self.http_request, request.user, request.auth)
        with place_to_wait(client) if question.wait else nullcontext(False) as may_wait:
            answer = question.answer_in_time(self.http_request) if may_wait else question.answer()
        if question.wait and not may_wait and not (answer["results"] or answer["has_more"]):
            headers["Retry-After"] = "1"
        if question.has_rows:
            self.http_request.user = request.user  # who may have sent a token
            add_rows(self.http_request, answer["results"])
        return Response(answer, headers=headers)


def add_rows(request: HttpRequest, changes: Sequence[dict[str, Any]]) -> None:
    """Add to each change the row as its list shows it now, with all that can be expanded."""
    places = [find_listed(change) for change in changes]
    rows: dict[tuple[str, str], Any] = {}
    for resource in {resource for resource, _code in places}:
        name = _LISTED_AS.get(resource, resource).replace("_", "-")
        with suppress(NoReverseMatch):
            path = reverse(f"{name}-list").removeprefix(f"{API_ROOT}/")
            view: Any = find_view(path)
            if "code" not in view.get_query_parameters():
                continue
            asked = {"limit": str(_CODES_AT_ONCE), **_LISTED_WITH.get(resource, {})}
            if expandable := getattr(view, "expandable", ()):
                asked["expand"] = ",".join(expandable)
            codes = sorted({code for kind, code in places if kind == resource})
            for start in range(0, len(codes), _CODES_AT_ONCE):
                some = ",".join(codes[start : start + _CODES_AT_ONCE])
                found = ask_api(request, path, {**asked, "code": some})["results"]
                rows |= {(resource, row["code"]): row for row in found}
    for change, place in zip(changes, places, strict=True):
        change[ROW] = rows.get(place)


def find_listed(change: Mapping[str, Any]) -> tuple[str, str]:
    """Return the resource and code of a changed row, or of the row that has it in its list."""
    if not change["owner"]:
        return change["resource"], change["code"]
    model: Any = resources()[change["resource"]]
    owner = model._meta.get_field(model.audience.owner.partition("__")[0]).related_model
    return resource_of(owner), change["owner"]
