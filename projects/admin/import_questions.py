"""Questions of an import on its page: for each line that may be something else, what it may be."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from parks.models import ImportBatch
from projects.doubts.doubts import DoubtKind
from projects.importing.asking.choices import NEW, SAME

MOST_SHOWN_QUESTIONS = 200
_FIELD = "choice-"  # with the line behind it


def read_answers(form: QueryDict) -> dict[str, str]:
    """Read the answers that were chosen, by line."""
    return {
        name.removeprefix(_FIELD): str(answer)
        for name, answer in form.items()
        if name.startswith(_FIELD) and answer
    }


def describe_doubts(batch: ImportBatch) -> dict[str, Any]:
    """Describe what is asked about, MOST_SHOWN_QUESTIONS at most, and what settles all of it."""
    questions = _group_by_line(batch)
    return {
        "questions": questions[:MOST_SHOWN_QUESTIONS],
        "unshown": max(0, len(questions) - MOST_SHOWN_QUESTIONS),
        "confirmed": [
            {"word": kind.value, "label": kind.label}
            for kind in DoubtKind
            if kind.value in {each["confirm"] for each in batch.doubts}
        ],
    }


def _group_by_line(batch: ImportBatch) -> list[dict[str, Any]]:
    """Group the doubts that one answer settles, with the answers that it may be."""
    questions: dict[Any, dict[str, Any]] = {}
    for place, doubt in enumerate(batch.doubts):
        key = doubt["line"] if "choices" in doubt else f"alone {place}"
        question = questions.setdefault(key, {**doubt, "details": []})
        question["details"].append(doubt["detail"])
        if "choices" in doubt:
            question["field"] = f"{_FIELD}{doubt['line']}"
            names = question.setdefault("names", {})
            names.update(map(_name_candidate, doubt["candidates"]))
            question["answers"] = [
                {"value": choice, "label": _describe_choice(choice, names)}
                for choice in doubt["choices"]
            ]
    return [*questions.values()]


def _name_candidate(candidate: Mapping[str, Any]) -> tuple[str, str]:
    name = candidate["name_zh"] or candidate["name_en"]
    if "code" in candidate:
        return candidate["code"], f"{name} ({candidate['code']})"
    line = _("line %(line)s") % {"line": candidate["line"]}
    return f"#{candidate['line']}", f"{name} ({line})"


def _describe_choice(choice: str, names: Mapping[str, str]) -> str:
    word, _sign, place = choice.partition(":")
    if word == NEW:
        return _("another project")
    told = {"project": names.get(place, place)}
    if word != SAME:
        return _("a phase of %(project)s") % told
    if place.startswith("#"):
        return _("the same as %(project)s, leave this line out") % told
    return _("the same as %(project)s, update that one") % told
