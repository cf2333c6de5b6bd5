"""The base of all views of the API: rate limits, parameters, and kept responses."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import caching
from api.load import count_request
from api.problems.errors import QueryError
from api.readers import (
    Reader,
    Readers,
    Value,
    describe_methods,
    find_form_errors,
    find_header_errors,
    join_repeated,
)
from api.renderers import BytesRenderer, FileRenderer, JSONRenderer
from api.strict import WHOLE, Deprecation, JSONParser, MergePatchParser, check_framing
from config.database import history
from config.database.replicas import leave_out, reading_elsewhere
from config.database.time_limits import choose_planning, file_seconds
from config.mistakes import Text

PATCHES = f"{JSONParser.media_type}, {MergePatchParser.media_type}"  # Accept-Patch of RFC 5789


class LedgerView(APIView):
    """Answers 400 to unknown query parameters, and reports all mistakes at once, as a QueryError.

    `readers` has, by action (`get` in views without actions), the readers of its parameters in
    order. Like a method, an action's readers are those of the nearest class that declares them.
    Several values are separated by commas; only a reader's `lists` may be repeated instead.

    If `is_kept`, responses to GET and HEAD are kept and have an ETag: a digest of the state of the
    ledger, the URL, the language, what the client may see, the day and the program. It is computed
    before anything is read, so a concurrent edit makes the tag too old, never the response. The tag
    of a single row begins with its version, for `If-Match`.
    """

    counts_requests = True  # itself, once it knows the client
    is_kept: ClassVar[bool] = False
    has_past = False  # whether it understands `as_of`
    parser_classes = [JSONParser]
    readers: ClassVar[Readers] = {}
    values: Mapping[Reader[Any], Any] = {}  # that the readers have read
    # For OpenAPI, of the actions that understand them
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = ()
    instead_of_methods: ClassVar[Mapping[str, Text]] = {}  # what to do, by refused method
    further_problems: ClassVar[Mapping[str, Collection[int]]] = {}  # statuses, by action
    restores: ClassVar[bool] = False  # whether a POST restores a version: it needs If-Match
    bodies_left_out: ClassVar[Collection[str]] = ()  # actions whose body is optional
    actions_by_key: ClassVar[Collection[str]] = ()  # that find rows by codes and keys only
    # By action, with WHOLE for all of them, and by parameter
    deprecations: Mapping[str, Deprecation] = {}
    deprecated_parameters: Mapping[str, Deprecation] = {}

    digest = ""  # of a kept response
    is_repeated = False  # whether the response was kept before
    shown_version = ""  # of the row that a detail shows
    read_from: str | None = None  # the standby that is read
    stays_home = False  # whether only the primary is read

    # --- The steps of a request ------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.http_request = request
        with ExitStack() as self.held:
            response = super().dispatch(request, *args, **kwargs)
        if self.read_from and response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            leave_out(self.read_from, "an answer failed there")
            self.read_from, self.stays_home = None, True
            response = self.dispatch(request, *args, **kwargs)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        action = getattr(self, "action", None)
        choose_planning(finds_by_keys=action in self.actions_by_key)
        super().initial(request, *args, **kwargs)
        # A method that is not allowed is a 405, whatever its parameters
        method = str(request.method).lower()
        if method not in self.http_method_names or not hasattr(self, method):
            return
        check_framing(request)
        if refused := list(find_header_errors(request, is_edit=self.restores)):
            raise QueryError(refused)
        join_repeated(self.http_request, self.get_list_parameters)
        if self.is_kept and method in ("get", "head"):
            self.answer_again(request)
        self.read_parameters(request)
        if self.takes_or_gives_file(request):
            self.held.enter_context(file_seconds())

    def perform_authentication(self, request: Request) -> None:
        """Count the request for its account or token; with bad credentials, for its address."""
        try:
            person, credential = request.user, request.auth
        except Exception:
            count_request(self.http_request, None)
            raise
        count_request(self.http_request, person, credential)

    def answer_again(self, request: Request) -> None:
        """Raise the kept response, if there is one."""
        version = history.ledger_version()
        self.held.enter_context(history.answering(version))
        self.digest = self.digest_answer(request, version)
        shown = caching.find_shown_version(request, self.digest)
        if shown is not None:
            self.shown_version = shown
            raise caching.NotModifiedError
        if kept := caching.find_answer(self.digest):
            answer, self.shown_version = kept
            raise caching.AnsweredBeforeError(answer)
        if not self.stays_home:
            self.read_from = self.held.enter_context(reading_elsewhere())

    def read_parameters(self, request: Request) -> None:
        """Let every reader read the query; raise a QueryError with all mistakes."""
        understood = self.get_query_parameters()
        errors = list(find_form_errors(request.query_params, understood, self.takes_one))
        if errors and errors[0].code == "too_many_parameters":
            raise QueryError(errors)
        refused = {error.place["parameter"] for error in errors}
        query = request.query_params.copy() if refused else request.query_params
        for name in refused:
            query.pop(name, None)
        values: dict[Reader[Any], Any] = {}
        self.values = values
        for reader in self.get_readers():
            values[reader], found = reader.read(query, self)
            self.held.enter_context(reader.hold(values[reader]))
            # One mistake for each parameter; a missing one may be misspelt
            reported = {error.place["parameter"] for error in errors}
            errors += [
                error
                for error in found
                if error.place["parameter"] not in reported
                and not (refused and error.code == "required")
            ]
        if errors:
            raise QueryError(errors)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, caching.NotModifiedError):
            return HttpResponseNotModified()
        if isinstance(exc, caching.AnsweredBeforeError):
            self.is_repeated = True
            return exc.answer
        return super().handle_exception(exc)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        method = str(request.method)
        remedy = self.instead_of_methods.get(method, "")
        raise MethodNotAllowed(method, describe_methods(method, self.allowed_methods, remedy))

    def get_parsers(self) -> list[Any]:
        is_edit = self.request is not None and self.request.method == "PATCH"
        return [*super().get_parsers(), *[MergePatchParser()] * is_edit]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if "PATCH" in self.allowed_methods and request.method in ("OPTIONS", "PATCH"):
            response.headers["Accept-Patch"] = PATCHES
        if (moment := history.moment()) is not None:
            # RFC 7089; first, so that it is kept with the response
            response.headers["Memento-Datetime"] = http_date(moment.astimezone(UTC).timestamp())
        own_headers = dict(response.items())
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_done = answer.status_code < HTTPStatus.BAD_REQUEST
        # A refused query may be unreadable
        if deprecation := self.get_deprecation(request.query_params if is_done else ()):
            deprecation.add_to(answer)
        renderer = getattr(request, "accepted_renderer", None)
        if isinstance(renderer, BytesRenderer) and answer.status_code == HTTPStatus.OK:
            answer.headers["Content-Type"] = renderer.media_type
        if self.is_kept:
            self.tag(request, answer, own_headers)
        return answer

    # --- What the action understands -------------------------------------------------------------

    def get_readers(self) -> Sequence[Reader[Any]]:
        """Return the readers that the nearest class declares for the current action."""
        action = getattr(self, "action", None) or "get"
        for kind in type(self).__mro__:
            declared = vars(kind).get("readers", {})
            if action in declared:
                return declared[action]
        return ()

    def get_query_parameters(self) -> set[str]:
        """Return the parameters that the current action understands."""
        return set().union(*(reader.names(self) for reader in self.get_readers()))

    def get_list_parameters(self) -> set[str]:
        """Return those of them that take a list, which may be repeated."""
        lists = {name for reader in self.get_readers() for name in reader.lists}
        return lists & self.get_query_parameters()

    def takes_one(self, name: str) -> bool:
        """Return whether a parameter takes only one value."""
        readers = (reader for reader in self.get_readers() if name in reader.names(self))
        return any(reader.takes_one(name, self) for reader in readers)

    def get_value(self, reader: Reader[Value]) -> Value:
        return self.values[reader]

    def takes_or_gives_file(self, request: Request) -> bool:
        """Return whether a file is read or written, which takes longer than a page."""
        is_json = request.accepted_renderer.format == "json"
        return not is_json or request.content_type.startswith("multipart/")

    def get_renderers(self) -> list[BaseRenderer]:
        if self.request is not None and self.request.method == "OPTIONS":
            return [JSONRenderer()]
        renderers = super().get_renderers()
        is_file = any(isinstance(each, FileRenderer) for each in renderers)
        is_text = any(each.media_type.startswith("text/") for each in renderers)
        return [*renderers, BytesRenderer()] if is_file and not is_text else renderers

    def get_deprecation(self, names: Collection[str]) -> Deprecation | None:
        """Return the first deprecation to end of this action and these parameters."""
        action = getattr(self, "action", None) or WHOLE
        met = [self.deprecations[name] for name in {WHOLE, action} if name in self.deprecations]
        met += [made for name, made in self.deprecated_parameters.items() if name in names]
        return min(met, key=lambda each: each.sunset, default=None)

    # --- Keeping the response --------------------------------------------------------------------

    def tag(self, request: Request, response: Any, own_headers: dict[str, str]) -> None:
        """Set ETag and Cache-Control, and keep a new response."""
        patch_vary_headers(response, caching.VARIES_BY)
        if not self.digest or response.status_code not in (200, 304):
            response.headers["Cache-Control"] = "no-store"
            return
        parts = [self.shown_version, self.digest] if self.shown_version else [self.digest]
        response.headers["ETag"] = caching.make_entity_tag(*parts)
        if not request.user.is_authenticated:
            control = "public, no-cache"
        elif isinstance(request.accepted_renderer, FileRenderer):
            control = "no-store"  # browsers should not cache a file of drafts that they save
        else:
            control = "private, no-cache"
        response.headers["Cache-Control"] = control
        if response.status_code == 200 and not self.is_repeated:
            self.keep(request, response, own_headers)

    def keep(self, request: Request, response: Any, own_headers: dict[str, str]) -> None:
        """Keep a rendered response if nothing was written meanwhile: it shows a single state."""

        def keep_whole(answer: HttpResponseBase) -> None:
            # The response is sent even if no time is left for this query
            with suppress(DatabaseError):
                if not caching.is_worth_keeping(answer):
                    return
                if self.digest_answer(request, history.ledger_version()) == self.digest:
                    caching.keep_answer(self.digest, answer, own_headers, self.shown_version)

        if isinstance(response, Response):
            response.add_post_render_callback(keep_whole)
        else:
            keep_whole(response)

    def digest_answer(self, request: Request, version: str) -> str:
        """Digest everything that the response to this GET depends on."""
        return caching.digest_representation(request, version, self.get_visibility(request))

    def get_visibility(self, request: Request) -> str:
        """Return a text that is the same for all clients who may see the same rows."""
        return " ".join(
            permission.visibility(request)
            for permission in self.get_permissions()
            if hasattr(permission, "visibility")
        )
