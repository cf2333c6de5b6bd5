"""Conditional GET: a 304 when nothing that an answer shows has changed, from one cheap query."""

import hmac
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from rest_framework.request import Request

from config import history
from config.api.caching.preconditions import make_entity_tag, parse_entity_tags
from config.api.strict import StrictViewMixin

VARIES_BY = ("Accept", "Accept-Language", "Authorization", "Cookie")
_PROGRAM = {".py", ".mo", ".html"}


class NotModifiedError(Exception):
    """The client has already what it asks for."""


class RevalidatedViewMixin(StrictViewMixin):
    """Answers to GET and HEAD with an ETag, and with 304 where the client has it already.

    The tag is a digest of all that decides an answer: the state of the ledger, the question, the
    language, what this client may see, the day, and the program. It is taken before the answer is
    read, so that an edit in between makes the tag too old, never the answer.

    The tag of a single row begins with its version, which is what If-Match compares.
    """

    digest = ""
    shown_version = ""  # of the row that a detail shows

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD"):
            return
        self.digest = digest_representation(request, self.get_visibility(request))
        for tag in parse_entity_tags(request.headers.get("If-None-Match", "")):
            version, _dot, digest = tag.rpartition(".")
            if hmac.compare_digest(digest.encode(), self.digest.encode()):
                self.shown_version = version
                raise NotModifiedError

    def handle_exception(self, exc: Exception) -> Any:
        return (
            HttpResponseNotModified()
            if isinstance(exc, NotModifiedError)
            else (super().handle_exception(exc))
        )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, VARIES_BY)
        if self.digest and response.status_code in (200, 304):
            self.tag(request, response)
        else:
            response.headers["Cache-Control"] = "no-store"
        return response

    def tag(self, request: Request, response: HttpResponseBase) -> None:
        """Say which answer this is, and that it is to be asked for again each time."""
        tag = make_entity_tag(self.shown_version, self.digest)
        response.headers["ETag"] = tag if self.shown_version else make_entity_tag(self.digest)
        kept_by = "private" if request.user.is_authenticated else "public"
        response.headers["Cache-Control"] = f"{kept_by}, no-cache"

    def get_visibility(self, request: Request) -> str:
        """Name what decides which rows this client may see, as its permissions do."""
        return " ".join(
            permission.visibility(request)
            for permission in self.get_permissions()
            if hasattr(permission, "visibility")
        )


def digest_representation(request: Request, visibility: str) -> str:
    """Digest (32 hex digits) all that decides the answer to a GET."""
    parts = [
        history.ledger_version(),
        request.build_absolute_uri(),  # answers hold URLs, so the host is a part of them
        get_language() or "",
        visibility,
        timezone.localdate().isoformat(),  # what is stale depends on today
        str(settings.STALE_MONTHS),
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
