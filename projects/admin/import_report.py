"""The page of an import: its lines by importance, open questions, how the file was read."""

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from parks.models import ImportBatch, Park, Region, Sector
from projects.importing.asking import answers
from projects.importing.cells.amounts import LAND_SIZES
from projects.importing.cells.columns import CELL_KINDS, FURTHER_COLUMN
from projects.importing.cells.words import CHOICES
from projects.importing.plain import IMPORT_RESOURCES
from projects.writing.doubts import DoubtKind
from sheets.imports import ACTIONS, Action
from sheets.reading.columns import LAND, MAY_BE_KEPT, Wishes
from sheets.reading.set_aside import SKIPPED
from sheets.reading.units import UNIT_WORDS

ACTION_NAMES = {
    "create": gettext_lazy("new"),
    "update": gettext_lazy("changed"),
    "asked": gettext_lazy("to be answered"),
    "same": gettext_lazy("the same"),
    "skip": gettext_lazy("skipped"),
    "duplicate": gettext_lazy("repeated"),
    "conflict": gettext_lazy("in conflict"),
    "error": gettext_lazy("wrong"),
}


# The actions of the lines of each tab, by its word in URLs, the most important first. Its label is
# that of the first action
TABS: Mapping[str, Sequence[Action]] = {
    "wrong": ("error", "conflict"),
    "asked": ("asked",),
    "changed": ("update",),
    "new": ("create",),
    "same": ("same", "duplicate"),
    "skipped": ("skip",),
}
_WORDS = {action: word for word, actions in TABS.items() for action in actions}
# Columns whose values are codes
_NAMED: Mapping[str, Any] = {"origin": Region, "region": Region, "sector": Sector, "park": Park}


def list_tabs(counts: Mapping[str, int], chosen: str) -> Iterator[dict[str, Any]]:
    """List the tabs that have lines, with their number; the first one has all lines."""
    total = sum(counts.values())
    yield {"word": "", "label": _("all lines"), "count": total, "is_chosen": not chosen}
    for word, actions in TABS.items():
        if count := counts[word]:
            label, is_chosen = ACTION_NAMES[actions[0]], word == chosen
            yield {"word": word, "label": label, "count": count, "is_chosen": is_chosen}


def read_shown_rows(
    batch: ImportBatch, counts: Mapping[str, int], places: range
) -> list[dict[str, Any]]:
    """Read the lines at these places of some tabs, without keeping the others in memory.

    They are sorted by tab, then as in the file; `counts` has the number of lines of each tab.
    """
    following, first = {}, 0  # the place of the next line of each tab
    for word, count in counts.items():
        following[word] = first
        first += count
    found = {}
    for row in batch.read_rows():
        word = _WORDS[row["action"]]
        if word in following:
            if following[word] in places:
                found[following[word]] = row
            following[word] += 1
    return [found[place] for place in sorted(found)]


def describe_rows(
    resource: str, lines: Sequence[Mapping[str, Any]], questions: Mapping[int, Any]
) -> list[dict[str, Any]]:
    """Describe lines in the active language, with their questions and links to stored rows."""
    names, pages = _find_names(lines), _find_pages(resource, lines)
    return [
        _describe_row(resource, line, names, pages) | {"questions": questions.get(line["line"], ())}
        for line in lines
    ]


def find_label(resource: str, name: str) -> Any:
    """Find the label of a column in files."""
    column = IMPORT_RESOURCES[resource].columns.get(name)
    return column.label if column else name


def _describe_row(
    resource: str, row: Mapping[str, Any], known: Mapping[Any, str], pages: Mapping[str, str]
) -> dict[str, Any]:
    described = {
        **row,
        "url": pages.get(row.get("code", "").lower()),
        "fate": ACTION_NAMES[row["action"]],
        "changes": [
            {
                "label": find_label(resource, name),
                "old": _describe_value(name, old, known),
                "new": _describe_value(name, new, known),
            }
            for name, (old, new) in row.get("changes", {}).items()
        ],
        **{
            kind: [
                {**each, "column": each.get("column") or find_label(resource, each.get("name", ""))}
                for each in row.get(kind, ())
            ]
            for kind in ("errors", "warnings")
        },
    }
    if row["action"] == "skip":
        described["why"] = SKIPPED[row["reason"]]
    elif row["action"] in ("duplicate", "conflict"):
        described["why"] = ACTIONS[row["action"]]
    return described


def _describe_value(name: str, text: str, known: Mapping[Any, str]) -> Any:
    if (name, text) in known:
        return f"{known[name, text]} ({text})"
    return dict(CHOICES.get(name, ())).get(text, text)


