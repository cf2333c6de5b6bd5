"""Dates known to the year, quarter, month or day, as written, as printed and in the database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.writer import MigrationWriter
from django.db.models import DateField, F, Value
from django.db.models.functions import Cast
from django.utils import translation
from hypothesis import given, settings, strategies as st

from sheets.dates import (
    DATE_MESSAGES,
    EARLIEST_YEAR,
    LATEST_YEAR,
    DateError,
    MonthOf,
    PartialDate,
    PeriodEnd,
    Precision,
    YearOf,
    first_day,
    months_before,
    parse_date_as_written,
    parse_half_year,
)
from tests.together import together

ISO = ["2013", "2013-Q1", "2013-Q4", "2013-06", "2013-12", "2013-06-30", "2024-02-29", "1900"]

# Each as it stands in a planner's sheet or a report, and the date it gives.
AS_WRITTEN = {
    "2013": ["2013", "2013年", "２０１３年", "2013 年", "2013年底", "2013年初", "end of 2013"],
    "2019": ["2019年底", "2019年末", "the end of 2019", "late 2019"],
    "2021-Q1": ["2021年一季度", "2021年第1季度", "2021年第一季度", "2021Q1", "2021-Q1", "Q1 2021"],
    "2015-Q2": ["2015年二季度", "2015年第２季度", "second quarter of 2015", "2nd quarter 2015"],
    "2020-Q4": ["2020年四季度", "2020年Q4", "2020 q4", "the fourth quarter of 2020"],
    "2014-01": ["201401", "2014年1月", "2014年01月", "2014-1", "2014/01", "January 2014"],
    "2023-11": ["2023.11", "2023年11月", "２０２３．１１", "2023年11月份", "Nov. 2023"],
    "2023-10": ["2023.10", "2023年10月上旬", "2023年10月底", "October, 2023"],
    "2021-03": ["202103", "2021.3", "2021.03"],
    # The first and the last six digits that are a month
    "1950-01": ["195001"],
    "1999-12": ["199912"],
    "2000-01": ["200001"],
    "2100-12": ["210012"],
    "2015-06": ["June 2015", "Jun 2015", "june of 2015", "2015-06"],
    "2017-09": ["September 2017", "Sept. 2017", "Sep 2017", "Sep-2017"],
    "2024-06-28": ["2024.6.28", "2024. 6. 28", "20240628", "2024-06-28 00:00:00", "2024/6/28 0:00"],
    "2018-08-02": ["2018/8/2", "2018-8-2", "2018年8月2日", "２０１８／８／２", "2 August 2018"],
    "2018-10-16": ["2018年10月16日", "2018年10月16号", "2018 年 10 月 16 日", "16-Oct-2018"],
    "2023-11-29": ["2023年11月29日", "Nov. 29, 2023", "29th of November 2023"],
    "2015-06-15": ["15 June 2015", "June 15, 2015", "June 15th, 2015", "JUNE 15 2015"],
    "2024-02-29": ["2024年2月29日", "2024.2.29"],
}
REFUSED = [
    *[("empty", text) for text in ("", "　", "—", "-", "/", "暂无", "待定")],
    *[("not_a_date", text) for text in ("45471", "2017年选址", "已签约", "约2019年", "2019年前")],
    *[("not_a_date", text) for text in ("2024.6.28.1", "2013²", "2" * 200)],
    *[("impossible", text) for text in ("2021.2.31", "2023年2月29日", "202113", "2023-13")],
    *[("impossible", text) for text in ("2023-00", "31 June 2015", "20240230", "2024.6.0")],
    ("impossible", "2024/6/31"),
    *[("out_of_range", text) for text in ("0013", "1899年", "2101", "210101", "240612")],
    ("out_of_range", "9999-12-31"),
    *[("two_digit_year", text) for text in ("24.6.28", "18/8/2", "24年6月28日", "190612", "24.06")],
    *[("two_digit_year", text) for text in ("Jun-15", "15-Jun-15", "June '15")],
    *[("two_digit_year", text) for text in ("194912", "194001", "190001")],
    *[("half_year", text) for text in ("2023年上半年", "2023年下半年", "2023H1", "H2 2023")],
    *[("half_year", text) for text in ("first half of 2023", "the second half of 2023")],
    *[("range", text) for text in ("2023-2025", "2023年6月-8月", "2023年6月至8月", "2023～2025年")],
    *[("range", text) for text in ("from June to July 2015", "2023.6.1—2023.6.30")],
    *[("range", text) for text in ("2023 to 2025", "2023.6到2023.8", "2023–2025")],
    *[("range", "2023 to 2025".ljust(60, ".")), ("not_a_date", "2023 to 2025".ljust(61, "."))],
    *[("ambiguous", text) for text in ("2023.1", "２０２３．１")],
    *[("year_last", text) for text in ("06/28/2024", "28.6.2024", "5-6-2024")],
    *[("no_year", text) for text in ("3月", "3月底", "十二月底前", "6月28日", "明年6月28日")],
    *[("no_year", text) for text in ("今年一季度", "第2季度", "Q3", "June", "May 5", "5 May")],
    *[("no_year", text) for text in ("上半年", "明年上半年", "今年初", "年初", "去年", "去年年底")],
]

MONTHS = (
    "January Jan|February Feb|March Mar|April Apr|May|June Jun|July Jul|August Aug"
    "|September Sept Sep|October Oct|November Nov|December Dec"
)
QUARTERS = "一 1 1st first|二 2 2nd second|三 3 3rd third|四 4 4th fourth"
HALVES = {
    (2023, 1): "2023年上半年|2023上半年|2023 年 上半年|2023H1|2023-H1|H1 2023|h1-2023"
    "|first half of 2023|the 1st half, 2023|first half 2023",
    (2023, 7): "2023年下半年|2023H2|H2 2023|second half of 2023|the 2nd half of 2023",
    (1900, 1): "1900年上半年",
}

DAYS = st.dates(date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31))
PARTIAL_DATES = st.builds(PartialDate.containing, DAYS, st.sampled_from(list(Precision)))


@together("text", ISO)
def test_the_api_reads_what_it_prints(text):
    assert str(PartialDate.parse(text)) == text


@together(
    ("code", "text"),
    [
        *[("not_a_date", text) for text in ("2013-6", "2013-06-3", "2013-Q5", "2013-q2", "2013Q2")],
        *[("not_a_date", text) for text in (" 2013", "2013年", "２０１３")],
        *[("empty", ""), ("impossible", "2013-02-30"), ("impossible", "2013-13")],
        ("out_of_range", "0013"),
    ],
)
def test_the_api_reads_no_other_spelling_and_says_why(code, text):
    with pytest.raises(DateError) as refusal:
        PartialDate.parse(text)
    assert refusal.value.code == code


@together(
    ("text", "written"), [(text, written) for text, all_ in AS_WRITTEN.items() for written in all_]
)
def test_a_date_is_read_as_people_write_it(text, written):
    assert str(parse_date_as_written(written)) == text


@together(
    ("month", "name"),
    [(n, name) for n, names in enumerate(MONTHS.split("|"), 1) for name in names.split()],
)
def test_a_month_is_read_by_each_of_its_names(month, name):
    for text in (f"{name} 2015", f"{name.lower()}. 2015"):
        assert parse_date_as_written(text).first == date(2015, month, 1)


@together(
    ("quarter", "name"),
    [(n, name) for n, names in enumerate(QUARTERS.split("|"), 1) for name in names.split()],
)
def test_a_quarter_is_read_by_each_of_its_names(quarter, name):
    text = f"{name} quarter of 2015" if len(name) > 1 else f"2015年{name}季度"
    assert str(parse_date_as_written(text)) == f"2015-Q{quarter}"


@together(
    ("year", "month", "text"),
    [(*first, text) for first, texts in HALVES.items() for text in texts.split("|")],
)
def test_a_half_year_is_read_as_its_year_and_first_day(year, month, text):
    assert parse_half_year(text) == (
        PartialDate(date(year, 1, 1), Precision.YEAR),
        date(year, month, 1),
    )


@together("text", ["", "2023", "2023年", "上半年", "2023年三季度", "2023H3", "2023年上半年度"])
def test_other_texts_are_no_half_year(text):
    assert parse_half_year(text) is None


@together(
    ("day", "months", "before"),
    [
        *[(date(2024, 3, 31), 0, date(2024, 3, 31)), (date(2024, 3, 31), 1, date(2024, 2, 29))],
        *[(date(2023, 3, 29), 1, date(2023, 2, 28)), (date(2024, 1, 15), 1, date(2023, 12, 15))],
        (date(2024, 12, 15), 11, date(2024, 1, 15)),
        *[(date(2024, 12, 15), 12, date(2023, 12, 15)), (date(2024, 2, 29), 48, date(2020, 2, 29))],
        (date(2024, 11, 30), 9, date(2024, 2, 29)),
    ],
)
def test_a_day_some_months_earlier_is_in_that_month(day, months, before):
    assert months_before(day, months) == before


@together(("code", "text"), REFUSED)
def test_what_is_not_one_date_is_refused_with_its_reason(code, text):
    with pytest.raises(DateError) as refusal:
        parse_date_as_written(text)
    assert refusal.value.code == code
    assert "2013-Q2" in refusal.value.message


def test_each_reason_for_a_refusal_is_shown_by_an_example():
    assert {code for code, _ in REFUSED} | {"not_first_day"} == set(DATE_MESSAGES)


def test_a_refusal_speaks_the_language_active_when_it_is_shown():
    refusal = DateError("two_digit_year", "24.6.28")
    with translation.override("en"):
        assert str(refusal).startswith("The year of “24.6.28” needs four digits. Write 2013,")


@together(
    ("day", "precision"),
    [(date(2013, 1, 2), "year"), (date(2013, 5, 1), "quarter"), (date(2013, 6, 30), "month")],
)
def test_an_interval_does_not_begin_in_its_middle(day, precision):
    with pytest.raises(DateError) as refusal:
        PartialDate(day, Precision(precision))
    assert refusal.value.code == "not_first_day"


@pytest.mark.slow
@settings(deadline=None)
@given(PARTIAL_DATES)
def test_printing_and_reading_again_changes_nothing(partial):
    assert PartialDate.parse(str(partial)) == partial
    assert parse_date_as_written(str(partial)) == partial
    assert PartialDate.from_columns(partial.first, partial.precision) == partial
    assert PartialDate.from_columns(None, partial.precision) is None


@settings(deadline=None)
@given(PARTIAL_DATES)
def test_the_day_after_an_interval_begins_the_next_one(partial):
    following = partial.last + timedelta(days=1)
    assert first_day(partial.last, partial.precision) == partial.first
    assert first_day(following, partial.precision) == following


@settings(deadline=None)
@given(DAYS)
def test_every_day_is_read_in_each_of_its_spellings(day):
    spellings = (
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month:02d}/{day.day:02d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    )
    for written in spellings:
        assert parse_date_as_written(written) == PartialDate(day)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.text(max_size=70) | st.text("0123456789年月日季度上下半底.-/ QH至初", max_size=20))
def test_any_text_is_read_or_refused_and_never_a_crash(text):
    assert read(text) in DATE_MESSAGES or isinstance(read(text), PartialDate)


def read(text: str) -> PartialDate | str:
    """The date, or the code of the refusal."""
    try:
        return parse_date_as_written(text)
    except DateError as refusal:
        return refusal.code


STORED = [
    PartialDate.containing(day, precision)
    for day in (date(1900, 1, 1), date(2023, 2, 28), date(2024, 2, 29), date(2024, 12, 31))
    for precision in Precision
]


@pytest.mark.django_db
@together("partial", STORED)
def test_the_database_computes_the_same_last_day_and_year(partial):
    noon = datetime.combine(partial.first, time(12), UTC)
    User.objects.create(username="someone", date_joined=noon)
    row = User.objects.annotate(
        day=Value(partial.first, output_field=DateField()),
        end=PeriodEnd(F("day"), Value(partial.precision.value)),
        year=YearOf(F("day")),
        month=MonthOf("date_joined"),
    ).get()
    assert (row.end, row.year) == (partial.last, partial.first.year)
    assert row.month == 12 * partial.first.year + partial.first.month - 1


@pytest.mark.django_db
def test_the_end_and_year_of_an_unknown_date_are_unknown():
    User.objects.create(username="someone")
    day = Cast(Value(None), DateField())
    row = User.objects.annotate(end=PeriodEnd(day, Value("")), year=YearOf(day)).get()
    assert (row.end, row.year) == (None, None)


def test_a_sqlite_file_needs_no_function_of_ours():
    sql = str(User.objects.values(end=PeriodEnd("date_joined", "username")).query)
    year = str(User.objects.values(year=YearOf("date_joined")).query)
    assert "django_" not in sql + year
    assert connection.vendor != "sqlite" or "date(" in sql


@pytest.mark.parametrize("function", [PeriodEnd("signed_on", "signed_precision"), YearOf("day")])
def test_the_functions_can_be_written_into_migrations(function):
    written, imports = MigrationWriter.serialize(function)
    assert written.startswith(f"sheets.dates.{type(function).__name__}(")
    assert imports == {"import sheets.dates"}
    assert function.deconstruct()[0] == f"sheets.dates.{type(function).__name__}"
