"""Questions of an import on its page: for each line that may be something else, what it may be."""

from collections.abc import Container, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from parks.models import ImportBatch
from projects.doubts.doubts import DoubtKind
from projects.importing.asking.answers import (
    INCREASE,
    INTENT,
    MET,
    NEW,
    PHASE,
    PLANNED,
    RIGHT,
    unite_alike,
)

# With the line behind it
_FIELD, _AMOUNT_FIELD, _AGREEMENT_FIELD = "choice-", "amount-", "agreement-"


def read_answers(form: QueryDict) -> dict[str, str]:
    """Read the answers that were chosen, by line: several of one line are separated by commas."""
    answers: dict[str, list[str]] = {}
    for name, answer in form.items():
        kind, _hyphen, line = name.partition("-")
        if f"{kind}-" in (_FIELD, _AMOUNT_FIELD, _AGREEMENT_FIELD) and answer:
            answers.setdefault(line, []).append(str(answer))
    return {line: ",".join(said) for line, said in answers.items()}


def describe_doubts(batch: ImportBatch, lines: Container[int]) -> dict[str, Any]:
    """Describe what is asked about these lines, by line, and what settles all that is asked."""
    alike = [each for each in unite_alike(batch.open_doubts) if "lines" in each]
    return {
        "of_lines": _group_by_line(batch, lines),
        "alike": [{**e, "details": [e["detail"]], **_describe_said(e, e["lines"])} for e in alike],
        "asks_about_lines": any("line" in each for each in batch.open_doubts),
        "confirmed": [
            {"word": kind.value, "label": kind.label}
            for kind in DoubtKind
            if kind.value in {each["confirm"] for each in batch.open_doubts}
        ],
    }


def _group_by_line(batch: ImportBatch, lines: Container[int]) -> dict[int, list[dict[str, Any]]]:
    """Group the doubts of these lines by line; those that one answer settles are one question."""
    found: dict[int, list[dict[str, Any]]] = {}
    for doubt in batch.open_doubts:
        if doubt.get("line") not in lines:
            continue
        questions = found.setdefault(doubt["line"], [])
        question = next((each for each in questions if _has_one_answer(each, doubt)), None)
        if question is None:
            question = {**doubt, "details": []}
            questions.append(question)
        question["details"].append(doubt["detail"])
        if "answers" in doubt and len(doubt["answers"]) >= len(question["answers"]):
            question.update(_describe_said(doubt, doubt["line"]))
        if "choices" in doubt:
            question["field"] = f"{_FIELD}{doubt['line']}"
            question["asked"] = _("Line %(line)s is") % doubt
            names = question.setdefault("names", {})
            names.update(map(_name_candidate, doubt["candidates"]))
            question["answers"] = [
                {"value": choice, "label": _describe_choice(choice, names)}
                for choice in doubt["choices"]
            ]
    return found


def _has_one_answer(question: Mapping[str, Any], doubt: Mapping[str, Any]) -> bool:
    """Tell whether one answer settles both, which are about one line."""
    is_of_project = "choices" in question, "choices" in doubt
    return question["confirm"] == doubt["confirm"] and len({*is_of_project}) == 1


def _describe_said(doubt: Mapping[str, Any], lines: Any) -> dict[str, Any]:
    """Describe how it is asked what a line says, or several, and which answers that has."""
    is_amount = doubt["confirm"] == DoubtKind.AMOUNTS
    asked = _("The amount of line %(line)s is") if is_amount else _("Line %(line)s is")
    return {
        "field": f"{_AMOUNT_FIELD if is_amount else _AGREEMENT_FIELD}{lines}",
        "asked": asked % {"line": lines},
        "answers": [
            {"value": answer, "label": _describe_answer(answer, doubt)}
            for answer in doubt["answers"]
        ],
    }


def _describe_answer(answer: str, doubt: Mapping[str, Any]) -> str:
    labels = {
        RIGHT: _("right as it stands"),
        MET: _("a contract, or what was done"),
        INTENT: _("an intent only"),
        PLANNED: _("planned only"),
    }
    return labels.get(answer) or _("meant as %(suggestion)s") % doubt


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
    if word == PHASE:
        return _("a phase of %(project)s") % told
    if word == INCREASE:
        return _("an increase of %(project)s, add the amount to it") % told
    if place.startswith("#"):
        return _("the same as %(project)s, leave this line out") % told
    return _("the same as %(project)s, update that one") % told
