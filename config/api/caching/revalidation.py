"""Nothing is worked out twice while nothing is written: a 304 to who has it, else what was kept."""

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
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response

from config import history
from config.api.caching.answers import find_answer, is_worth_keeping, keep_answer
from config.api.caching.preconditions import make_entity_tag, parse_entity_tags
from config.api.files.responses import FileRenderer
from config.api.strict import StrictViewMixin
from config.replicas import leave_out, reading_elsewhere

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
