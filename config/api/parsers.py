"""JSON bodies, read without dropping anything: no repeated names, no NaN, no bottomless nesting."""

import json
import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from config.api.renderers import JSONRenderer


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
            detail = _("This is not JSON in UTF-8: %(reason)s") % {"reason": error}
            raise ParseError(detail) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # JSON parsers keep the last of several values: the others would be ignored silently.
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ParseError(_("The name “%(name)s” is given more than once.") % {"name": repeated})
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)
