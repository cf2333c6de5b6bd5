"""Every list that can be imported comes back as it went out: all rows the same, nothing said."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.db.models import CharField, TextField
from django.test import Client
from rest_framework.test import APIClient

from api.renderers import FILE_RENDERERS
from parks.models import Indicator, Organisation, Park, RegionGroup
from parks.recording.records import Change
from projects.importing.plain import IMPORT_RESOURCES
from projects.models import Milestone, Project, TargetMeasure
from tests.answers import API, Row, error, found, problem, sign_in
from tests.conftest import make_vocabularies
from tests.factories import (
    AssignmentFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    InvestorFactory,
    LightExcuseFactory,
    LightRuleFactory,
    MembershipFactory,
    MilestoneFactory,
    ObstacleFactory,
    OrganisationTagFactory,
    ParkFactory,
    PostFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ProjectTagFactory,
    SourceFactory,
    TagFactory,
    TargetFactory,
    YearPlanFactory,
)
from tests.paths import DOCS
from tests.projects.importing.imports import applied, checked, send, table
from tests.samples import HERE, IS_LONG, sample
from tests.seeded import kept_rows, loaded_fixtures

pytestmark = pytest.mark.django_db

# The list of which a kind of import takes the files
LISTS = {
    "projects": "projects",
    "parks": "parks",
    "figures": "figures",
    "project_figures": "projects/rich/figures",
    "fundings": "fundings",
    "plans": "plans",
    "obstacles": "obstacles",
    "excuses": "projects/rich/excuses",
    "light_rules": "light-rules",
    "targets": "targets",
    "organisation_tags": "organisations/rich-company/tags",
    "project_tags": "projects/rich/tags",
    "project_people": "projects/rich/people",
}
# What cannot come back as a file, and why: the docs print it
NOT_BACK = {
    ("projects", "jsonl"): "Send its lines to `POST /projects/bulk`",
    ("projects", "geojson"): "GeoJSON has only some of the columns",
    ("parks", "geojson"): "GeoJSON has only some of the columns",
    **{(kind, "parquet"): "Parquet is only written" for kind in LISTS},
}
BULK = f"{API}/projects/bulk"
HOSTILE = '=1+1；"约5亿元", e\u0301 007 \'é 😀 <b>%s'
LONG_AGO = {"on": "2015-06"}


@pytest.fixture(scope="module", autouse=True)
def ledger(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load `fixtures/` in a long run, so that their rows come back beside the rich ones."""
    with loaded_fixtures(django_db_blocker) if IS_LONG else nullcontext():
        yield


def write_hostile(row: models.Model) -> None:
    """Fill each text of a row that may say anything."""
    for column in row._meta.concrete_fields:
        is_text = isinstance(column, CharField | TextField) and column.editable
        is_free = is_text and not column.choices and not column.is_relation
        if is_free and column.name not in {"code", "currency", "url", "national_code", "uscc"}:
            has_lines = isinstance(column, TextField) and column.name != "aliases"
            text = HOSTILE + ("\n- 二" if has_lines else "")
            setattr(row, column.name, text[: column.max_length])
    row.save()


@kept_rows
def editor(ledger: None) -> APIClient:
    """An editor of a park in which lists have rows with every column filled in."""
    if not IS_LONG:
        make_vocabularies()
    source = SourceFactory.create(code="rich-source")
    park = make_park(source)
    project = make_project(park, source)
    make_figures(park, project, source)
    make_small_rows(park, project, source)
    return sign_in(MembershipFactory.create(park=park, role="editor").user)


def make_park(source: Any) -> Park:
    company = Organisation.objects.create(
        code="rich-company", name_zh="富集团有限公司", name_en="Rich"
    )
    place = {"latitude": "39.72", "longitude": "117.31", "point_accuracy": "site"}
    park: Park = ParkFactory.create(
        **{"code": "rich-park", "kind": "science_park", "operator": company, "source": source},
        **{**place, "point_datum": "wgs84", "is_placeholder": True, "aliases": "甲园\n乙园"},
    )
    ParkFactory.create(code="rich-neighbour")
    park.leading_sectors.set(["ic", "zgc-equipment"])
    write_hostile(park)
    Park.objects.filter(pk=park.pk).update(name_zh="富园区", aliases="甲园\n乙园")
    return Park.objects.get(pk=park.pk)


