"""Values that no field expects: what a hostile client sends, and how it is told that one broke."""

import json
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests.answers import read_through
from tests.samples import IS_LONGEST
from tests.together import forget_requests

DIGITS = 5_000  # more than Python converts
# As they stand in a query or a form, percent-encoded
VALUES: dict[str, str] = {
    "nothing": "",
    "5,000 digits": "9" * DIGITS,
    "5,000 zeros": "0" * DIGITS,
    "5,000 letters": "a" * DIGITS,
    "10,000 letters": "a" * 10_000,
    "leading zeros": "000000030999999",
    "all but a number": "0x1f",
    **{
        text: quote(text, safe="")
        for text in (
            *("0", "-0", "-1", "+1", "1.5", "1_000", "1e8", "1e400", "1e-400", "-1e400", "1e99999"),
            *("NaN", "nan", "inf", "-inf", "Infinity", "sNaN", "True", "null", "None", "unknown"),
            *(str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63), str(-(2**63) - 1), "9" * 40),
            *("中", "\u202eabc\u200f", "🏗️", "e\u0301", "İ", "ß", "½", "²", "Ⅳ", "\u200b"),
            *("１２３", "١٢٣", "２０２４", "٢٠٢٤", "9" * 20 + "亿", "１亿", "亿", "1亿-5亿,"),
            *("[]", "{}", "[1]", '{"a":1}', "'", '"', "`", "''; --", "' OR 1=1 --"),
            *("\\", "\\u0000"),
            *("%", "%s", "%(x)s", "%(value)d", "{0}", "{x.__class__}", "{{7*7}}", "$1", "*", "?"),
            *("../", "../../etc/passwd", "/", "//", "//example.org", "http://[", "javascript:a"),
            *("<script>", "&amp;", "#", "a=b", "a&b", ";", ",", ",,,", "1,2", "a,a", ":", "1:2"),
            *("-", "--", "-code", "code,-code", "1-", "-1-", "1--2", " ", "\u3000", " 1 ", "\t"),
            *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2024-02-30", "2024-Q5"),
            *("2024-13", "2024-1-1", "2024-01-01T25:00:00Z", "9999-12-31T23:59:59Z", "0001"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-01-01T00:00:00"),
            *("\ufffd", "\ufffe", "\x00", "a\x00b", "\x1b", "\x85", "\r\nX-A: b", "\n"),
        )
    },
    "half of a character": "%ED%A0%80",
    "not UTF-8": "%FF%FE",
    "GB 18030": "%B1%A6%DB%E6",
    "too long a UTF-8": "%C0%80",
    "half an escape": "%",
    "no escape": "%zz",
    "twice escaped": "%2500",
}
# As they stand in a JSON body
JSON_VALUES: dict[str, str] = {
    **{
        text: text
        for text in (
            *("null", "true", "false", "0", "-0", "-1", "1.5", "1e8", "1e400", "-1e400", "1e-400"),
            *("NaN", "Infinity", "-Infinity", str(2**31), str(2**63 - 1), str(2**63), "9" * 40),
            *("[]", "{}", "[[]]", "[{}]", "[null]", "[1]"),
            *('["a"]', '{"a":1}', '{"":""}', '[["a"]]'),
            *('"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uffff"', '"\\u202e"'),
            '{"code":[]}',
            *("0.1234567890123456789", "12345678901234567890.12345", "1E+5", "0.0"),
        )
    },
    "5,000 digits": "9" * DIGITS,
    "5,000 decimals": "0." + "9" * DIGITS,
    "a list in lists": "[" * 60 + "]" * 60,
    **{
        f"“{name}”": json.dumps(value)
        for name, value in (
            *((text, text) for text in ("", " ", "a", "中", "🏗️", "0", "-1", "1e400", "NaN", "inf")),
            *((text, text) for text in ("１２３", "١٢٣", "%s", "%(x)s", "{x}", "../", "<b>", "'")),
            *((text, text) for text in ("0001-01-01", "9999-12-31", "2024-02-30", "9" * 40)),
            *((text, text) for text in ("\r\n", "null", "[]", "{}", "http://[", "a\u0301", "½")),
            *((text, text) for text in (str(2**63), "1亿-5亿", "9" * 20 + "亿", "-", ",", "2024")),
            ("5,000 digits", "9" * DIGITS),
            ("10,000 letters", "a" * 10_000),
            ("10,000 characters", "中" * 10_000),
        )
    },
}


