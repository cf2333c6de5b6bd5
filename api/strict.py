"""Strict request bodies: parsers that drop nothing, and serializers that refuse unknown fields."""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.message import Message
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError as DjangoValidationError
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.http import http_date
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    ParseError,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.fields import (
    BooleanField,
    CharField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    empty,
    get_error_detail,
)
from rest_framework.parsers import BaseParser, MultiPartParser as DRFMultiPartParser
from rest_framework.relations import ManyRelatedField
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.settings import api_settings
from rest_framework.utils.serializer_helpers import BindingDict

from api.problems.errors import MAX_ERRORS
from api.renderers import JSONRenderer
from config.mistakes import Mistake, Text, nearest
from config.texts import check_text, shorten

WHOLE = ""  # in `deprecations`: every action of the view


@dataclass(frozen=True)
class Deprecation:
    """The day from which something is deprecated, and the one from which it may be removed.

    `successor` is the URL to use instead, `docs` that of a guide.
    """

    since: date
    sunset: date
    successor: str | None = None
    docs: str | None = None

    def add_to(self, response: Any) -> None:
        """Set `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), and add the links to `Link`."""
        since, sunset = (
            int(datetime.combine(day, time.min, UTC).timestamp())
            for day in (self.since, self.sunset)
        )
        response.headers["Deprecation"] = f"@{since}"
        response.headers["Sunset"] = http_date(sunset)
        urls = {"deprecation": self.docs, "successor-version": self.successor}
        links = [f'<{url}>; rel="{rel}"' for rel, url in urls.items() if url]
        if links:
            response.headers["Link"] = ", ".join(
                filter(None, [response.headers.get("Link"), *links])
            )


# --- Parsers --------------------------------------------------------------------------------------

MAX_MEMBERS = 1_000  # of an object
LONGEST_MEMBER = 200  # characters of its name


class LengthRequired(APIException):
    """411: a chunked body, of which the server does not know the end."""

    status_code = 411
    default_code = "length_required"
    default_detail = gettext_lazy("Send the body with its Content-Length, not in chunks.")


class TooLarge(RequestDataTooBig):
    """413: a body of more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__("The body is too large.")
        self.limit = limit


def check_framing(request: Request) -> None:
    """Refuse a chunked body (LengthRequired) and a compressed one (UnsupportedMediaType)."""
    if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
        raise LengthRequired()
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.strip().lower() != "identity":
        detail = _("A body with the content coding “%(coding)s” is not accepted.") % {
            "coding": coding
        }
        raise UnsupportedMediaType(coding, detail)


class JSONParser(BaseParser):
    """Parses `application/json` in UTF-8; ParseError for anything else.

    `stream.body` raises RequestDataTooBig above DATA_UPLOAD_MAX_MEMORY_SIZE; DRF's parser does not.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, *args: Any, **kwargs: Any) -> Any:
        check_charset(media_type or self.media_type)
        body = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            return json.loads(
                body.decode(),
                object_pairs_hook=_object,
                parse_constant=_finite,  # NaN, Infinity
                parse_float=_finite,
            )
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            detail = _("This is not JSON in UTF-8: %(reason)s") % {"reason": shorten(str(error))}
            raise ParseError(detail) from error


class MergePatchParser(JSONParser):
    """Parses the same under the media type of RFC 7396: a list replaces a list."""

    media_type = "application/merge-patch+json"


