"""Refusing what is not understood: query parameters of views and fields of request bodies."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import (
    BooleanField,
    CharField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
)
from rest_framework.relations import ManyRelatedField
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from config.api.deprecation import DeprecatedMixin
from config.api.load.limits import CountsRequests
from config.api.load.time_limits import statement_seconds
from config.api.parsers import JSONParser, check_framing
from config.api.problems.errors import ErrorCode, ParameterError, QueryError
from config.api.renderers import JSONRenderer
from config.suggestions import nearest, nearest_parameter

MAX_PARAMETERS = 40
MAX_VALUES = 200  # in one parameter, with commas

_WHOLE = api_settings.NON_FIELD_ERRORS_KEY

# What JSON has for each kind of field
_JSON_TYPES: Sequence[tuple[tuple[type[Field], ...], tuple[type, ...]]] = (
    ((CharField,), (str,)),
    ((IntegerField, FloatField, DecimalField), (int, float)),
    ((BooleanField,), (bool,)),
    ((ManyRelatedField,), (list,)),  # DRF takes the keys of an object as well
)

# Control characters, NUL among them, and halves of surrogate pairs, which are no text either.
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# The same where a text may have several lines.
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class StrictViewMixin(CountsRequests, DeprecatedMixin, APIView):
    """Answers 400 to every query parameter that the action does not understand.

    An action understands what `get_query_parameters()` names: the filters and the paging of a
    list, and nothing elsewhere. Parameters have one value; where several are meant they stand in
    it with commas. Every mistake of a request is reported at once, as a QueryError.
    """

    parser_classes = [JSONParser]
    refused_parameters: Collection[str] = ()  # whose values need not be looked at
    # Descriptions of parameters, for OpenAPI: of those, the actions that understand them have them
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = ()
    # Statuses of problems that others of this method do not answer with, by action
    further_problems: ClassVar[Mapping[str, Collection[int]]] = {}

    def get_query_parameters(self) -> Collection[str]:
        """The names the current action understands; override for an action that takes others."""
        if getattr(self, "action", None) == "list":
            return self.get_list_parameters()
        return ()

    def get_renderers(self) -> list[BaseRenderer]:
        # What a view says of itself (OPTIONS) is JSON, also where its answer is a file.
        is_about_itself = self.request is not None and self.request.method == "OPTIONS"
        return [JSONRenderer()] if is_about_itself else super().get_renderers()

    def get_filter_parameters(self) -> set[str]:
        """The names of the view's filters, for actions that filter but do not page."""
        return {
            name for backend in self._filter_backends() for name in backend.query_parameters(self)
        }

    def get_list_parameters(self) -> set[str]:
        """The names of the view's filters and of its paging."""
        paginator = getattr(self, "paginator", None)
        return self.get_filter_parameters() | set(getattr(paginator, "query_parameters", ()))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.held:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.held.enter_context(statement_seconds(settings.DATABASE_STATEMENT_TIMEOUT))
        super().initial(request, *args, **kwargs)
        # A method that is not allowed is a 405, whatever its parameters are.
        method = str(request.method).lower()
        if method in self.http_method_names and hasattr(self, method):
            check_framing(request)
            self.check_query_parameters(request)
            if self.takes_or_gives_file(request):
                self.held.enter_context(statement_seconds(settings.DATABASE_FILE_TIMEOUT))

    def takes_or_gives_file(self, request: Request) -> bool:
        """Whether the whole of a list is read or written, which takes longer than a page."""
        is_json = request.accepted_renderer.format == "json"
        return not is_json or request.content_type.startswith("multipart/")

    def check_query_parameters(self, request: Request) -> None:
        """Raises a QueryError that names every mistake in the query string."""
        understood = set(self.get_query_parameters())
        errors = list(parameter_errors(request.query_params, understood))
        if not errors or errors[0].code != "too_many_parameters":
            named = {error.parameter for error in errors}
            self.refused_parameters = named
            for reader in self._readers(understood):
                found = reader.query_errors(request, self)
                errors += [error for error in found if error.parameter not in named]
        if errors:
            raise QueryError(errors)

    def _readers(self, understood: set[str]) -> Iterator[Any]:
        """The filters and the paginator, as far as the action has their parameters."""
        for backend in self._filter_backends():
            if understood.intersection(backend.query_parameters(self)):
                yield backend
        paginator = getattr(self, "paginator", None)
        if understood.intersection(getattr(paginator, "query_parameters", ())):
            yield paginator

    def _filter_backends(self) -> Iterator[Any]:
        for backend in getattr(self, "filter_backends", ()):
            if hasattr(backend, "query_parameters"):
                yield backend()


