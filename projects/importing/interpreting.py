"""Interpret the columns of a sheet by its name, its titles and its headers.

An intent never becomes a contract, and a promised or planned day never a step that was met:
whatever a header is mapped to, its own words and those above the table decide. Contradictions are
asked about (`asking/doubts.py`).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from config.mistakes import Mistake
from config.texts import shorten
from projects.importing.cells.columns import (
    FURTHER_COLUMN,
    MET_STEPS,
    PLANNED_DAYS,
    list_project_spellings,
)
from projects.importing.cells.rows_below import DAY_COLUMN, find_day, find_last_day
from projects.importing.cells.words import (
    CONTRACT,
    FACT,
    FRAMEWORK,
    INTENT,
    NOT_BINDING,
    PLAN,
    TALKS,
    Evidence,
    find_evidence,
    find_in_header,
    find_meanings,
    find_word,
    is_blank,
    pick_evidence,
    strip_plan,
)
from projects.importing.rows import UNNUMBERED, Cells, find_heading_level
from projects.importing.stored import Stored
from projects.models.words import (
    SIGNING_TYPES,
    AgreementType,
    Approval,
    InvestmentBasis,
    Stage,
    find_basis_of_words,
    list_stages_from,
)
from sheets.imports import ColumnWarning
from sheets.reading.columns import (
    ALL_OTHERS,
    MAY_BE_KEPT,
    Wishes,
    describe_refused_column,
    describe_unknown,
    find_joined,
    find_repeated,
)
from sheets.reading.files import ReadTable
from sheets.reading.headers import LONGEST_HEADER, Match, find_group, normalize_header

STAGE_COLUMNS = ("stage", "status")
SIGNED_ON, INTENDED_ON, AMOUNT = "signed_on", "intended_on", "investment_cny"
BINDING_STAGES = list_stages_from(Stage.SIGNED)
# How a title names the step that it says is planned: 计划新开工项目, 2026年竣工计划
_STEP_WORDS: Mapping[Stage, re.Pattern[str]] = {
    Stage.REGISTERED: re.compile("注册|落户|registration"),
    Stage.STARTED: re.compile(
        r"开工|动工|开建|开[(、/及]?[竣复]\)?工|建设?项目|start|construction"
    ),
    Stage.COMPLETED: re.compile(r"竣\)?工|完工|建成|completion"),
    Stage.OPERATING: re.compile("投产|投运|运营|投用|operation|commissioning"),
    Stage.FULL_CAPACITY: re.compile("达产|满产"),
}
# All that a plan at their end covers: 开工、竣工和投产计划, 开工竣工时间计划
_STEPS_BEFORE = re.compile(
    rf"(?:(?:{'|'.join(each.pattern for each in _STEP_WORDS.values())})"
    r"(?:(?:项目)?[、,和及与/])?){1,8}(?:项目|时间|日期|节点|进度)?(?:均?[为系])?$"
)
_OF_MONEY = re.compile("投资|资金|单位|金额|investment|规划")  # a plan of these is none of a step
_LOOSE = (AgreementType.INTENT, AgreementType.FRAMEWORK)
PLACES: Mapping[str, str | Promise] = {
    "sheet": gettext_lazy("the name of the sheet"),
    "title": gettext_lazy("the title"),
    "block": gettext_lazy("the heading above the row"),
    "header": gettext_lazy("the header"),
    "cell": gettext_lazy("the cell"),
    "day": gettext_lazy("the day of the sheet"),
    "remark": gettext_lazy("a remark below the header"),
}


def is_binding(stored: Stored) -> bool:
    """Tell whether a stored project has reached a contract."""
    return stored.values["stage"] in BINDING_STAGES


def read_stage_word(text: str) -> Stage | None:
    """Read the stage of a cell, if it is the contract or a later one."""
    word = find_word("stage", text) if text else None
    return Stage(word) if word in BINDING_STAGES else None


def find_early_stage(text: str) -> Stage | None:
    """Find the stage of a cell, if it is one before the contract."""
    word = find_word("stage", text) if text else None
    return Stage(word) if word and word not in BINDING_STAGES else None


def leave_talks(cells: Cells) -> None:
    """Drop the stage of talks where the row has the day of an intent."""
    for name in STAGE_COLUMNS:
        text = cells.texts.get(name, "")
        if find_early_stage(text) in (Stage.LEAD, Stage.NEGOTIATING):
            cells.values.pop(name, None)
            detail = _("The row has the day of an intent: “%(text)s” is not taken as its stage.")
            cells.warn(name, Mistake("not_written", detail % {"text": text}))


def find_planned_steps(why: Evidence) -> list[Stage]:
    """Find the steps that a word above a table calls planned: those named beside it, else all."""
    if why.kind != PLAN or _OF_MONEY.search(why.around):
        return []
    listed = _STEPS_BEFORE.search(why.before)
    beside = f"{listed[0] if listed else ''}|{why.around}"
    named = [stage for stage, words in _STEP_WORDS.items() if words.search(beside)]
    return named or BINDING_STAGES


def describe_evidence(why: Evidence) -> dict[str, Any]:
    """Describe the place and word of an evidence, for a message."""
    return {"place": PLACES.get(why.place, why.place), "word": why.word}


# Who made a sheet is no title: 填报单位：土地储备中心
_MADE_BY = re.compile(r"(?:单位|部门|机构|人)\s*[:：][^\s)）]*")
# A remark on what the table lacks: 不含框架协议, 在谈项目另附
_OF_OTHERS = re.compile("不[含计包列在]|未[计列纳]|[除剔另附]|非")
# A clause about all rows, not about some of them: 以上项目均为, not 第2项为, 以上部分项目为
_ALL_ROWS = re.compile(
    "(?:^|[；。;])(?![^；。;]*(?:第|部分|其中|个别|标|★))[^；。;]*(?:[以如]上|上[述列表]|[均全皆]|本表)"
    "[^；。;]*$"
)
OF_PROGRESS = re.compile("进展|推进|状态|进度|阶段|情况|status|progress|stage", re.IGNORECASE)
# The words of a header of progress that speaks of the project itself, not of its road or its loan
_OF_PROJECT = re.compile(
    r"(?:目前|当前|最新|现|项目|工作|推进|进展|签约|建设|形象|工程|总体|整体|实施|落地|前期|所处|所在"
    "|开工|竣工|投产|洽谈|对接|跟进|招商|谈判|状态|进度|阶段|情况|截至|截止|本|上|周|旬|季度|及|和|与|的"
    r"|current|latest|project|overall|construction|status|progress|stage|[\d年月日底、/()（）\s])++",
    re.IGNORECASE,
)
_ENDS_BLOCK = re.compile("签约|开工|在建|续建|竣工|投产|达产|contract|signed|start", re.IGNORECASE)
_LONGEST_TITLE = 60  # characters of a line above the table that is more than a remark
_NO_PLANNED_DAY = gettext_lazy(
    "its days are promised or planned, and an approval has no planned day."
)
_ONLY_FURTHER = gettext_lazy(
    "“*” stands for all columns that are not understood: only `further_columns` takes them."
)
_READ_AS: Mapping[str, str | Promise] = {
    "read_as_intent": gettext_lazy(
        "“%(column)s” is read as the day of the intent, not of a contract: %(place)s says "
        "“%(word)s”."
    ),
    "read_as_planned": gettext_lazy(
        "“%(column)s” is read as planned days, not as what was done: %(place)s says “%(word)s”."
    ),
    "read_as_intended": gettext_lazy(
        "“%(column)s” is read as intended amounts: %(place)s says “%(word)s”."
    ),
    "read_as_stage": gettext_lazy(
        "“%(column)s” is read as the stage or standing: most of its cells are one."
    ),
}


def find_above(table: ReadTable) -> list[Evidence]:
    """Find the evidence of the sheet's name and the lines above its first table."""
    head = takewhile(lambda row: row.line < table.header.first_line, table.sheet.rows)
    above = [row for row in head if not row.is_empty]
    if has_titles_of_blocks(table):
        above = above[:-1]
    titles = [("title", _MADE_BY.sub("", cell)) for row in above for cell in row.filled]
    short = [("sheet", table.sheet.name), *(t for t in titles if len(t[1]) <= _LONGEST_TITLE)]
    long = [(place, text[:LONGEST_HEADER]) for place, text in titles if len(text) > _LONGEST_TITLE]
    return [*find_evidence(short), *find_evidence(long, in_notes=True)]


