"""What the name, the titles and the headers of a sheet make of its columns.

An intent never becomes a contract, nor a promised or planned day a step that was met: whatever a
header is mapped to, its own words and those above the table decide. What they contradict is asked
about (`asking/agreements.py`).
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.imports import CellFault, ColumnWarning
from config.reading.files import ReadTable
from projects.importing.cells.evidence import FRAMEWORK, PLAN, Evidence
from projects.importing.cells.words import find_word
from projects.importing.rows import Cells
from projects.importing.stored import Stored
from projects.lifecycle.words import AgreementType, Stage, list_stages_from

SIGNED_ON, INTENDED_ON, AMOUNT = "signed_on", "intended_on", "investment_cny"
BINDING_STAGES = list_stages_from(Stage.SIGNED)
# How a title names the step that it says is planned: 计划新开工项目, 2026年竣工计划
_STEP_WORDS: Mapping[Stage, re.Pattern[str]] = {
    Stage.REGISTERED: re.compile("注册|落户|registration"),
    Stage.STARTED: re.compile("开工|动工|开建|建设?项目|start|construction"),
    Stage.COMPLETED: re.compile("竣工|完工|建成|completion"),
    Stage.OPERATING: re.compile("投产|投运|运营|投用|operation|commissioning"),
    Stage.FULL_CAPACITY: re.compile("达产|满产"),
}
_OF_MONEY = re.compile("投资|资金|单位|金额|investment|规划")  # a plan of these is none of a step
PLACES: Mapping[str, str | Promise] = {
    "sheet": gettext_lazy("the name of the sheet"),
    "title": gettext_lazy("the title"),
    "block": gettext_lazy("the heading above the row"),
    "header": gettext_lazy("the header"),
    "cell": gettext_lazy("the cell"),
}


@dataclass(frozen=True)
class SheetMeaning:
    """A table whose columns are what its words make of them.

    `said` is what tells that steps were not met. `asked` says of columns of met steps, by our name,
    what contradicts them; `moved` has the columns that were read as others because of what stands
    above the table; `blocks` what headings within it say of the lines below them.
    """

    table: ReadTable
    warnings: Sequence[ColumnWarning]
    said: "UnmetSteps"
    asked: Mapping[str, Evidence]
    moved: Mapping[str, str]
    blocks: Sequence[tuple[int, Evidence | None]]
    is_neutral: bool  # whether the header of the signing leaves open what was signed
    has_read_stage: bool  # whether a column of progress is read as one of stages

    @property
    def agreement(self) -> str:
        """The type of agreement of days that are read as those of intents, blank if of none."""
        if INTENDED_ON not in self.moved or self.said.loose is None:
            return ""
        is_framework = self.said.loose.says == FRAMEWORK
        return AgreementType.FRAMEWORK if is_framework else AgreementType.INTENT

    def find_block(self, line: int) -> Evidence | None:
        """Find what the heading above a line, within the table, says."""
        place = bisect_left(self.blocks, line, key=itemgetter(0))
        return self.blocks[place - 1][1] if place else None

    def settle(self, cells: Cells, stored: Stored | None) -> None:
        """Take the day of a row for that of an intent, if the row says that it has signed one.

        A stage that is read from a column of progress, and contradicts the days, is asked about.
        """
        word = find_word("agreement_type", cells.texts.get("agreement_type", ""))
        values = cells.values
        is_loose = word in (AgreementType.INTENT, AgreementType.FRAMEWORK)
        is_open = self.is_neutral and not cells.texts.get(INTENDED_ON)
        if is_loose and is_open and SIGNED_ON in values and not reads_stage(cells):
            values[INTENDED_ON] = values.pop(SIGNED_ON)
            told = {"word": cells.texts["agreement_type"]}
            detail = _("This is read as the day of the intent: the agreement is “%(word)s”.") % told
            cells.warn(SIGNED_ON, CellFault("read_as_intent", detail))
        is_unsaid = not cells.texts.get("agreement_type")
        is_bound = stored and (stored.values["agreement_type"] or is_binding(stored))
        if self.agreement and INTENDED_ON in values and is_unsaid and not is_bound:
            values["agreement_type"] = self.agreement
        is_early = self.has_read_stage and find_early_stage(cells.texts.get("status", ""))
        if is_early and any(f"{stage.value}_on" in values for stage in BINDING_STAGES):
            values.pop("status", None)


@dataclass(frozen=True)
class UnmetSteps:
    """What tells of a whole sheet that contracts and later steps were not met.

    `loose` stands above the table and `loose_amount` above the amounts: an intent, or talks;
    `planned` has what stands above the table of steps that are only planned.
    """

    loose: Evidence | None
    loose_amount: Evidence | None
    planned: Mapping[Stage, Evidence]

    def find(self, step: Stage) -> Evidence | None:
        """Find what says that this step was not met, or one before it."""
        before = BINDING_STAGES[: BINDING_STAGES.index(step) + 1]
        plans = (self.planned[each] for each in before if each in self.planned)
        return self.loose or self.loose_amount or next(plans, None)


def is_binding(stored: Stored) -> bool:
    """Tell whether a stored project has reached a contract."""
    return stored.values["stage"] in BINDING_STAGES


def reads_stage(cells: Cells) -> bool:
    """Tell whether the row says by a word that its project has reached a contract or more."""
    return any(read_stage_word(cells.texts.get(name, "")) for name in ("stage", "status"))


def read_stage_word(text: str) -> Stage | None:
    """Read the stage of a cell, if it is that of a contract or a later one."""
    word = find_word("stage", text) if text else None
    return Stage(word) if word in BINDING_STAGES else None


def find_early_stage(text: str) -> Stage | None:
    """Find the stage of a cell, if it is one before the contract."""
    word = find_word("stage", text) if text else None
    return Stage(word) if word and word not in BINDING_STAGES else None


def find_planned_steps(why: Evidence) -> list[Stage]:
    """Find the steps that a word above a table calls planned: those that it names, else all."""
    if why.says != PLAN or _OF_MONEY.search(why.around):
        return []
    named = [stage for stage, words in _STEP_WORDS.items() if words.search(why.around)]
    return named or BINDING_STAGES


def describe_evidence(why: Evidence) -> dict[str, Any]:
    """Describe where a word stood, for a message."""
    return {"place": PLACES.get(why.place, why.place), "word": why.word}
