"""Editions: months that a park closes, with last figure + new + corrections = this figure."""

import csv
import io
import random
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.access import Publication, Role
from projects.models import Edition, Funding, Milestone, Project
from sheets.dates import PartialDate
from tests.admin_pages import address, refused, save, saved, shown
from tests.answers import API, CarefulClient, codes, found, made, mistakes, read_through, sign_in
from tests.factories import (
    FundingFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
    RegionFactory,
    SourceFactory,
)
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june", "investment_indicator")]
EDITIONS = f"{API}/editions"
PARTS = ("last", "new", "corrections", "figure")
STAGES = "signed registered approved started completed operating full_capacity".split()
STEPS = [*STAGES[:-1], "land_granted", "works_permit", "in_statistics"]
BASES = ["agreed", "planned", "intended", "reported"]
KINDS = ["paid_in", "completed"]
DAYS = [None, "2025", "2026", "2025-11", "2026-03", "2026-04", "2026-05", "2026-06", "2026-04-30"]
DAYS += ["2026-05-01", "2026-05-31", "2026-06-01", "2026-Q2"]
MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06"]


@kept_rows
def town() -> Any:
    return ParkFactory.create(code="town")


@kept_rows
def office(town: Any) -> CarefulClient:
    return sign_in(MembershipFactory.create(park=town).user, CarefulClient)


def close(client: APIClient, month: str, **more: str) -> dict[str, Any]:
    body = {"park": "town", "month": month, "name": f"{month} 期报", **more}
    return made(client.post(EDITIONS, body, format="json"))


def read_figures(client: APIClient, code: str) -> dict[str, dict[str, int]]:
    """The parts of each measure; each is checked against the list that it opens into."""
    figures = {}
    for row in found(client.get(f"{EDITIONS}/{code}"))["figures"]:
        parts = {part: row[part] for part in PARTS}
        assert parts["last"] + parts["new"] + parts["corrections"] == parts["figure"], row
        figures[row["measure"]] = parts
    return figures


def read_rows(client: APIClient, code: str) -> dict[tuple[str, str], dict[str, int]]:
    rows = found(client.get(f"{EDITIONS}/{code}/rows"))
    return {(row["measure"], row["project"]): {part: row[part] for part in PARTS} for row in rows}


# --- Plain Python -------------------------------------------------------------------------------


def picture() -> list[dict[str, Any]]:
    """What the ledger holds of the park now, in plain values."""
    return [
        {
            **{"code": row.code, "is_public": row.publication == "published"},
            **{"is_alone": row.totals_exclusion in ("", "no_contract")},
            "investment": (row.investment_basis, row.investment_cny),
            "steps": [
                (each.type, PartialDate.from_columns(each.actual_on, each.actual_on_precision))
                for each in row.milestones.order_by("id")
                if each.status == "met"
            ],
            "flows": [(each.kind, each.month, each.amount_cny) for each in row.fundings.all()],
        }
        for row in Project.objects.filter(park__code="town")
    ]


def value_of(project: dict[str, Any], last: date, first: date) -> dict[str, tuple[int, bool | int]]:
    """What a project adds to each measure, and whether or how much of it is of the months."""
    values: dict[str, tuple[int, bool | int]] = {}
    if project["is_alone"]:
        steps = [each for each in project["steps"] if each[1] is None or each[1].first <= last]
        for step in STEPS:
            implying = STAGES[STAGES.index(step) :] if step in STAGES else [step]
            if any(kind in implying for kind, _on in steps):
                own = [on for kind, on in steps if kind == step and on]
                on = min(own, key=lambda each: each.last, default=None)
                is_new = on is not None and first <= on.first and on.last <= last
                values[f"{step}_count"] = (1, is_new)
        basis, cny = project["investment"]
        if "signed_count" in values and cny is not None:
            values[f"investment_{basis}_cny"] = (cny, values["signed_count"][1])
    for kind in KINDS:
        months = [(on, cny) for of, on, cny in project["flows"] if of == kind and on <= last]
        whole, new = (sum(cny for on, cny in months if on >= day) for day in (date.min, first))
        values[f"{kind}_cny"] = (whole, new)
    return values


