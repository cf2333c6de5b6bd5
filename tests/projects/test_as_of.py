"""`as_of`: lists, sums and files as they stood, compared with what was answered then."""

import random
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
from tests.answers import API, CarefulClient, error, found, made, walk
from tests.clocks import Clock
from tests.samples import IS_LONG, IS_LONGEST
from tests.together import together

pytestmark = pytest.mark.django_db

DAYS, WRITES, QUESTIONS = (14, 60, 50) if IS_LONGEST else (6, 40, 20) if IS_LONG else (3, 14, 3)
BEGIN = datetime(2025, 3, 1, 1, 30, tzinfo=UTC)  # the middle of a morning in Tianjin
STANDINGS = ["active", "suspended", "terminated"]
FIELDS = "code,name_zh,park,standing,stage,investment_cny"
ANYHOW = {"If-Match": "*"}  # nobody else writes


class Script:
    """Writes projects at random, through the API."""

    def __init__(self, api: CarefulClient, chance: random.Random) -> None:
        self.api, self.chance = api, chance
        self.milestones: dict[str, list[int]] = {}  # of each project that is there
        for number in range(3):
            factories.ParkFactory.create(code=f"park-{number}")
        self.created = 0

    def draw(self, name: str) -> Any:
        values: dict[str, list[Any]] = {
            "name_zh": ["智能", "新能源", "生物", "装备"],
            "park": [f"park-{number}" for number in range(3)],
            "origin": ["110000", "110105", "310000", "330100", None],
            "investment_cny": [None, *range(10**8, 10**9, 10**8)],
            "standing": STANDINGS,
        }
        return self.chance.choice(values[name])

    def create(self) -> None:
        self.created += 1
        code = f"p-{self.created:03}"
        said = {name: self.draw(name) for name in ("park", "origin", "investment_cny")}
        body = {"code": code, "name_zh": self.draw("name_zh") + code, **said}
        made(self.api.post(f"{API}/projects", body))
        self.milestones[code] = []

    def edit(self, code: str) -> None:
        name = self.chance.choice(["park", "origin", "standing", "investment_cny", "name_zh"])
        value = self.draw(name)
        body = {name: value + code if name == "name_zh" else value}
        if name == "standing":
            body["standing_reason"] = "" if value == "active" else "停工"
        found(self.api.patch(f"{API}/projects/{code}", body, headers=ANYHOW))

    def meet(self, code: str) -> None:
        body = {"type": self.chance.choice(STAGES), "status": "met"}
        response = self.api.post(f"{API}/projects/{code}/milestones", body)
        if response.status_code != 200:  # else the same is stored already
            self.milestones[code].append(made(response)["id"])

    def unmeet(self, code: str) -> None:
        """Revoke a milestone or delete it: for the stage it is the same."""
        if not self.milestones[code]:
            return
        address = f"{API}/projects/{code}/milestones/{self.milestones[code].pop()}"
        if self.chance.random() < 0.5:
            revoked = {"status": "revoked", "reason": "Typed in error."}
            found(self.api.patch(address, revoked, headers=ANYHOW))
        else:
            assert self.api.delete(address, headers=ANYHOW).status_code == 204

    def delete(self, code: str) -> None:
        del self.milestones[code]
        gone = self.api.delete(f"{API}/projects/{code}", headers=ANYHOW)
        assert gone.status_code == 204

    def write(self) -> None:
        if len(self.milestones) < 6 or self.chance.random() < 0.2:
            return self.create()
        write = self.chance.choices(
            [self.edit, self.meet, self.unmeet, self.delete], [10, 8, 3, 1]
        )[0]
        return write(self.chance.choice([*self.milestones]))

    def ask(self) -> dict[str, Any]:
        """A few parameters that most often find something."""
        asked = {
            "park": self.draw("park"),
            "standing_not": self.draw("standing"),
            "stage": "unknown",
            "reached": self.chance.choice(STAGES[:9]),
            "investment_min": self.chance.randrange(2, 9) * 10**8,
            "origin": self.chance.choice(["110000", "unknown"]),
            "q": self.draw("name_zh"),
        }
        names = self.chance.sample([*asked], self.chance.choice([1, 2]))
        return {name: asked[name] for name in names}


def read_answers(api: APIClient, asked: dict[str, Any], dimension: str) -> tuple[Any, ...]:
    """What a list, the sums of a dimension, and a file say."""
    rows = walk(api, "projects", **asked, fields=FIELDS, limit=7)
    answer = found(api.get(f"{API}/projects/summary", {**asked, "group_by": dimension}))
    sums = {
        row[dimension]["value"]: (row["count"], row["investment_cny"])
        for row in answer["rows"]
        if row["count"]
    }
    file = api.get(f"{API}/projects.csv", {**asked, "columns": FIELDS}).getvalue()
    return rows, sums, file


@pytest.mark.slow
@pytest.mark.both_databases
def test_of_a_past_day_is_answered_what_was_answered_then(
    vocabularies: None, api: APIClient, admin_api: CarefulClient, monkeypatch: Any
) -> None:
    chance = random.Random(2025)
    answered = []
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        script = Script(admin_api, chance)
        for _day in range(DAYS):
            for _write in range(WRITES):
                script.write()
                clock.forward(minutes=1)
            day = timezone.localtime(clock.now).date().isoformat()
            for _question in range(QUESTIONS):
                asked, dimension = script.ask(), chance.choice(["park", "stage", "standing"])
                answered.append((day, asked, dimension, read_answers(api, asked, dimension)))
            clock.forward(days=1)
    assert len({str(answers) for *_question, answers in answered}) > DAYS * QUESTIONS / 2
    for day, asked, dimension, answers in answered:
        assert read_answers(api, {**asked, "as_of": day}, dimension) == answers, (day, asked)


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
