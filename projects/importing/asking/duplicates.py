"""Lines that may be stored projects or other lines of the file, and the answers about them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import find_whole
from parks.models import ImportBatch
from parks.models.vocabularies import name_key
from projects.importing.asking.answers import (
    INCREASE,
    NEW,
    PHASE,
    SAME,
    Choice,
    describe_asked,
    divide_answer,
    read_line_answers,
    spread_answers,
)
from projects.importing.cells.cells import is_same_text
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.cells.rows_below import Increased, ParsedIncrease, find_increased
from projects.importing.rows import Cells, RowReader
from projects.importing.stored import find_projects_by_code
from projects.importing.writing import Drafts, RowDraft
from projects.models import Project, loosen
from projects.models.words import STAGES, Stage
from projects.writing.doubts import (
    Candidate,
    Doubt,
    DoubtKind,
    Profile,
    describe_duplicates,
    find_duplicates,
    read_profiles,
)
from sheets.dates import PartialDate
from sheets.imports import RowReport
from sheets.packing import PackedLines, PackedList, split_up
from sheets.reading.headers import Match
from sheets.reading.rows import ReadRow

_KEPT = {"park_id": "park", "name_zh": "name_zh", "name_en": "name_en"}
REFERENCES = ("part_of", "duplicate_of")
_AT_ONCE = 5_000  # drafts


@dataclass(frozen=True)
class CheckedFile:
    """The rows of a file with the drafts and reports of those that were checked."""

    rows: PackedLines[ReadRow]
    reader: RowReader
    drafts: Drafts
    reports: dict[int, RowReport]

    def read_texts(self, line: int) -> dict[str, str]:
        return self.reader.texts(self.rows.find(line))

    def open_cells(self, line: int, texts: dict[str, str]) -> Cells:
        """Return cells with these texts; their mistakes go into the report of the line."""
        return Cells(self.reports[line], texts, matches=self.reader.matches)


class RowProfiles:
    """Profiles of the projects of a file, by primary key or negative line, in little memory."""

    def __init__(self, file: CheckedFile) -> None:
        drafts = file.drafts
        # The names of the projects that rows are parts of, by line
        self._wholes = file.reader.wholes
        self.before: dict[int, Profile] = {}
        self.lines: dict[int, int] = {}  # of stored projects
        self._organisations = file.reader.cells.organisations
        self._unknown: dict[str, int] = {}  # keys of organisations that are not stored yet
        self._referred = _find_referred(drafts)
        self._packed: PackedList[tuple[int, Profile]] = PackedList()
        for some in split_up(drafts, _AT_ONCE):
            self._add(some)

    def _add(self, drafts: list[RowDraft]) -> None:
        changing = (  # stored projects that could become like others
            draft.project_id
            for draft in drafts
            if draft.version is not None
            and (_KEPT.keys() & draft.columns.keys() or draft.claims or draft.investors is not None)
        )
        self.before |= read_profiles(changing)
        names = (share.name for draft in drafts for share in draft.investors or ())
        self._organisations.look_up(names)
        for draft in drafts:
            backers = [self._find_key(share.name) for share in draft.investors or ()]
            referred = {
                name: self._referred.get(draft.references[name].lower())
                for name in REFERENCES
                if name in draft.references
            }
            if draft.version is None:
                profile = _build_new(draft, backers, referred, self._wholes.get(draft.line, ""))
                self._packed.append((-draft.line, profile))
            elif draft.project_id in self.before:
                stored = self.before[draft.project_id]
                self.lines[draft.project_id] = draft.line
                profile = _build_changed(draft, stored, backers, referred)
                self._packed.append((draft.project_id, profile))

    def _find_key(self, name: str) -> int:
        found = self._organisations.find(name)
        return found.pk if found else self._unknown.setdefault(name_key(name), ~len(self._unknown))

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, key: object) -> bool:
        return key in self.lines or (isinstance(key, int) and key < 0)

    def items(self) -> Iterable[tuple[int, Profile]]:
        return self._packed


def _find_referred(drafts: Drafts) -> dict[str, int]:
    """Find the keys of the projects that rows refer to, by code in lower case."""
    codes = drafts.referred
    keys = find_projects_by_code(codes, Project.objects.all())
    new = (each for each in drafts if each.code and not each.version) if codes else ()
    return keys | {each.code.lower(): -each.line for each in new if each.code.lower() in codes}


def _build_new(
    draft: RowDraft, backers: list[int], referred: Mapping[str, int | None], whole: str
) -> Profile:
    all_of_them = frozenset(backers)
    steps = [step for step in draft.milestones if isinstance(step, Stage)]
    stage = max(steps, key=STAGES.index, default=None)
    is_signed = stage is not None and STAGES.index(stage) >= STAGES.index(Stage.SIGNED)
    return Profile(
        park=draft.columns["park_id"],
        name_zh=draft.columns.get("name_zh", ""),
        name_en=draft.columns.get("name_en", ""),
        code=draft.code,
        national_code=draft.columns.get("national_code", ""),
        amount_cny=draft.new_amount,
        other_amounts=_list_other_amounts(draft),
        backers=all_of_them,
        leads=frozenset(backers[:1]) if backers[1:] else all_of_them,
        is_only_intended=stage == Stage.INTENDED,
        is_signed_without_intent=is_signed and Stage.INTENDED not in draft.milestones,
        part_of=referred.get("part_of"),
        duplicate_of=referred.get("duplicate_of"),
        part_of_name=loosen(whole),
    )


def _list_other_amounts(draft: RowDraft) -> frozenset[tuple[Any, str]]:
    amounts = [claim.money for claim in draft.claims]
    return frozenset((each.value, each.currency) for each in amounts if each.cny is None)


def _build_changed(
    draft: RowDraft, stored: Profile, backers: list[int], referred: Mapping[str, int | None]
) -> Profile:
    changes: dict[str, Any] = dict(referred)
    changes |= {_KEPT[name]: value for name, value in draft.columns.items() if name in _KEPT}
    if "national_code" in draft.columns:
        changes["national_code"] = draft.columns["national_code"]
    if draft.new_amount is not None:
        changes["amount_cny"] = draft.new_amount
    if others := _list_other_amounts(draft):
        changes["other_amounts"] = stored.other_amounts | others
    if draft.investors is not None:
        leads = stored.leads & {*backers} or {*backers[:1]}
        changes |= {"backers": frozenset(backers), "leads": frozenset(leads)}
    return replace(stored, **changes)


OFFERED_AT_MOST = 10  # projects that a line may be


@dataclass(frozen=True)
class Question:
    """The question about one line; candidate lines have negative keys and `#12` as code."""

    line: int
    doubts: Sequence[Doubt]
    is_new: bool = True  # a stored project can only be another one
    has_amount: bool = False

    @property
    def candidates(self) -> dict[int, Candidate]:
        return {each.pk: each for doubt in self.doubts for each in doubt.candidates}

    @property
    def allowed(self) -> dict[str, Choice]:
        """The answers that settle it, as they are written."""
        listed = {NEW: Choice(NEW)}
        for each in [*self.candidates.values()][:OFFERED_AT_MOST] if self.is_new else ():
            increases = [INCREASE] if self.has_amount and each.has_amount else []
            for word in (SAME, PHASE, *increases):
                listed[f"{word}:{each.code}"] = Choice(word, each.pk)
        return listed

    def describe(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe each doubt as reports show it; all are settled by one answer."""
        described = []
        for doubt in self.doubts:
            name = doubt.field if doubt.field in matches or doubt.field[:4] != "name" else "name"
            shown = [
                ({"code": each.code} if each.pk > 0 else {"line": -each.pk})
                | {"name_zh": each.name_zh, "name_en": each.name_en}
                for each in doubt.candidates[:OFFERED_AT_MOST]
            ]
            about = (name, DoubtKind.DUPLICATES, doubt.code, doubt.detail)
            more: dict[str, Any] = {"candidates": shown, "choices": [*self.allowed]}
            described.append(describe_asked(matches, *about, line=self.line, **more))
        return described


