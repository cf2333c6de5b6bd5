"""Lines that may be stored projects or other lines of the file, and what answers make of them."""

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
from parks.names.cell_lookup import Organisations
from projects.importing.asking.answers import (
    INCREASE,
    PHASE,
    SAME,
    Choice,
    describe_asked,
    divide_answer,
    list_answers,
    read_line_answers,
    spread_answers,
)
from projects.importing.cells.cells import is_same_text
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.cells.rows_below import Increased, SaidIncrease, find_increased
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
_REFERENCES = ("part_of", "duplicate_of")
_AT_ONCE = 5_000  # drafts


class RowProfiles:
    """What the projects of a file will be, and the stored ones of them are, in little memory.

    Left out are stored projects of which nothing changes by which they could become like others.
    By key; by the negative of the line where there is none yet.
    """

    def __init__(
        self, drafts: Drafts, organisations: Organisations, wholes: Mapping[int, str]
    ) -> None:
        """Read the drafts; `wholes` has by line the names of the projects that it is a part of."""
        self._wholes = wholes
        self.before: dict[int, Profile] = {}
        self.lines: dict[int, int] = {}  # of stored projects
        self._organisations = organisations
        self._unknown: dict[str, int] = {}  # keys of organisations that are not stored yet
        self._referred = _find_referred(drafts)
        self._packed: PackedList[tuple[int, Profile]] = PackedList()
        for some in split_up(drafts, _AT_ONCE):
            self._add(some)

    def _add(self, drafts: list[RowDraft]) -> None:
        self.before |= read_profiles(draft.project_id for draft in drafts if _may_change(draft))
        names = (share.name for draft in drafts for share in draft.investors or ())
        self._organisations.look_up(names)
        for draft in drafts:
            backers = [self._find_key(share.name) for share in draft.investors or ()]
            referred = {
                name: self._referred.get(draft.references[name].lower())
                for name in _REFERENCES
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
    """Find the keys of what rows say that they are a part or a copy of, by code in lower case."""
    codes = drafts.referred
    keys = find_projects_by_code(codes, Project.objects.all())
    new = (each for each in drafts if each.code and not each.version) if codes else ()
    return keys | {each.code.lower(): -each.line for each in new if each.code.lower() in codes}


def _may_change(draft: RowDraft) -> bool:
    is_named_anew = bool(_KEPT.keys() & draft.columns.keys())
    has_changed = is_named_anew or bool(draft.claims) or draft.investors is not None
    return draft.version is not None and has_changed


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
    """What is asked about one line: `doubts` say why, `candidates` which rows it may be.

    Candidates that are lines of the file have negative keys, and `#12` as their code.
    """

    line: int
    doubts: Sequence[Doubt]
    is_new: bool = True  # what is stored already can only be another one
    has_amount: bool = False

    @property
    def candidates(self) -> dict[int, Candidate]:
        return {each.pk: each for doubt in self.doubts for each in doubt.candidates}

    @property
    def allowed(self) -> dict[str, Choice]:
        """The answers that settle it, as they are written."""
        offered = [*self.candidates.values()][:OFFERED_AT_MOST] if self.is_new else []
        return list_answers(offered, has_amount=self.has_amount)

    def describe(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe each doubt as reports show it; all are settled by one answer."""
        described = []
        for doubt in self.doubts:
            name = doubt.field if doubt.field in matches or doubt.field[:4] != "name" else "name"
            shown = [_show(each) for each in doubt.candidates[:OFFERED_AT_MOST]]
            more: dict[str, Any] = {
                "line": self.line,
                "candidates": shown,
                "choices": list(self.allowed),
            }
            about = (name, DoubtKind.DUPLICATES, doubt.code, doubt.detail)
            described.append(describe_asked(matches, *about, **more))
        return described


def _show(candidate: Candidate) -> dict[str, Any]:
    place = {"code": candidate.code} if candidate.pk > 0 else {"line": -candidate.pk}
    return {**place, "name_zh": candidate.name_zh, "name_en": candidate.name_en}


def find_questions(
    drafts: Drafts, visible: QuerySet, organisations: Organisations, wholes: Mapping[int, str]
) -> dict[int, Question]:
    """Find what is to be asked about rows, by line, whether or not it was answered.

    Of stored projects only what changes is doubted. Only projects among `visible` are named. The
    number of queries does not depend on that of the rows but for one in five thousand.
    """
    profiles = RowProfiles(drafts, organisations, wholes)
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in find_duplicates(profiles, profiles.before, visible):
        doubts[doubt.project].append(_name_lines(doubt))
    asked = [(profiles.lines.get(key, -key), key, found) for key, found in doubts.items()]
    return {line: Question(line, found, key < 0, found[0].has_amount) for line, key, found in asked}


def _name_lines(doubt: Doubt) -> Doubt:
    """Name what has no code yet by its line: #12."""
    candidates = tuple(
        replace(each, code=f"#{-each.pk}") if each.pk < 0 else each for each in doubt.candidates
    )
    detail = describe_duplicates(doubt.code, candidates)
    return replace(doubt, candidates=candidates, detail=detail)


LISTED_AT_MOST = 5_000  # lines, in one report


@dataclass
class Settlement:
    """The lines about which something is asked, with what they become by the answers."""

    questions: Mapping[int, Question]
    chosen: Mapping[int, Choice]  # by line
    reader: RowReader

    @property
    def same(self) -> set[int]:
        """The lines that are said to be something else that is written, or to add to it."""
        return {line for line, choice in self.chosen.items() if choice.word in (SAME, INCREASE)}

    @property
    def increasing(self) -> dict[int, int]:
        """The lines that add to another amount, with the key or the negative line of whose."""
        return {
            line: self.find_target(choice.of)
            for line, choice in self.chosen.items()
            if choice.word == INCREASE
        }

    def describe_open(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe what was not answered, LISTED_AT_MOST lines, as reports show it."""
        is_open = (each for line, each in self.questions.items() if line not in self.chosen)
        listed = islice(is_open, LISTED_AT_MOST)
        return [described for question in listed for described in question.describe(matches)]

    def find_stored(self) -> dict[int, int]:
        """Find the lines that are said to be stored projects, with the keys of these."""
        return {
            line: choice.of
            for line, choice in self.chosen.items()
            if choice.word == SAME and choice.of > 0
        }

    def settle(self, drafts: Drafts, reports: Mapping[int, RowReport]) -> None:
        """Put the answers into reports and drafts, and leave out drafts that are not to be written.

        Those of `find_stored` have been compared with these by then.
        """
        named = {-choice.of for choice in self.chosen.values() if choice.of < 0}
        by_line = drafts.hold({*self.questions, *named})
        for line, question in self.questions.items():
            candidates, choice = question.candidates, self.chosen.get(line)
            report = reports[line]
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
        drafts.drop(line for line, choice in self.chosen.items() if is_repetition(choice))

    def find_target(self, of: int) -> int:
        """Find what is written where this candidate is: by key, or a line by its negative."""
        choice = self.chosen.get(-of)
        is_elsewhere = choice is not None and choice.word in (SAME, INCREASE)
        return self.find_target(choice.of) if choice and is_elsewhere else of

    def find_codes(self) -> dict[int, str]:
        """Find the codes of all candidates, by key; those of lines are as `#12`."""
        return {
            key: each.code for q in self.questions.values() for key, each in q.candidates.items()
        }

    def _find_whole(self, choice: Choice, drafts: Mapping[int, RowDraft]) -> str:
        """Find the code of what a line is a phase of; give one to a line that has none yet."""
        target = self.find_target(choice.of)
        if target > 0:
            return self.find_codes()[target]
        whole = drafts[-target]
        whole.code = whole.code or Project.new_code()
        return whole.code

    def _find_end(self, line: int) -> int:
        """Find the line that is written in the place of one that repeats it."""
        choice = self.chosen.get(line)
        return self._find_end(-choice.of) if choice and is_repetition(choice) else line

    def repeat(self, rows: PackedLines[ReadRow], reports: Mapping[int, RowReport]) -> None:
        """Report the lines that are said to repeat others, and what of them is not taken."""
        for line, choice in self.chosen.items():
            if not is_repetition(choice):
                continue
            report, first = reports[line], self._find_end(line)
            report.action, report.of_line = "duplicate", first
            report.forget_changes()
            texts, before = (self.reader.texts(rows.find(each)) for each in (line, first))
            cells = Cells(report, texts, matches=self.reader.matches)
            warn_of_differences(cells, before, first)


def is_repetition(choice: Choice) -> bool:
    """Tell whether a line is said to be another line of the file."""
    return choice.word == SAME and choice.of < 0


def warn_of_differences(cells: Cells, before: Mapping[str, str], first: int) -> None:
    """Warn of the cells of a line that is not written, where an earlier one says other things."""
    differing = list_differing(cells.texts, before)
    if differing:
        detail = _("This differs from line %(line)d and is not taken: %(names)s.")
        told = {"line": first, "names": ", ".join(differing)}
        cells.warn(differing[0], Mistake("differs", detail % told))


def list_differing(texts: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    return [name for name, text in texts.items() if not is_same_text(text, before.get(name, ""))]


AMOUNT = "investment_cny"
# What tells whose increase it is, how much, of when and by whom: more is not taken
_TAKEN = {
    *("name", "name_zh", "name_en", "park", "park_name_zh", "park_name_en", "investors"),
    *(AMOUNT, "investment_qualifier", "investment_basis", "unit", "currency"),
    *("source", "reported_on", "signed_on", "_line"),
}


@dataclass
class Adding:
    """The lines of a file that add to other amounts.

    `parks` has the parks of the stored projects that are added to, by key, and `may_change` tells
    whether projects of a park may be. `rewritten` are the projects of which the file says a new
    amount, which ends what was added.
    """

    drafts: Mapping[int, RowDraft]  # of all lines that are written
    parks: Mapping[int, int]
    may_change: Callable[[int], bool]
    increased: Mapping[int, Increased]
    rewritten: set[int]
    days: dict[tuple[int, PartialDate | None], int] = field(default_factory=dict)

    def take(self, line: int, of: int, cells: Cells) -> SaidIncrease | None:
        """Take the increase that a line says, and report it; None where nothing is written."""
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
        return SaidIncrease(money, of, day, draft.columns.get("source_id"))

    def find_day(self, draft: RowDraft, of: int, base: Increased | None) -> PartialDate | None:
        """Find of when it is: of its signature, or of its report, if the amount is no newer."""
        of_base = base.day if base else _read_report(self.drafts[-of])
        days = [draft.milestones.get(Stage.SIGNED), _read_report(draft)]
        known = [day for day in days if day]
        later = [day for day in known if of_base is None or day.last >= of_base.first]
        if known and not later:
            detail = _("That amount is of a later day, and has the increase in it already.")
            raise Mistake("counted_already", detail)
        return later[0] if later else None

    def check_first(self, line: int, of: int, day: PartialDate | None) -> None:
        """Check that no earlier line says an increase of the same day, as one alone would count."""
        first = self.days.setdefault((of, day), line)
        if first != line:
            detail = _(
                "Line %(line)d says an increase of the same project and day, and only one counts: "
                "write the days on which they were signed, or one line with the sum."
            )
            raise Mistake("contradicts_line", detail % {"line": first})

    @staticmethod
    def warn_of_rest(cells: Cells) -> None:
        """Warn of the cells that say more than an increase."""
        rest = [name for name, text in cells.texts.items() if text and name not in _TAKEN]
        if rest := [name for name in rest if name not in cells.defaulted]:
            detail = _("Of an increase only the amount is taken, not: %(names)s.")
            told = {"names": ", ".join(cells.matches[name].text for name in rest)}
            cells.warn(rest[0], Mistake("not_taken", detail % told))


def _read_report(draft: RowDraft) -> PartialDate | None:
    columns: Mapping[str, Any] = draft.columns
    return PartialDate.from_columns(
        columns.get("reported_on"), columns.get("reported_on_precision", "")
    )


def settle_increases(
    settlement: Settlement,
    drafts: Drafts,
    rows: PackedLines[ReadRow],
    reports: Mapping[int, RowReport],
    may_change: Callable[[int], bool],
) -> None:
    """Make increases of the lines that were said to be some, or leave them out."""
    lines = settlement.increasing
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
    reader = settlement.reader
    for line, of in lines.items():
        report, texts = reports[line], reader.texts(rows.find(line))
        cells = Cells(report, texts, matches=reader.matches)
        cells.defaulted = {name for name in texts if name not in reader.matches}
        increase = adding.take(line, of, cells)
        report.key = codes[of] if of > 0 else ""
        if increase:
            drafts.put(RowDraft(line, report.key, increase=increase))
        else:
            drafts.drop([line])


# --- Answers that were given when a form came before -------------------------------------------

_BATCHES_AT_MOST = 20  # the newest applied imports with answers


def recall_choices(
    questions: Mapping[int, Question], reports: Mapping[int, RowReport], given: Mapping[str, str]
) -> dict[int, Choice]:
    """Recall what lines were answered to be, by their names, where no answer is given now.

    What repeated another line repeats the line that is about that project.
    """
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
    """Find the newest answer about rows of these names, with the code of the project meant."""
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
    """Find the codes of the projects whose amounts were answered to be as suggested."""
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


def warn_of_recalled(
    recalled: Mapping[int, Choice],
    codes: Mapping[int, str],
    reader: RowReader,
    reports: Mapping[int, RowReport],
) -> None:
    """Warn of each line that is taken as it was answered before."""
    for line, choice in recalled.items():
        target = codes[choice.of] if choice.of > 0 else f"#{-choice.of}"
        cells = Cells(reports[line], {}, matches=reader.matches)
        detail = _("“%(answer)s” was answered when this line came before, and is taken again.")
        told = {"answer": f"{choice.word}:{target}"}
        cells.warn("name", Mistake("recalled", detail % told))
