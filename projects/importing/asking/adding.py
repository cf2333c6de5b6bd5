"""Lines that were said to be increases (增资): their amount is all that is taken of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from config.dates import PartialDate
from config.imports import CellFault, RowReport
from config.packing import PackedLines
from config.reading.rows import ReadRow
from projects.importing.asking.settling import Settlement
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.drafts import Drafts, RowDraft
from projects.importing.increases import Increased, SaidIncrease, find_increased
from projects.importing.rows import Cells
from projects.lifecycle.words import Stage
from projects.models import Project

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

    settlement: Settlement
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
                raise CellFault("forbidden", _("You may not write projects of this park."))
            day = self.find_day(draft, of, base)
            self.check_first(line, of, day)
        except CellFault as fault:
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
            cells.warn(AMOUNT, CellFault("same_day", detail))
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
            raise CellFault("counted_already", detail)
        return later[0] if later else None

    def check_first(self, line: int, of: int, day: PartialDate | None) -> None:
        """Check that no earlier line says an increase of the same day, as one alone would count."""
        first = self.days.setdefault((of, day), line)
        if first != line:
            detail = _(
                "Line %(line)d says an increase of the same project and day, and only one counts: "
                "write the days on which they were signed, or one line with the sum."
            )
            raise CellFault("contradicts_line", detail % {"line": first})

    @staticmethod
    def warn_of_rest(cells: Cells) -> None:
        """Warn of the cells that say more than an increase."""
        rest = [name for name, text in cells.texts.items() if text and name not in _TAKEN]
        if rest := [name for name in rest if name not in cells.defaulted]:
            detail = _("Of an increase only the amount is taken, not: %(names)s.")
            told = {"names": ", ".join(cells.matches[name].text for name in rest)}
            cells.warn(rest[0], CellFault("not_taken", detail % told))


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
        settlement,
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
