"""The funds of projects as a grid: projects down, months across, typed or pasted as texts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.amounts import AmountError, Qualifier, parse_amount
from config.currencies import YUAN, store_currency
from projects.models import Funding, Project

NOT_EXACT = gettext_lazy(
    "A report of money is exact: write 1,200 or 1.5亿, without words such as 超, 约, over or about."
)
YUAN_OF_UNIT: dict[Any, int] = {"yuan": 1, "wan": 10_000, "yi": 100_000_000}
_CELL = re.compile(r"m-([0-9]{1,18})-[0-9]{1,2}")
_MONTH = re.compile(r"(?:[0-9]{4} ?[-年/.] ?)?0?([1-9]|1[0-2]) ?月?")


@dataclass
class FundingCell:
    """One month of one project: what is stored, and what is typed there."""

    project: Project
    month: date
    stored: Funding | None
    text: str
    error: str = ""

    @property
    def name(self) -> str:
        return f"m-{self.project.pk}-{self.month.month}"

    @property
    def label(self) -> str:
        return f"{self.project.name}, {self.month:%Y-%m}"


@dataclass(frozen=True)
class FundingChange:
    """What a cell changes: the report to save, or None for one that is taken back."""

    cell: FundingCell
    before: str
    report: Funding | None


@dataclass
class FundingGrid:
    """The months of a year of some projects; amounts are shown and read in one unit."""

    year: int
    kind: str
    unit: Any
    projects: Sequence[Any]
    currency: str = YUAN
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        reports = Funding.objects.filter(
            project__in=self.projects,
            kind=self.kind,
            month__year=self.year,
            currency=self.stored_currency,
        )
        stored = {(report.project_id, report.month.month): report for report in reports}
        self.rows = {
            project.pk: [
                FundingCell(project, date(self.year, month, 1), found, self.write(found))
                for month in range(1, 13)
                for found in (stored.get((project.pk, month)),)
            ]
            for project in self.projects
        }

    @property
    def stored_currency(self) -> str:
        return store_currency(self.currency)

    def cells(self) -> Iterator[FundingCell]:
        for row in self.rows.values():
            yield from row

    def write(self, report: Funding | None) -> str:
        """Write what was reported as a number in the unit; nothing where there is no report."""
        if report is None:
            return ""
        whole, rest = divmod(abs(report.reported), YUAN_OF_UNIT[self.unit])
        digits = f"{rest:0{len(str(YUAN_OF_UNIT[self.unit])) - 1}d}".rstrip("0") if rest else ""
        sign = "-" if report.reported < 0 else ""
        return f"{sign}{whole}{'.' if digits else ''}{digits}"

    def take(self, sent: Mapping[str, str]) -> None:
        """Take over what was typed into the cells."""
        for cell in self.cells():
            cell.text = sent.get(cell.name, cell.text).strip()

    def paste(self, text: str) -> None:
        """Take over lines of a sheet: the code or name of a project, then its months.

        Without a line of headings the amounts are those of January, February ... What is not
        understood is kept as a problem.
        """
        lines = [line.split("\t") for line in text.splitlines() if line.strip()]
        months = find_months(lines[0]) if lines else {}
        by_word = {word: project for project in self.projects for word in words_of(project)}
        for number, line in enumerate(lines, 1):
            if months and number == 1:
                continue
            named = [at for at, each in enumerate(line[:3]) if fold_word(each) in by_word]
            if not named:
                told = {"number": number, "text": line[0].strip()}
                said = _("Line %(number)d: “%(text)s” is no project of this park.")
                self.problems.append(said % told)
                continue
            places = months or {named[-1] + month: month for month in range(1, 13)}
            cells = self.rows[by_word[fold_word(line[named[-1]])].pk]
            for at, month in places.items():
                if at < len(line) and line[at].strip():
                    cells[month - 1].text = line[at].strip()

    def read(self, are_cumulative: bool, source: Any) -> list[FundingChange]:
        """Read what the cells change; what is wrong in one of them is said there."""
        changes = []
        for cell in self.cells():
            before = self.write(cell.stored)
            if cell.text == before:
                continue
            if not cell.text:
                changes.append(FundingChange(cell, before, None))
                continue
            try:
                report = self.read_report(cell, are_cumulative, source)
            except ValidationError as error:
                cell.error = " ".join(error.messages)
            else:
                if cell.stored is None or report.reported != cell.stored.reported:
                    changes.append(FundingChange(cell, before, report))
        return changes

    def read_report(self, cell: FundingCell, are_cumulative: bool, source: Any) -> Funding:
        """Read the report of a cell; ValidationError where there can be none."""
        unit = (self.currency, YUAN_OF_UNIT[self.unit])
        amount = parse_amount(cell.text, default_unit=unit)
        if amount.qualifier != Qualifier.EXACT:
            raise ValidationError(NOT_EXACT, code="qualified")
        if amount.unit != self.currency:
            message = _("“%(text)s” is not in %(currency)s; other currencies are not converted.")
            told = {"text": cell.text, "currency": self.currency}
            raise ValidationError(message, "other_currency", told)
        if amount.value != int(amount.value):
            raise AmountError("fraction_of_yuan", cell.text)
        if cell.stored is None:
            report = Funding(
                project=cell.project,
                kind=self.kind,
                month=cell.month,
                currency=self.stored_currency,
                is_cumulative=are_cumulative,
            )
        else:
            report = copy(cell.stored)
        if self.stored_currency:
            report.reported_value = int(amount.value)
        else:
            report.reported_cny = amount.cny
        report.source = source or report.source
        report.full_clean()
        return report


def find_months(heading: Sequence[str]) -> dict[int, int]:
    """Find in a line of headings which columns are months; nothing if it is no such line."""
    found = {
        at: int(month[1])
        for at, text in enumerate(heading)
        if (month := _MONTH.fullmatch(text.strip()))
    }
    has_words = any("月" in text or "-" in text for text in heading)
    return found if has_words else {}


def fold_word(text: str) -> str:
    return text.strip().casefold()


def words_of(project: Project) -> set[str]:
    """List by what a line can name a project: its code and its names."""
    return {fold_word(word) for word in (project.code, project.name_zh, project.name_en) if word}


def find_sent_projects(sent: Mapping[str, str]) -> set[int]:
    """Find the keys of the projects whose cells were sent."""
    return {int(found[1]) for name in sent if (found := _CELL.fullmatch(name))}


def digest_changes(changes: Sequence[FundingChange]) -> str:
    """Digest what would be changed, so that nothing else is stored than what was shown."""
    told = [f"{each.cell.name}={each.before}>{each.cell.text}" for each in changes]
    return sha256("\n".join(told).encode()).hexdigest()
