"""The page of an import: its lines by what weighs most, what is asked, how the file was read."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parks.models import ImportBatch, Park, Region, Sector
from projects.importing.asking.answers import (
    INCREASE,
    INTENT,
    LEFT_OUT,
    MET,
    NAMED,
    NEW,
    PHASE,
    PLANNED,
    RIGHT,
    unite_alike,
)
from projects.importing.batches import list_known_columns
from projects.importing.cells.amounts import MU
from projects.importing.cells.columns import CELL_KINDS, COLUMNS, FURTHER_COLUMN
from projects.importing.cells.words import CHOICES
from projects.importing.plain import IMPORT_RESOURCES
from projects.models import Project
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


@dataclass(frozen=True)
class Tab:
    """Lines of which the same is to be done: a word for addresses, a label, their actions."""

    word: str
    label: str | Promise
    actions: Sequence[Action]


# What weighs most stands first
TABS = (
    Tab("wrong", ACTION_NAMES["error"], ("error", "conflict")),
    Tab("asked", ACTION_NAMES["asked"], ("asked",)),
    Tab("changed", ACTION_NAMES["update"], ("update",)),
    Tab("new", ACTION_NAMES["create"], ("create",)),
    Tab("same", ACTION_NAMES["same"], ("same", "duplicate")),
    Tab("skipped", ACTION_NAMES["skip"], ("skip",)),
)
_WORDS = {action: tab.word for tab in TABS for action in tab.actions}
# What is named by a code
_NAMED: Mapping[str, Any] = {"origin": Region, "region": Region, "sector": Sector, "park": Park}
# Rows that have a page of their own
_WITH_PAGES: Mapping[str, type[Model]] = {"projects": Project, "parks": Park}


def list_tabs(batch: ImportBatch, chosen: str) -> Iterator[dict[str, Any]]:
    """List the tabs that hold lines, each with how many; first one that holds them all."""
    counts = {tab: count_reported(batch, tab.word) for tab in TABS}
    everything = {"word": "", "label": gettext_lazy("all lines"), "count": sum(counts.values())}
    yield everything | {"is_chosen": not chosen}
    for tab, count in counts.items():
        if count:
            is_chosen = tab.word == chosen
            yield {"word": tab.word, "label": tab.label, "count": count, "is_chosen": is_chosen}


def count_reported(batch: ImportBatch, chosen: str) -> int:
    """Count the lines of a tab, or of all."""
    return sum(batch.counts.get(each, 0) for tab in _list_chosen(chosen) for each in tab.actions)


def read_reported(batch: ImportBatch, chosen: str, places: range) -> list[dict[str, Any]]:
    """Read the lines at some places of a tab, or of all, and hold no others: there may be many.

    They are sorted by what weighs most, and then as the file has them.
    """
    following, first = {}, 0  # the place that the next line of each tab has
    for tab in _list_chosen(chosen):
        following[tab.word] = first
        first += count_reported(batch, tab.word)
    found = {}
    for row in batch.read_rows():
        word = _WORDS[row["action"]]
        if word in following:
            if following[word] in places:
                found[following[word]] = row
            following[word] += 1
    return [found[place] for place in sorted(found)]


def _list_chosen(chosen: str) -> Sequence[Tab]:
    return [tab for tab in TABS if tab.word == chosen] or TABS


def describe_rows(resource: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Describe the rows of a report in words of the active language, with links to their pages."""
    known = _find_names(rows)
    pages = _find_pages(resource, rows)
    return [_describe_row(resource, row, known, pages) for row in rows]


def find_label(resource: str, name: str) -> Any:
    """Find what files call a column of ours."""
    plain = IMPORT_RESOURCES.get(resource)
    column = (plain.columns if plain else COLUMNS).get(name)
    return column.label if column else name


def _describe_row(
    resource: str,
    row: Mapping[str, Any],
    known: Mapping[Any, str],
    pages: Mapping[str, str],
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
        "errors": [_describe_cell(resource, each) for each in row.get("errors", ())],
        "warnings": [_describe_cell(resource, each) for each in row.get("warnings", ())],
    }
    if row["action"] == "skip":
        described["why"] = SKIPPED[row["reason"]]
    elif row["action"] in ("duplicate", "conflict"):
        described["why"] = ACTIONS[row["action"]]
    return described


def _describe_cell(resource: str, remark: Mapping[str, Any]) -> dict[str, Any]:
    """Describe what is said of a cell: it has the header of the file, or else our label."""
    column = remark.get("column") or find_label(resource, remark.get("name", ""))
    return {**remark, "column": column}


def _describe_value(name: str, text: str, known: Mapping[Any, str]) -> Any:
    """Add to a code the name of what it is of; turn a word into its label."""
    if (name, text) in known:
        return f"{known[name, text]} ({text})"
    return dict(CHOICES.get(name, ())).get(text, text)