def make_project(park: Park, source: Any) -> Project:
    whole = ProjectFactory.create(code="rich-whole", park=park)
    ProjectFactory.create(code="rich-twin", park=park, duplicate_of=whole, standing="merged")
    project: Project = ProjectFactory.create(
        **{"code": "rich", "park": park, "national_code": "2403-120115-89-05-123456"},
        **{"kind": "new", "function": "rnd", "site_mode": "land", "land_mu": "170.55"},
        **{"floor_area_m2": "1200.5", "building": "A1栋"},
        **{"land_qualifier": "over", "region_id": "120115", "origin_id": "110108"},
        **{"origin_basis": "stated", "sector_id": "C3973", "sector_basis": "mapped"},
        **{"latitude": "39.72", "longitude": "117.3", "point_accuracy": "area"},
        **{"point_datum": "gcj02", "capital_type_stated": "joint", "standing": "suspended"},
        **{"standing_on": date(2024, 1, 1), "standing_on_precision": "quarter"},
        **{"lost_because": "land", "lost_to_id": "110108"},
        **{"is_umbrella": True, "part_of": whole, "phase_no": 2, "source": source},
        **{"reported_on": date(2024, 1, 1), "reported_on_precision": "year"},
        **{"review_on": date(2027, 4, 1), "review_on_precision": "quarter"},
        **{"investment": 12_345_678_901, "investment__qualifier": "about"},
        **{"investment__basis": "agreed"},
    )
    write_hostile(project)
    for number, step in enumerate(
        word for word, _label in Milestone._meta.get_field("type").choices
    ):
        day = ["2011", "2012-Q2", "2015-06", "2016-07-08"][number % 4]
        paper = {"agreement_type": "contract"} if step == "signed" else {}
        MilestoneFactory.create(
            project=project, type=step, on=day, document_no="文〔2015〕7号", **paper
        )
        promise = {"promised_on": date(2039, 4, 1), "promised_on_precision": "quarter"}
        MilestoneFactory.create(
            project=project, type=step, status="scheduled", planned="2040-Q1", **promise
        )
    InvestorFactory.create(project=project, share_bp=6055)
    InvestorFactory.create(project=project)
    ProgressNoteFactory.create(
        project=project, text=HOSTILE, next_step=HOSTILE, due_on=date(2040, 1, 2)
    )
    ProjectFactory.create(code="rich-past", park=park, investment=10**9, met={"signed": "2025-01"})
    dollars = ProjectFactory.create(code="rich-dollars", park=park)
    MilestoneFactory.create(project=dollars, type="started", status="scheduled", planned="2040-Q1")
    foreign = {"amount_cny": None, "value": 381_000_000, "currency": "USD", "qualifier": "about"}
    ProjectFigureFactory.create(project=dollars, **foreign, as_reported="约3.81亿美元")
    return project


def make_figures(park: Park, project: Project, source: Any) -> None:
    post = PostFactory.create()
    whole = {
        **{"on": "2015-06", "as_of_basis": "printed", "nature": "projected"},
        **{"period_from": date(2014, 1, 1), "period_from_precision": "year"},
        **{"period_to": date(2014, 4, 1), "period_to_precision": "quarter"},
        **{"origin_id": "110000", "sector_id": "C39", "place_id": "120115"},
        **{"size_floor_cny": 100_000_000, "scope_is_whole": False, "said_by": post},
        **{"attribution": "data", "source": source, "is_withdrawn": True, "qualifier": "over"},
    }
    planned = Indicator.objects.get(code="planned_investment")
    money = {"indicator": planned, "value": None}
    groups = {"origin_group_id": "jjj", "sector_group_id": "ic", "qualifier": "at_most"}
    dollars = {"indicator": planned, "value": "3450000.5", "currency": "USD"}
    figures = [
        FigureFactory.create(park=park, **whole, value="14.0505"),
        FigureFactory.create(park=park, **whole | money, amount_cny=12_345_678_901),
        FigureFactory.create(park=park, **whole | dollars),
        FigureFactory.create(park=park, value=None, value_text="若干", **groups),
        FigureFactory.create(park=None, region_id="120115", value="-3"),
        FigureFactory.create(park=None, region_group=RegionGroup.objects.get(code="jjj")),
        FigureFactory.create(park=None, organisation=Organisation.objects.get(code="rich-company")),
        ProjectFigureFactory.create(project=project, **whole | money, amount_cny=7),
        ProjectFigureFactory.create(
            project=project, indicator=planned, amount_cny=None, value_text="若干", **groups
        ),
        ProjectFigureFactory.create(project=project, amount_cny=None, **whole | dollars),
        EventFigureFactory.create(code="rich-event-figure", **LONG_AGO),
    ]
    for figure in figures:
        has_words = bool(figure.value_text)
        write_hostile(figure)
        type(figure)._default_manager.filter(pk=figure.pk).update(
            value_text=HOSTILE if has_words else "", superseded_by=None
        )
    base = project.figures.get(indicator="investment")
    more = {"project": project, "adds_to": base, "investment_basis": base.investment_basis}
    ProjectFigureFactory.create(**more, **LONG_AGO)
    for older in (
        FigureFactory.create(park=park, **LONG_AGO),
        ProjectFigureFactory.create(project=project, indicator=planned, **LONG_AGO),
    ):
        newer = next(each for each in figures if type(each) is type(older))
        type(older)._default_manager.filter(pk=older.pk).update(superseded_by=newer)


