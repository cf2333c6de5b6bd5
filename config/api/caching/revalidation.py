"""Entity tags: edits of what was seen, a 304 to a client that has it, or the kept response."""

import hmac
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from config import history
from config.api.caching.answers import find_answer, is_worth_keeping, keep_answer
from config.api.files.responses import FileRenderer
from config.api.strict import StrictViewMixin
from config.replicas import leave_out, reading_elsewhere

# --- Tags -----------------------------------------------------------------------------------------


ANY = "*"
_CODED = "-gzip"  # at the end of the tag of a coded answer


class PreconditionRequired(APIException):
    """428: an edit that does not say which version it is of."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = _(
        "Send If-Match with the ETag of what you have read, so that nobody's edit gets lost; "
        "“If-Match: *” overwrites whatever is there."
    )


class MalformedPrecondition(APIException):
    """400: a header of entity tags that holds none, or those that mean nothing here."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"


class PreconditionFailed(APIException):
    """412: the row is not as the client has seen it. Carries the current ETag and what changed."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "version_conflict"

    def __init__(self, detail: Any, version: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.headers = {} if version is None else {"ETag": make_entity_tag(version)}
        self.members = members


def make_entity_tag(version: str, digest: str = "") -> str:
    """Make the strong ETag of a row of its version, and a digest of what is shown."""
    return f'"{version}.{digest}"' if digest else f'"{version}"'


def parse_entity_tags(header: str) -> list[str]:
    """Parse the tags of an If-Match or If-None-Match, without quotes; empty where there are none.

    A tag that a proxy has weakened on the way (`W/`), as those that compress do, is read as the
    strong one that it was, and that of a coded answer as that of the plain one.
    """
    tags = (tag.removeprefix("W/").strip('"') for tag in parse_etags(header))
    return [tag.removesuffix(_CODED) for tag in tags]


def mark_coded(tag: str) -> str:
    """Make of an ETag that of the same answer coded by gzip."""
    return f'{tag.removesuffix(chr(34))}{_CODED}"'


def describe_changes(row: Model, seen: str) -> dict[str, Any]:
    """Describe what a client that has seen this version of a row should know of the newer ones.

    Members of the problem: `current_version`, and where they are known `changed_fields`,
    `changed_by` and `changed_at`.
    """
    version = getattr(row, "version", None)
    if version is None:
        return {}
    changes: dict[str, Any] = row.changes_since(seen) if hasattr(row, "changes_since") else {}
    return {"current_version": version, **changes}


def check_if_match(request: Request, row: Model, version: str) -> None:
    """Raise what is wrong with the If-Match of an edit of `row`, which is at `version` now."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired()
    tags = parse_entity_tags(header)
    if not tags:
        detail = _('If-Match takes entity tags in quotes, such as “"5"”, or “*”.')
        raise MalformedPrecondition(detail)
    # A tag of ours is the version and, after a dot, a digest of what was shown.
    seen = [tag.partition(".")[0] for tag in tags]
    if ANY not in seen and version not in seen:
        raise PreconditionFailed(
            _("This has been changed since you read it. Read it again, then repeat the edit."),
            version,
            **describe_changes(row, seen[0]),
        )


def check_put(request: Request, row: Model | None, version: str) -> None:
    """Raise what is wrong with the preconditions of a PUT at a URL where `row` is, or none.

    `If-None-Match: *` creates only; without it a row that is there needs an If-Match.
    """
    header = request.headers.get("If-None-Match")
    if header is None:
        if row is not None:
            check_if_match(request, row, version)
        elif "If-Match" in request.headers:
            raise PreconditionFailed(_("There is nothing at this URL that could match."))
    elif parse_entity_tags(header) != [ANY]:
        detail = _("“If-None-Match: *” says that a PUT must create; it takes nothing else.")
        raise MalformedPrecondition(detail)
    elif row is not None:
        detail = _("Something already exists at this URL, so nothing was created.")
        raise PreconditionFailed(detail, version, **describe_changes(row, ""))


def check_restored(request: Request, row: Model | None, version: str) -> None:
    """Raise what is wrong with the preconditions of restoring `row`, or one that was deleted.

    A row that is there needs an If-Match, one that was deleted `If-None-Match: *`.
    """
    if row is None and not {"If-Match", "If-None-Match"} & {*request.headers}:
        raise PreconditionRequired(
            _("This was deleted: send “If-None-Match: *” to have it back, if nobody else had it.")
        )
    check_put(request, row, version)


# --- Responses ------------------------------------------------------------------------------------


VARIES_BY = ("Accept", "Accept-Language", "Authorization", "Cookie")
_PROGRAM = {".py", ".mo", ".html"}


class NotModifiedError(Exception):
    """The client has already what it asks for."""


