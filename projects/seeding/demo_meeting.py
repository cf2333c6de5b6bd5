"""A small demo park for the questions of a weekly meeting: `docs/how-to/monday-meeting.md`.

Its rows are in `meeting.json`. Numbers in place of dates count from the day on which it is made:
days, for `month` months, for years and periods of claims years.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db.models import DateField, Model
from django.utils import timezone

from parks.models import Park, RetiredCode, SectorGroup
from parks.recording.recording import recorded
from projects.models import Edition, Project, Target
from sheets.dates import Precision

ROWS = Path(__file__).with_name("meeting.json")
OF_EACH = {"origin_id": "110108", "sector_id": "C3973"}  # by all its projects


def make_meeting_park() -> None:
    """Create the park with its rows unless it is there or was deleted."""
    rows, today = json.loads(ROWS.read_text(encoding="utf-8")), timezone.localdate()
    code = rows["park"]["code"]
    if any(m.objects.filter(code_key=code).exists() for m in (Park, RetiredCode)):
        return
    with recorded(reason="make_demo"):
        park = Park.objects.create(**rows["park"])
        for row in rows["targets"]:
            Target.objects.create(park=park, **place_days(Target, row, today))
        for row in rows["projects"]:
            create_project(park, row, today)
        chain = SectorGroup.objects.create(**rows["chain"])
        for row in rows["members"]:
            chain.members.create(**row)
    for row in rows["editions"]:  # each a revision of its own, with a moment of its own
        placed = place_days(Edition, row, today)
        Edition.objects.create(park=park, name=f"{placed['month']:%Y-%m} 期报", **placed)


def create_project(park: Park, row: Mapping[str, Any], today: date) -> None:
    """Create a project with the rows below it."""
    own = {name: value for name, value in row.items() if not isinstance(value, list)}
    shared = {"park": park, "publication": park.default_publication, **OF_EACH}
    project = Project.objects.create(**shared, **place_days(Project, own, today))
    for name in row.keys() - own.keys():
        children = getattr(project, name)
        for child in row[name]:
            children.create(**place_days(children.model, child, today))


def place_days(model: type[Model], row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Turn the numbers of a row in place of dates into dates with their precision."""
    placed = dict(row)
    names = {each.name for each in model._meta.get_fields()}
    for name, number in row.items():
        if name == "year":
            placed[name] = today.year + number
        elif isinstance(model._meta.get_field(name), DateField):
            is_year = name.startswith("period_")
            precision = Precision.YEAR if is_year else Precision.DAY
            if is_year:
                placed[name] = date(today.year + number, 1, 1)
            elif name == "month":
                months = today.year * 12 + today.month - 1 + number
                placed[name] = date(months // 12, months % 12 + 1, 1)
            else:
                placed[name] = today + timedelta(days=number)
            placed |= {f"{name}_precision": precision} if f"{name}_precision" in names else {}
    return placed
