"""No text that a user sends takes more processor time than its length explains."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from api.caching import parse_entity_tags, takes_gzip
from config.mistakes import Mistake, nearest, nearest_parameter
from config.texts import check_line, check_text, fold
from pages.addresses import find_page
from pages.charts.text import clean, wrap
from parks.models.spellings import read_letters, spell
from parks.models.vocabularies import loosen_organisation, name_key, without_type
from projects.importing.asking.answers import read_choices
from projects.importing.batches import clean_mapping_name
from projects.importing.cells.amounts import read_area, read_currency, read_money, read_unit
from projects.importing.cells.cells import (
    read_document_no,
    read_flag,
    read_met_date,
    read_names,
    read_national_code,
    read_number,
    read_partial_date,
    read_phase,
    read_public_code,
    read_tag,
    read_text,
    read_word,
    refuse_unclear,
    unwrap,
    unwrap_investors,
)
from projects.importing.cells.columns import read_headings
from projects.importing.cells.investors import LONGEST_CELL, read_investors
from projects.importing.cells.rows_below import _REPORTED_ON, _UP_TO
from projects.importing.rows import split_park
from projects.models import naming
from projects.models.naming import build_name_keys, loosen
from sheets.amounts import LONGEST_AMOUNT, AmountError, parse_cny, parse_cny_bound
from sheets.dates import LONGEST_DATE, DateError, PartialDate, parse_date_as_written
from sheets.packing import PackedLines
from sheets.reading.columns import parse_mapping, parse_pairs
from sheets.reading.csv_files import decode, read_csv
from sheets.reading.files import find_blocks, find_first
from sheets.reading.headers import Heading, find_header, match_column
from sheets.reading.number_formats import read_format
from sheets.reading.package import classify_format
from sheets.reading.rows import Limits, ReadRow, ReadSheet
from sheets.reading.set_aside import divide
from sheets.reading.units import find_title_units, parse_currency, parse_unit
from sheets.writing.cells import guard, unguard
from tests.samples import sample
from tests.site.patterns import build_attacks, find_patterns
from tests.together import together

# Patterns that may be slow on long texts, and the length that is checked before they are used
GUARDED = {"sheets.amounts._WHY_NOT": LONGEST_AMOUNT, "sheets.dates.KNOWN_MISTAKES": LONGEST_DATE}
# Patterns that exist only while a function runs, and no user text chooses
BUILT_LATER = {
    "projects.importing.cells.words: '|'.join(parts)",  # of the words of evidence.csv
    "sheets.amounts: pattern",  # of _WHY_NOT
    "sheets.dates: pattern",  # of AS_WRITTEN and KNOWN_MISTAKES
    "api.openapi.examples: pattern",  # of our own schema
    "api.openapi.examples: schema.get('pattern', '')",
    # of the words of a profile, which whoever runs the ledger writes
    r"config.profile: f'(?<![A-Za-z_])(?<!%\\()(?<!\\{{)(?:{longest})(?![A-Za-z_])'",
    "config.profile: value",
    "config.profile: pattern",
    "parks.names.cell_lookup: profile.country_pattern",
    "parks.admin.base: f'{re.escape(str(self.prefix))}-[0-9]+-id'",
}
MOST_OF_A_PATTERN = (
    0.05  # seconds of processor time for 10,000 characters, about 500 times too many
)
FLOOR = 0.1  # seconds below which growth is not measured
LONG = 20_000  # characters
LIMITED = {"read_investors": LONGEST_CELL - 20}  # what is longer is refused at once
MOST_GROWTH = 8  # for four times the length; a parser that is quadratic has 16
MOST = 3.0  # seconds


class _TooSlowError(BaseException):  # nothing may catch it by accident
    """More processor time was used than allowed."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise _TooSlowError after this much processor time, even within a regular expression."""

    def stop(*_given: Any) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _find_slow_text(pattern: re.Pattern[str], methods: set[str], longest: int | None) -> str:
    """Find a text on which a pattern is slow, applied in one of these ways; "" if there is none."""
    for text in sample([*build_attacks(pattern)], 6):
        for method in methods:
            # Thrice: what is slow once may be the collection of garbage
            if all(_exceeds_limit(pattern, method, text[:longest]) for _time in range(3)):
                return text
    return ""


def _exceeds_limit(pattern: re.Pattern[str], method: str, text: str) -> bool:
    try:
        with limit(MOST_OF_A_PATTERN):
            if method in ("match", "fullmatch"):
                getattr(pattern, method)(text)
            else:
                for _found in pattern.finditer(text):
                    pass
    except _TooSlowError:
        return True
    return False


@pytest.mark.slow
def test_no_regular_expression_of_the_product_is_slow_on_long_texts() -> None:
    """Mend a pattern that fails here by `*+`, `++` or `(?>...)`, or by string methods."""
    patterns, built_later = find_patterns()
    assert set(built_later) == BUILT_LATER
    assert {*GUARDED} <= {found.place for found in patterns}
    slow = {
        found.place: f"{found.pattern.pattern} on {text[:20]!r}..."
        for found in patterns
        if (text := _find_slow_text(found.pattern, found.methods, GUARDED.get(found.place)))
    }
    assert slow == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        r"\s*[&＆]\s*",
        r"(a|b|ab)*c",
        r"(.+?)[\s(]*\d\Z",
        r"\(\s*:?\s*\d",
        "<t>(.*?)</t>",
        r"(?:x+)+y",
    ],
)
def test_slow_patterns_are_found(source: str) -> None:
    assert _find_slow_text(re.compile(source), {"search"}, None)