def parameter_errors(query: QueryDict, understood: Collection[str]) -> Iterator[ParameterError]:
    """What is wrong with the form of a query string, before any value is interpreted."""
    if sum(len(values) for _name, values in query.lists()) > MAX_PARAMETERS:
        detail = _("A request takes at most %(max)d parameters.") % {"max": MAX_PARAMETERS}
        yield ParameterError(list(query)[-1], "too_many_parameters", detail)
        return
    for name, values in query.lists():
        if name not in understood:
            detail = _("Unknown query parameter “%(name)s”. Nothing was returned.") % {"name": name}
            suggestion = nearest_parameter(name, understood)
            yield ParameterError(name, "unknown_parameter", detail, suggestion)
        elif len(values) > 1:
            detail = _(
                "“%(name)s” is given more than once; put several values into one, separated by "
                "commas."
            )
            yield ParameterError(name, "repeated_parameter", detail % {"name": name})
        else:
            yield from _value_errors(name, values[0])


def _value_errors(name: str, value: str) -> Iterator[ParameterError]:
    if not value.strip():
        detail = _("“%(name)s” is empty. Leave it out to ask for everything.") % {"name": name}
        yield ParameterError(name, "empty_value", detail)
    elif CONTROL_CHARACTERS.search(value):
        detail = _("“%(name)s” contains a control character.") % {"name": name}
        yield ParameterError(name, "control_character", detail)
    elif "\N{REPLACEMENT CHARACTER}" in value:
        # What Django makes of bytes that are not UTF-8, as from a GB 18030 address bar.
        detail = _("“%(name)s” is not encoded as UTF-8.") % {"name": name}
        yield ParameterError(name, "not_utf8", detail)
    elif value.count(",") >= MAX_VALUES:
        detail = _("“%(name)s” takes at most %(max)d values.")
        yield ParameterError(name, "too_many_values", detail % {"name": name, "max": MAX_VALUES})


class StrictSerializerMixin(Serializer):
    """Refuses unknown and read-only fields, and control characters, wherever they are nested."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        mistakes = dict(self._mistakes(data))
        try:
            # What is no text is not looked up either: a database cannot even be asked for it.
            value = super().to_internal_value(
                {name: given for name, given in data.items() if name not in mistakes}
            )
        except ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {_WHOLE: error.detail}
            raise ValidationError({**detail, **mistakes}) from error
        if mistakes:
            raise ValidationError(mistakes)
        return value

    def _mistakes(self, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        for name, value in data.items():
            if name not in self.fields:
                code = ErrorCode("unknown_field", suggestion=nearest(str(name), writable))
                yield name, [ErrorDetail(_("There is no such field."), code)]
            elif name not in writable:
                yield name, [ErrorDetail(_("This field cannot be set."), "read_only_field")]
            elif not isinstance(self.fields[name], BaseSerializer):
                field = self.fields[name]
                mistake = _control_mistake(value, _refused_characters(field))
                if not mistake and "view" in self.context:
                    mistake = _type_mistake(value, field)
                if mistake:
                    yield name, mistake


def _refused_characters(field: Field) -> re.Pattern[str]:
    is_multiline = field.style.get("base_template") == "textarea.html"
    return _CONTROL_BUT_LINES if is_multiline else CONTROL_CHARACTERS


def _type_mistake(value: Any, field: Field) -> Any:
    """An error for a value of another JSON type than the field is of, which DRF would convert.

    Texts from a form or a cell have no types: only bodies of the API are looked at.
    """
    for kinds, types in _JSON_TYPES:
        if isinstance(field, kinds) and value is not None:
            is_flag = isinstance(value, bool)
            if not isinstance(value, types) or (is_flag and bool not in types):
                code = "not_a_list" if list in types else "invalid"
                message = str(field.error_messages[code]).format(input_type=type(value).__name__)
                return [ErrorDetail(message, code)]
    return None


def _control_mistake(value: Any, refused: re.Pattern[str]) -> Any:
    """An error (for a list or mapping: those of its members by key) or None."""
    if isinstance(value, str) and refused.search(value):
        return [ErrorDetail(_("Control characters are not allowed."), "control_character")]
    if isinstance(value, Mapping | list):
        members = value.items() if isinstance(value, Mapping) else enumerate(value)
        found = ((key, _control_mistake(member, refused)) for key, member in members)
        return {key: mistake for key, mistake in found if mistake} or None
    return None