class MultiPartParser(DRFMultiPartParser):
    """Parses `multipart/form-data` of at most UPLOAD_MAX_BYTES in all, else raises TooLarge."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        # The server reads no more than this
        if int(stream.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)
        return super().parse(stream, *args, **kwargs)


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
        # JSON parsers silently keep only the last value
        names = Counter(name for name, _value in pairs)
        repeated = next(name for name, times in names.items() if times > 1)
        raise ParseError(_("The name “%(name)s” is given more than once.") % {"name": repeated})
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


# --- Serializers ----------------------------------------------------------------------------------

MAX_ELEMENTS = 1_000  # of a list in a body
_WHOLE = api_settings.NON_FIELD_ERRORS_KEY

# JSON types by kind of field
_JSON_TYPES: Sequence[tuple[tuple[type[Field], ...], tuple[type, ...]]] = (
    ((CharField,), (str,)),
    ((IntegerField, FloatField, DecimalField), (int, float)),
    ((BooleanField,), (bool,)),
    ((ManyRelatedField,), (list,)),  # DRF takes the keys of an object as well
)


class StrictSerializerMixin(Serializer):
    """Refuses unknown and read-only fields, and invalid texts, at every level."""

    default_error_messages = {
        "invalid": gettext_lazy("Give an object with fields, not another kind of value.")
    }
    remedies: ClassVar[Mapping[str, Text]] = {}  # what to do, by name of an unsettable field
    synonyms: ClassVar[Mapping[str, str]] = {}  # other names of our fields
    built_alone: Collection[str] | None = None  # while only some fields are built

    @cached_property
    def _named_fields(self) -> Mapping[str, Field]:
        """Return the fields that a PATCH names, else all; building the others takes as long."""
        body = getattr(self, "initial_data", None)
        is_one = isinstance(body, Mapping) and body
        if not (self.partial and self.parent is None and is_one):
            return self.fields
        declared, named = self._declared_fields, BindingDict(self)
        self._declared_fields = {name: each for name, each in declared.items() if name in body}
        self.built_alone = body
        for name, field in self.get_fields().items():
            named[name] = field
        self._declared_fields, self.built_alone = declared, None
        return named

    @cached_property
    def _writable_fields(self) -> list[Field]:
        # DRF looks through all fields for each row, a tenth of the time of a bulk
        return [field for field in self._named_fields.values() if not field.read_only]

    @cached_property
    def _strict_fields(self) -> Mapping[str, "_StrictField"]:
        return {str(field.field_name): _StrictField.of(field) for field in self._writable_fields}

    def run_validation(self, data: Any = empty) -> Any:
        if data is None and self.parent is None:  # for which DRF has only English words
            return self.to_internal_value(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        mistakes = dict(self._mistakes(data))
        try:
            # Invalid texts are left out: a database refuses them even in lookups
            value = super().to_internal_value(
                {name: given for name, given in data.items() if name not in mistakes}
            )
        except ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {_WHOLE: error.detail}
            raise ValidationError({**detail, **mistakes}) from error
        if mistakes:
            raise ValidationError(mistakes)
        return value

    def run_validators(self, value: Any) -> None:
        # DRF would look through all fields even without validators
        if self.validators:
            super().run_validators(value)

    def _mistakes(self, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        writable, known = self._strict_fields, self._named_fields
        not_listed = 0
        for name, value in data.items():
            if name not in known and not self._may_list():
                not_listed += 1
            elif name not in known:
                settable = [each for each, field in self.fields.items() if not field.read_only]
                meant = self.synonyms.get(str(name))
                meant = meant if meant in settable else nearest(str(name), settable)
                detail = f"{_('There is no such field.')} {self._find_remedy(str(name))}"
                yield name, get_error_detail(Mistake("unknown_field", detail.strip(), meant))
            elif name not in writable:
                detail = f"{_('This field cannot be set.')} {self._find_remedy(str(name))}"
                yield name, [ErrorDetail(detail.strip(), "read_only_field")]
            elif isinstance(value, list) and len(value) > MAX_ELEMENTS:
                detail = _("A list has at most %(max)d elements; this one has %(count)d.")
                count = {"max": MAX_ELEMENTS, "count": len(value)}
                yield name, [ErrorDetail(detail % count, "too_many_elements")]
            elif mistake := writable[name].find_mistake(value, has_types="view" in self.context):
                yield name, mistake
        if not_listed:
            detail = _("This has %(count)d more fields that do not exist.")
            yield _WHOLE, [ErrorDetail(detail % {"count": not_listed}, "unknown_field")]

    def _find_remedy(self, name: str) -> str:
        if name in self.remedies:
            return str(self.remedies[name])
        source = getattr(self.fields.get(name), "source", None) or ""
        column, dot, _rest = source.partition(".")
        if dot and column in self.fields:
            return _("It is that of “%(column)s”, which can be set.") % {"column": column}
        return ""

    def _may_list(self) -> bool:
        request: Any = self.context.get("request")
        before = getattr(request, "unknown_fields", 0)
        if request is not None:
            request.unknown_fields = before + 1
        return before < MAX_ERRORS


def has_lines(field: Field) -> bool:
    """Return whether the text of a field may have several lines."""
    return field.style.get("base_template") == "textarea.html"


@dataclass(frozen=True)
class _StrictField:
    """The JSON types that a field accepts (any, if `types` is empty), and its texts.

    Nested serializers check their own fields.
    """

    field: Field
    types: tuple[type, ...]
    has_lines: bool
    is_nested: bool
    members: "_StrictField | None"

    @classmethod
    def of(cls, field: Field) -> Self:
        found = (types for kinds, types in _JSON_TYPES if isinstance(field, kinds))
        is_nested = isinstance(field, BaseSerializer)
        members = cls.of(field.child) if isinstance(field, ListField) else None
        return cls(field, next(found, ()), has_lines(field), is_nested, members)

    def find_mistake(self, value: Any, *, has_types: bool) -> Any:
        """Return an error (of a list or mapping: those of its members by key) or None."""
        if self.is_nested:
            return None
        mistake = _text_mistake(value, has_lines=self.has_lines)
        return mistake or (self.find_type_mistake(value) if has_types else None)

    def find_type_mistake(self, value: Any) -> Any:
        """Return an error for a value of another JSON type, which DRF would convert, or None.

        Only for bodies of the API: forms and cells hold texts.
        """
        if self.types and value is not None:
            is_flag = isinstance(value, bool)
            if not isinstance(value, self.types) or (is_flag and bool not in self.types):
                code = "not_a_list" if list in self.types else "invalid"
                message = str(self.field.error_messages[code])
                return [ErrorDetail(message.format(input_type=type(value).__name__), code)]
        if self.members and isinstance(value, list):
            of_member = self.members.find_type_mistake
            found = ((place, of_member(member)) for place, member in enumerate(value))
            return {place: mistake for place, mistake in found if mistake} or None
        return None


def _text_mistake(value: Any, *, has_lines: bool) -> Any:
    if isinstance(value, str):
        try:
            check_text(value, has_lines=has_lines)
        except DjangoValidationError as error:
            return get_error_detail(error)
    if isinstance(value, Mapping | list):
        members = value.items() if isinstance(value, Mapping) else enumerate(value)
        found = ((key, _text_mistake(member, has_lines=has_lines)) for key, member in members)
        return {key: mistake for key, mistake in found if mistake} or None
    return None