def _find_names(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    codes: dict[str, set[str]] = {name: set() for name in _NAMED}
    for row in rows:
        for name, values in row.get("changes", {}).items():
            if name in codes:
                codes[name].update(value for value in values if value)
    return {
        (name, row.code): row.name
        for name, model in _NAMED.items()
        for row in (model.objects.filter(code__in=codes[name]) if codes[name] else ())
    }


def _find_pages(resource: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Find the URLs of the stored rows, by code in lower case."""
    model: Any = IMPORT_RESOURCES[resource].named
    codes = {row["code"].lower() for row in rows if row.get("code")}
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    stored = model._default_manager.filter(code_key__in=codes).values_list("code_key", "pk")
    return {code: reverse(page, args=[key]) for code, key in stored}


_COLUMN, _UNIT = "column-", "unit-"  # followed by the number of the problem
_ASKED_UNIT, _ASKED_COLUMN = "asked-unit-", "asked-column-"  # followed by the number of the doubt
_LEFT_OUT = "-"
READ_AGAIN, AND_KEEP = "_read_again", "keep"  # a button, and its value if it keeps the others
# Problems that are settled by naming a column, or a unit
_OF_COLUMNS = (*MAY_BE_KEPT, "repeated_column", "unknown_name")
_OF_UNITS = ("unit_missing", "unit_not_understood")


def describe_problems(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe the columns that are not understood, with the possible answers."""
    described = []
    for number, problem in enumerate(batch.summary["problems"]):
        shown = {**problem}
        if batch.is_open and problem["code"] in (*_OF_COLUMNS, *_OF_UNITS):
            shown["column_field"] = f"{_COLUMN}{number}"
            names = IMPORT_RESOURCES[batch.resource].known_columns
            nearest = [name for name in problem.get("suggestions", []) if name in names]
            if problem["code"] in _OF_UNITS:
                shown["unit_field"] = f"{_UNIT}{number}"
                shown["units"] = [*_list_units(batch, problem["column"])]
            else:
                shown["nearest"] = _name_columns(batch.resource, nearest)
                others = [name for name in names if name not in nearest]
                shown["others"] = _name_columns(batch.resource, others)
        described.append(shown)
    return described


def list_kept(batch: ImportBatch) -> list[str]:
    """List the columns that one click keeps as further columns."""
    problems = batch.summary["problems"] if batch.resource == "projects" else ()
    return [problem["column"] for problem in problems if problem["code"] in MAY_BE_KEPT]


def describe_asked_columns(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe the questions about whole columns, with the units or columns to choose from."""
    described = []
    for number, doubt in enumerate(batch.open_doubts):
        if "line" in doubt:
            continue
        shown = {**doubt, "details": [doubt["detail"]]}
        if doubt["confirm"] == DoubtKind.AMOUNTS:
            shown["unit_field"] = f"{_ASKED_UNIT}{number}"
            shown["units"] = [*_list_units(batch, doubt["column"])]
        else:
            shown |= {"field": f"{_ASKED_COLUMN}{number}", "asked": _("It is really")}
            shown["answers"] = _name_columns(batch.resource, doubt["suggestions"])
        described.append(shown)
    return described


def read_wishes(form: QueryDict, batch: ImportBatch) -> Wishes:
    """Read the answers about columns that are not understood, or asked about."""
    units, ignored = {}, []
    is_kept = form.get(READ_AGAIN) == AND_KEEP
    columns = dict.fromkeys(list_kept(batch) if is_kept else (), FURTHER_COLUMN)
    for number, problem in enumerate(batch.summary["problems"]):
        text = problem["column"]
        name, unit = form.get(f"{_COLUMN}{number}", ""), form.get(f"{_UNIT}{number}", "")
        if name == _LEFT_OUT:
            columns.pop(text, None)
            ignored.append(text)
        elif name:
            columns[text] = name
        if unit:
            units[text] = unit
    for number, doubt in enumerate(batch.open_doubts):
        if unit := form.get(f"{_ASKED_UNIT}{number}", ""):
            units[doubt["column"]] = unit
        if name := form.get(f"{_ASKED_COLUMN}{number}", ""):
            columns[doubt["column"]] = name
    return Wishes(columns=columns, units=units, ignore=tuple(ignored))


def _name_columns(resource: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    return [{"value": name, "label": find_label(resource, name)} for name in names]


def _list_units(batch: ImportBatch, text: str) -> Iterator[Mapping[str, str]]:
    name = next((c["name"] for c in batch.summary["columns"] if c["column"] == text), "")
    is_land = CELL_KINDS.get(name) in ("area", "floor", LAND)
    for unit, word in UNIT_WORDS.items():
        if (unit in LAND_SIZES) == is_land:
            yield {"value": word, "label": word}


# Followed by the line
_FIELD = "choice-"
_SAID_FIELDS = {
    DoubtKind.AMOUNTS.value: "amount-",
    DoubtKind.AGREEMENTS.value: "agreement-",
    DoubtKind.INVESTORS.value: "investors-",
}


def read_answers(form: QueryDict) -> dict[str, str]:
    """Read the answers by line; several answers of one line are separated by commas."""
    said: dict[str, list[str]] = {}
    for name, answer in form.items():
        kind, _hyphen, line = name.partition("-")
        if f"{kind}-" in (_FIELD, *_SAID_FIELDS.values()) and answer:
            said.setdefault(line, []).append(str(answer))
    return {line: ",".join(given) for line, given in said.items()}


def describe_doubts(batch: ImportBatch, lines: Container[int]) -> dict[str, Any]:
    """Describe the questions about these lines, by line, and the answers for all questions."""
    alike = [each for each in answers.unite_alike(batch.open_doubts) if "lines" in each]
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
    """Group the doubts of these lines by line; doubts with the same answers are one question."""
    found: dict[int, list[dict[str, Any]]] = {}
    for doubt in batch.open_doubts:
        if doubt.get("line") not in lines:
            continue
        questions = found.setdefault(doubt["line"], [])
        kind = (doubt["confirm"], "choices" in doubt)
        same = (each for each in questions if (each["confirm"], "choices" in each) == kind)
        question = next(same, None)
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


def _describe_said(doubt: Mapping[str, Any], lines: Any) -> dict[str, Any]:
    labels = {
        answers.RIGHT: _("right as it stands"),
        answers.MET: _("a contract, or what was done"),
        answers.INTENT: _("an intent only"),
        answers.PLANNED: _("planned only"),
        answers.NAMED: _("a part of the name"),
        answers.LEFT_OUT: _("no part of the name, to be left out"),
    }
    asked = {
        DoubtKind.AMOUNTS: _("The amount of line %(line)s is"),
        DoubtKind.INVESTORS: _("What is in brackets on line %(line)s is"),
    }.get(doubt["confirm"], _("Line %(line)s is"))
    return {
        "field": f"{_SAID_FIELDS[doubt['confirm']]}{lines}",
        "asked": asked % {"line": lines},
        "answers": [
            {"value": answer, "label": labels.get(answer) or _("meant as %(suggestion)s") % doubt}
            for answer in doubt["answers"]
        ],
    }


def _name_candidate(candidate: Mapping[str, Any]) -> tuple[str, str]:
    name = candidate["name_zh"] or candidate["name_en"]
    if "code" in candidate:
        return candidate["code"], f"{name} ({candidate['code']})"
    line = _("line %(line)s") % {"line": candidate["line"]}
    return f"#{candidate['line']}", f"{name} ({line})"


def _describe_choice(choice: str, names: Mapping[str, str]) -> str:
    word, _sign, place = choice.partition(":")
    if word == answers.NEW:
        return _("another project")
    if word == answers.PHASE:
        text = _("a phase of %(project)s")
    elif word == answers.INCREASE:
        text = _("an increase of %(project)s, add the amount to it")
    elif place.startswith("#"):
        text = _("the same as %(project)s, leave this line out")
    else:
        text = _("the same as %(project)s, update that one")
    return text % {"project": names.get(place, place)}


ROWS_ON_PAGE = 500
WHY_IGNORED = {"numbering": gettext_lazy("row numbers"), "asked": gettext_lazy("as you asked")}


def is_of_file(batch: ImportBatch) -> bool:
    """Return whether a file was read; changing many projects is an import without one."""
    return bool(batch.packed_content or batch.summary["columns"])


def name_import(batch: ImportBatch) -> str:
    """Name an import by its file, or by the change of many projects."""
    named = batch.file_name or batch.code
    return _("Import of %(file)s") % {"file": named} if is_of_file(batch) else named


def build_import_page(batch: ImportBatch, query: Mapping[str, str]) -> dict[str, Any]:
    """Build the context of the page of an import: ROWS_ON_PAGE rows of the tab `show`.

    The `questions` of a row are the doubts about it.
    """
    shown = query.get("show", "")
    counts = {tab: sum(batch.counts.get(each, 0) for each in TABS[tab]) for tab in TABS}
    chosen = {shown: counts[shown]} if shown in counts else counts
    places = range(sum(chosen.values()))
    page = Paginator(places, ROWS_ON_PAGE).get_page(query.get("page"))
    lines = read_shown_rows(batch, chosen, places[page.start_index() - 1 : page.end_index()])
    doubts = describe_doubts(batch, {each["line"] for each in lines})
    problems = describe_problems(batch)
    return {
        "batch": batch,
        "is_of_file": is_of_file(batch),
        "tabs": [*list_tabs(counts, shown)],
        "shown": shown,
        "page": page,
        **doubts,
        "of_columns": describe_asked_columns(batch),
        "rows": describe_rows(batch.resource, lines, doubts["of_lines"]),
        "problems": problems,
        "kept": list_kept(batch) if batch.is_open else [],
        "may_be_mapped": any("column_field" in problem for problem in problems),
        "kept_as": PurePath(batch.file_name).stem[:64],
        "columns": [
            {
                **column,
                "label": find_label(batch.resource, column["name"]),
                "unit": UNIT_WORDS.get(column.get("unit", ""), column.get("unit", "")),
            }
            for column in batch.summary["columns"]
        ],
        "ignored": [
            {"column": text, "reason": WHY_IGNORED.get(why, why)}
            for text, why in batch.summary["ignored"].items()
        ],
    }