def make_small_rows(park: Park, project: Project, source: Any) -> None:
    more = {"source": source}
    recognised: dict[str, Any] = {"recognised_cny": 12_345, "recognised_on": date(2024, 4, 1)}
    recognised["recognised_on_precision"] = "month"
    rows: list[Any] = [
        FundingFactory.create(project=project, is_cumulative=True, **more, **recognised),
        FundingFactory.create(project=project, on="2024-04", reported_cny=-12_345, **more),
        FundingFactory.create(project=project, currency="USD", reported_value=3_450_001, **more),
        FundingFactory.create(project=project, kind="completed", on="2026-01", **more),
        YearPlanFactory.create(project=project, **more),
        YearPlanFactory.create(project=project, year=2025, planned_cny=12_345),
        ObstacleFactory.create(project=project),
        ObstacleFactory.create(
            project=project,
            kind="land",
            raised_on=date(2024, 1, 2),
            due_on=date(2024, 3, 1),
            solved_on=date(2024, 2, 1),
        ),
        LightExcuseFactory.create(project=project),
        LightExcuseFactory.create(project=project, from_on=date(2026, 6, 2)),
        LightRuleFactory.create(park=park, **more),
        LightRuleFactory.create(
            park=park, kind="following", since_step="registered", is_beyond=True, **more
        ),
        AssignmentFactory.create(project=project),
        AssignmentFactory.create(project=project, role="sponsor", office="一局", share_bp=6_000),
    ]
    dated = {"valid_from": date(2024, 1, 2), "valid_to": date(2026, 1, 1), **more}
    company = Organisation.objects.get(code="rich-company")
    for make, owner, bearer in (
        (ProjectTagFactory, {"project": project}, "project"),
        (OrganisationTagFactory, {"organisation": company}, "organisation"),
    ):
        for is_yearly, when in ((True, {"year": 2024, **more}), (False, dated)):
            tag = TagFactory.create(bearer=bearer, is_yearly=is_yearly, name_en="Tag")
            rows.append(make.create(**owner, tag=tag, **when))
    for measure in TargetMeasure:
        for scope in ("", "abroad,other_province"):
            subject = {"park": park} if scope else {"region_id": "120115"}
            size = {"size_floor_cny": 50_000_000, "origin_scope": scope}
            value = {"measure": measure, "value": 12_345_678, "qualifier": "about"}
            rows.append(TargetFactory.create(**subject, **size, **value, **more))
    for row in rows:
        scope = getattr(row, "origin_scope", "")
        write_hostile(row)
        if scope != getattr(row, "origin_scope", ""):
            type(row)._default_manager.filter(pk=row.pk).update(origin_scope=scope)


def export(client: APIClient, kind: str, ending: str, **asked: str) -> Any:
    return client.get(f"{API}/{LISTS[kind]}.{ending}", asked)


def list_layouts(client: APIClient, kind: str, ending: str) -> list[dict[str, str]]:
    """All ways in which a file of a list can be asked for; none where there is no such file."""
    status = export(client, kind, ending, unit="wan").status_code
    if status == 404:
        return []
    units = ("yuan", "wan", "yi") if status == 200 else ("",)
    boms = ("true", "false") if ending == "csv" else ("",)
    asked = product(("code", "zh", "en"), units, boms, ("", "all"))
    named = [dict(zip(("header", "unit", "bom", "columns"), words, strict=True)) for words in asked]
    return [{name: word for name, word in each.items() if word} for each in named]


