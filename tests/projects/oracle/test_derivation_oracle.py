"""What derives of rows of all kinds is what the oracle says of them."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest

from config.dates import Precision, first_day
from parks.models import Sector
from projects.lifecycle.words import (
    BINDING,
    DERIVED,
    SIGNING_TYPES,
    STAGES,
    InvestmentBasis,
    MilestoneStatus,
)
from projects.models import Funding, Milestone, Participation, Project, ProjectFigure
from projects.writing.writing import StatedProject, write_projects
from tests.factories import IndicatorFactory, OrganisationFactory, ParkFactory, SigningEventFactory
from tests.projects.oracle.derivation import derive_project
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

COUNT = 300


@kept_rows
def world(vocabularies: None) -> dict[str, Any]:
    for code in ("investment", "jobs"):
        IndicatorFactory.create(code=code)
    events = [SigningEventFactory.create(on="2023-05"), SigningEventFactory.create(on="2024-02-03")]
    owners = [
        OrganisationFactory.create(region_id=region) for region in ("110108", "DE", "810000", None)
    ]
    owners.append(OrganisationFactory.create(region_id="110108", parent=owners[1]))
    return {
        "owners": [owner.pk for owner in owners],
        "park": ParkFactory.create().pk,
        "events": [event.pk for event in events],
    }


def day(chance: Random, column: str, share: float = 0.7) -> dict[str, Any]:
    """A partial date near the others, so that they tie; or none."""
    if chance.random() > share:
        return {}
    precision = chance.choice(list(Precision))
    some = date(chance.choice([2022, 2023, 2024]), chance.randint(1, 12), chance.choice([1, 3, 28]))
    return {column: first_day(some, precision), f"{column}_precision": precision.value}


def steps(chance: Random, world: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _n in range(chance.randint(0, 6)):
        stage, status = chance.choice(STAGES), chance.choice(list(MilestoneStatus))
        is_scheduled = status == MilestoneStatus.SCHEDULED
        yield {
            "type": stage,
            **(
                {}
                if status == MilestoneStatus.MET and chance.random() < 0.5
                else {"status": status}
            ),
            "reason": "said again",
            "agreement_type": chance.choice(["", *BINDING]) if stage in SIGNING_TYPES else "",
            "event_id": chance.choice([None, None, *world["events"]]),
            **({} if is_scheduled else day(chance, "actual_on")),
            **day(chance, "planned_on"),
        }


def claims(chance: Random) -> Iterator[dict[str, Any]]:
    for _n in range(chance.randint(0, 5)):
        is_investment = chance.random() < 0.8
        scope = chance.choice(["", "", "", "一期", "全部"])
        yield {
            "code": ProjectFigure.new_code(),
            "indicator_id": "investment" if is_investment else "jobs",
            "amount_cny": chance.choice([0, 5_000_000, 70_000_000, None])
            if is_investment
            else None,
            "value": None if is_investment else 5,
            "qualifier": chance.choice(["exact", "over"]),
            "investment_basis": chance.choice(list(InvestmentBasis)) if is_investment else "",
            "is_withdrawn": chance.random() < 0.1,
            "scope_text": scope,
            "scope_is_whole": chance.choice([True, False, None]) if scope else None,
            "size_floor_cny": chance.choice([None, None, None, 1]),
            "origin_id": chance.choice([None, None, None, "110000"]),
            **day(chance, "as_of"),
        }


def project(chance: Random, world: dict[str, Any], n: int) -> StatedProject:
    figures = [row for row in claims(chance) if row["amount_cny"] is not None or row["value"]]
    roles = chance.sample(list(Participation.Role), chance.randint(0, 2))
    return StatedProject(
        {
            "code": f"new-{n}",
            "name_zh": f"第{n}号",
            "park_id": world["park"],
            "sector_id": chance.choice([None, "C3973", "C39", "I6520"]),
            "region_id": "330300" if n % 3 else None,
            "capital_type_stated": chance.choice(["", "", "", "joint"]),
            **day(chance, "reported_on"),
        },
        milestones=[*steps(chance, world)],
        figures=figures,
        successors={0: len(figures) - 1} if len(figures) > 1 and chance.random() < 0.3 else {},
        participations=[
            {"event_id": chance.choice(world["events"]), "role": role} for role in roles
        ],
        investors=[
            {"organisation_id": owner, "role": "co"}
            for owner in chance.sample(world["owners"], chance.randint(0, 3))
        ],
        fundings=[
            {"kind": kind, "month": date(2024, 5, 1), "reported_cny": 7, "amount_cny": 7}
            for kind in chance.sample(list(Funding.Kind), chance.randint(0, 2))
        ],
        notes=[*notes(chance, n)],
    )


def notes(chance: Random, n: int) -> Iterator[dict[str, Any]]:
    """Up to three notes, some of one day, not the newest last."""
    for place in range(chance.randint(0, 3)):
        due = chance.choice([None, date(2024, 12, 31), date(2025, 6, 30)])
        yield {
            "code": f"note-{n}-{place}",
            "noted_on": date(2024, chance.choice([5, 6, 7]), 1),
            "text": f"第{place}次",
            **({"next_step": f"第{place}步", "due_on": due} if due else {}),
        }


def test_what_derives_of_rows_of_all_kinds(world: dict[str, Any]) -> None:
    chance = Random(15)
    new = [project(chance, world, n) for n in range(COUNT)]
    write_projects(new)
    keys = [each.key for each in new]
    hitech = dict(Sector.objects.values_list("code", "hitech"))
    by_key = Project.objects.in_bulk([*keys])
    told: dict[str, set[Any]] = {}
    for key, each in zip(keys, new, strict=True):
        sector = hitech.get(each.columns["sector_id"], "")
        expected = derive_project(
            each.columns, each.milestones, each.figures, each.fundings, sector, each.notes
        )
        expected["project_region"] = each.columns["region_id"] or by_key[key].park.region_id
        assert {name: getattr(by_key[key], name) for name in expected} == expected
        for name, value in expected.items():
            told.setdefault(name, set()).add(value)
    assert not [name for name, values in told.items() if len(values) < 2]  # each says several
    assert {*told} == {*DERIVED} - {"capital_type"}


def test_new_projects_are_one_version_of_one_revision(world: dict[str, Any]) -> None:
    dated = {"actual_on": date(2024, 1, 1), "actual_on_precision": "year"}
    new = StatedProject(
        {"code": "one", "name_zh": "一号", "park_id": world["park"]},
        milestones=[{"type": "signed", **dated}],
    )
    write_projects([new])
    stored = Project.objects.get(pk=new.key)
    assert (stored.stage, str(stored.signed_on), stored.version) == ("signed", "2024-01-01", 1)
    assert stored.history.count() == Milestone.objects.get(project=stored).history.count() == 1
    assert stored.history.get().stage == "signed"