def expect(
    before: list[dict[str, Any]], now: list[dict[str, Any]], first: date, last: date, then: date
) -> dict[tuple[str, str], dict[str, int]]:
    """The rows of an edition."""
    old = {each["code"]: value_of(each, then, then) for each in before}
    new = {each["code"]: value_of(each, last, first) for each in now}
    rows = {}
    for code in {*old, *new}:
        was, project = old.get(code, {}), new.get(code, {})
        for measure in {*was, *project}:
            figure, dated = project.get(measure, (0, 0))
            earlier = was.get(measure, (0, 0))[0]
            if measure.removesuffix("_cny") in KINDS:
                came = dated
            elif measure.startswith("investment"):
                came = figure if dated and "signed_count" not in was else 0
            else:
                came = int(bool(dated) and measure not in was)
            parts = (earlier, int(came), figure - earlier - int(came), figure)
            if any(parts):
                rows[measure, code] = dict(zip(PARTS, parts, strict=True))
    return rows


def add_random_project(dice: random.Random, n: int, park: Any) -> None:
    has_money = dice.random() < 0.7
    project = ProjectFactory.create(
        code=f"p{n}",
        park=park,
        is_umbrella=dice.random() < 0.1,
        publication=dice.choice(["published"] * 3 + ["draft"]),
        investment=dice.randrange(1, 99) * 10**7 if has_money else None,
        investment__basis=dice.choice(BASES),
    )
    for kind in dice.sample([*STAGES, "in_statistics", "land_granted", "lead"], dice.randrange(4)):
        add_step(dice, project, kind)
    if dice.random() < 0.6:
        add_flow(dice, project)


def add_step(dice: random.Random, project: Any, kind: str) -> None:
    on = dice.choice(DAYS)
    status = dice.choice(["met", "met", "met", "revoked"])
    MilestoneFactory.create(project=project, type=kind, status=status, on=on)


def add_flow(dice: random.Random, project: Any) -> None:
    kind, month = dice.choice(KINDS), dice.choice(MONTHS)
    if not Funding.objects.filter(project=project, kind=kind, month=f"{month}-01").exists():
        cny = dice.randrange(1, 50) * 10**6
        FundingFactory.create(project=project, kind=kind, on=month, reported_cny=cny)


def edit_at_random(dice: random.Random, parks: list[Any], n: int) -> None:
    """One of the things that happen between two editions."""
    project = dice.choice([*Project.objects.order_by("id")])
    milestone = dice.choice([*Milestone.objects.order_by("id")])
    flow = dice.choice([*Funding.objects.order_by("id")])
    edit = dice.randrange(11)
    if edit == 0:
        add_random_project(dice, 100 + n, dice.choice(parks))
    elif edit == 1:
        milestone.status, milestone.reason = "revoked", "撤回"
        milestone.save()
    elif edit in (2, 3):
        on = PartialDate.parse(dice.choice(DAYS[1:]))
        milestone.actual_on, milestone.actual_on_precision = on.first, on.precision
        milestone.save()
    elif edit in (4, 5):
        add_step(dice, project, dice.choice(STAGES))
    elif edit == 6:
        add_flow(dice, project)
    elif edit == 7:
        flow.amount_cny, flow.reported_cny = None, dice.randrange(1, 50) * 10**6
        flow.save()
    elif edit == 8:
        project.park = dice.choice(parks)
        project.save()
    elif edit == 9:
        project.is_umbrella = dice.random() < 0.5
        project.publication = dice.choice(["draft", "published"])
        project.save()
    else:
        ProjectFigureFactory.create(
            project=project, amount_cny=10**7, investment_basis=dice.choice(BASES)
        ) if dice.random() < 0.7 else project.delete()


def list_public(pictures: list[dict[str, Any]], hidden: set[str]) -> list[dict[str, Any]]:
    return [each for each in pictures if each["is_public"] and each["code"] not in hidden]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("seed", sample([3, 4], 2, HERE))