def describe_differing(answer: Row) -> list[Any]:
    """What is said of a file beside that its rows are the same."""
    about_file = [*answer["problems"], *answer["warnings"], *answer["doubts"]]
    rows = [row for row in answer["rows"] if row["action"] not in ("same", "skip")]
    warned = [row for row in answer["rows"] if row.get("warnings")]
    lost = [
        row for row in answer["rows"] if row["action"] == "skip" and row.get("reason") != "header"
    ]
    return [*about_file, *rows, *warned, *lost]


def test_every_kind_of_import_has_a_list_whose_files_come_back() -> None:
    assert {*LISTS} == {*IMPORT_RESOURCES}


# What may differ and is not told: who made the file knew it, or it is worked out anew each day
UNTOLD = {
    "targets": {
        *("reached", "percent", "months_percent", "gap_points", "same_period", "previous"),
        *("change_percent", "left_out"),
    }
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LISTS)
def test_no_cell_that_was_altered_is_passed_over(
    admin_api: APIClient, editor: APIClient, kind: str
) -> None:
    """It is a change, or an error, or a warning that names the column; some row fills each."""
    file = export(admin_api, kind, "csv", columns="all").getvalue().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(file))
    cells = zip(*rows, strict=True)
    assert [name for name, of in zip(header, cells, strict=True) if not any(of)] == []
    if kind == "figures":  # a row that is written below another one is left as a whole
        rows.sort(key=lambda row: row[header.index("project")] != "")
    untold = {"version"} | UNTOLD.get(kind, set())
    passed_over = []
    columns = [(place, name) for place, name in enumerate(header) if name not in untold]
    for place, name in sample(columns, 5, [*LISTS].index(kind)):
        row = next([*row] for row in rows if row[place])
        row[place] = "true" if row[place] == "false" else f"{row[place]}7"
        answer = checked(admin_api, table(header, row), resource=kind)
        said = answer["rows"][1]
        named = [each["name"] for each in [*said.get("errors", ()), *said.get("warnings", ())]]
        if name not in [*named, *said.get("changes", ())]:
            passed_over.append((name, said))
    assert passed_over == []


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ending", sample([*FILE_RENDERERS], 2, HERE))
@pytest.mark.parametrize("kind", LISTS)
def test_a_file_that_comes_back_unchanged_is_all_the_same(
    admin_api: APIClient, editor: APIClient, kind: str, ending: str
) -> None:
    if reason := NOT_BACK.get((kind, ending)):
        assert reason in (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
        if (kind, ending) == next(each for each in NOT_BACK if each[1] == ending):
            data = export(admin_api, kind, ending).getvalue()  # its ending alone is looked at
            refused = send(admin_api, data, f"a.{ending}", resource=kind)
            assert error(refused)["code"] == "wrong_extension"
        return
    layouts = list_layouts(admin_api, kind, ending)
    if not layouts:
        assert ending not in ("csv", "xlsx")
        return
    own = {} if kind == "parks" or "/" in LISTS[kind] else {"park": "rich-park"}
    asked = [(editor, layouts[-1] | own)]
    asked += [(admin_api, each) for each in sample(layouts, 24, [*LISTS].index(kind))]
    for client, layout in asked:
        file = export(client, kind, ending, **layout)
        answer = checked(client, file.getvalue(), f"a.{ending}", resource=kind, blank="clear")
        assert describe_differing(answer) == [], layout
        assert answer["counts"]["same"] == int(file.headers["X-Row-Count"]) > 0, layout


def read_lines(client: APIClient, **asked: str) -> list[Row]:
    """The lines of the file of whole projects."""
    content = export(client, "projects", "jsonl", **asked).getvalue()
    return [json.loads(line) for line in content.splitlines()]


@pytest.mark.slow
def test_lines_of_whole_projects_come_back_as_a_bulk(
    admin_api: APIClient, editor: APIClient
) -> None:
    """Read-only fields are compared; what differs in them is refused, at its place."""
    before = Change.objects.count()
    for client, asked in ((admin_api, {}), (editor, {"park": "rich-park"})):
        rows = read_lines(client, **asked)
        answer = found(client.post(BULK, {"projects": rows}, format="json"))
        assert answer["same"] == len(rows) > 3
    assert Change.objects.count() == before
    (row,) = read_lines(editor, code="rich")
    for name in sample(sorted({*row} - {"code"}), 8):
        (row,) = read_lines(editor, code="rich")
        value = row[name]
        other = 7 if value is None else [*value, {}] if isinstance(value, list) else f"{value}7"
        body = {"projects": [{**row, name: other}]}
        answer = editor.post(f"{BULK}?confirm=amounts,duplicates", body, format="json")
        if answer.status_code == 200:
            assert answer.json()["changed"] == 1, name
            continue
        wrong = problem(answer, answer.status_code)["errors"]
        assert {each["pointer"].split("/")[3] for each in wrong} == {name}
    (row,) = read_lines(editor, code="rich")
    row["investors"][1]["share_bp"] = 7
    answer = found(editor.post(BULK, {"projects": [row]}, format="json"))
    assert answer["changed"] == 1
    assert read_lines(editor, code="rich")[0]["investors"] == row["investors"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", LISTS)
def test_a_file_that_was_worked_on_changes_its_rows_alone_and_says_what_is_missing(
    admin_api: APIClient, editor: APIClient, kind: str
) -> None:
    """Rows and columns in another order, rows left out, a column added, one cell changed."""
    asked = {} if "/" in LISTS[kind] or kind == "parks" else {"park": "rich-park"}
    file = export(admin_api, kind, "csv", **asked).getvalue().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(file))
    if kind == "figures":  # the others are written below what they are about
        rows = [row for row in rows if not row[header.index("project")]]
    last, left_out = rows[-1], rows[0]
    last[header.index({"obstacles": "solution", "excuses": "reason"}.get(kind, "note"))] = "改"
    names = [name for name in reversed(header) if name != "unit"]
    worked_on = [
        [*(row[header.index(name)] for name in names), "某人"] for row in reversed(rows[1:])
    ]
    model = IMPORT_RESOURCES[kind].model
    count = model._default_manager.count()
    data = table([*names, "调度员"], *worked_on)
    answer = checked(admin_api, data, resource=kind)
    assert [each["code"] for each in answer["problems"]] == ["unknown_column"]
    answer = applied(admin_api, data, resource=kind, ignore="调度员")
    assert answer["ignored"] == {"调度员": "asked"}
    assert answer["counts"]["update"] == 1
    assert answer["counts"]["same"] == len(rows) - 2
    assert model._default_manager.count() == count
    (missing,) = answer["warnings"]
    assert (missing["code"], missing["rows"]) == ("rows_missing", 1)
    code = dict(zip(header, left_out, strict=True)).get("code")
    assert code is None or missing["codes"] == [code]
    assert len(missing["codes"]) == 1


PAGES = (
    *("/projects/rich", "/projects/rich-dollars", "/parks/rich-park", "/sources/rich-source"),
    *("/organisations/rich-company", "/figures?source=rich-source", "/fundings", "/attention"),
)


@pytest.mark.slow
def test_pages_show_rows_with_every_column_filled(editor: APIClient) -> None:
    for address in PAGES:
        page = editor.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 200, address


@pytest.mark.slow
@pytest.mark.parametrize("header", ["zh", "en"])
def test_a_file_of_the_admin_with_words_for_people_comes_back_too(
    admin_api: APIClient, editor: APIClient, header: str
) -> None:
    address = "/admin/projects/project/export.csv"
    desk = sign_in(User.objects.get(is_superuser=True), Client)
    file = desk.get(address, {"header": header, "unit": "wan", "q": "rich"})
    answer = checked(admin_api, file.getvalue(), blank="clear")
    assert describe_differing(answer) == []
    assert answer["counts"]["same"] == int(file.headers["X-Row-Count"]) > 1


DISPATCHED = ({}, {"group_by": "stage", "columns": "all", "unit": "yi"}, {"group_by": "park"})


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("header", ["zh", "en"])
def test_a_dispatch_sheet_comes_back_with_its_titles_and_sums_set_aside(
    admin_api: APIClient, editor: APIClient, header: str
) -> None:
    for asked in DISPATCHED:
        file = admin_api.get(f"{API}/projects/dispatch.xlsx", {"header": header, **asked})
        answer = checked(admin_api, file.getvalue(), "a.xlsx", blank="clear")
        skipped = {row["reason"] for row in answer["rows"] if row["action"] == "skip"}
        assert {"title", "header", "total", "remark"} <= skipped
        told = [each for row in answer["rows"] for each in row.get("warnings", ())]
        told = [each for each in told if each["code"] != "name_in_part"]  # Unicode makes é another
        changed = [row for row in answer["rows"] if row["action"] not in ("same", "skip")]
        about_file = [*answer["problems"], *answer["warnings"], *answer["doubts"]]
        assert [*changed, *told, *about_file] == [], asked
        assert answer["counts"]["same"] == int(file.headers["X-Row-Count"]) > 3, asked
        assert all(check["agrees"] for check in answer["checks"])
