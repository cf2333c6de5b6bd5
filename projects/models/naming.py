"""How names of projects are compared, and national project codes (GB/T 40058-2021)."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from config.database.searching import TextIndex

PROJECT_TEXTS = TextIndex(
    "projects_project",
    {"names": ("code", "name_zh", "name_en"), "note": ("note",), "work": ("responsible_unit",)},
)

_NO_WORD = re.compile(r"[\W_]+")
_PART = re.compile(
    r"^其中|(?:第?(?:[一二三四五六七八九十]{1,3}|\d{1,2})期|首期|后续|增资(?:扩产|扩股|扩能)?|追加投资"
    r"|扩产|扩能|扩容|扩建|改扩建|技改|技术改造|phase(?:\d{1,2}|i{1,3}|iv|v)|expansion|extension)$"
)
_MOST_WHOLES = 3
_ENDINGS = ("建设项目", "建设工程", "项目", "工程", "project")
# What SQL takes out of a name, so that an index finds all that `loosen` may find equal
_SIGNS = ' \u00a0\u3000()（）[]【】《》〈〉“”‘’"-–—－_·•・.．。,，、/／&＆:：;；+＋#!！?？~～*'
_WITHOUT_SIGNS = dict.fromkeys(map(ord, _SIGNS))
_WORDS = ("项目", "建设", "工程", "project")


def loosen(name: str) -> str:
    """Take from a name what people add or leave out: punctuation, blanks, 项目 at its end."""
    plain = _NO_WORD.sub("", unicodedata.normalize("NFKC", name).casefold())
    end = len(plain)
    while ending := next((each for each in _ENDINGS if plain.endswith(each, 0, end)), ""):
        end -= len(ending)
    return plain[:end]


def list_wholes(name: str) -> list[str]:
    """List the loosened names of which a name is a phase, a part or an increase.

    晶圆厂二期增资 is one of 晶圆厂二期 and of 晶圆厂.
    """
    wholes: list[str] = []
    plain = loosen(name)
    while len(wholes) < _MOST_WHOLES:
        shorter = loosen(_PART.sub("", plain, count=1))
        if shorter in ("", plain):
            break
        wholes.append(shorter)
        plain = shorter
    return wholes


def are_alike(one: str, other: str) -> bool:
    """Return whether two names differ at most in such words and in a phase: 晶圆厂（一期）项目."""
    wholes = [{loosen(name), *list_wholes(name)} for name in (one, other)]
    return loosen(one) in wholes[1] or loosen(other) in wholes[0]


def build_name_keys(name: str) -> set[str]:
    """Build the keys that `NameKey` can make of a name: databases differ beyond ASCII."""
    lowered = {name.lower(), "".join(c.lower() if c.isascii() else c for c in name)}
    keys = set()
    for key in lowered:
        key = key.translate(_WITHOUT_SIGNS)
        for each in _WORDS:
            key = key.replace(each, "")
        keys.add(key)
    return keys - {""}


class NameKey(Func):
    """A name without signs, blanks and the words for a project, in lower case.

    It is written without parameters: only so do both databases see that an index has it. Who
    changes it makes a migration that builds these indexes again.
    """

    arity = 1
    output_field: Any = models.CharField()
    template = (
        "replace(" * len((*_SIGNS, *_WORDS))
        + "lower(%(expressions)s)"
        + "".join(f", '{each}', '')" for each in (*_SIGNS, *_WORDS))
    )


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