def find_questions(file: CheckedFile, visible: QuerySet) -> dict[int, Question]:
    """Find the questions about rows, by line, answered or not; names only `visible` projects."""
    profiles = RowProfiles(file)
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in find_duplicates(profiles, profiles.before, visible):
        candidates = tuple(  # what has no code yet is named by its line: #12
            replace(each, code=f"#{-each.pk}") if each.pk < 0 else each for each in doubt.candidates
        )
        detail = describe_duplicates(doubt.code, candidates)
        doubts[doubt.project].append(replace(doubt, candidates=candidates, detail=detail))
    asked = [(profiles.lines.get(key, -key), key, found) for key, found in doubts.items()]
    return {line: Question(line, found, key < 0, found[0].has_amount) for line, key, found in asked}


LISTED_AT_MOST = 5_000  # lines, in one report


@dataclass
class Settlement:
    """The lines with questions, and the answers to them."""

    questions: Mapping[int, Question]
    chosen: Mapping[int, Choice]  # by line
    file: CheckedFile

    @property
    def same(self) -> set[int]:
        """The lines that repeat a project or another line, or add to its amount."""
        return {line for line, choice in self.chosen.items() if choice.word in (SAME, INCREASE)}

    @property
    def increasing(self) -> dict[int, int]:
        """The lines that add to another amount, with its project's key or negative line."""
        return {
            line: self.find_target(choice.of)
            for line, choice in self.chosen.items()
            if choice.word == INCREASE
        }

    def describe_open(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe at most LISTED_AT_MOST open questions, as reports show them."""
        is_open = (each for line, each in self.questions.items() if line not in self.chosen)
        listed = islice(is_open, LISTED_AT_MOST)
        return [described for question in listed for described in question.describe(matches)]

    def find_stored(self) -> dict[int, int]:
        """Find the lines that are stored projects by their answers, with the keys of these."""
        return {
            line: choice.of
            for line, choice in self.chosen.items()
            if choice.word == SAME and choice.of > 0
        }

    def settle(self) -> None:
        """Apply the answers to reports and drafts, and drop the drafts of repetitions."""
        named = {-choice.of for choice in self.chosen.values() if choice.of < 0}
        by_line = self.file.drafts.hold({*self.questions, *named})
        for line, question in self.questions.items():
            candidates, choice = question.candidates, self.chosen.get(line)
            report = self.file.reports[line]
            if question.is_new:
                report.like = [each.code for each in candidates.values()]
            report.is_asked = choice is None
            if choice is None or (choice.word == SAME and choice.of > 0):
                continue
            draft = by_line[line]
            draft.apart_from = tuple(key for key in candidates if key != choice.of)
            if choice.word == PHASE:
                whole = self._find_whole(choice, by_line)
                draft.references = {**draft.references, "part_of": whole}
                part_of = {"part_of": ["", candidates[choice.of].code]}
                report.changes, report.packed = report.unpack() | part_of, None
        repeated = (line for line, choice in self.chosen.items() if is_repetition(choice))
        self.file.drafts.drop(repeated)

    def find_target(self, of: int) -> int:
        """Find the row that is written for this candidate: a key, or a negative line."""
        choice = self.chosen.get(-of)
        is_elsewhere = choice is not None and choice.word in (SAME, INCREASE)
        return self.find_target(choice.of) if choice and is_elsewhere else of

    def find_codes(self) -> dict[int, str]:
        """Return the codes of all candidates by key; lines have `#12`."""
        return {
            key: each.code for q in self.questions.values() for key, each in q.candidates.items()
        }

    def _find_whole(self, choice: Choice, drafts: Mapping[int, RowDraft]) -> str:
        """Return the code of the whole of a phase; a line without one gets it now."""
        target = self.find_target(choice.of)
        if target > 0:
            return self.find_codes()[target]
        whole = drafts[-target]
        whole.code = whole.code or Project.new_code()
        return whole.code

    def _find_end(self, line: int) -> int:
        """Find the line that is written instead of its repetitions."""
        choice = self.chosen.get(line)
        return self._find_end(-choice.of) if choice and is_repetition(choice) else line

    def repeat(self) -> None:
        """Report the lines that repeat others, and their cells that are not written."""
        for line, choice in self.chosen.items():
            if not is_repetition(choice):
                continue
            report, first = self.file.reports[line], self._find_end(line)
            report.action, report.of_line = "duplicate", first
            report.forget_changes()
            cells = self.file.open_cells(line, self.file.read_texts(line))
            warn_of_differences(cells, self.file.read_texts(first), first)

    def warn_of_recalled(self, recalled: Mapping[int, Choice]) -> None:
        """Warn of each line whose earlier answer is used again."""
        codes = self.find_codes()
        for line, choice in recalled.items():
            target = codes[choice.of] if choice.of > 0 else f"#{-choice.of}"
            detail = _("“%(answer)s” was answered when this line came before, and is taken again.")
            params = {"answer": f"{choice.word}:{target}"}
            self.file.open_cells(line, {}).warn("name", Mistake("recalled", detail % params))


def is_repetition(choice: Choice) -> bool:
    """Tell whether a line repeats another line of the file."""
    return choice.word == SAME and choice.of < 0


def warn_of_differences(cells: Cells, before: Mapping[str, str], first: int) -> None:
    """Warn of the cells of a repetition that differ from the line that is written."""
    differing = list_differing(cells.texts, before)
    if differing:
        detail = _("This differs from line %(line)d and is not taken: %(names)s.")
        params = {"line": first, "names": ", ".join(differing)}
        cells.warn(differing[0], Mistake("differs", detail % params))


def list_differing(texts: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    return [name for name, text in texts.items() if not is_same_text(text, before.get(name, ""))]


AMOUNT = "investment_cny"
# The columns of an increase: whose, how much, when and by whom; others are not written
_TAKEN = {
    *("name", "name_zh", "name_en", "park", "park_name_zh", "park_name_en", "investors"),
    *(AMOUNT, "investment_qualifier", "investment_basis", "unit", "currency"),
    *("source", "reported_on", "signed_on", "_line"),
}


@dataclass
class Adding:
    """The lines of a file that add to other amounts."""

    drafts: Mapping[int, RowDraft]  # of all lines that are written
    parks: Mapping[int, int]  # of the stored projects that are added to, by key
    may_change: Callable[[int], bool]  # whether the person may write projects of a park
    increased: Mapping[int, Increased]
    rewritten: set[int]  # projects with a new amount in the file, which replaces earlier increases
    days: dict[tuple[int, PartialDate | None], int] = field(default_factory=dict)

    def take(self, line: int, of: int, cells: Cells) -> ParsedIncrease | None:
        """Report the increase of a line and return it; None if nothing is written."""
        draft, report = self.drafts[line], cells.report
        base = self.increased.get(of)
        money = draft.claims[0].money
        report.forget_changes()
        try:
            if of > 0 and not self.may_change(self.parks[of]):
                raise Mistake("forbidden", _("You may not write projects of this park."))
            day = self.find_day(draft, of, base)
            self.check_first(line, of, day)
        except Mistake as fault:
            report.action = "error"
            cells.fail(AMOUNT, fault)
            return None
        known = base.added if base and of not in self.rewritten else ()
        same_day = [each for each in known if each.day == day]
        if (money.cny, money.qualifier) in {(e.amount_cny, e.qualifier) for e in same_day}:
            report.action = "same"
            return None
        report.action = "update"
        if same_day:
            detail = _("Another increase of that day is known: this one counts in its place.")
            cells.warn(AMOUNT, Mistake("same_day", detail))
        report.changes = {INCREASE_COLUMN: ["", str(money)]}
        self.warn_of_rest(cells)
        return ParsedIncrease(money, of, day, draft.columns.get("source_id"))

    def find_day(self, draft: RowDraft, of: int, base: Increased | None) -> PartialDate | None:
        """Find the day of an increase: its signing or report, not before the base amount."""
        of_base = base.day if base else _read_report(self.drafts[-of])
        days = [draft.milestones.get(Stage.SIGNED), _read_report(draft)]
        known = [day for day in days if day]
        later = [day for day in known if of_base is None or day.last >= of_base.first]
        if known and not later:
            detail = _("That amount is of a later day, and has the increase in it already.")
            raise Mistake("counted_already", detail)
        return later[0] if later else None

    def check_first(self, line: int, of: int, day: PartialDate | None) -> None:
        """Check that no earlier line has an increase of the same day: only one would count."""
        first = self.days.setdefault((of, day), line)
        if first != line:
            detail = _(
                "Line %(line)d says an increase of the same project and day, and only one counts: "
                "write the days on which they were signed, or one line with the sum."
            )
            raise Mistake("contradicts_line", detail % {"line": first})

    @staticmethod
    def warn_of_rest(cells: Cells) -> None:
        """Warn of the cells that an increase does not write."""
        rest = [name for name, text in cells.texts.items() if text and name not in _TAKEN]
        if rest := [name for name in rest if name not in cells.defaulted]:
            detail = _("Of an increase only the amount is taken, not: %(names)s.")
            params = {"names": ", ".join(cells.matches[name].text for name in rest)}
            cells.warn(rest[0], Mistake("not_taken", detail % params))


def _read_report(draft: RowDraft) -> PartialDate | None:
    columns: Mapping[str, Any] = draft.columns
    return PartialDate.from_columns(
        columns.get("reported_on"), columns.get("reported_on_precision", "")
    )


def settle_increases(settlement: Settlement, may_change: Callable[[int], bool]) -> None:
    """Turn the drafts of lines that add to an amount into increases, or drop them."""
    lines, file, drafts = settlement.increasing, settlement.file, settlement.file.drafts
    if not lines:
        return
    by_line = drafts.hold({*lines, *(-of for of in lines.values() if of < 0)})
    stored = {of for of in lines.values() if of > 0}
    adding = Adding(
        by_line,
        dict(Project.objects.filter(pk__in=stored).values_list("pk", "park_id")),
        may_change,
        find_increased(stored),
        {draft.project_id for draft in drafts if draft.claims and draft.version is not None},
    )
    codes = settlement.find_codes()
    for line, of in lines.items():
        cells = file.open_cells(line, file.read_texts(line))
        cells.defaulted = {name for name in cells.texts if name not in cells.matches}
        increase = adding.take(line, of, cells)
        cells.report.key = codes[of] if of > 0 else ""
        if increase:
            drafts.put(RowDraft(line, cells.report.key, increase=increase))
        else:
            drafts.drop([line])


_BATCHES_AT_MOST = 20  # the newest applied imports with answers


def recall_choices(
    questions: Mapping[int, Question], reports: Mapping[int, RowReport], given: Mapping[str, str]
) -> dict[int, Choice]:
    """Recall earlier answers to lines of the same name, where none is given now."""
    answered = {find_whole(text) for text in spread_answers(given)}
    asked = {line: each for line, each in questions.items() if line not in answered}
    known = _find_answers({name_key(reports[line].name) for line in asked}) if asked else {}
    lines = {report.key: line for line, report in reports.items() if line not in asked}
    recalled = {}
    for line, question in asked.items():
        word, code = known.get(name_key(reports[line].name), ("", ""))
        choice = question.allowed.get(f"{word}:{code}")
        if choice and word == SAME and code in lines:
            recalled[line] = Choice(SAME, -lines[code])
        elif choice:
            recalled[line] = choice
    return recalled


def _find_answers(names: set[str]) -> dict[str, tuple[str, str]]:
    """Find the newest answer about rows of these names, with the code of its project."""
    found: dict[str, tuple[str, str]] = {}
    for batch in _list_answered():
        answers = spread_answers(batch.options["choices"])
        words = {
            find_whole(text): word.partition(":")[0]
            for text, answer in answers.items()
            for word in divide_answer(answer)
            if ":" in word
        }
        codes: dict[int, str] = {}
        for row in batch.read_rows():
            code = row.get("code") or codes.get(row.get("of_line", 0), "")
            codes[row["line"]] = code
            name, word = name_key(row.get("name", "")), words.get(row["line"])
            if code and name in names and word in (SAME, INCREASE):
                found.setdefault(name, (word, code))
    return found


def find_corrected() -> set[str]:
    """Find the codes of the projects whose suggested amounts were accepted."""
    found = set()
    for batch in _list_answered():
        if lines := read_line_answers(batch.options["choices"]).suggested:
            found |= {row.get("code", "") for row in batch.read_rows() if row["line"] in lines}
    return found


def _list_answered() -> Iterator[ImportBatch]:
    """List the newest applied imports of projects that came with answers."""
    applied = ImportBatch.objects.filter(resource="projects", state=ImportBatch.State.APPLIED)
    rows = applied.order_by("-id").values_list("pk", "options")
    answered = (pk for pk, options in rows.iterator() if options["choices"])
    for pk in [*islice(answered, _BATCHES_AT_MOST)]:
        yield ImportBatch.objects.get(pk=pk)