class AnsweredBeforeError(Exception):
    """What the client asks for was answered before, and nothing has changed since."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


class RevalidatedViewMixin(StrictViewMixin):
    """Answers to GET and HEAD with an ETag, and with 304 where the client has it already.

    The tag is a digest of all that decides an answer: the state of the ledger, the question, the
    language, what this client may see, the day, and the program. It is taken before anything is
    looked up, so that an edit in between makes the tag too old, never the answer.

    Under the same digest answers are kept, and given again to whoever else asks: see `answers`.

    The tag of a single row begins with its version, which is what If-Match compares.
    """

    digest = ""
    is_repeated = False  # whether the answer is one that was kept
    shown_version = ""  # of the row that a detail shows
    read_from: str | None = None  # the standby of which the answer is read
    stays_home = False  # whether no standby is asked any more

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.read_from and response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            leave_out(self.read_from, "an answer failed there")
            self.read_from, self.stays_home = None, True
            response = super().dispatch(request, *args, **kwargs)
        return response

    def read_parameters(self, request: Request) -> None:
        if request.method in ("GET", "HEAD"):
            version = history.ledger_version()
            self.held.enter_context(history.answering(version))
            self.digest = self.digest_answer(request, version)
            self.answer_again(request)
            if not self.stays_home:
                self.read_from = self.held.enter_context(reading_elsewhere())
        super().read_parameters(request)

    def answer_again(self, request: Request) -> None:
        """Raise the answer to what was asked before, and so was understood; else do nothing."""
        for tag in parse_entity_tags(request.headers.get("If-None-Match", "")):
            version, _dot, digest = tag.rpartition(".")
            if hmac.compare_digest(digest.encode(), self.digest.encode()):
                self.shown_version = version
                raise NotModifiedError
        if kept := find_answer(self.digest):
            answer, self.shown_version = kept
            raise AnsweredBeforeError(answer)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotModifiedError):
            return HttpResponseNotModified()
        if isinstance(exc, AnsweredBeforeError):
            self.is_repeated = True
            return exc.answer
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        own_headers = dict(response.items())
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, VARIES_BY)
        if self.digest and response.status_code in (200, 304):
            self.tag(request, response)
            if response.status_code == 200 and not self.is_repeated:
                self.keep(request, response, own_headers)
        else:
            response.headers["Cache-Control"] = "no-store"
        return response

    def tag(self, request: Request, response: HttpResponseBase) -> None:
        """Say which answer this is, and that it is to be asked for again each time."""
        tag = make_entity_tag(self.shown_version, self.digest)
        response.headers["ETag"] = tag if self.shown_version else make_entity_tag(self.digest)
        response.headers["Cache-Control"] = self.say_who_keeps(request)

    def say_who_keeps(self, request: Request) -> str:
        """Say who may keep the answer, to ask whether it is still so: Cache-Control."""
        if not request.user.is_authenticated:
            return "public, no-cache"
        # A file of drafts has no business on the disk of a browser, beside the one that is saved
        is_file = isinstance(request.accepted_renderer, FileRenderer)
        return "no-store" if is_file else "private, no-cache"

    def keep(self, request: Request, response: Any, own_headers: dict[str, str]) -> None:
        """Keep a new answer once it is whole, if nothing was written meanwhile.

        Then all of it is of one state, however many queries it took.
        """

        def keep_whole(answer: HttpResponse) -> None:
            # Where no time is left to ask, the answer is given all the same
            with suppress(DatabaseError):
                if not is_worth_keeping(answer):
                    return
                if self.digest_answer(request, history.ledger_version()) == self.digest:
                    keep_answer(self.digest, answer, own_headers, self.shown_version)

        if isinstance(response, Response):
            response.add_post_render_callback(keep_whole)
        else:
            keep_whole(response)

    def digest_answer(self, request: Request, version: str) -> str:
        """Digest all that decides the answer to this GET at a version of the ledger."""
        return digest_representation(request, version, self.get_visibility(request))

    def get_visibility(self, request: Request) -> str:
        """Name what decides which rows this client may see, as its permissions do."""
        return " ".join(
            permission.visibility(request)
            for permission in self.get_permissions()
            if hasattr(permission, "visibility")
        )


def digest_representation(request: Request, version: str, visibility: str) -> str:
    """Digest (32 hex digits) all that decides the answer to a GET."""
    parts = [
        version,
        request.build_absolute_uri(),  # answers hold URLs, so the host is a part of them
        str(request.accepted_media_type),
        get_language() or "",
        visibility,
        timezone.localdate().isoformat(),  # what is stale depends on today
        str((settings.STALE_MONTHS, settings.CORS_ALLOWED_ORIGINS)),
        digest_program(),
    ]
    # With the key of the site: it signs the cursors that answers hold.
    made = salted_hmac("config.api.revalidation", "\0".join(parts), algorithm="sha256")
    return made.hexdigest()[:32]


@cache
def digest_program() -> str:
    """Digest (16 hex digits) the program: another release may answer something else."""
    digest = blake2b(digest_size=8)
    ours = [Path(app.path) for app in apps.get_app_configs()]
    folders = [path for path in ours if path.parent == settings.BASE_DIR]
    for folder in (*folders, settings.BASE_DIR / "locale"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _PROGRAM:
                digest.update(path.read_bytes())
    return digest.hexdigest()