def _find_names(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Find the names of the regions, sectors and parks in changes, by column and code."""
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
    """Find the addresses of the stored rows among these, by code in lower case."""
    model = _WITH_PAGES.get(resource)
    codes = {row["code"].lower() for row in rows if row.get("code")}
    if model is None or not codes:
        return {}
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    stored = model._default_manager.filter(code_key__in=codes).values_list("code_key", "pk")
    return {code: reverse(page, args=[key]) for code, key in stored}


_COLUMN, _UNIT = "column-", "unit-"  # with the number of the problem behind it
_ASKED_UNIT, _ASKED_COLUMN = "asked-unit-", "asked-column-"  # with the number of the doubt
_LEFT_OUT = "-"
READ_AGAIN, AND_KEEP = "_read_again", "keep"  # a button, and its value if it keeps the others
# What can be settled by naming the column of ours, and what by naming a unit
_OF_COLUMNS = (*MAY_BE_KEPT, "repeated_column", "unknown_name")
_OF_UNITS = ("unit_missing", "unit_not_understood")


def describe_problems(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe each column that is not understood, with the answers that it can be given."""
    described = []
    for number, problem in enumerate(batch.summary["problems"]):
        shown = {**problem}
        if batch.is_open and problem["code"] in (*_OF_COLUMNS, *_OF_UNITS):
            shown["column_field"] = f"{_COLUMN}{number}"
            names = list_known_columns(batch.resource)
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
    """List the columns that one click keeps as further ones, unless something else is chosen."""
    problems = batch.summary["problems"] if batch.resource == "projects" else ()
    return [problem["column"] for problem in problems if problem["code"] in MAY_BE_KEPT]


def describe_asked_columns(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe what is asked about whole columns: the units or the columns that may be meant."""
    return [
        {**doubt, "details": [doubt["detail"]], **_describe_meant(batch, doubt, number)}
        for number, doubt in enumerate(batch.open_doubts)
        if "line" not in doubt
    ]


def _describe_meant(batch: ImportBatch, doubt: Mapping[str, Any], number: int) -> dict[str, Any]:
    if doubt["confirm"] == DoubtKind.AMOUNTS:
        units = [*_list_units(batch, doubt["column"])]
        return {"unit_field": f"{_ASKED_UNIT}{number}", "units": units}
    columns = _name_columns(batch.resource, doubt["suggestions"])
    return {"field": f"{_ASKED_COLUMN}{number}", "asked": _("It is really"), "answers": columns}


def read_columns(form: QueryDict, batch: ImportBatch) -> Wishes:
    """Read what was chosen for the columns that are not understood, or asked about."""
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
    is_land = CELL_KINDS.get(name) in ("area", LAND)
    for unit, word in UNIT_WORDS.items():
        if (unit in MU) == is_land:
            yield {"value": word, "label": word}


# With the line behind it
_FIELD = "choice-"
_SAID_FIELDS = {
    DoubtKind.AMOUNTS.value: "amount-",
    DoubtKind.AGREEMENTS.value: "agreement-",
    DoubtKind.INVESTORS.value: "investors-",
}


def read_answers(form: QueryDict) -> dict[str, str]:
    """Read the answers that were chosen, by line: several of one line are separated by commas."""
    answers: dict[str, list[str]] = {}
    for name, answer in form.items():
        kind, _hyphen, line = name.partition("-")
        if f"{kind}-" in (_FIELD, *_SAID_FIELDS.values()) and answer:
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
    asked = {
        DoubtKind.AMOUNTS: _("The amount of line %(line)s is"),
        DoubtKind.INVESTORS: _("What is in brackets on line %(line)s is"),
    }.get(doubt["confirm"], _("Line %(line)s is"))
    return {
        "field": f"{_SAID_FIELDS[doubt['confirm']]}{lines}",
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
        NAMED: _("a part of the name"),
        LEFT_OUT: _("no part of the name, to be left out"),
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


ROWS_ON_PAGE = 500
WHY_IGNORED = {"numbering": gettext_lazy("row numbers"), "asked": gettext_lazy("as you asked")}


def is_of_file(batch: ImportBatch) -> bool:
    """Tell whether a file was read; a change of many projects is kept as an import without one."""
    return bool(batch.packed_content or batch.summary["columns"])


def name_import(batch: ImportBatch) -> str:
    """Name an import by its file, or by what was changed at once."""
    named = batch.file_name or batch.code
    return _("Import of %(file)s") % {"file": named} if is_of_file(batch) else named


def build_import_page(batch: ImportBatch, query: Mapping[str, str]) -> dict[str, Any]:
    """Build what the page of an import shows: of the tab `show`, ROWS_ON_PAGE rows of it.

    Each row has what is asked about it as its `questions`.
    """
    shown = query.get("show", "")
    places = range(count_reported(batch, shown))
    page = Paginator(places, ROWS_ON_PAGE).get_page(query.get("page"))
    lines = read_reported(batch, shown, places[page.start_index() - 1 : page.end_index()])
    doubts = describe_doubts(batch, {each["line"] for each in lines})
    rows = describe_rows(batch.resource, lines)
    problems = describe_problems(batch)
    return {
        "batch": batch,
        "is_of_file": is_of_file(batch),
        "tabs": [*list_tabs(batch, shown)],
        "shown": shown,
        "page": page,
        **doubts,
        "of_columns": describe_asked_columns(batch),
        "rows": [row | {"questions": doubts["of_lines"].get(row["line"], ())} for row in rows],
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
