"""Dates known to the year, quarter, month or day: reading, printing, and their SQL."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from config.mistakes import Mistake, describe_later
from config.texts import EMPTY_CELLS, as_plain, shorten

# A year outside is a typing error: 240612 is not a month of the year 2406.
EARLIEST_YEAR = 1900
LATEST_YEAR = 2100
LONGEST_DATE = 60


class Precision(models.TextChoices):
    """How much of a date is known; what is stored is the first day of that interval."""

    YEAR = "year", _("year")
    QUARTER = "quarter", _("quarter")
    MONTH = "month", _("month")
    DAY = "day", _("day")


MONTHS_IN = {Precision.YEAR: 12, Precision.QUARTER: 3, Precision.MONTH: 1}

DATE_MESSAGES: dict[str, Any] = {
    "empty": _("No date is given."),
    "not_a_date": _("“%(text)s” is not a date."),
    "impossible": _("“%(text)s” does not exist in the calendar."),
    "out_of_range": _("The year of “%(text)s” is not between %(earliest)s and %(latest)s."),
    "two_digit_year": _("The year of “%(text)s” needs four digits."),
    "no_year": _("“%(text)s” does not say the year."),
    "half_year": _("“%(text)s” is half a year; give its quarter, its month or the year."),
    "range": _("“%(text)s” is a span of time; give one date."),
    "ambiguous": _("“%(text)s” could be January or October."),
    "year_last": _("Put the year first in “%(text)s”: the order of day and month is unclear."),
    "not_first_day": _("“%(text)s” is not the first day of a year, quarter or month."),
}
DATE_HINT = _("Write 2013, 2013-Q2, 2013-06 or 2013-06-30.")
NOT_A_DAY = _("“%(text)s” is not one day written like 2013-06-30.")
# Days that may be given as a month or year: its first or last day is meant
MEANT_DAYS = {"valid_from": "first", "valid_to": "last"}


class DateError(Mistake):
    """A text that is not one date; `code` is a key of DATE_MESSAGES."""

    texts: ClassVar[Mapping[str, Any]] = DATE_MESSAGES
    hint: ClassVar[Any] = DATE_HINT

    def __init__(self, code: str, text: str = "", suggestion: str | None = None) -> None:
        named = {"text": shorten(text), "earliest": EARLIEST_YEAR, "latest": LATEST_YEAR}
        super().__init__(code, describe_later(self.texts[code], named, self.hint), suggestion)


@dataclass(frozen=True, order=True)
class PartialDate:
    """A year, quarter, month or day, kept as its first day and its precision."""

    first: date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        """Raise DateError when `first` is not the first day of such an interval."""
        if self.first != first_day(self.first, self.precision):
            raise DateError("not_first_day", self.first.isoformat())

    @classmethod
    def containing(cls, day: date, precision: Precision) -> Self:
        """Find the year, quarter, month or day in which `day` lies."""
        return cls(first_day(day, precision), precision)

    @classmethod
    def from_columns(cls, first: date | None, precision: str) -> Self | None:
        """Build the date from its two columns; None where it is unknown."""
        return cls(first, Precision(precision)) if first else None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2013`, `2013-Q2`, `2013-06` or `2013-06-30` and nothing else; raises DateError."""
        if not text:
            raise DateError("empty")
        match = ISO.fullmatch(text)
        if match is None:
            raise DateError("not_a_date", text, _suggest_date(text))
        return cls(*_build_interval(text, **match.groupdict()))

    @property
    def last(self) -> date:
        """The last day of the interval."""
        if self.precision == Precision.DAY:
            return self.first
        month = self.first.month + MONTHS_IN[self.precision] - 1
        return date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])

    def contains(self, other: "PartialDate") -> bool:
        """Return whether the period of another date lies within this one."""
        return self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        return str(print_partial_date(self.first, self.precision))


# How much of 2013-06-30 is known to a precision
_KNOWN = {Precision.YEAR.value: 4, Precision.MONTH.value: 7, Precision.DAY.value: 10}


def print_partial_date(first: date | str | None, precision: str) -> str | None:
    """Print the two columns of a date as the API, files and pages do: 2013, 2015-Q2, 2015-06-30.

    The first day may be the text that SQLite keeps of it.
    """
    if first is None:
        return None
    day = str(first)
    if precision == Precision.QUARTER:
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    return day[: _KNOWN[precision]]


