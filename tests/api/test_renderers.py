"""JSON as clients read it: exact numbers, times in UTC, any text."""

import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy, override
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from api.renderers import dump_json
from tests.together import together


@together(
    ("value", "written"),
    [
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 4, 5, 6, tzinfo=UTC), "2024-03-01T04:05:06Z"),
        (datetime(2024, 3, 1, 4, 5, 6, 7, tzinfo=UTC), "2024-03-01T04:05:06.000007Z"),
        (Decimal("14.50"), "14.50"),
        (Decimal("1E+3"), "1000"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        *[(17_600_000_000, 17_600_000_000), (2**70, 2**70), ("宝坻", "宝坻"), ("\ud800", "\ud800")],
        (ReturnDict({"a": 1}, serializer=None), {"a": 1}),
        *[(ReturnList([1], serializer=None), [1]), ({3}, [3])],
    ],
)
def test_values_are_written_exactly(value: Any, written: Any) -> None:
    assert json.loads(dump_json({"value": value})) == {"value": written}


def test_lazy_text_is_written_in_the_language_of_the_moment() -> None:
    text = gettext_lazy("This field is required.")
    with override("en"):
        english = dump_json(text)
    with override("zh-hans"):
        chinese = dump_json(text)
    assert english == b'"This field is required."'
    assert chinese != english