def find_remarked(table: ReadTable) -> list[Evidence]:
    """Find the evidence of the remarks below the header, unless they may be of one of several."""
    if has_titles_of_blocks(table):
        return []
    lines = (each.line for each in table.skipped if each.reason == "remark")
    cells = (cell for line in islice(lines, 20) for cell in table.sheet.rows.find(line).filled)
    texts = [("remark", _MADE_BY.sub("", cell)) for cell in cells]
    said = find_evidence(texts)
    of_all = [*filter(covers_all_rows, said)]
    loose = [each for each in find_evidence(texts, in_notes=True) if each.kind in NOT_BINDING]
    plans = [each for each in said if each.kind == PLAN]
    return [each for each in (*of_all, *loose, *plans) if not _OF_OTHERS.search(each.around)]


def covers_all_rows(why: Evidence) -> bool:
    """Tell whether a remark says that no row is a contract yet."""
    return why.kind in NOT_BINDING and bool(_ALL_ROWS.search(why.before))


def has_titles_of_blocks(table: ReadTable) -> bool:
    """Tell whether a sheet has several tables whose titles differ."""
    return len({block.titles for block in table.blocks}) > 1


class SheetMeaning:
    """A table with its columns interpreted by its words.

    `loose` and `loose_amount` are evidence of an intent or talks, above the table and in the header
    of the amounts; `planned` is evidence above it that steps are planned. `asked` has the evidence
    against columns of met steps, by our name; `moved` the columns that were read as others because
    of the lines above the table; `blocks` the evidence of headings within it about the lines below
    them; `day` the last one on which the sheet reports (截至), blank if unsaid.
    """

    def __init__(self, table: ReadTable, wishes: Wishes) -> None:
        self.table = table
        self.wishes = wishes
        self.above = find_above(table)
        self.problems = [*table.problems]
        self.day = find_last_day(table)
        day = wishes.defaults.get("noted_on") or find_day(table, "", is_of_notes=True)
        self.has_day = bool(day)
        self.columns = sorted([*table.columns, *self.find_unread()], key=lambda m: m.place)
        self.names = {match.name for match in self.columns}
        self.words = {match.place: self.find_words(match) for match in self.columns}
        of_amounts = [e for m in self.columns for e in self.words[m.place] if m.name == AMOUNT]
        of_signing = [e for m in self.columns for e in self.words[m.place] if m.name == SIGNED_ON]
        self.contract = pick_evidence([*self.above, *of_signing, *of_amounts], CONTRACT)
        self.loose = pick_evidence(self.above, *NOT_BINDING)
        self.loose_amount = pick_evidence(of_amounts, *NOT_BINDING)
        self.planned = {step: each for each in self.above for step in find_planned_steps(each)}
        self.remarked = find_remarked(table)
        self.warnings: list[ColumnWarning] = []
        self.asked: dict[str, Evidence] = {}
        self.moved: dict[str, str] = {}
        self.blocks = [*self.find_blocks()]
        columns = self.interpret()
        self.table = replace(table, columns=columns, problems=[*map(self.soften, self.problems)])
        signing = next((m for m in columns if m.name == SIGNED_ON), None)
        is_silent = signing is not None and not self.words[signing.place]
        # Whether the header of the signing leaves open what was signed
        self.is_neutral = is_silent and "version" not in self.names

    def interpret(self) -> list[Match]:
        """Interpret all columns, without those that cannot be imported."""
        columns = [read for match in self.columns if (read := self.read(match))]
        names = Counter(match.name for match in columns)
        spellings = list_project_spellings()
        joined = find_joined(spellings)
        self.problems += find_repeated(columns, spellings)
        columns = [m for m in columns if names[m.name] == 1 or m.name in joined]
        kept = self.keep_others()
        columns = [m for m in columns if m.place not in {each.place for each in kept}]
        return sorted([*columns, *kept], key=lambda match: match.place)

    def find_blocks(self) -> Iterator[tuple[int, Evidence | None]]:
        """Find the headings within the table that are evidence, or end the previous evidence.

        A numbered heading is also ended by the next one of its level or of a higher level.
        """
        since = UNNUMBERED
        for line, texts, is_table in sorted([*self.find_headings()]):
            said = find_evidence([("block", text[:_LONGEST_TITLE]) for text in texts])
            plans = (each for each in said if find_planned_steps(each))
            found = pick_evidence(said, *NOT_BINDING) or next(plans, None)
            level = 0 if is_table else find_heading_level(texts[0])
            is_next = level <= since < UNNUMBERED
            if found or is_table or is_next or any(map(_ENDS_BLOCK.search, texts)):
                since = level
                yield line, found

    def find_headings(self) -> Iterator[tuple[int, list[str], bool]]:
        """Find the lines of headings with their texts, and whether a table begins there."""
        rows = self.table.sheet.rows
        for line in (each.line for each in self.table.skipped if each.reason == "section"):
            yield line, rows.find(line).filled, False
        for block in self.table.blocks if has_titles_of_blocks(self.table) else ():
            own = block.titles if block.first_line else block.titles[-1:]
            yield block.header.first_line, [*own], True

    def find_words(self, match: Match) -> list[Evidence]:
        """Find the evidence of a header, the lower one of two rows first."""
        texts = self.table.header.texts
        is_divided = match.place < len(texts) and len(texts[match.place]) > 1
        text = match.text[:LONGEST_HEADER]
        found = find_in_header(text.split("/") if is_divided else [text])
        if found or match.name not in MET_STEPS or not is_divided:
            return found
        group = find_group(texts, match.place)
        return [each for each in find_in_header([group]) if each.kind == PLAN]

    def find_unread(self) -> Iterator[Match]:
        """Find unknown columns that can be understood by their words or their cells."""
        unknown = {p.place["column"]: p for p in self.problems if p.code == "unknown_column"}
        spellings = list_project_spellings()
        for match in self.table.header.matches:
            is_free = match.text in unknown and not match.name and not match.refused
            if not is_free or len(match.text) > LONGEST_HEADER:
                continue
            bare = strip_plan(match.text)
            heading = spellings.get(normalize_header(bare))
            is_planned = bare != match.text and heading and heading.name in MET_STEPS
            if heading and is_planned:
                name = heading.name
            elif self.holds_stages(match):
                name = "status"
            else:
                continue
            self.problems.remove(unknown.pop(match.text))
            yield replace(match, name=name)

    def holds_stages(self, match: Match) -> bool:
        """Tell whether most cells of a column of progress are stages, which no other column has."""
        names = {each.name for each in self.table.columns}
        has_other = names & {"stage", "status", DAY_COLUMN, "reported_on"} or self.has_day
        is_of_project = OF_PROGRESS.search(match.text) and _OF_PROJECT.fullmatch(match.text)
        if has_other or not is_of_project or not self.is_free(match):
            return False
        texts = [t for row in self.table.rows if not is_blank(t := row.cell(match.place))]
        stages = [
            text
            for text in texts
            if find_word("stage", text) or find_word("standing", text) or find_meanings(text)
        ]
        return len(stages) * 2 > len(texts)

    def is_free(self, match: Match) -> bool:
        """Tell whether the mapping leaves this column open."""
        return self.wishes.column_of(match.text) is None and not self.wishes.ignores(match.text)

    def keep_others(self) -> list[Match]:
        """Keep as text, if the mapping says so, all columns that are not understood."""
        name = self.wishes.columns.get(ALL_OTHERS)
        if name and name != FURTHER_COLUMN:
            problem = Mistake("unknown_name", str(_ONLY_FURTHER), FURTHER_COLUMN)
            self.problems.append(problem.at(column=ALL_OTHERS))
        if name != FURTHER_COLUMN:
            return []
        kept = {problem.place["column"] for problem in self.problems if problem.code in MAY_BE_KEPT}
        self.problems = [problem for problem in self.problems if problem.code not in MAY_BE_KEPT]
        others = (match for match in self.table.header.matches if match.text in kept)
        return [replace(match, name=FURTHER_COLUMN) for match in others]

    def read(self, match: Match) -> Match | None:
        """Interpret one column; None where it cannot be imported."""
        step = MET_STEPS.get(match.name)
        if step:
            return self.read_step(match, step)
        if match.name == AMOUNT:
            return self.read_amount(match)
        is_unread = all(each.place != match.place for each in self.table.columns)
        is_note = match.name in ("note", "latest_progress")
        if (match.name == "status" and is_unread) or (is_note and self.holds_stages(match)):
            return self.rename(match, "status", "read_as_stage", Evidence("", "", "cell"))
        return match

    def read_step(self, match: Match, step: Stage | Approval) -> Match | None:
        """Interpret a column of days on which a step was met."""
        own = self.words[match.place]
        plan = pick_evidence(own, PLAN)
        if not isinstance(step, Stage):
            if plan:
                self.problems.append(describe_refused_column(match.text, _NO_PLANNED_DAY))
            return None if plan else match
        if step in SIGNING_TYPES:
            plan = plan or pick_evidence(own, TALKS)
        elif step in BINDING_STAGES:
            plan = plan or pick_evidence(own, *NOT_BINDING)
        if plan:
            return self.rename(match, f"{step.value}_planned_on", "read_as_planned", plan)
        intent = pick_evidence(own, INTENT, FRAMEWORK)
        if step == Stage.SIGNED and intent:
            if not pick_evidence(own, CONTRACT):
                return self.rename(match, INTENDED_ON, "read_as_intent", intent)
            self.asked[match.name] = intent
            return match
        return self.read_by_title(match, step) if step in BINDING_STAGES else match

    def read_by_title(self, match: Match, step: Stage) -> Match:
        """Interpret a column of a binding step by the lines above the table."""
        target, why = "", None
        if not self.words[match.place]:
            target, why = self.find_other_meaning(step)
        if why and target not in self.names:
            self.moved[target] = match.name
            is_intent = target == INTENDED_ON
            code = "read_as_intent" if is_intent else "read_as_planned"
            return self.rename(match, target, code, why)
        if against := self.find_unmet(step) or self.find_remark(match, step):
            self.asked[match.name] = against
        return match

    def find_remark(self, match: Match, step: Stage) -> Evidence | None:
        """Find the evidence of a remark that the days of a column are those of no met step."""
        if pick_evidence(self.words[match.place], CONTRACT, FACT):
            return None
        first = next((each for each in BINDING_STAGES if f"{each.value}_on" in self.names), None)
        for why in self.remarked:
            steps = find_planned_steps(why)
            is_loose = why.kind != PLAN and "agreement_type" not in self.names
            if (is_loose and step == first) or (step in steps and steps != BINDING_STAGES):
                return why
        return None

    def find_other_meaning(self, step: Stage) -> tuple[str, Evidence | None]:
        """Find another meaning of the days of a step by the lines above the table."""
        target, loose = f"{step.value}_planned_on", self.loose
        is_of_step = len(self.planned) < len(BINDING_STAGES)
        if is_of_step and step in self.planned:
            return target, self.planned[step]
        if loose and step == Stage.SIGNED and not self.contract:
            return target if loose.kind == TALKS else INTENDED_ON, loose
        return "", None

    def read_amount(self, match: Match) -> Match:
        """Set the basis of the amounts by the header, or the lines above the table."""
        own = self.words[match.place]
        is_agreed = match.basis in ("", InvestmentBasis.AGREED)
        loose = self.loose or next(filter(covers_all_rows, self.remarked), None)
        if loose and is_agreed and not self.contract and not pick_evidence(own, PLAN, CONTRACT):
            match = replace(match, basis=InvestmentBasis.INTENDED)
            if not pick_evidence(own, *NOT_BINDING):
                self.warn(match, "read_as_intended", loose)
            return match
        return replace(match, basis=match.basis or find_basis_of_words(match.text))

    def rename(self, match: Match, name: str, code: str, why: Evidence) -> Match:
        """Read a column as another one, with a warning."""
        renamed = replace(match, name=name)
        self.warn(renamed, code, why)
        return renamed

    def warn(self, match: Match, code: str, why: Evidence) -> None:
        rows = sum(not is_blank(row.cell(match.place)) for row in self.table.rows)
        if rows:
            params = {"column": shorten(match.text), **describe_evidence(why)}
            detail = str(_READ_AS[code]) % params
            self.warnings.append(ColumnWarning(match.text, match.name, code, detail, rows))

    def soften(self, problem: Mistake) -> Mistake:
        """Suggest no column of met steps for a header of plans or intents."""
        text = problem.place["column"]
        said = find_in_header([text[:LONGEST_HEADER]])
        if problem.code != "unknown_column" or not pick_evidence(said, PLAN, *NOT_BINDING):
            return problem
        is_intent = pick_evidence(said, INTENT, FRAMEWORK)
        names = []
        for name in problem.further.get("suggestions", ()):
            planned = f"{name.removesuffix('_on')}_planned_on"
            if name == SIGNED_ON and is_intent:
                names.append(INTENDED_ON)
            elif name not in MET_STEPS or name == INTENDED_ON:
                names.append(name)
            elif planned in PLANNED_DAYS:
                names.append(planned)
        return describe_unknown(text, {name: normalize_header(name) for name in names})

    @property
    def agreement(self) -> str:
        """The type of agreement of days that are read as those of intents, blank if of none."""
        if INTENDED_ON not in self.moved or self.loose is None:
            return ""
        is_framework = self.loose.kind == FRAMEWORK
        return AgreementType.FRAMEWORK if is_framework else AgreementType.INTENT

    def find_unmet(self, step: Stage) -> Evidence | None:
        """Find the evidence of the whole sheet that this step, or one before it, was not met."""
        before = BINDING_STAGES[: BINDING_STAGES.index(step) + 1]
        plans = (self.planned[each] for each in before if each in self.planned)
        return self.loose or self.loose_amount or next(plans, None)

    def find_block(self, line: int) -> Evidence | None:
        """Find the evidence of the heading above a line, within the table."""
        place = bisect_left(self.blocks, line, key=itemgetter(0))
        return self.blocks[place - 1][1] if place else None

    def settle(self, cells: Cells) -> None:
        """Read the signing day of a row as that of an intent, if the row has signed an intent.

        A stage before the contract that contradicts the days is dropped, as it is asked about.
        """
        word = find_word("agreement_type", cells.texts.get("agreement_type", ""))
        values, stored = cells.values, cells.stored
        is_loose = word in _LOOSE
        is_open = self.is_neutral and not cells.texts.get(INTENDED_ON)
        has_stage = any(read_stage_word(cells.texts.get(name, "")) for name in STAGE_COLUMNS)
        if is_loose and is_open and SIGNED_ON in values and not has_stage:
            values[INTENDED_ON] = values.pop(SIGNED_ON)
            params = {"word": cells.texts["agreement_type"]}
            detail = (
                _("This is read as the day of the intent: the agreement is “%(word)s”.") % params
            )
            cells.warn(SIGNED_ON, Mistake("read_as_intent", detail))
        is_unsaid = not cells.texts.get("agreement_type")
        is_bound = stored and (stored.values["agreement_type"] or is_binding(stored))
        if self.agreement and INTENDED_ON in values and is_unsaid and not is_bound:
            values["agreement_type"] = self.agreement
        has_contract = stored is not None and is_binding(stored)
        is_met = any(f"{stage.value}_on" in values for stage in BINDING_STAGES)
        if values.get("agreement_type", word) in _LOOSE and not has_contract:
            self.settle_loose(cells)
        elif not (is_met or has_stage or has_contract):
            block = self.find_block(cells.report.line)
            if block and block.kind in NOT_BINDING:
                self.settle_amount(cells)
        if INTENDED_ON in values or INTENDED_ON in cells.unchanged:
            leave_talks(cells)
        if is_met:
            for name in STAGE_COLUMNS:
                if find_early_stage(cells.texts.get(name, "")):
                    values.pop(name, None)

    def settle_loose(self, cells: Cells) -> None:
        """Read the amount of an intent as intended, and no foreign capital as agreed."""
        self.settle_amount(cells)
        values = cells.values
        agreed = values.get("foreign_agreed")
        if agreed and agreed.value:
            del values["foreign_agreed"]
            detail = _("The agreement is an intent: nothing is stored as agreed by contract.")
            cells.warn("foreign_agreed", Mistake("not_written", detail))

    def settle_amount(self, cells: Cells) -> None:
        """Read an amount as intended, unless the row or its header gives another basis."""
        money, header = cells.values.get(AMOUNT), cells.matches.get(AMOUNT)
        is_said = cells.find_word("investment_basis") or (header and header.basis)
        if money and not money.basis and not is_said:
            cells.values[AMOUNT] = replace(money, basis=InvestmentBasis.INTENDED)