def _find_header_above(text: str) -> None:
    """Find the header below five lines of this text, which files give without blanks around it."""
    text = text.strip()
    rows: PackedLines[ReadRow] = PackedLines()
    for line in range(1, 6):
        rows.append(ReadRow(line, [text, text]))
    rows.append(ReadRow(6, ["项目名称", "占地面积"]))
    rows.append(ReadRow(7, [text, "1"]))
    rows.append(ReadRow(8, [text]))
    sheet = ReadSheet("", rows)
    spellings = {"项目名称": Heading("name"), "占地面积": Heading("land_mu"), **read_headings()}
    header = find_header(sheet, spellings, Limits())
    assert header is not None
    find_blocks(sheet, find_first(sheet, header, spellings), spellings)
    divide(sheet.rows, header)


def _find_no_tag(text: str) -> str:
    raise Mistake("unknown_value", text)


def _search_months(text: str) -> None:
    _UP_TO.search(text)
    _REPORTED_ON.search(text)


# The spellings that suggestions are chosen from
WORDS = [*read_headings()][:200]
PARSERS: dict[str, Callable[[str], Any]] = {
    each.__name__: each
    for each in (
        *(parse_cny, parse_cny_bound, parse_date_as_written, PartialDate.parse, parse_unit),
        *(
            parse_currency,
            classify_format,
            read_format.__wrapped__,
            parse_mapping,
            check_line,
            fold,
        ),
        *(guard, unguard),
        *(takes_gzip, parse_entity_tags, name_key, without_type, loosen, loosen_organisation),
        *(build_name_keys, spell, read_letters, clean, find_page, clean_mapping_name, read_choices),
        *(naming.normalise, read_unit, read_currency, read_investors),
        *(read_names, read_phase, read_flag, read_partial_date),
        *(read_public_code, read_national_code, read_document_no),
        *(refuse_unclear, _find_header_above, _search_months),
        *(read_met_date, unwrap, unwrap_investors, split_park),
    )
} | {
    "find_title_units": lambda text: find_title_units([text]),
    "match_column": lambda text: match_column(0, [text], read_headings()),
    "match_column of two rows": lambda text: match_column(0, [text, text], read_headings()),
    "parse_pairs": lambda text: parse_pairs([text], [text], [text]),
    "read_csv": lambda text: read_csv(text.encode("utf-8", "surrogatepass"), Limits()),
    "decode": lambda text: decode(text.encode("gb18030", "replace")),
    "nearest": lambda text: nearest(text, WORDS),
    "nearest_parameter": lambda text: nearest_parameter(text, WORDS),
    "check_text": lambda text: check_text(text, has_lines=True),
    "read_money": lambda text: read_money(text, "wan"),
    "read_area": lambda text: read_area(text, "mu"),
    "read_tag": lambda text: read_tag(text, _find_no_tag),
    "read_word": lambda text: read_word("status", text),
    "read_number": lambda text: read_number("land_mu", text),
    "read_text": lambda text: read_text("note", text),
    "read_text of a line": lambda text: read_text("name", text),
    "wrap": lambda text: wrap(text, 20, 3),
}
# What is repeated: blanks, digits, brackets, separators, words that nearly mean something
UNITS = (
    *(" ", "\u3000", "\t", "\n", "1,", "1 ", "1.", "(a)", "(元)", "【元】", "a,", "a/", "（1"),
    *"10１-'\"{[(（）、，,/；|:aA中和万元亿年约占\\&%",
    *("(   ", "--", "aa ", "ab, ", "e\u0301", "\u0301", "一期", "项目", "公司", "甲公司和"),
    *("甲公司、", "1%", "2024", "2024年", "2024-", "截至", "单位", "单位：", "unit: ", "金额单位"),
    *("其他费用/", "建设项目", "１ ", "q=1,", "W/", "=+"),
)
# What may stand before a long blank
BEGINNINGS = ("(", "（占", "甲公司 1", "填报日期", "2024", "2024年", "a,", "单位", '"', "其他：")


def _measure(parse: Callable[[str], Any], text: str) -> float:
    """Measure the processor time that a parser takes, in seconds."""
    started = time.process_time()
    with suppress(Mistake, Mistake, ValidationError, AmountError, DateError):
        parse(text)
    return time.process_time() - started


def _is_slow(parse: Callable[[str], Any], build: Callable[[int], str], length: int) -> bool:
    """Whether the time grows faster than the length, beyond what can be noise."""
    try:
        with limit(MOST):
            if _measure(parse, build(length)) < FLOOR:
                return False
            long, short = (
                min(_measure(parse, build(size)) for _time in range(3))
                for size in (length, length // 4)
            )
    except _TooSlowError:
        return True
    return long > FLOOR and long > MOST_GROWTH * short


TEXTS = [*(("", unit) for unit in UNITS), *((begin, " ") for begin in BEGINNINGS)]


@together("name", PARSERS)
def test_each_parser_takes_time_in_proportion_to_the_length(name: str) -> None:
    for begin, unit in sample(TEXTS, 20, [*PARSERS].index(name)):

        def build(length: int, begin: str = begin, unit: str = unit) -> str:
            return f"{begin}{unit * (length // len(unit))}!"

        assert not _is_slow(PARSERS[name], build, LIMITED.get(name, LONG)), build(40)
