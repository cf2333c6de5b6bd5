"""Mappings that are kept under a name: saved with one file, used with the next ones."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.reading.columns import Wishes, parse_mapping
from config.reading.rows import FileError
from config.suggestions import nearest
from config.texts import REFUSED
from parks.models import ImportMapping

MOST_SIGNS = 64
_NO_NAME = re.compile(rf"[{{}}\[\]\"]|{REFUSED.pattern}")


@dataclass(frozen=True)
class Keeping:
    """Under which name the mapping of a file is to be kept."""

    name: str
    wishes: Wishes


def as_name(text: str) -> str:
    """Clean the name of a mapping; raises FileError for what cannot be one."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > MOST_SIGNS or _NO_NAME.search(name):
        detail = _(
            "The name of a mapping has at most %(max)d characters, on one line, without brackets."
        )
        raise FileError("invalid_mapping", detail % {"max": MOST_SIGNS})
    return name


def mapping_of(text: str) -> Wishes:
    """Get a mapping that is given as JSON, or by the name under which it was saved.

    Raises FileError (`invalid_mapping`, `unknown_mapping`).
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return parse_mapping(text.lstrip("\ufeff"))
    name = as_name(text)
    saved = ImportMapping.objects.filter(name=name).first()
    if saved is None:
        names = list(ImportMapping.objects.values_list("name", flat=True))
        told = {"name": name, "names": ", ".join(names) or "—"}
        detail = _("There is no saved mapping “%(name)s”. The saved ones are: %(names)s.")
        raise FileError("unknown_mapping", detail % told, nearest(name, names))
    return parse_mapping(json.dumps(saved.content))


def keep_mapping(keeping: Keeping, actor: Any) -> None:
    """Save a mapping, in the place of an older one; FileError when that is somebody else's.

    `actor` None is whoever runs the server.
    """
    saved = ImportMapping.objects.filter(name=keeping.name).first()
    if saved is None:
        saved = ImportMapping(name=keeping.name, user_id=getattr(actor, "pk", None))
    elif not saved.may_be_changed_by(actor):
        detail = _("The mapping “%(name)s” was saved by somebody else; choose another name.")
        raise FileError("mapping_taken", detail % {"name": keeping.name})
    saved.content = content_of(keeping.wishes)
    try:
        saved.clean_fields()
    except ValidationError as error:
        raise FileError("invalid_mapping", " ".join(error.messages)) from error
    saved.save()


def content_of(wishes: Wishes) -> dict[str, Any]:
    """Give a mapping as it is kept: only the parts that say something."""
    return {part: value for part, value in asdict(wishes).items() if value}
