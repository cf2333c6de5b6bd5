"""A small demo park for the questions of a weekly meeting: `docs/how-to/monday-meeting.md`.

Its rows are in `meeting.json`. Numbers in place of dates count from the day on which it is made:
days, for `month` months, for years and periods of claims years.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils import timezone

from parks.models import Park, RetiredCode, SectorGroup
from parks.recording.recording import recorded
from sheets.dates import Precision

ROWS = Path(__file__).with_name("meeting.json")


def make_meeting_park() -> None:
    """Create the park with its rows unless it is there or was deleted."""
    rows, today = json.loads(ROWS.read_text(encoding="utf-8")), timezone.localdate()
    code = rows["park"]["code"]
    if any(m.objects.filter(code_key=code).exists() for m in (Park, RetiredCode)):
        return
    with recorded(reason="make_demo"):
        create_tree(Park.objects, rows["park"], today)
        create_tree(SectorGroup.objects, rows["chain"], today)
    park = Park.objects.get(code=code)
    for edition in rows["editions"]:  # of what was written before
        with recorded(reason="make_demo"):
            create_tree(park.editions, edition, today)


def create_tree(rows: Any, given: Mapping[str, Any], today: date) -> None:
    """Create a row, and below it those of its lists."""
    own = {name: value for name, value in given.items() if not isinstance(value, list)}
    row = rows.create(**place_days(rows.model, own, today))
    for name, children in given.items():
        for child in children if isinstance(children, list) else ():
            create_tree(getattr(row, name), child, today)


def place_days(model: type[Model], row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Turn the numbers of a row in place of dates into dates with their precision."""
    placed = dict(row)
    for name, number in row.items():
        if name == "year":
            placed[name] = today.year + number
        elif name == "month":
            year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
            placed[name] = date(year, month + 1, 1)
        elif name.startswith("period_"):
            first = date(today.year + number, 1, 1)
            placed |= {name: first, f"{name}_precision": Precision.YEAR}
        elif name.endswith("_on"):
            placed[name] = today + timedelta(days=number)
            if hasattr(model, f"{name}_precision"):
                placed[f"{name}_precision"] = Precision.DAY
    return placed
