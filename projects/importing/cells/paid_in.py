"""Money paid in as a column of a sheet of projects: a cumulative report up to a month.

It is written only where it is said up to which month: with the file, in the header of the column,
or in a line above the table (截至2023年11月).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.amounts import AmountError, Qualifier, format_cny, parse_amount
from config.dates import DateError, Precision, parse_date_as_written
from config.imports import CellFault
from config.reading.errors import FileError
from config.reading.files import ReadTable
from config.reading.units import find_column_unit
from parks.cell_lookup import create_rows
from parks.recording.change_rows import chunks
from projects.models import Funding

PAID_IN_COLUMN = "paid_in_cny"
_UP_TO = re.compile(r"截[至止]到?\s*(\d{4})\s*[年.\-/]\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True)
class PaidInReport:
    """What was paid in up to and with a month, given by its first day."""

    month: date
    cny: int
    as_reported: str

    def __str__(self) -> str:
        return f"{format_cny(self.cny)} ({self.month:%Y-%m})"


@dataclass(frozen=True)
class KnownPaidIn:
    """What is stored up to and with a month, and what was reported of that month itself."""

    total: int = 0
    before: int = 0
    reported: tuple[int, bool] | None = None  # the amount, and whether it is cumulative


def find_month(table: ReadTable, given: str) -> date | None:
    """Find the month up to which the amounts paid in are; FileError if what is given is none."""
    if given:
        return _parse_month(given)
    header = table.header
    texts = [match.text for match in table.columns if match.name == PAID_IN_COLUMN]
    titles = [row for row in table.sheet.rows if row.line < header.first_line]
    texts += [cell for row in titles for cell in row.cells]
    for text in texts:
        if found := _UP_TO.search(text):
            return _parse_month(f"{found[1]}-{int(found[2]):02}")
    return None


def _parse_month(text: str) -> date:
    try:
        day = parse_date_as_written(text)
    except DateError as error:
        raise FileError("invalid_month", error.message) from error
    if day.precision not in (Precision.MONTH, Precision.DAY):
        raise FileError("invalid_month", _("Give a month, such as 2023-11."))
    month = day.first.replace(day=1)
    if month > timezone.localdate():
        raise FileError("invalid_month", _("A future month has no amounts yet."))
    return month


def read_paid_in(text: str, unit: str, month: date) -> PaidInReport:
    """Read a cell of what was paid in; 0 is a report of nothing."""
    default = find_column_unit(unit) or ("CNY", 1)
    try:
        amount = parse_amount(text, default_unit=default)
        if amount.qualifier != Qualifier.EXACT:
            detail = _("Give the amount that was paid in; leave out words such as 约 or over.")
            raise CellFault("qualified", detail)
        cny = amount.cny
    except AmountError as error:
        raise CellFault(error.code, error.message) from error
    if cny < 0:
        raise CellFault("negative", _("A cumulative amount cannot be negative."))
    is_plain = text.isdecimal() and default == ("CNY", 1)
    return PaidInReport(month, cny, "" if is_plain else text[:300])


def find_known(projects: Collection[int], month: date) -> dict[int, KnownPaidIn]:
    """Find what the ledger knows up to a month of what was paid into projects, by key."""
    flows: dict[int, list[tuple[date, int, int, bool]]] = defaultdict(list)
    for chunk in chunks(projects):
        rows = Funding.objects.filter(
            project__in=chunk, kind=Funding.Kind.PAID_IN, month__lte=month
        )
        names = ("project_id", "month", "amount_cny", "reported_cny", "is_cumulative")
        for project, *flow in rows.order_by("month").values_list(*names):
            flows[project].append(tuple(flow))
    return {project: _add_up(rows, month) for project, rows in flows.items()}


def _add_up(rows: list[tuple[date, int, int, bool]], month: date) -> KnownPaidIn:
    total = sum(flow for _month, flow, _reported, _is_cumulative in rows)
    last, flow, reported, is_cumulative = rows[-1]
    is_now = last == month
    return KnownPaidIn(
        total, total - flow if is_now else total, (reported, is_cumulative) if is_now else None
    )


def compare_paid_in(report: PaidInReport, known: KnownPaidIn) -> bool:
    """Tell whether a report says something new; CellFault where it contradicts a flow."""
    if known.reported is None:
        return True
    _reported, is_cumulative = known.reported
    if not is_cumulative and known.total != report.cny:
        detail = _("%(month)s has a report of its own; with it the total is %(total)s.")
        told = {"month": f"{report.month:%Y-%m}", "total": format_cny(known.total)}
        raise CellFault("has_flow", detail % told, format_cny(known.total))
    return known.total != report.cny


def build_funding(report: PaidInReport) -> dict[str, Any]:
    """Build the columns of the flow that a report says, but for its project."""
    return {
        "kind": Funding.Kind.PAID_IN,
        "month": report.month,
        "reported_cny": report.cny,
        "amount_cny": report.cny,
        "is_cumulative": True,
        "as_reported": report.as_reported,
    }


def write_paid_in(reports: Mapping[int, PaidInReport]) -> None:
    """Write cumulative reports by key of project, and work out the flows that follow."""
    kind = Funding.Kind.PAID_IN
    months = {report.month for report in reports.values()}
    stored: list[Funding] = []
    for chunk in chunks(reports):
        rows = Funding.objects.filter(project__in=chunk, kind=kind, month__in=months)
        stored += [row for row in rows if row.month == reports[row.project_id].month]
    for row in stored:
        report = reports[row.project_id]
        row.reported_cny, row.as_reported = report.cny, report.as_reported
    Funding.objects.bulk_update(stored, ["reported_cny", "as_reported"], batch_size=200)
    there = {row.project_id for row in stored}
    create_rows(
        Funding,
        [
            {"project_id": project, **build_funding(report)}
            for project, report in reports.items()
            if project not in there
        ],
    )
    for chunk in chunks(reports):
        rows = Funding.objects.filter(project__in=chunk, kind=kind)
        others = rows.exclude(month__in=months).values_list("project_id", flat=True)
        for project in {*others} | (there & {*chunk}):
            Funding.objects.work_out_flows(project, kind)