def test_last_and_new_and_corrections_are_this_figure_as_plain_python_has_it(
    api: APIClient, admin_api: CarefulClient, town: Any, seed: int
) -> None:
    dice, parks = random.Random(seed), [town, ParkFactory.create(code="port")]
    for n in range(30):
        add_random_project(dice, n, dice.choice([town, town, parks[1]]))
    first = close(admin_api, "2026-04", publication="published")["code"]
    pictures = [picture()]
    for n in range(40):
        edit_at_random(dice, parks, n)
    second = close(admin_api, "2026-05", publication="published")["code"]
    pictures.append(picture())
    for n in range(40, 60):
        edit_at_random(dice, parks, n)
    ends = (date(2026, 4, 30), date(2026, 5, 31))
    past: Any = Project.history.model  # type: ignore[attr-defined]
    newest = {row.code: row.publication for row in past.objects.order_by("version")}
    hidden = {code for code, word in newest.items() if word != Publication.PUBLISHED}
    for client in (admin_api, api):
        seen = [each if client is admin_api else list_public(each, hidden) for each in pictures]
        wanted = {
            first: expect([], seen[0], date(2026, 4, 1), ends[0], ends[0]),
            second: expect(seen[0], seen[1], date(2026, 5, 1), ends[1], ends[0]),
        }
        for code, rows in wanted.items():
            assert read_rows(client, code) == rows
            sums: Counter[tuple[str, str]] = Counter()
            for (measure, _project), parts in rows.items():
                sums.update({(measure, part): value for part, value in parts.items()})
            for measure, parts in read_figures(client, code).items():
                assert parts == {part: sums[measure, part] for part in PARTS}, measure
        assert sum(bool(row["new"]) for row in wanted[second].values()) > 3
        assert sum(bool(row["corrections"]) for row in wanted[second].values()) > 3


# --- The ways in and out ------------------------------------------------------------------------


