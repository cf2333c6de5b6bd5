"""Questions of an import about lights that differ from those of the ledger; none is written."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from config.texts import shorten
from parks.recording.change_rows import chunks
from projects.importing.asking.answers import describe_asked
from projects.importing.asking.duplicates import LISTED_AT_MOST, CheckedFile
from projects.lifecycle.lights import Lights
from projects.models import Light, Project
from projects.writing.doubts import DoubtKind

_LIGHTS = {
    Light.EXCUSED: re.compile("正当理由|excused", re.IGNORECASE),
    Light.RED: re.compile("红|red", re.IGNORECASE),
    Light.YELLOW: re.compile("黄|yellow|amber", re.IGNORECASE),
    Light.GREEN: re.compile("绿|green|正常|无", re.IGNORECASE),
}
_AS_GOOD_AS_GREEN = (Light.GREEN, Light.EXCUSED, Light.NONE)


def ask_of_lights(file: CheckedFile, actor: Any) -> Iterator[dict[str, Any]]:
    """Ask about the lines of stored projects whose light is not that of the ledger today."""
    if "light" not in file.reader.matches:
        return
    typed = {
        report.key: (line, text)
        for line, report in file.reports.items()
        if report.action != "error" and (text := file.read_texts(line).get("light", ""))
    }
    lights, asked = Lights(actor), 0
    for codes in chunks(typed):
        stored = Project.objects.filter(code__in=codes)
        keys = stored.filter(lights.has_light).values_list("pk", flat=True)
        explained = lights.explain([*keys]) if keys else {}
        for code in stored.order_by("pk").values_list("code", flat=True):
            line, text = typed[code]
            known = explained.get(code, {"light": Light.NONE, "rules": None})
            if asked < LISTED_AT_MOST and not says_light(text, known["light"]):
                asked += 1
                yield describe_light(file, line, text, known)


def read_light(text: str) -> Light | None:
    """Read the light that the text of a cell says: 红, 黄灯, amber; None where it says none."""
    return next((word for word, pattern in _LIGHTS.items() if pattern.search(text)), None)


def says_light(text: str, light: str) -> bool:
    """Return whether the text of a cell says a light; an excused one may be called green."""
    said = read_light(text)
    return said == light or (said in _AS_GOOD_AS_GREEN and light in _AS_GOOD_AS_GREEN)


def describe_light(
    file: CheckedFile, line: int, text: str, known: dict[str, Any]
) -> dict[str, Any]:
    """Describe the question about the light of a line."""
    detail = _("The sheet says “%(text)s”; by the rules it is “%(light)s” (%(rules)s).")
    label, rules = Light(known["light"]).label, known["rules"] or "–"
    about = ("light", DoubtKind.LIGHTS, "other_light")
    detail %= {"text": shorten(text), "light": label, "rules": rules}
    return describe_asked(file.reader.matches, *about, detail, line=line)
