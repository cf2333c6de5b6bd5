"""Bodies, read without dropping anything: no repeated names, no NaN; files up to a limit."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from email.message import Message
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.parsers import MultiPartParser as DRFMultiPartParser
from rest_framework.request import Request

from config.api.renderers import JSONRenderer
from config.texts import shorten

MAX_MEMBERS = 1_000  # of an object
LONGEST_MEMBER = 200  # characters of its name


class LengthRequired(APIException):
    """411: a body that comes in pieces, whose end the server would not see."""

    status_code = 411
    default_code = "length_required"
    default_detail = gettext_lazy("Send the body with its Content-Length, not in chunks.")


class TooLarge(RequestDataTooBig):
    """413: a body of more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__("The body is too large.")
        self.limit = limit


def check_framing(request: Request) -> None:
    """Refuse a body that would be taken for an empty or another one: LengthRequired in chunks, else
    UnsupportedMediaType."""
    if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
        raise LengthRequired()
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.strip().lower() != "identity":
        detail = _("A body with the content coding “%(coding)s” is not accepted.") % {
            "coding": coding
        }
        raise UnsupportedMediaType(coding, detail)


class JSONParser(BaseParser):
    """Parses `application/json` in UTF-8.

    Raises ParseError for what is not JSON, and Django's RequestDataTooBig for a body of more than
    DATA_UPLOAD_MAX_MEMORY_SIZE bytes, which DRF's own parser does not look at.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        check_charset(media_type or self.media_type)
        body = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            return json.loads(
                body.decode(),
                object_pairs_hook=_object,
                parse_constant=_refuse_constant,
                parse_float=_finite,
            )
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            detail = _("This is not JSON in UTF-8: %(reason)s") % {"reason": shorten(str(error))}
            raise ParseError(detail) from error


class MultiPartParser(DRFMultiPartParser):
    """Parses `multipart/form-data` of at most UPLOAD_MAX_BYTES, else raises TooLarge at once.

    The limit is that of the file and all that is sent with it.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # The server reads no more than it is told the length is.
        if int(stream.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)
        return super().parse(stream, media_type, parser_context)


def check_charset(media_type: str) -> None:
    """Refuse a Content-Type that names another charset than UTF-8, by UnsupportedMediaType."""
    message = Message()
    message["Content-Type"] = media_type
    charset = message.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(media_type)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise ParseError(_("An object has at most %(max)d members.") % {"max": MAX_MEMBERS})
    found = dict(pairs)
    if any(len(name) > LONGEST_MEMBER for name in found):
        detail = _("The name of a member has at most %(max)d characters.")
        raise ParseError(detail % {"max": LONGEST_MEMBER})
    if len(found) < len(pairs):
        # JSON parsers keep the last of several values: the others would be ignored silently.
        names = Counter(name for name, _value in pairs)
        repeated = next(name for name, times in names.items() if times > 1)
        raise ParseError(_("The name “%(name)s” is given more than once.") % {"name": repeated})
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)