def test_each_cell_opens_into_the_projects_that_make_it(office: CarefulClient, town: Any) -> None:
    old = ProjectFactory.create(
        code="old", park=town, met={"signed": "2026-03"}, investment=5, investment__basis="agreed"
    )
    close(office, "2026-04")
    ProjectFactory.create(code="new", park=town, met={"signed": "2026-05-20"}, investment=7)
    ProjectFactory.create(code="late", park=town, met={"signed": "2026-04-02"})
    ProjectFactory.create(code="next", park=town, met={"signed": "2026-06-01"})
    ProjectFactory.create(code="elsewhere", met={"signed": "2026-05-20"})
    Milestone.objects.filter(project=old).update(status="revoked", reason="撤回")
    code = close(office, "2026-05")["code"]
    figures = {row["measure"]: row for row in found(office.get(f"{EDITIONS}/{code}"))["figures"]}
    signed = figures["signed_count"]
    assert [signed[part] for part in PARTS] == [1, 1, 0, 2]
    assert (signed["name_zh"], signed["name_en"]) == ("签约项目数", "projects signed")
    lists = {part: found(office.get(signed[f"{part}_list_url"])) for part in PARTS}
    assert {part: {row["project"] for row in rows} for part, rows in lists.items()} == {
        "last": {"old"},
        "new": {"new"},
        "corrections": {"old", "late"},
        "figure": {"new", "late"},
    }
    parts = {name: [row[part] for part in PARTS] for name, row in figures.items()}
    assert parts["investment_agreed_cny"] == [5, 0, -5, 0]
    assert parts["investment_reported_cny"] == [0, 7, 0, 7]
    for ending in ("figures", "rows"):
        answer = office.get(f"{EDITIONS}/{code}/{ending}.csv", {"header": "zh"})
        lines = read_through(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert "上期数,本期新增,更正,本期数" in lines[0]
    asked = {"measure": "signed_count", "part": "corrections"}
    answer = office.get(f"{EDITIONS}/{code}/rows.xlsx", asked)
    book = load_workbook(io.BytesIO(read_through(answer.streaming_content)))
    lines = [*book.worksheets[0].values][1:]
    assert {(line[1], line[-2]) for line in lines} == {("old", -1), ("late", 1)}
    wrong = {"measure": "signed", "part": "old"}
    assert mistakes(office.get(f"{EDITIONS}/{code}/rows", wrong)) == dict.fromkeys(
        wrong, "unknown_value"
    )


def test_money_in_dollars_has_figures_and_what_nobody_reported_is_a_dash(
    office: CarefulClient, town: Any
) -> None:
    project = ProjectFactory.create(park=town)
    for kind, on, currency, amount in [
        ("foreign_agreed", "2026-05", "USD", 28_000_000),
        ("foreign", "2026-04", "USD", 5_000_000),
        ("foreign", "2026-05", "USD", 7_000_000),
        ("foreign", "2026-03", "EUR", 9),
        ("paid_in", "2026-05", "", 0),
    ]:
        of = {"project": project, "kind": kind, "on": on}
        FundingFactory.create(**of, currency=currency, amount=amount)
    code = close(office, "2026-05", publication="published")["code"]
    rows = found(office.get(f"{EDITIONS}/{code}"))["figures"]
    figures = {row["measure"]: [row["known"], *(row[part] for part in PARTS)] for row in rows}
    assert figures["foreign_agreed_usd"] == [1, 0, 28_000_000, 0, 28_000_000]
    assert figures["foreign_usd"] == [1, 0, 7_000_000, 5_000_000, 12_000_000]
    assert figures["foreign_cny"] == [0, 0, 0, 0, 0]
    assert figures["paid_in_cny"] == [1, 0, 0, 0, 0]
    assert read_rows(office, code).keys() == {
        (measure, project.code) for measure in ("foreign_agreed_usd", "foreign_usd")
    }
    page = Client().get(f"/editions/{code}", headers={"Accept-Language": "zh-CN"})
    shown = re.sub(r"\s+", "", re.sub(r"<[^>]*>", " ", page.content.decode()))
    assert "合同外资（美元）0美元2800万美元0美元2800万美元" in shown
    assert "实际使用外资––––" in shown
    assert "签约项目投资额：意向––––" in shown
    assert "到位资金0元0元0元0元" in shown


def test_a_month_is_closed_once_and_only_its_note_and_publication_change(
    office: CarefulClient, town: Any
) -> None:
    edition = close(office, "2026-04")
    url = f"{EDITIONS}/{edition['code']}"
    assert (edition["month"], edition["closed_at"]) == ("2026-04", edition["created_at"])
    for body, wrong in [
        ({"month": "2026-04", "name": "再报"}, "unique"),
        ({"month": "2026-03", "name": "补报"}, "out_of_range"),
        ({"month": "2026-06", "name": "预报"}, "in_the_future"),
        ({"month": "2026", "name": "年报"}, "invalid_date"),
        ({"month": "2026-05", "name": "期" * 201}, "max_length"),
    ]:
        body = {"park": "town", **body}
        status = 409 if wrong == "unique" else 400
        response = office.post(EDITIONS, body, format="json")
        assert wrong in mistakes(response, status).values(), body
    name = {"park": "town", "month": "2026-05", "name": edition["name"]}
    assert "unique" in mistakes(office.post(EDITIONS, name, format="json"), 409).values()
    for body in ({"name": "x"}, {"month": "2026-05"}):
        assert {*mistakes(office.patch(url, body, format="json")).values()} == {"immutable"}
    assert mistakes(office.patch(url, {"closed_at": edition["closed_at"]}, format="json"))
    assert office.delete(url).status_code == 405
    changed = {"note": "已报送区里", "publication": "published"}
    assert found(office.patch(url, changed, format="json"))["note"] == "已报送区里"
    versions = found(office.get(f"{url}/history"))["results"]
    assert [version["version"] for version in versions] == [2, 1]
    feed = found(office.get(f"{API}/changes"))["results"]
    assert ("edition", edition["code"]) in {(row["resource"], row["code"]) for row in feed}
    moment = {"as_of": edition["closed_at"]}
    assert found(office.get(url, moment))["note"] == ""
    assert codes(office, "editions", **moment) == [edition["code"]]
    later = made(office.post(EDITIONS, {"park": "town", "month": "2026-05", "name": "期" * 200}))
    assert codes(office, "editions", month="2026-05") == [later["code"]]


@together(("today", "is_over"), [("2026-04-30", False), ("2026-05-01", True)])
def test_a_month_is_closed_once_it_is_over(
    office: CarefulClient, town: Any, monkeypatch: Any, today: str, is_over: bool
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: date.fromisoformat(today))
    body = {"park": "town", "month": "2026-04", "name": "四月"}
    answer = office.post(EDITIONS, body, format="json")
    page = sign_in(MembershipFactory.create(park=town).user, Client)
    fields = {"park": town.pk, "month": "2026年4月", "name": "期报"}
    if is_over:
        made(answer)
        return
    assert mistakes(answer) == {"#/month": "in_the_future"}
    assert "2026-05-01" in answer.content.decode()
    assert "month" in refused(page, address(Edition, "add"), **fields)


@pytest.mark.slow
def test_an_edition_is_for_the_roles_of_its_park_until_it_is_published(
    api: APIClient, office: CarefulClient, town: Any
) -> None:
    for publication in ("published", "draft"):
        met = {"signed": "2026-05-02"}
        ProjectFactory.create(code=publication, park=town, publication=publication, met=met)
    code = close(office, "2026-05")["code"]
    urls = [f"{EDITIONS}/{code}{end}" for end in ("", "/rows", "/codebook", "/history")]
    urls += [f"{EDITIONS}/{code}/{part}.csv" for part in ("figures", "rows", "codebook")]
    district = MembershipFactory.create(
        park=None, region=RegionFactory(code="120115"), role=Role.DISTRICT
    )
    stranger = MembershipFactory.create(park__code="port").user
    statuses = {
        "office": (office, 200),
        "district": (sign_in(district.user), 200),
        "stranger": (sign_in(stranger), 404),
        "anybody": (api, 404),
    }
    for who, (client, status) in statuses.items():
        for url in urls:
            assert client.get(url).status_code == status, (who, url)
        assert codes(client, "editions") == ([code] if status == 200 else []), who
    assert office.patch(urls[0], {"publication": "published"}, format="json").status_code == 200
    assert {api.get(url).status_code for url in urls} == {200}
    by = [found(each.get(urls[3]))["results"][-1]["by"] for each in (office, api)]
    assert by == [town.memberships.exclude(role="district").get().user.get_username(), "editor"]
    for client, count in ((office, 2), (api, 1)):
        assert read_figures(client, code)["signed_count"]["figure"] == count
    assert api.post(EDITIONS, {"park": "town"}, format="json").status_code == 401
    for person, status in ((stranger, 403), (district.user, 403)):
        body = {"park": "town", "month": "2026-06", "name": "六月"}
        assert sign_in(person).post(EDITIONS, body, format="json").status_code == status


@pytest.mark.both_databases
def test_the_codebook_says_what_is_known_of_the_projects_of_the_edition(
    office: CarefulClient, town: Any
) -> None:
    source = SourceFactory.create(kind="media")
    ProjectFactory.create(park=town, land_mu="12.5", source=source, open_issues="水电未通")
    project = ProjectFactory.create(park=town)
    code = close(office, "2026-05")["code"]
    project.delete()
    rows = found(office.get(f"{EDITIONS}/{code}/codebook"))
    book = {(row["column"], row["source_kind"]): row for row in rows}
    land = book["land_mu", ""]
    assert (land["known"], land["percent"], land["unit"], land["type"]) == (1, 50, "mu", "number")
    assert (land["name_zh"], land["name_en"]) == ("用地面积（亩）", "land (mu)")
    assert book["investment_cny", ""]["meaning_zh"] != book["investment_cny", ""]["meaning_en"]
    kinds = {kind: row["known"] for (_column, kind), row in book.items() if kind}
    assert {kind for kind, known in kinds.items() if known} == {"media", "none"}
    assert sum(kinds.values()) == 2
    text = read_through(office.get(f"{EDITIONS}/{code}/codebook.csv").streaming_content)
    lines = [*csv.DictReader(io.StringIO(text.decode("utf-8-sig")))]
    assert [(line["column"], int(line["known"])) for line in lines] == [
        (row["column"], row["known"]) for row in rows
    ]
    assert office.get(f"{EDITIONS}/{code}/codebook.xlsx").status_code == 200


def test_the_office_closes_a_month_in_the_admin(town: Any) -> None:
    page: Client = sign_in(MembershipFactory.create(park=town).user, Client)
    fields = {"park": town.pk, "month": "2026年5月", "name": "五月期报"}
    saved(save(page, address(Edition, "add"), **fields))
    edition = Edition.objects.get()
    assert edition.month == date(2026, 5, 1)
    url = address(Edition, "change", edition.pk)
    assert {"park", "month", "name"}.isdisjoint(shown(page, url))
    saved(save(page, url, note="已报送", publication="published"))
    edition.refresh_from_db()
    assert (edition.note, edition.publication, edition.name) == ("已报送", "published", "五月期报")
    again = {**fields, "name": "再报", "month": "2026-04"}
    assert "month" in refused(page, address(Edition, "add"), **again)
    assert page.get(address(Edition, "delete", edition.pk)).status_code == 403
    listed = page.get(address(Edition, "changelist")).content.decode()
    assert "五月期报" in listed