class CalmClient(Client):
    """A client that notes which requests break the server, and goes on.

    What a request writes is taken back. `broken` are the requests that were answered by 500, one
    for each place in the code.
    """

    def __init__(self, **defaults: Any) -> None:
        super().__init__(raise_request_exception=False, **defaults)
        self.broken: dict[str, str] = {}

    def generic(self, method: str, path: str, data: Any = "", *args: Any, **more: Any) -> Any:
        self.sent = str(data)[:1000]
        return super().generic(method, path, data, *args, **more)

    def request(self, **request: Any) -> Any:
        with transaction.atomic():
            response = super().request(**request)
            if response.streaming:
                read_through(response)
            transaction.set_rollback(True)
        forget_requests()
        # oEmbed answers 501 for a format that it does not have
        is_told = response.status_code == 501 and request["PATH_INFO"] == "/oembed"
        if response.status_code >= 500 and not is_told:
            told = traceback.format_exception(*response.exc_info) if response.exc_info else ["?"]
            place = "".join(told[-3:])[-1500:]
            target = f"{request['PATH_INFO']}?{request.get('QUERY_STRING', '')}"[:300]
            named = f"{response.status_code} for {request['REQUEST_METHOD']} {target} {self.sent}"
            self.broken.setdefault(re.sub(r"got .*|'[^']*'", "", place), f"{named}\n{place}")
        return response

    def check(self) -> None:
        """Fail for all that was broken."""
        assert not self.broken, "\n\n".join([str(len(self.broken)), *self.broken.values()])


def batched(names: list[str], raw: str, most: int = 40, room: int = 7_000) -> Iterator[list[str]]:
    """These parameters, as many at a time as a request may have with this value."""
    batch: list[str] = []
    length = 0
    for name in names:
        taken = len(name) + len(raw) + 2
        if batch and (len(batch) == most or length + taken > room):
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += taken
    if batch:
        yield batch


def write_query(values: Mapping[str, str]) -> str:
    """A query of values that are percent-encoded already."""
    return "&".join(f"{quote(name, safe='')}={value}" for name, value in values.items())


@contextmanager
def looked_up() -> Iterator[set[str]]:
    """The names that are looked up in queries and forms meanwhile, whether they are there or not.

    So a parameter is met that no table of ours names.
    """
    names: set[str] = set()

    def noting(method: Any) -> Any:
        def noted(data: Any, name: Any = None, *rest: Any, **more: Any) -> Any:
            if isinstance(data, QueryDict) and isinstance(name, str):
                names.add(name)
            return method(data, name, *rest, **more)

        return noted

    kinds: Any = MultiValueDict
    with (
        patch.object(kinds, "__getitem__", noting(kinds.__getitem__)),
        patch.object(kinds, "get", noting(kinds.get)),
        patch.object(kinds, "getlist", noting(kinds.getlist)),
        patch.object(kinds, "__contains__", noting(kinds.__contains__), create=True),
    ):
        yield names


def chosen(
    values: Mapping[str, str], number: int, one_in: int, longest: int = 1
) -> list[tuple[str, str]]:
    """Those of the values whose turn it is at the place of this number: one in so many.

    In a long run one in `longest` on SQLite: most are refused before a database is asked.
    """
    pairs = [*values.items()]
    every = longest if IS_LONGEST else one_in
    return pairs[number % every :: every]
