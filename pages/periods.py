"""The periods of reports: weeks, months, quarters and years, their names, and the newest ones."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _, gettext_lazy

from sheets.dates import DATE_MESSAGES, DateError, PartialDate, Precision

_WEEK = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
PERIOD_TITLES = {
    "week": gettext_lazy("Weekly report on investment and projects"),
    Precision.MONTH: gettext_lazy("Monthly report on investment and projects"),
    Precision.QUARTER: gettext_lazy("Quarterly report on investment and projects"),
    Precision.YEAR: gettext_lazy("Annual report on investment and projects"),
}


class PeriodError(DateError):
    """A text that is not a period of a report."""

    texts = {**DATE_MESSAGES, "not_a_date": gettext_lazy("“%(text)s” is not a period.")}
    hint = gettext_lazy("Write 2013, 2013-Q2, 2013-06 or, for a week, 2013-W23.")


@dataclass(frozen=True)
class Period:
    """A week, month, quarter or year of a report."""

    first: date
    last: date
    kind: str

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read 2026-W41, 2026-10, 2026-Q4 or 2026; raises PeriodError."""
        if week := _WEEK.fullmatch(text):
            try:
                monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            except ValueError as error:
                raise PeriodError("impossible", text) from error
            return cls(monday, monday + timedelta(days=6), "week")
        try:
            day = PartialDate.parse(text)
        except DateError as error:
            meant = error.suggestion and error.suggestion[:7]
            raise PeriodError(error.code, text, meant) from error
        if day.precision == Precision.DAY:
            raise PeriodError("not_a_date", text, text[:7])
        return cls(day.first, day.last, day.precision)

    @property
    def name(self) -> str:
        """Its name in the language that is active: 2026年10月."""
        year, week, _day = self.first.isocalendar()
        if self.kind == "week":
            return _("week %(week)d of %(year)d") % {"week": week, "year": year}
        if self.kind == Precision.MONTH:
            return formats.date_format(self.first, "YEAR_MONTH_FORMAT")
        parts = {"year": self.first.year, "quarter": (self.first.month + 2) // 3}
        quarter = _("quarter %(quarter)d of %(year)d")
        return (quarter if self.kind == Precision.QUARTER else _("the year %(year)d")) % parts

    @property
    def title(self) -> str:
        """The title of its report."""
        return _("%(title)s (%(period)s)") % {
            "title": PERIOD_TITLES[self.kind],
            "period": self.name,
        }

    def list_spans(self) -> list[tuple[str, date, date]]:
        """List the compared spans: the period, the year up to its end, and the same a year ago."""
        year = date(self.last.year, 1, 1)
        spans = [(_("In the period"), self.first, self.last)]
        if year != self.first:
            spans.append((_("Since January"), year, self.last))
        first = move_back(min(year, self.first))
        return [*spans, (_("A year before"), first, move_back(self.last))]


def move_back(day: date) -> date:
    """Return the same day a year before; of 29 February the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def find_newest_periods() -> dict[str, str]:
    """Find the week, month and quarter that ended last, and this year, by their kinds."""
    today = timezone.localdate()
    year, week, _day = (today - timedelta(days=7)).isocalendar()
    found = {"week": f"{year}-W{week:02}"}
    for unit in (Precision.MONTH, Precision.QUARTER):
        before = PartialDate.containing(today, unit).first - timedelta(days=1)
        found[unit] = str(PartialDate.containing(before, unit))
    return {**found, Precision.YEAR: str(today.year)}