def first_day(day: date, precision: Precision) -> date:
    """Find the first day of the year, quarter, month or day in which `day` lies."""
    if precision == Precision.DAY:
        return day
    months = MONTHS_IN[precision]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def months_before(day: date, months: int) -> date:
    """Return the same day that many months earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
_QUARTERS = ("1 一 1st first", "2 二 2nd second", "3 三 3rd third", "4 四 4th fourth")
QUARTERS = {
    name: number for number, names in enumerate(_QUARTERS, start=1) for name in names.split()
}

ISO = re.compile(
    r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?", re.ASCII
)
_YEAR = r"(?P<year>\d{4})"
_MONTH_NAME = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH_NUMBER = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九])"
_NEAR_YEAR = "(?:[今本当明后去]年)?"
_MIDNIGHT = r"(?:[ T]0?0:00(?::00)?)?"  # what spreadsheets append to a day
_AS_WRITTEN: tuple[str, ...] = (
    # 2024年, 2019年底, 2024年7月, 2024年7月底, 2024年7月1日
    rf"{_YEAR} ?年? ?(?:[初中底末内])?",
    rf"{_YEAR} ?年 ?(?P<month>\d{{1,2}}) ?月(?:份|[初中底末]|[上中下]旬)?",
    rf"{_YEAR} ?年 ?(?P<month>\d{{1,2}}) ?月 ?(?P<day>\d{{1,2}}) ?[日号]?",
    # 2023.11, 2018-8, 2018/8/2, 2024.6.28, 2024-06-28 00:00:00, 201401, 20140130
    rf"{_YEAR}[-/](?P<month>\d{{1,2}})",
    rf"{_YEAR}\.(?P<month>\d\d|[2-9])",
    rf"{_YEAR}(?P<separator>[-/.]) ?(?P<month>\d{{1,2}})(?P=separator) ?(?P<day>\d{{1,2}})"
    rf"{_MIDNIGHT}",
    # Before 1950, six digits are more likely a day with a two-digit year (190612).
    r"(?P<year>19[5-9]\d|2\d{3})(?P<month>\d\d)",
    rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",
    # 2021年一季度, 2021年第1季度, 2021Q1, 2021-Q1, Q1 2021, first quarter of 2021
    rf"{_YEAR} ?年? ?第? ?(?P<quarter>[一二三四1-4]) ?季度?",
    rf"{_YEAR} ?年?[-/ ]?Q(?P<quarter>[1-4])",
    rf"Q(?P<quarter>[1-4])[-/ ]?{_YEAR}",
    rf"(?:the )?(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th) quarter(?: of|,)? {_YEAR}",
    # June 2015, Sept. 2017, 15 June 2015, 15-Jun-2015, June 15, 2015, end of 2019
    rf"{_MONTH_NAME}(?: of|,)?[- ]{_YEAR}",
    rf"{_DAY_ORDINAL}[- ](?:of )?{_MONTH_NAME},?[- ]{_YEAR}",
    rf"{_MONTH_NAME} {_DAY_ORDINAL},? {_YEAR}",
    rf"(?:the )?(?:early|mid|late|beginning of|end of)[- ]{_YEAR}",
)
if settings.PROFILE.day_first:  # 31/12/2025, 01/2025
    _AS_WRITTEN += (
        rf"(?P<day>\d{{1,2}})(?P<separator>[-/.])(?P<month>\d{{1,2}})(?P=separator){_YEAR}{_MIDNIGHT}",
        rf"(?P<month>\d{{1,2}})[-/.]{_YEAR}",
    )
AS_WRITTEN = [re.compile(pattern, re.ASCII | re.IGNORECASE) for pattern in _AS_WRITTEN]
_SECOND_HALF = ("下", "h2", "second", "2nd")
KNOWN_MISTAKES = [
    (code, re.compile(pattern, re.ASCII | re.IGNORECASE))
    for code, pattern in (
        ("half_year", r"\d{4} ?年? ?[上下]半年|\d{4}[- ]?H[12]|H[12][- ]?\d{4}"),
        ("half_year", r"(?:the )?(?:first|second|1st|2nd) half(?: of|,)? \d{4}"),
        ("range", r"\d{4}-\d{4}|\d{4}.*[年月日号] ?-.*\d.*"),
        ("range", r"\d{4}.*(?:[~至到—–]|\bto\b).*\d.*|from .+ to .+"),
        ("ambiguous", r"\d{4}\.1"),
        ("year_last", r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"),
        ("two_digit_year", r"['’]?\d{2} ?年.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{1,2}|\d{2}[./-]\d{1,2}"),
        ("two_digit_year", rf"(?:{_DAY_ORDINAL}[- ])?{_MONTH_NAME}[- ]['’]?\d\d"),
        ("two_digit_year", r"1[0-9]\d{4}"),
        ("no_year", rf"{_NEAR_YEAR}{_MONTH_NUMBER}月[^\d年月]*(?:\d{{1,2}}[日号][^\d年月]*)?"),
        ("no_year", rf"{_NEAR_YEAR}第?[一二三四1-4]季度[^\d年月]*|Q[1-4]"),
        ("no_year", rf"{_NEAR_YEAR}[上下]半年|(?:[今本当]年年?|年)初|去年年?[初中底末]?"),
        ("no_year", rf"(?:{_DAY_ORDINAL} )?{_MONTH_NAME}"),
        ("no_year", rf"{_MONTH_NAME} {_DAY_ORDINAL}"),
    )
]


def parse_date_as_written(text: str) -> PartialDate:
    """Read a date as people type it: `2023.11`, `2018/8/2`, `2021年一季度`, `June 15, 2015` ...

    Full-width digits are digits. Nothing is rolled over, completed or guessed: half-years, spans,
    two-digit years and texts with two readings (`2023.1`, which a spreadsheet also makes of
    2023.10) raise DateError with a code of their own.
    """
    plain = as_plain(text)
    if plain in EMPTY_CELLS:
        raise DateError("empty", text)
    if len(plain) > LONGEST_DATE:
        raise DateError("not_a_date", text)
    for pattern in AS_WRITTEN:
        match = pattern.fullmatch(plain)
        if match is not None:
            parts = match.groupdict()
            parts.pop("separator", None)
            return PartialDate(*_build_interval(text, **parts))
    for code, pattern in KNOWN_MISTAKES:
        if pattern.fullmatch(plain):
            raise DateError(code, text)
    raise DateError("not_a_date", text)


def lacks_year(text: str) -> bool:
    """Return whether a text is a part of a year that it does not name: 3月底, 今年一季度."""
    plain = as_plain(text)
    return any(code == "no_year" and found.fullmatch(plain) for code, found in KNOWN_MISTAKES)


def _suggest_date(text: str) -> str | None:
    try:
        return str(parse_date_as_written(text))
    except DateError:
        return None


def parse_half_year(text: str) -> tuple[PartialDate, date] | None:
    """Parse a half-year as the year that it is in, and its own first day; None for other texts."""
    plain = as_plain(text)[:LONGEST_DATE]
    is_half = any(code == "half_year" and each.fullmatch(plain) for code, each in KNOWN_MISTAKES)
    year = re.search(r"\d{4}", plain, re.ASCII)
    if not is_half or year is None:
        return None
    whole = PartialDate(*_build_interval(text, year[0]))
    is_second = any(word in plain for word in _SECOND_HALF)
    return whole, date(whole.first.year, 7 if is_second else 1, 1)


def _build_interval(
    text: str,
    year: str,
    quarter: str | None = None,
    month: str | None = None,
    day: str | None = None,
) -> tuple[date, Precision]:
    """Build first day and precision from the parts of `text`; DateError for no such day."""
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        raise DateError("out_of_range", text)
    if quarter:
        return date(int(year), QUARTERS[quarter.lower()] * 3 - 2, 1), Precision.QUARTER
    if month is None:
        return date(int(year), 1, 1), Precision.YEAR
    number = int(month) if month.isdigit() else MONTH_NUMBERS[month[:3].lower()]
    try:
        first = date(int(year), number, int(day or 1))
    except ValueError:
        raise DateError("impossible", text) from None
    return first, Precision.DAY if day else Precision.MONTH


CompiledSQL = tuple[str, Any]


class PortableFunc(models.Func):
    """A function with one SQL template for SQLite and one for PostgreSQL; {x}, {y} are arguments.

    Immutable, for generated columns; uses built-in functions only, so any client can read the file.
    """

    sqlite: str
    postgresql: str

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> CompiledSQL:
        return self._fill(compiler, self.sqlite)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> CompiledSQL:
        return self._fill(compiler, self.postgresql)

    def _fill(self, compiler: SQLCompiler, template: str) -> CompiledSQL:
        """Fill in the SQL of the arguments, with their parameters in the order of the template."""
        made = dict(zip("xy", map(compiler.compile, self.get_source_expressions()), strict=False))
        params = [param for name in re.findall(r"\{([xy])\}", template) for param in made[name][1]]
        return template.format(**{name: sql for name, (sql, _params) in made.items()}), params


class PeriodEnd(PortableFunc):
    """SQL for the last day of a stored interval: `PeriodEnd("signed_on", "signed_precision")`.

    A date; NULL when the date is. Expects the first day of the interval: its length is added to
    it, then one day is taken off.
    """

    arity = 2
    output_field = models.DateField()
    sqlite = (
        "date({x}, CASE {y} WHEN 'year' THEN '+1 year' WHEN 'quarter' THEN '+3 months'"
        " WHEN 'month' THEN '+1 month' WHEN 'day' THEN '+1 day' END, '-1 day')"
    )
    postgresql = (
        "({x} + CASE {y} WHEN 'year' THEN interval '1 year' WHEN 'quarter' THEN interval"
        " '3 months' WHEN 'month' THEN interval '1 month' WHEN 'day' THEN interval '1 day' END"
        " - interval '1 day')::date"
    )


class YearOf(PortableFunc):
    """SQL for the year of a date as an integer, NULL when the date is."""

    arity = 1
    output_field = models.IntegerField()
    sqlite = "CAST(substr({x}, 1, 4) AS INTEGER)"  # dates are texts, YYYY-MM-DD
    postgresql = "EXTRACT(YEAR FROM {x})::integer"  # of a numeric


class MonthOf(PortableFunc):
    """SQL for the month of a date column as a number: months since the year 0, NULL without a date.

    Months count on over the years: a third of it, rounded down, numbers the quarters.
    """

    arity = 1
    output_field = models.IntegerField()
    sqlite = "(CAST(substr({x}, 1, 4) AS INTEGER) * 12 + CAST(substr({x}, 6, 2) AS INTEGER) - 1)"
    postgresql = "(EXTRACT(YEAR FROM {x}) * 12 + EXTRACT(MONTH FROM {x}) - 1)::integer"
