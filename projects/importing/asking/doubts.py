"""Questions of an import before it writes: on amounts, contracts that words contradict, lights."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import shorten
from parks.recording.change_rows import chunks
from projects.importing.asking.answers import (
    INTENT,
    LEFT_OUT,
    MET,
    NAMED,
    PLANNED,
    RIGHT,
    SUGGESTED,
    LineAnswers,
    describe_asked,
)
from projects.importing.asking.duplicates import LISTED_AT_MOST, CheckedFile, find_corrected
from projects.importing.cells import words
from projects.importing.cells.amounts import Money
from projects.importing.cells.columns import FURTHER_COLUMN, INCREASE_COLUMN, PLANNED_DAYS
from projects.importing.interpreting import (
    AMOUNT,
    BINDING_STAGES,
    INTENDED_ON,
    OF_PROGRESS,
    SIGNED_ON,
    STAGE_COLUMNS,
    SheetMeaning,
    describe_evidence,
    find_early_stage,
    find_planned_steps,
    is_binding,
    read_stage_word,
)
from projects.importing.rows import Cells
from projects.importing.stored import Stored
from projects.importing.writing import RowDraft
from projects.lifecycle.lights import Lights
from projects.models import Light, Project, ProjectFigure
from projects.models.projects import read_stored_further
from projects.models.words import (
    HEADLINE_INDICATOR,
    AgreementType,
    InvestmentBasis,
    Stage,
    list_stages_from,
)
from projects.writing.doubts import DoubtKind, describe_improbable, is_improbable
from sheets.amounts import format_cny
from sheets.forms import TypedAmount
from sheets.imports import RowReport
from sheets.reading.headers import Match
from sheets.reading.rows import ReadRow

FEWEST_OF_MEDIAN = 3  # amounts
_UNITS = (10**8, 10**4, 1)  # in yuan
_Asked = dict[str, Any]  # a doubt as reports show it
_Meant = dict[int, dict[str, str]]  # texts by line and column


def find_doubts(drafts: Iterable[RowDraft], matches: Mapping[str, Match]) -> list[_Asked]:
    """Find the doubtful amounts of a file, by column or by row, and its doubtful investors."""
    amounts: list[int] = []
    doubtful: list[tuple[RowDraft, str, Money]] = []
    asked: list[_Asked] = []
    for draft in drafts:
        if draft.new_amount is not None:
            amounts.append(draft.new_amount)
        asked += _ask_of_row(draft, matches)
        for name, money in _list_amounts(draft):
            if not money.doubt and money.cny is not None and is_improbable(money.cny):
                doubtful.append((draft, name, money))
    if len(amounts) >= FEWEST_OF_MEDIAN:
        middle = int(median(amounts))
        low, high = settings.INVESTMENT_PROBABLE_FROM, settings.INVESTMENT_MEDIAN_TO
        if not low <= middle <= high:
            detail = _(
                "The median of this column is %(middle)s: that of total investments usually lies "
                "between %(low)s and %(high)s. Check the unit."
            )
            amounts_of = {"middle": middle, "low": low, "high": high}
            detail %= {name: TypedAmount(amount) for name, amount in amounts_of.items()}
            about = ("investment_cny", DoubtKind.AMOUNTS, "improbable_column", detail)
            return [*asked, describe_asked(matches, *about)]
    stored = _find_claimed([draft for draft, _name, _money in doubtful])
    for draft, name, money in doubtful:
        if (draft.project_id, money.cny) not in stored:
            detail = describe_improbable(money.cny or 0)
            about = (name, DoubtKind.AMOUNTS, "improbable_amount", detail)
            asked.append(describe_asked(matches, *about, line=draft.line, **_suggest(money)))
    return asked


def _list_amounts(draft: RowDraft) -> Iterator[tuple[str, Money]]:
    for claim in draft.claims:
        yield ("phase_one_cny" if claim.note else "investment_cny", claim.money)
    if draft.increase:
        yield ("investment_cny" if draft.increase.of else INCREASE_COLUMN, draft.increase.money)
    yield from draft.further.items()


def _ask_of_row(draft: RowDraft, matches: Mapping[str, Match]) -> Iterator[_Asked]:
    """Ask about the currencies and the brackets of a row."""
    for name, money in _list_amounts(draft):
        if doubt := money.doubt:
            about = (name, DoubtKind.AMOUNTS, doubt.code, str(doubt))
            yield describe_asked(matches, *about, line=draft.line, **_offer(doubt.suggestion or ""))
    if bracket := draft.bracket:
        about = ("investors", DoubtKind.INVESTORS, bracket.code, str(bracket))
        more: _Asked = {"suggestion": bracket.suggestion, "answers": [NAMED, LEFT_OUT]}
        yield describe_asked(matches, *about, line=draft.line, **more)


def _offer(suggestion: str) -> _Asked:
    more = {"suggestion": suggestion} if suggestion else {}
    return {**more, "answers": [RIGHT, SUGGESTED] if suggestion else [RIGHT]}


def _suggest(money: Money) -> _Asked:
    """Suggest the amount in a probable unit, if its unit was that of the column."""
    bare = money.bare or 0
    probable = [int(bare * unit) for unit in _UNITS if not is_improbable(int(bare * unit))]
    return _offer(format_cny(probable[0], money.qualifier) if probable else "")


def _find_claimed(drafts: Sequence[RowDraft]) -> set[tuple[int, int | None]]:
    """Find the projects with the amounts claimed before, which are not asked about again."""
    keys = [draft.project_id for draft in drafts if draft.version is not None]
    if not keys:
        return set()
    claims = ProjectFigure.objects.of_the_whole().filter(indicator=HEADLINE_INDICATOR)
    return {*claims.filter(project__in=keys).values_list("project_id", "amount_cny")}


_BASIS, _FOREIGN = "investment_basis", "foreign_agreed"
# The cells that may contradict the dates of their row
_MAY_CONTRADICT = (
    *("agreement_type", *STAGE_COLUMNS, "latest_progress", "note", "open_issues", "next_step"),
    *("name", "name_zh", "name_en"),
)
# Headers of further columns that may contradict, too
_MAY_SAY_STEP = re.compile(f"{OF_PROGRESS.pattern}|类别|类型|性质|category|type", re.IGNORECASE)
# Words before a step that deny it or put it off, and words after it that do
_NOT_YET = (
    "(?:未(?!来)|没|拟|待|暂缓|推迟|暂定|初定|(?<!按)计划|预计|力争|不能|不具备|无法)"
    "[^，。；、已]{0,10}"
)
_PUT_OFF = (
    "(?:项目|时间|日期|节点|仪式|工作)?[，,]?(?:均|都|已|又|再|现|被)?"
    "(?:[为系是属](?:预计|计划|预估|估计|暂定|拟定|初步)|[未待]定|推迟|延[期后]|暂缓|取消|搁置"
    "|[尚暂还仍]?未(?:能)?(?:确定|明确|举[行办]|召开|进行|开始|落实))"
)
# The contract of the investment, not another one of the project: 施工合同
_OF_CONTRACT = "(?<![工购赁理计地让管务])(?:合同|协议)"
_NOT_SIGNED = re.compile(
    f"签约{_PUT_OFF}|签约(?:主体|对象|方|条件|文本|条款){_PUT_OFF}"
    f"|{_OF_CONTRACT}[^，。；、,;已]{{0,6}}(?:未|没|待|拟|等)[^，。；、,;已]{{0,4}}(?:盖章|用印|签字|签章)"
    f"|{_OF_CONTRACT}(?:文本|文稿|条款|内容)[^，。；、,;已]{{0,4}}(?:会签|审[核批查]|起草|拟定|修改|谈判)"
    f"|(?:[正尚还仍]在|[走报履行])[^，。；、,;已完]{{0,4}}{_OF_CONTRACT}[^，。；、,;已完]{{0,4}}"
    "(?:审[核批查]|会签|签批|流程|程序)"
    "|(?<!接)[待等需须][^，。；、,;已]{1,14}后[^，。；、,;已]{0,4}签[约订署](?!.{0,4}(?:补充|出让|[工购赁地]合同))"
    "|(?:没有?|未能|无法|不能|未曾|[尚暂还仍]未|暂定|初定)[^，。；、,;已]{0,8}签(?![发章证])[约订署]?"
)
_NOT_STARTED = re.compile(
    r"(?:未|没|拟|待|暂缓|推迟|暂定|(?<!按)计划|预计|不能|不具备|准备|筹备)"
    r"[^，。；、]{0,8}(?:开工(?!仪式)|动工|开建|破土)"
    rf"|(?:开工|动工|开建){_PUT_OFF}|[仅只][^，。；、]{{0,6}}(?:开工仪式|奠基)"
    r"|未(?!来)[^，。；、取办]{0,4}施工(?!许可|证|图|招标|单位|合同|准备|手续)"
    r"|^拟建$|^未进场|[尚仍还暂，；]未进场|施工[尚还仍]?未开始|项目[尚还仍暂]?未(?:能|实质性?)?落地"
    r"|(?:[正尚还仍]在|抓紧|加快)[^，。；、期]{0,6}开工前?(?:手续|准备)|开工前?(?:手续|准备)[^，。；、已完]{0,6}中"
    r"|(?<![期分余他])(?:[正尚还仍]在|处于)[^，。；、期已]{0,6}前期(?:工作|手续|准备|阶段)"
    r"|(?<![期分余他])[土用]地[尚还仍暂]?未(?:能)?(?:摘牌|挂牌|出让|交付|到位|取得|供应)"
    r"|\bnot (?:yet )?(?:started|begun|commenced)|\byet to (?:start|begin|commence)"
    r"|\b(?:will|to) (?:start|begin|commence|break ground)\b",
    re.IGNORECASE,
)
# Papers and preparations are no start: 正在办理施工许可, 已具备开工条件, 已完成施工图审查
_STARTED = re.compile(
    "(?:已|(?<![未没有待拟划计能])正)[^，。；、备办]{0,4}(?:(?:开工|动工|开建)(?!前|准备|手续|条件)"
    "|施工(?!许可|证|图|招标|单位|合同|准备|手续|前))|在建|主体(?!设计|方案)|封顶"
)
# What denies a step, and what outweighs that: another part may be done
_DENIALS = {
    Stage.STARTED: (_NOT_STARTED, _STARTED),
    Stage.COMPLETED: (
        re.compile(
            rf"{_NOT_YET}(?:竣工|完工|建成|验收)(?!后)|(?:竣工|完工){_PUT_OFF}"
            r"|验收(?:[尚还仍暂]?未|没有?|不)(?:能|曾)?(?:通过|完成|合格|进行|组织|开始|办理)"
            r"|(?<!投资|资金|支付|拨付|付款)(?:进度|工程量)[^，。；、\d]{0,6}(?<!\d)\d{1,2}(?:\.\d+)?%"
            r"|^(?:项目|目前|现|正在|处于)*(?:主体|桩基|基础|内部)?(?:施工|建设|装修|收尾)(?:中|阶段)?$"
            r"|\bnot (?:yet )?completed",
            re.I,
        ),
        re.compile("(?:已|全部|全面)[^，。；、未]{0,4}(?:竣工|完工|建成)"),
    ),
    Stage.OPERATING: (
        re.compile(
            rf"{_NOT_YET}(?:投产|投运|运营)(?!后)|(?:投产|投运|运营){_PUT_OFF}"
            r"|\bnot (?:yet )?(?:operating|in operation)",
            re.I,
        ),
        re.compile("(?:已|全部|全面|正式|部分)[^，。；、未]{0,4}(?:投产|投运|运营)|试生产"),
    ),
    Stage.FULL_CAPACITY: (
        re.compile(f"{_NOT_YET}(?:达产|满产)(?!后)|(?:达产|满产){_PUT_OFF}"),
        re.compile("(?:已|全部|全面)[^，。；、未]{0,4}(?:达产|满产)"),
    ),
}


def find_contradiction(
    meaning: SheetMeaning, cells: Cells, draft: RowDraft
) -> tuple[str, words.Evidence] | None:
    """Find the cell of a row that contradicts its contract or later step, or its intent.

    An amount agreed by contract counts as a contract. Unchanged cells of a stored project are
    compared only if the row has a new step; they never contradict a contract that is stored.
    """
    stored = cells.stored
    is_bound = stored is not None and is_binding(stored)
    met = find_binding(draft)
    agreed = [] if met or is_bound else [*list_agreed(draft, stored)]
    is_moved = any(of == SIGNED_ON and name in cells.values for name, of in meaning.moved.items())
    texts = {name: cells.texts[name] for name in _MAY_CONTRADICT if cells.texts.get(name)}
    further = read_stored_further(cells.texts.get(FURTHER_COLUMN, ""))
    if notes := [text for header, text in further.items() if _MAY_SAY_STEP.search(header)]:
        texts[FURTHER_COLUMN] = "\n".join(notes)
    block = meaning.find_block(draft.line)
    loose = words.pick_evidence([block] if block else [], *words.NOT_BINDING) or meaning.loose
    if agreed and loose:
        return agreed[0], loose
    for name, text in texts.items() if met or agreed or is_moved else ():
        is_old = draft.version is not None and name not in cells.values
        is_contract = bool(agreed) or bool(met and not (is_old and is_bound))
        is_intent = is_moved and not is_old
        found = _contradict(name, text, met, is_contract=is_contract, is_intent=is_intent)
        if found:
            return name, found
    first = next(iter(find_planned_steps(block)), Stage.SIGNED) if block else Stage.SIGNED
    for stage in met:
        name = _name_column(stage, cells)
        if block and stage in list_stages_from(first):
            return name, block
        against = meaning.find_unmet(stage)
        if against and name not in meaning.asked:
            return name, against
    return _find_day_to_come(meaning, cells, draft)


def _find_day_to_come(
    meaning: SheetMeaning, cells: Cells, draft: RowDraft
) -> tuple[str, words.Evidence] | None:
    """Find a contract or later step whose day comes after that of the sheet (截至)."""
    for stage in find_binding(draft):
        name, day = f"{stage.value}_on", draft.milestones[stage]
        if meaning.day and day and cells.texts.get(name) and str(day.first) > meaning.day:
            return name, words.Evidence(words.PLAN, meaning.day, "day")
    return None


def _contradict(
    name: str, text: str, met: list[Stage], *, is_contract: bool, is_intent: bool
) -> words.Evidence | None:
    """Find the evidence of a cell against the steps that were met, or against the intent."""
    said = words.find_in_cell(text)
    contract = words.pick_evidence(said, words.CONTRACT)
    loose = words.pick_evidence(said, *words.NOT_BINDING)
    if name in STAGE_COLUMNS and find_early_stage(text):
        loose, contract = words.Evidence(words.TALKS, text, "cell"), None
    if not loose and _NOT_SIGNED.search(text):
        loose = words.Evidence(words.TALKS, text, "cell")
    if loose and is_contract and not (contract and words.says_signed(said)):
        return loose
    for stage, (denies, outweighs) in _DENIALS.items():
        if stage in met and denies.search(text) and not outweighs.search(text):
            return words.Evidence(words.PLAN, text, "cell", stage.value)
    return contract if is_intent and not loose else None


def _name_column(stage: Stage, cells: Cells) -> str:
    name = f"{stage.value}_on"
    return name if cells.texts.get(name) else next(filter(cells.texts.get, STAGE_COLUMNS), name)


def find_binding(draft: RowDraft) -> list[Stage]:
    """Find the steps of a draft that were met, from the contract on."""
    return [stage for stage in BINDING_STAGES if stage in draft.milestones]


def list_agreed(draft: RowDraft, stored: Stored | None = None) -> Iterator[str]:
    """List the columns of amounts agreed by contract, unless the project has such an amount."""
    is_agreed = stored is not None and stored.values[_BASIS] == InvestmentBasis.AGREED
    if not is_agreed and any(each.basis == InvestmentBasis.AGREED for each in draft.claims):
        yield AMOUNT
    report = draft.flows.get(_FOREIGN)
    if report and report.value and not (stored and (_FOREIGN, report.currency) in stored.flows):
        yield _FOREIGN


def list_asked(
    meaning: SheetMeaning,
    drafts: Iterable[RowDraft],
    matches: Mapping[str, Match],
    answers: LineAnswers,
) -> Iterator[dict[str, Any]]:
    """List the questions about each line that a cell contradicts, and one for each column."""
    rows: Counter[str] = Counter()
    lines = []
    for draft in drafts:
        if draft.line in answers.agreements:
            continue
        if draft.against:
            lines.append(draft)
            continue
        rows.update(_list_asked_columns(meaning, draft))
    for name, count in rows.items():
        yield _describe_column(meaning, matches[name], count)
    for draft in islice(lines, LISTED_AT_MOST):
        yield _describe_line(draft, matches)


def _list_asked_columns(meaning: SheetMeaning, draft: RowDraft) -> Iterator[str]:
    return (name for stage in find_binding(draft) if (name := f"{stage.value}_on") in meaning.asked)


def _describe_column(meaning: SheetMeaning, match: Match, count: int) -> dict[str, Any]:
    why = meaning.asked[match.name]
    planned = f"{match.name.removesuffix('_on')}_planned_on"
    others = [INTENDED_ON, planned] if match.name == SIGNED_ON else [planned]
    detail = _(
        "“%(column)s” has days on which this was done (rows: %(count)d), while %(place)s says "
        "“%(word)s”. Confirm them if they are right; else read the column as “%(other)s”."
    )
    params = {"column": shorten(match.text), "count": count, "other": others[0]}
    detail %= {**params, **describe_evidence(why)}
    names = [name for name in others if name == INTENDED_ON or name in PLANNED_DAYS]
    about = (match.name, DoubtKind.AGREEMENTS, "contradicted_column", detail)
    return describe_asked({match.name: match}, *about, suggestion=others[0], suggestions=names)


def _describe_line(draft: RowDraft, matches: Mapping[str, Match]) -> dict[str, Any]:
    name, why = draft.against or ("", words.Evidence("", "", ""))
    met = find_binding(draft)
    detail = _("The row is read as an intent or a plan, while %(place)s says “%(word)s”.")
    if met:
        detail = _("The row is read as “%(stage)s”, while %(place)s says “%(word)s”.")
    elif any(list_agreed(draft)):
        detail = _("The amount is read as agreed by contract, while %(place)s says “%(word)s”.")
    stage = met[-1].label if met else ""
    detail %= {"stage": stage, **describe_evidence(why), "word": shorten(why.word)}
    answers = [MET, PLANNED] if why.kind == words.PLAN else [MET, INTENT, PLANNED]
    if not met and any(list_agreed(draft)):
        answers = [MET, INTENT]
    about = (name, DoubtKind.AGREEMENTS, "contradicted_row", detail)
    return describe_asked(matches, *about, line=draft.line, answers=answers)


def find_meant(meaning: SheetMeaning, file: CheckedFile, answers: LineAnswers) -> _Meant:
    """Find the texts by which answered lines are read: as met, intended or planned."""
    found = {}
    for draft in file.drafts if answers.agreements else ():
        is_asked = draft.against or any(_list_asked_columns(meaning, draft))
        if draft.line not in answers.agreements or not is_asked:
            continue
        texts = file.read_texts(draft.line)
        # First by the headers alone, whatever is above the table
        moved = {name: of for name, of in meaning.moved.items() if texts.get(name)}
        meant = {of: texts[name] for name, of in moved.items()} | dict.fromkeys(moved, "")
        if draft.line in answers.intents:
            meant |= _mean_intent(texts | meant) | _mean_unagreed(draft)
        elif draft.line in answers.planned:
            first = _find_first_planned(meaning, draft)
            meant |= _mean_planned(texts | meant, first)
            meant |= _mean_unagreed(draft) if first == Stage.SIGNED else {}
        found[draft.line] = meant
    return found


def _mean_intent(texts: Mapping[str, str]) -> dict[str, str]:
    """Read a row without its contract and later steps; its day is that of the intent."""
    names = [f"{stage.value}_on" for stage in BINDING_STAGES]
    meant = {name: "" for name in names if texts.get(name)}
    meant |= {n: Stage.INTENDED.value for n in STAGE_COLUMNS if read_stage_word(texts.get(n, ""))}
    if texts.get(SIGNED_ON) and not texts.get(INTENDED_ON):
        meant[INTENDED_ON] = texts[SIGNED_ON]
    is_said = {INTENDED_ON, *STAGE_COLUMNS} & meant.keys() or texts.get(INTENDED_ON)
    return meant | ({"agreement_type": AgreementType.INTENT.value} if is_said else {})


def _mean_unagreed(draft: RowDraft) -> dict[str, str]:
    """Read the amount as intended, and no foreign capital as agreed."""
    meant = {AMOUNT: (_BASIS, InvestmentBasis.INTENDED.value), _FOREIGN: (_FOREIGN, "")}
    return dict(meant[name] for name in list_agreed(draft))


def _mean_planned(texts: Mapping[str, str], first: Stage) -> dict[str, str]:
    """Read the days of a row from this step on as planned, without a stage."""
    later = list_stages_from(first)
    meant = {n: "" for n in STAGE_COLUMNS if read_stage_word(texts.get(n, "")) in later}
    for stage in later:
        name, planned = f"{stage.value}_on", f"{stage.value}_planned_on"
        if text := texts.get(name):
            meant |= {name: "", planned: texts.get(planned) or text}
    return meant


def _find_first_planned(meaning: SheetMeaning, draft: RowDraft) -> Stage:
    """Find the first step of a row that is only planned, if the contradicting word is right."""
    name, why = draft.against or ("", None)
    if why is None:
        last = find_binding(draft)[-1]
        why = meaning.find_unmet(last) or meaning.asked.get(f"{last.value}_on")
    if why and why.place == "day":
        return Stage(name.removesuffix("_on"))
    if why and why.kind == words.PLAN:
        return Stage(why.around) if why.place == "cell" else find_planned_steps(why)[0]
    return Stage.SIGNED


def warn_of_answer(cells: Cells, before: Mapping[str, str]) -> None:
    """Warn of the cells of a line that an answer changed from `before`."""
    for name, text in cells.texts.items():
        params = {"before": before.get(name, ""), "text": text}
        if params["before"] == text:
            continue
        detail = _("“%(text)s” is taken here, as was answered.")
        if params["before"]:
            detail = _("“%(before)s” is taken as %(text)s, as was answered.")
        if not text:
            detail = _("“%(before)s” is not taken here, as was answered.")
        cells.warn(name, Mistake("corrected", detail % params))


@dataclass(frozen=True)
class Correction:
    """Reads rows of a file again; `check` replaces their first reports."""

    meaning: SheetMeaning
    file: CheckedFile
    check: Callable[[list[ReadRow]], None]

    def take(self, answers: LineAnswers) -> None:
        found = self._find_meant(answers)
        before = {line: self.file.read_texts(line) for line in sorted(found)}
        self._read(found)
        for line, texts in before.items():
            warn_of_answer(self.file.open_cells(line, found[line]), texts)

    def recall(self, answered: Collection[int], confirmed: Collection[str]) -> None:
        """Read rows of stored projects as stored, if their cells may mean that, and ask no more."""
        lines, is_asked = set(), bool(self.meaning.asked)
        for draft in self.file.drafts:
            if draft.version is not None and draft.line not in answered:
                lines.add(draft.line)
                is_asked |= draft.against is not None
        stored, reports = frozenset(lines), self.file.reports
        meanings = {DoubtKind.AMOUNTS: [LineAnswers(suggested=stored)]}
        if is_asked:
            tried = [LineAnswers(intents=stored), LineAnswers(planned=stored)]
            meanings[DoubtKind.AGREEMENTS] = tried
        for kind, tried in meanings.items():
            for answers in tried if stored and kind not in confirmed else ():
                found = self._find_meant(answers)
                if found and kind == DoubtKind.AMOUNTS:  # never another unit unless answered so
                    codes = find_corrected()
                    found = {n: texts for n, texts in found.items() if reports[n].key in codes}
                before = {line: self.file.reader.corrections.get(line, {}) for line in found}
                self._read({line: before[line] | found[line] for line in found})
                other = {line for line in found if _is_other(reports[line], found[line])}
                self._read({line: before[line] for line in other})
                for line in found.keys() - other:
                    _warn_of_stored(self.file.open_cells(line, found[line]))

    def _find_meant(self, answers: LineAnswers) -> _Meant:
        found: _Meant = {}
        drafts, reader = self.file.drafts, self.file.reader
        for doubt in find_doubts(drafts, reader.matches) if answers.suggested else ():
            is_amount = doubt["confirm"] == DoubtKind.AMOUNTS
            if is_amount and doubt.get("line") in answers.suggested and "suggestion" in doubt:
                found.setdefault(doubt["line"], {})[doubt["name"]] = doubt["suggestion"]
        meant = find_meant(self.meaning, self.file, answers)
        for draft in drafts if answers.named else ():
            if draft.bracket and draft.line in answers.named:
                text = self.file.read_texts(draft.line)["investors"]
                meant[draft.line] = meant.get(draft.line, {}) | {"investors": text}
                reader.cells.accept_names(draft.bracket.further["names"])
        found = {line: found.get(line, {}) | meant.get(line, {}) for line in {*found, *meant}}
        return {line: texts for line, texts in found.items() if texts}

    def _read(self, found: _Meant) -> None:
        self.file.reader.correct(found)
        self.check([self.file.rows.find(line) for line in sorted(found)])


def _is_other(report: RowReport, meant: Mapping[str, str]) -> bool:
    """Tell whether the texts that may be meant differ from what is stored."""
    is_said = any(meant.values())
    return not is_said or bool(report.errors) or not report.unpack().keys().isdisjoint(meant)


def _warn_of_stored(cells: Cells) -> None:
    shown = [cells.matches[name].text for name in cells.texts if name in cells.matches]
    detail = _("This line is read as what the ledger has, as before: %(columns)s.")
    params = {"columns": ", ".join(map(shorten, shown))}
    cells.warn(next(iter(cells.texts)), Mistake("recalled", detail % params))


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


def read_colour(text: str) -> Light | None:
    """Read a cell that names one light and nothing else: 红, 黄灯, amber; None for any other."""
    name = re.sub(r" light$|[灯色]$", "", text.strip(), flags=re.IGNORECASE)
    return next((word for word, pattern in _LIGHTS.items() if pattern.fullmatch(name)), None)


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
