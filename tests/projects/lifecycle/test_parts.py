"""A part is left out of totals while a project that it is a part of counts, now and as of then."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, CarefulClient, error, found, made, walk
from tests.clocks import Clock
from tests.factories import ParkFactory, ProjectFactory
from tests.projects.importing.imports import applied, table
from tests.samples import IS_LONG, IS_LONGEST
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

ANYHOW = {"If-Match": "*"}
DAYS, EDITS, PROJECTS = (6, 30, 12) if IS_LONG else (3, 14, 8)
MERGED = {"standing": "merged", "standing_reason": "并入"}
BEGIN = datetime(2025, 3, 1, 1, 30, tzinfo=UTC)


def exclusion(api: APIClient, code: str, **parameters: str) -> Any:
    return found(api.get(f"{API}/projects/{code}", parameters))["totals_exclusion"]


@kept_rows
def town() -> None:
    """A group, a project that is a part of it, and one that is a part of that."""
    park, above = ParkFactory.create(code="town"), None
    for code in ("group", "whole", "part"):
        above = ProjectFactory.create(code=code, park=park, part_of=above, met=["signed"])


def patch(api: CarefulClient, address: str, **changes: Any) -> None:
    found(api.patch(f"{API}/{address}", changes, headers=ANYHOW))


def test_only_a_part_of_which_it_changes_gets_a_version(
    admin_api: CarefulClient, town: None
) -> None:
    def read_version() -> int:
        return int(found(admin_api.get(f"{API}/projects/part"))["version"])

    before = read_version()
    patch(admin_api, "projects/whole", note="二期")
    patch(admin_api, "projects/group", is_umbrella=True)  # the one between counts in its stead
    assert read_version() == before
    patch(admin_api, "projects/whole", is_umbrella=True)
    assert read_version() == before + 1
    newest = found(admin_api.get(f"{API}/projects/part/history"))["results"][0]
    assert [change["field"] for change in newest["changes"]] == ["counts_apart"]


def test_an_import_and_its_undoing_move_the_parts(admin_api: CarefulClient, town: None) -> None:
    patch(admin_api, "projects/whole", part_of=None)
    sheet = table(["code", "is_umbrella"], ["whole", "true"])
    answer = applied(admin_api, sheet)
    assert exclusion(admin_api, "part") is None
    found(admin_api.post(f"{API}/imports/{answer['code']}/undo"))
    assert exclusion(admin_api, "part") == "part"


# --- The property, over days ---------------------------------------------------------------------


class Ledger:
    """Wholes and parts in two parks, edited at random through the API."""

    def __init__(self, api: CarefulClient, seed: int) -> None:
        self.api, self.chance = api, random.Random(seed)
        for n in range(2):
            ParkFactory.create(code=f"park-{n}")
        self.signings: dict[str, int] = {}
        for n in range(PROJECTS):
            body = {"code": f"p-{n}", "name_zh": f"项目{n}", "park": f"park-{n % 2}"}
            made(api.post(f"{API}/projects", body))
            self.sign(f"p-{n}")

    def sign(self, code: str) -> None:
        """Sign a project, or take its signing back."""
        address = f"{API}/projects/{code}/milestones"
        if key := self.signings.pop(code, None):
            assert self.api.delete(f"{address}/{key}", headers=ANYHOW).status_code == 204
        else:
            signing = made(self.api.post(address, {"type": "signed", "status": "met"}))
            self.signings[code] = signing["id"]

    def edit(self) -> None:
        """Make one edit; some are refused, as they lead in a circle."""
        dice = self.chance
        code, other = (f"p-{n}" for n in dice.sample(range(PROJECTS), 2))
        if dice.random() < 0.2:
            return self.sign(code)
        publication = {"publication": dice.choice(["draft", "withdrawn", *["published"] * 2])}
        if dice.random() < 0.1:
            return patch(self.api, f"parks/park-{dice.randrange(2)}", **publication)
        changes = dice.choice(
            [
                *[{"part_of": other, "duplicate_of": None}] * 4,
                {"part_of": None},
                {"part_of": None, "duplicate_of": other},
                {"duplicate_of": None},
                *[publication] * 2,
                {"is_umbrella": dice.random() < 0.5},
                dice.choice([MERGED, {"standing": "active"}]),
            ]
        )
        address = f"{API}/projects/{code}"
        answer = self.api.patch(address, changes, headers=ANYHOW)
        if answer.status_code != 200:
            assert error(answer)["code"] in ("circle", "contradiction")
        return None


def list_miscounted(inside: APIClient, public: APIClient, **moment: str) -> list[tuple[Any, ...]]:
    """List the parts that count beside what they are a part of, or do not though that does not."""
    rows = {row["code"]: row for row in walk(inside, "projects", **moment)}
    open_to_all = walk(public, "projects", counts_in_totals="true", **moment)
    counting = {row["code"] for row in open_to_all}
    wrong = []
    for code, row in rows.items():
        above: set[str] = set()
        further = {row["part_of"]}
        while further := {each for each in further if each} - above - {code}:
            above |= further
            further = {rows[each][name] for each in further for name in ("part_of", "duplicate_of")}
        reason = row["totals_exclusion"]
        if row["part_of"] and reason in (None, "part", "no_contract"):
            own = None if row["stage"] == "signed" else "no_contract"
            if reason != ("part" if above & counting else own):
                wrong.append((code, reason, row["stage"], sorted(above), sorted(counting)))
    return wrong


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("seed", range(6 if IS_LONGEST else 2 if IS_LONG else 1))
def test_either_a_signed_part_counts_or_what_it_is_a_part_of(
    admin_api: CarefulClient, api: APIClient, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    clock = Clock(monkeypatch, BEGIN)
    ledger = Ledger(admin_api, seed)
    moments = []
    for _day in range(DAYS):
        for _edit in range(EDITS):
            clock.forward(minutes=1)
            ledger.edit()
        assert list_miscounted(admin_api, api) == []
        moments.append(clock.now.isoformat())
        clock.forward(days=1)
    for moment in moments:  # as it is told by now: what was taken back since is not shown then
        assert list_miscounted(admin_api, api, as_of=moment) == []
