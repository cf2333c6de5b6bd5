"""The national code of a project (国家项目代码, GB/T 40058-2021): how it is written and kept.

Time, region, department, type, and number with its check character: 2403-120115-89-05-123456.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

LENGTH = 24
_SHAPE = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9A-Z]{2}-[0-9A-Z]{2}-[0-9A-Z]{6}")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))


def normalise(text: str) -> str:
    """Normalise a code: narrow characters, plain hyphens, capitals, no blanks around it."""
    return unicodedata.normalize("NFKC", text).translate(_HYPHENS).strip().upper()


def validate_national_code(code: str) -> None:
    """Raise `ValidationError` unless the code has the shape; the check character is not checked."""
    if not _SHAPE.fullmatch(code):
        raise ValidationError(
            _("“%(code)s” is not a national project code such as 2403-120115-89-05-123456."),
            code="invalid_national_code",
            params={"code": code},
        )


class NationalCodeField(models.CharField):
    """The code as it is kept, however it is typed in; blank where it is not known."""

    default_validators = [validate_national_code]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": LENGTH, "blank": True, "default": "", **kwargs})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return normalise(text) if isinstance(text, str) else text
