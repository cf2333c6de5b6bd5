"""The form with which a spreadsheet is sent: its parts, and which of them is wrong."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from config.api.problems.problems import problem_response
from config.reading.rows import FileError

REPEATED = ("map", "ignore", "unit", "confirm")
# Which part of the form is wrong, where that is not the file
_PARTS = {
    "invalid_mapping": "mapping",
    "unknown_mapping": "mapping",
    "mapping_taken": "save_mapping",
    "unknown_sheet": "sheet",
    "invalid_month": "month",
    "invalid_day": "noted_on",
    "contradicting_encoding": "encoding",
    **dict.fromkeys(("invalid_choices", "unknown_choice", "unknown_line", "circle"), "choices"),
}


def read_parts(request: Request) -> dict[str, Any]:
    """Read the parts of the form, each with one value but those that may be repeated."""
    data: Any = request.data
    parts = dict(data.lists()) if data else {}  # without any body it is no form
    message = _("This is given more than once.")
    errors = {
        name: [ErrorDetail(message, "repeated_parameter")]
        for name, values in parts.items()
        if len(values) > 1 and name not in REPEATED
    }
    if errors:
        raise ValidationError(errors)
    if "confirm" in parts:
        parts["confirm"] = [word for text in parts["confirm"] for word in text.split(",")]
    return {name: values if name in REPEATED else values[0] for name, values in parts.items()}


def refuse_file(request: Request, error: FileError) -> HttpResponse:
    """Answer that a file, or a part of the form beside it, is wrong as a whole."""
    is_large = error.code == "file_too_large"
    code, kind = (413, "too-large") if is_large else (400, "validation-failed")
    place = {"pointer": f"#/{_PARTS.get(error.code, 'file')}", **error.as_dict()}
    return problem_response(request, code, kind, detail=error.detail, errors=[place])
