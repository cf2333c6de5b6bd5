"""Steps are filtered and counted by the month, also those that are no stages (供地, 入库)."""

import csv
import io
from datetime import date

import pytest
from rest_framework.test import APIClient

from projects.models.words import DATED_STAGES, STEPS
from tests.answers import API, codes, found
from tests.factories import MilestoneFactory, ProjectFactory, TargetFactory
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
BESIDE = [step for step in STEPS if f"{step}_on" not in DATED_STAGES]


@pytest.mark.both_databases
def test_started_more_than_a_month_ago_and_not_in_the_statistics(api: APIClient) -> None:
    ProjectFactory.create(code="late", met={"started": "2026-05-15"})
    ProjectFactory.create(code="known", met={"started": "2026-05-15", "in_statistics": "2026-06"})
    ProjectFactory.create(code="undated", met={"started": "2025", "in_statistics": None})
    ProjectFactory.create(code="fresh", met={"started": "2026-05-16"})
    ProjectFactory.create(code="coarse", met={"started": "2026-05"})  # perhaps on its last day
    lost = ProjectFactory.create(code="lost", met={"started": "2026-04"})
    MilestoneFactory.create(project=lost, type="in_statistics", status="revoked", reason="退库")
    asked = {"started_months_min": "1", "met_not": "in_statistics", "ordering": "code"}
    assert codes(api, "projects", **asked) == ["late", "lost"]
    asked_now = {**asked, "met": "in_statistics,completed"}
    del asked_now["met_not"]
    assert codes(api, "projects", **asked_now) == ["known", "undated"]
    page = api.get("/projects", asked, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "已办结节点" in page
    assert "开工至今满（月）" in page


@pytest.mark.slow
@together("step", BESIDE)
def test_a_step_beside_the_stages_is_filtered_and_counted_by_its_first_day(
    api: APIClient, step: str
) -> None:
    twice = ProjectFactory.create(code="twice", met={step: "2026-03-31"})
    MilestoneFactory.create(project=twice, type=step, on="2026-03")  # ends on the same day
    MilestoneFactory.create(project=twice, type=step, on="2026")
    ProjectFactory.create(code="quarter", met={step: "2026-Q1"})
    ProjectFactory.create(code="year", met={step: "2026"})
    none = ProjectFactory.create(code="none", met={"signed": "2026-03"})
    planned = {"type": step, "status": "scheduled", "planned_on": date(2026, 3, 1)}
    MilestoneFactory.create(project=none, planned_on_precision="month", **planned)
    ask = {"ordering": "code"}
    assert codes(api, "projects", **ask, **{f"{step}_month": "2026-03"}) == ["twice"]
    assert codes(api, "projects", **ask, **{f"{step}_month": "unknown"}) == [
        *("none", "quarter", "year")
    ]
    assert codes(api, "projects", **ask, **{f"{step}_quarter": "2026-Q1"}) == ["quarter", "twice"]
    assert codes(api, "projects", **ask, **{f"{step}_year_not": "2026"}) == ["none"]
    assert codes(api, "projects", **ask, **{f"{step}_year_not": "2026,unknown"}) == []
    assert codes(api, "projects", **{f"{step}_from": "2026-02", f"{step}_to": "2026-03"}) == [
        "twice"
    ]
    assert codes(api, "projects", **{f"{step}_planned_to": "2026-03"}) == ["none"]
    question = {"group_by": f"{step}_month", "measures": "count"}
    rows = found(api.get(f"{API}/projects/summary", question))["rows"]
    assert [(row[f"{step}_month"]["value"], row["count"]) for row in rows] == [
        *(("2026-03", 1), (None, 3))
    ]
    for row in rows:
        assert len(found(api.get(row["list_url"]))["results"]) == row["count"]
    both = {"group_by": f"{step}_year,{step}_quarter", "header": "zh"}
    file = api.get(f"{API}/projects/summary.csv", both).getvalue().decode("utf-8-sig")
    assert len([*csv.reader(io.StringIO(file))]) > 3


@pytest.mark.slow
@together("step", [step for step in STEPS if step not in ("intended", "signed")])
def test_a_target_counts_the_projects_that_took_a_step(api: APIClient, step: str) -> None:
    town = ProjectFactory.create(met={step: "2026-06-15"}).park
    ProjectFactory.create(park=town, met={step: "2026"})
    ProjectFactory.create(park=town, met={step: "2025-06-15"}, is_umbrella=True)
    ProjectFactory.create(park=town, met={step: "2025-06-15"})
    ProjectFactory.create(park=town, met={step: None})
    TargetFactory.create(code="aim", park=town, year=2026, measure=f"{step}_count", value=4)
    reached = found(api.get(f"{API}/targets/aim"))["reached"]
    assert (reached["value"], reached["same_period"], reached["previous"]) == (2, 1, 1)
    assert len(found(api.get(reached["list_url"]))["results"]) == 2
