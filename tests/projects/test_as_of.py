"""`as_of`: lists, sums and files as they stood, held against a log that the test itself keeps."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from config.database import history
from parks.models import Park
from projects.models import Project
from projects.models.words import STAGES
from tests import factories
from tests.answers import API, CarefulClient, Row, error, found, made, walk
from tests.clocks import Clock
from tests.samples import IS_LONG
from tests.together import together

pytestmark = pytest.mark.django_db

PROJECTS, EDITS, DAYS, FILTERS = (200, 1_000, 20, 50) if IS_LONG else (10, 25, 3, 3)
BEGIN = datetime(2025, 3, 1, 1, 30, tzinfo=UTC)  # the middle of a morning in Tianjin
WORDS = ["智能", "新能源", "生物", "装备"]
STANDINGS = ["active", "suspended", "terminated"]
State = dict[str, Row]
ANYHOW = {"If-Match": "*"}  # nobody else writes


class Script:
    """Writes projects over many days, through the API, and notes what it wrote."""

    def __init__(self, api: CarefulClient, clock: Clock, seed: int) -> None:
        self.api, self.clock = api, clock
        self.chance = random.Random(seed)
        self.log: list[tuple[datetime, Callable[[State], None]]] = []
        self.alive: list[str] = []
        self.milestones: dict[str, list[int]] = {}
        self.parks = [factories.ParkFactory.create(code=f"park-{n}").code for n in range(3)]
        self.regions = ["110000", "110105", "310000", "330100", None]

    def note(self, code: str, **changes: Any) -> None:
        def apply(state: State) -> None:
            state[code] = {**state.get(code, {"code": code, "met": {}}), **deepcopy(changes)}

        self.log.append((self.clock.now, apply))

    def create(self) -> None:
        code = f"p-{len(self.log):05}"
        said = {
            "name_zh": self.chance.choice(WORDS) + code,
            "park": self.chance.choice(self.parks),
            "origin": self.chance.choice(self.regions),
            "investment_cny": self.chance.choice([None, *range(10**8, 10**9, 10**8)]),
        }
        made(self.api.post(f"{API}/projects", {"code": code, **said}))
        self.note(code, **said, standing="active", publication="published", met={})
        self.alive.append(code)
        self.milestones[code] = []

    def edit(self) -> None:
        code = self.chance.choice(self.alive)
        name, value = self.chance.choice(
            [
                ("park", self.chance.choice(self.parks)),
                ("origin", self.chance.choice(self.regions)),
                ("standing", standing := self.chance.choice(STANDINGS)),
                ("investment_cny", self.chance.choice([None, *range(10**8, 10**9, 10**8)])),
                ("name_zh", self.chance.choice(WORDS) + code),
            ]
        )
        why = {"standing_reason": "" if standing == "active" else "停工"}
        body = {name: value} | (why if name == "standing" else {})
        found(self.api.patch(f"{API}/projects/{code}", body, headers=ANYHOW))
        self.note(code, **{name: value})

    def meet(self) -> None:
        code = self.chance.choice(self.alive)
        kind = self.chance.choice(STAGES)
        body = {"type": kind, "status": "met"}
        response = self.api.post(f"{API}/projects/{code}/milestones", body)
        if response.status_code == 200:  # the same is stored already
            return
        answer = made(response)
        self.milestones[code].append(answer["id"])

        def apply(state: State) -> None:
            state[code]["met"] = {**state[code]["met"], answer["id"]: kind}

        self.log.append((self.clock.now, apply))

    def unmeet(self) -> None:
        """Revoke a milestone or clear the field: for the stage it is the same."""
        code = self.chance.choice(self.alive)
        if not self.milestones[code]:
            return
        key = self.milestones[code].pop()
        address = f"{API}/projects/{code}/milestones/{key}"
        if self.chance.random() < 0.5:
            revoked = {"status": "revoked", "reason": "Typed in error."}
            found(self.api.patch(address, revoked, headers=ANYHOW))
        else:
            assert self.api.delete(address, headers=ANYHOW).status_code == 204

        def apply(state: State) -> None:
            state[code]["met"] = {k: v for k, v in state[code]["met"].items() if k != key}

        self.log.append((self.clock.now, apply))

    def delete(self) -> None:
        if len(self.alive) < 5:
            return
        code = self.chance.choice(self.alive)
        self.alive.remove(code)
        gone = self.api.delete(f"{API}/projects/{code}", headers=ANYHOW)
        assert gone.status_code == 204
        self.log.append((self.clock.now, lambda state: state.__delitem__(code)))

    def run(self) -> None:
        while len(self.alive) < 10:
            self.create()
        for number in range(PROJECTS + EDITS):
            writes = [self.create, self.edit, self.meet, self.unmeet, self.delete]
            weights = [PROJECTS, EDITS / 2, EDITS / 3, EDITS / 8, EDITS / 40]
            self.chance.choices(writes, weights)[0]()
            self.clock.forward(minutes=self.chance.choice([1, 30, 200]))
            if number % 10 == 0:
                self.clock.forward(days=1)

    def state(self, moment: datetime) -> list[Row]:
        """What the log says that there was: of each project what was last written of it."""
        state: State = {}
        for at, apply in self.log:
            if at <= moment:
                apply(state)
        return [with_stage(row) for row in state.values()]


def with_stage(row: Row) -> Row:
    stages = [STAGES.index(kind) for kind in row["met"].values()]
    return {**row, "stage": STAGES[max(stages)].value if stages else None}


def some_filter(chance: random.Random) -> tuple[Row, Callable[[Row], bool]]:
    """A few parameters, and the same as a condition on what the log says."""
    amount = chance.randrange(2, 9) * 10**8
    park = f"park-{chance.randrange(3)}"
    standing, stage = chance.choice(STANDINGS), chance.choice(STAGES[:9])
    word = chance.choice(WORDS)
    rules: list[tuple[str, Any, Callable[[Row], bool]]] = [
        ("park", park, lambda r: r["park"] == park),
        ("standing_not", standing, lambda r: r["standing"] != standing),
        ("stage", "unknown", lambda r: r["stage"] is None),
        ("reached", stage, lambda r: r["stage"] in STAGES[STAGES.index(stage) :]),
        ("investment_min", amount, lambda r: (r["investment_cny"] or 0) >= amount),
        ("origin", "110000", lambda r: (r["origin"] or "").startswith("11")),
        ("origin", "unknown", lambda r: r["origin"] is None),
        ("q", word, lambda r: word in r["name_zh"]),
    ]
    chosen = {
        name: (value, rule) for name, value, rule in chance.sample(rules, chance.choice([1, 2]))
    }
    return (
        {name: value for name, (value, _rule) in chosen.items()},
        lambda row: all(rule(row) for _value, rule in chosen.values()),
    )


def shown(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("name_zh", "park", "standing", "stage", "investment_cny"))


def check_list(api: APIClient, asked: Row, expected: list[Row]) -> None:
    rows = walk(api, "projects", **asked, limit=17)
    assert {row["code"]: shown(row) for row in rows} == {r["code"]: shown(r) for r in expected}


def check_summary(api: APIClient, asked: Row, expected: list[Row], dimension: str) -> None:
    answer = found(api.get(f"{API}/projects/summary", {**asked, "group_by": dimension}))
    counts = {row[dimension]["value"]: row["count"] for row in answer["rows"] if row["count"]}
    assert counts == Counter(row[dimension] for row in expected)
    sums: Counter[Any] = Counter()
    for row in expected:
        sums[row[dimension]] += row["investment_cny"] or 0
    told = {r[dimension]["value"]: r["investment_cny"] or 0 for r in answer["rows"] if r["count"]}
    assert told == sums


def check_csv(api: APIClient, asked: Row, expected: list[Row]) -> None:
    answer = api.get(f"{API}/projects.csv", asked)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text))}
    assert {code: shown(row) for code, row in rows.items()} == {
        row["code"]: tuple("" if v is None else str(v) for v in shown(row)) for row in expected
    }


@pytest.mark.both_databases
def test_past_days_equal_a_replay_of_what_was_written(
    vocabularies: None, api: APIClient, admin_api: CarefulClient, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        script = Script(admin_api, clock, seed=2025)
        script.run()
    chance = random.Random(7)
    length = (clock.now - BEGIN).days
    filled = 0
    for _day in range(DAYS):
        day = (BEGIN + timedelta(days=chance.randrange(length + 1))).date()
        midnight = timezone.make_aware(
            datetime.combine(day + timedelta(days=1), datetime.min.time())
        )
        state = script.state(midnight - timedelta(microseconds=1))
        for _filter in range(FILTERS):
            parameters, matches = some_filter(chance)
            expected = [row for row in state if matches(row)]
            filled += bool(expected)
            asked = {**parameters, "as_of": day.isoformat()}
            check_list(api, asked, expected)
            check_summary(api, asked, expected, chance.choice(["park", "stage", "standing"]))
            check_csv(api, asked, expected)
    assert filled > DAYS * FILTERS / 2


@pytest.mark.both_databases
def test_a_moment_in_the_middle_of_a_day_is_that_moment(
    api: APIClient, admin_api: CarefulClient, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        factories.ParkFactory.create(code="baodi", name_en="First")
        clock.forward(hours=1)
        found(admin_api.patch(f"{API}/parks/baodi", {"name_en": "Second"}))
    moments = ["2025-03-01T09:45:00+08:00", "2025-03-01T02:30:00Z", "2025-03-01"]
    names = [found(api.get(f"{API}/parks/baodi", {"as_of": m}))["name_en"] for m in moments]
    assert names == ["First", "Second", "Second"]


def test_what_is_written_at_a_moment_is_there_as_of_that_moment(
    api: APIClient, admin_api: CarefulClient, monkeypatch: Any
) -> None:
    """Rows made, changed and deleted: as of a microsecond before each write, then, and after."""
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        park = factories.ParkFactory.create(code="town")
        factories.ProjectFactory.create(code="other", park=park, note="一")
        clock.forward(hours=1)
        group = factories.SectorGroupFactory.create(code="ic")
        factories.ProjectFactory.create(code="fab", park=park, note="一", met=["signed"])
        park.leading_sectors.add(group)
        park.save()
        clock.forward(hours=1)
        for code in ("fab", "other"):
            found(admin_api.patch(f"{API}/projects/{code}", {"note": "二"}))
        clock.forward(hours=1)
        assert admin_api.delete(f"{API}/projects/fab", headers=ANYHOW).status_code == 204
        clock.forward(hours=1)
    seen = []
    for hour in range(1, 4):
        for step in (-1, 0, 1):
            at = BEGIN + timedelta(hours=hour, microseconds=step)
            asked = {"as_of": at.isoformat()}
            rows = {row["code"]: row["note"] for row in walk(api, "projects", **asked)}
            counted = found(api.get(f"{API}/projects/summary", {**asked, "group_by": "park"}))
            assert counted["total"]["count"] == len(rows)
            cohorts = found(api.get(f"{API}/projects/cohorts", asked))
            assert cohorts["total"]["projects"] == ("fab" in rows)
            leading = found(api.get(f"{API}/parks/town", asked))["leading_sectors"]
            assert leading == (["ic"] if seen or step >= 0 else [])
            seen.append((rows.get("fab"), rows.get("other")))
    one, two, gone = ("一", "一"), ("二", "二"), (None, "二")
    assert seen == [(None, "一"), one, one, one, two, two, two, gone, gone]


def test_the_ledger_says_what_was_written_since_and_has_one_version_for_an_answer(
    monkeypatch: Any,
) -> None:
    clock = Clock(monkeypatch, BEGIN)
    park = factories.ParkFactory.create(code="town")
    before = history.find_ledger_version()
    clock.forward(hours=1)
    factories.ProjectFactory.create(park=park)
    assert before != history.find_ledger_version() == history.ledger_version()
    with history.answering("of an answer"):
        assert history.find_ledger_version() == "of an answer"
    project, other = Project._meta.db_table, Park._meta.db_table
    for hours, written in ((0, {project}), (1, set()), (-1, {project, other})):
        with history.as_of(BEGIN + timedelta(hours=hours)):
            tables = {each for each in (project, other) if history.were_written_since([each])}
            assert tables == written
            assert not history.were_written_since(["django_session"])


def test_the_first_record_is_there_as_of_its_own_moment(api: APIClient, monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        Clock(patched, BEGIN)
        factories.ParkFactory.create(code="town")
    before = BEGIN - timedelta(microseconds=1)
    refused = error(api.get(f"{API}/parks", {"as_of": before.isoformat()}))
    assert refused["code"] == "before_first_record"
    assert [row["code"] for row in walk(api, "parks", as_of=BEGIN.isoformat())] == ["town"]


def test_an_answer_of_the_past_says_of_which_moment_it_is(api: APIClient, monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        Clock(patched, BEGIN)
        factories.ParkFactory.create(code="baodi")
    answer = api.get(f"{API}/parks/baodi", {"as_of": "2025-03-01"})
    assert answer.headers["Memento-Datetime"] == "Sat, 01 Mar 2025 15:59:59 GMT"
    assert "Memento-Datetime" not in api.get(f"{API}/parks/baodi").headers


FIRST = "Nothing had been recorded by then: the ledger’s first record is from 2025-03-01."
NO_DAY = "“{}” is not a day such as 2024-03-31, or a time with its offset."


@together(
    ("text", "code", "said"),
    [
        ("2025-02-28", "before_first_record", FIRST),
        ("2099-01-01", "in_the_future", "“2099-01-01” is in the future."),
        ("yesterday", "invalid", NO_DAY.format("yesterday")),
        ("2025-03-01T09:00:00", "invalid", NO_DAY.format("2025-03-01T09:00:00")),
        ("", "empty_value", ""),
    ],
)
def test_a_day_of_which_nothing_can_be_known_is_refused(
    api: APIClient, monkeypatch: Any, text: str, code: str, said: str
) -> None:
    with monkeypatch.context() as patched:
        Clock(patched, BEGIN)
        factories.ParkFactory.create()
    refused = error(api.get(f"{API}/projects", {"as_of": text}))
    assert (refused["parameter"], refused["code"]) == ("as_of", code)
    assert refused["detail"].startswith(said)


def test_of_an_empty_ledger_nothing_was_recorded_before_today(api: APIClient) -> None:
    today = timezone.localdate().isoformat()
    refused = error(api.get(f"{API}/projects", {"as_of": today}))
    assert (refused["code"], refused["detail"].endswith(f" {today}.")) == (
        *("before_first_record", True),
    )


def test_today_is_now(api: APIClient) -> None:
    factories.ParkFactory.create(code="baodi")
    today = timezone.localdate().isoformat()
    assert [p["code"] for p in walk(api, "parks", as_of=today)] == ["baodi"]


@pytest.mark.both_databases
def test_figures_events_and_their_rows_stand_as_they_stood(
    api: APIClient, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        park = factories.ParkFactory.create(code="baodi")
        group = factories.SectorGroupFactory.create(code="ic")
        park.leading_sectors.add(group)
        park.save()
        figure = factories.FigureFactory.create(park=park, code="f-1", as_reported="as first said")
        event = factories.SigningEventFactory.create(code="e-1", name_en="Fair", park=park)
        declared = factories.EventFigureFactory.create(event=event, code="d-1")
        clock.forward(days=1)
        park.leading_sectors.clear()
        park.save()
        figure.as_reported = "as corrected"
        figure.save()
        declared.delete()
        event.name_en = "Renamed fair"
        event.save()
    past = {"as_of": "2025-03-01"}
    assert found(api.get(f"{API}/parks/baodi", past))["leading_sectors"] == ["ic"]
    assert found(api.get(f"{API}/parks/baodi"))["leading_sectors"] == []
    stood = {f["code"]: f["as_reported"] for f in walk(api, "figures", **past)}
    assert stood == {"f-1": "as first said", "d-1": ""}
    assert [f["as_reported"] for f in walk(api, "figures")] == ["as corrected"]
    assert found(api.get(f"{API}/events/e-1", past))["name_en"] == "Fair"
    assert [f["code"] for f in walk(api, "events/e-1/figures", **past)] == ["d-1"]
    assert walk(api, "events/e-1/figures") == []


def test_what_is_withdrawn_today_is_not_shown_of_yesterday_either(
    api: APIClient, admin_api: CarefulClient, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        project = factories.ProjectFactory.create(code="p-1")
        erased, back, gone = (
            factories.ProjectFactory.create(code=code, park=project.park)
            for code in ("p-2", "p-3", "p-4")
        )
        for publication, rows in (("withdrawn", (project, erased, back)), ("published", (back,))):
            clock.forward(days=1)
            for row in rows:
                row.publication = publication
                row.save()
        clock.forward(days=1)
        for row in (erased, gone):
            row.delete()
    past = {"as_of": "2025-03-01"}
    for client, codes in ((api, ["p-3", "p-4"]), (admin_api, ["p-1", "p-2", "p-3", "p-4"])):
        assert sorted(row["code"] for row in walk(client, "projects", **past)) == codes
        for more in ({}, {"publication": "published"}):
            rows = walk(client, "projects", **past, **more)
            summed = found(client.get(f"{API}/projects/summary", {**past, **more}))
            assert summed["total"]["count"] == len(rows)


@pytest.mark.both_databases
def test_membership_of_groups_and_staleness_are_judged_at_that_day(
    vocabularies: None, api: APIClient, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        Clock(patched, BEGIN)
        origin = factories.RegionFactory._meta.model.objects.get(code="330100")
        project = factories.ProjectFactory.create(code="p-1", origin=origin, origin_basis="stated")
        factories.MilestoneFactory.create(project=project, type="signed", on="2024-12")
    assert found(api.get(f"{API}/projects/p-1", {"as_of": "2025-03-01"}))["is_stale"] is False
    assert found(api.get(f"{API}/projects/p-1", {"as_of": "2026-11-01"}))["is_stale"] is False
    asked = {"as_of": "2025-03-02", "origin": "left-and-joined"}
    assert [row["code"] for row in walk(api, "projects", **asked)] == ["p-1"]


def test_links_of_a_past_answer_stay_in_the_past(api: APIClient, monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        projects = factories.ProjectFactory.create_batch(3)
        clock.forward(days=1)
        for project in projects:
            project.delete()
    past = {"as_of": "2025-03-01", "limit": 2}
    assert len(walk(api, "projects", **past)) == 3
    facets = found(api.get(f"{API}/projects/facets", {"as_of": "2025-03-01", "facets": "park"}))
    for item in facets["facets"]["park"]:
        assert len(found(api.get(item["list_url"]))["results"]) == item["count"] == 1
