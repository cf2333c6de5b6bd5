"""What an authority recognised (认定) of money that came in, beside what was reported (上报)."""

from collections.abc import Iterable

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Funding
from tests.admin_pages import address, save, saved
from tests.answers import API, Row, error, found, made, mistakes, sign_in, walk
from tests.conftest import make_vocabularies
from tests.factories import FundingFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
# Project, kind, month, reported and recognised
FLOWS: list[tuple[str, str, str, int, int | None]] = [
    ("fab", "paid_in", "2026-01", 100, 100),
    ("fab", "paid_in", "2026-02", 200, 150),
    ("fab", "completed", "2026-01", 500, 0),
    ("lab", "paid_in", "2026-01", 300, None),
    ("lab", "paid_in", "2026-03", 50, 80),
]
WAYS = ("same", "differs", "none")


@kept_rows(autouse=True)
def flows() -> None:
    make_vocabularies()
    town = ParkFactory.create(code="town")
    projects = {code: ProjectFactory.create(code=code, park=town) for code in ("fab", "lab", "hub")}
    for code, kind, month, reported, recognised in FLOWS:
        FundingFactory.create(
            project=projects[code],
            kind=kind,
            on=month,
            reported_cny=reported,
            recognised_cny=recognised,
        )
    FundingFactory.create(project=projects["hub"], on="2026-01", currency="USD", reported_value=7)


def find_way(flow: Funding) -> str:
    if flow.recognised_cny is None:
        return "none"
    return "same" if flow.recognised_cny == flow.amount_cny else "differs"


def find_keys(flows: Iterable[Funding]) -> set[int]:
    return {flow.pk for flow in flows}


def follow(api: APIClient, url: str) -> set[int]:
    return {row["id"] for row in found(api.get(url))["results"]}


def summarise(api: APIClient, **question: str) -> Row:
    measures = "amount_cny,recognised_cny,recognised_gap_cny"
    return found(api.get(f"{API}/fundings/summary", {"measures": measures, **question}))


def test_a_report_carries_what_was_recognised_of_it(admin_api: APIClient) -> None:
    flows = f"{API}/projects/hub/fundings"
    told = {"recognised_cny": 9, "recognised_on": "2026-05", "recognised_by": "市发改委"}
    body = {"kind": "completed", "month": "2026-04", "reported_cny": 10, **told}
    row = made(admin_api.post(flows, body))
    assert row.items() >= told.items()
    own = f"{flows}/{row['id']}"
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    again = found(admin_api.patch(own, {"reported_cny": 12}))
    assert (again["reported_cny"], again["recognised_cny"]) == (12, 9)
    assert found(admin_api.patch(own, {"recognised_cny": 11}))["amount_cny"] == 12
    assert found(admin_api.get(flows, {"as_of": moment}))["results"][-1]["recognised_cny"] == 9
    found(admin_api.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert found(admin_api.get(own))["recognised_cny"] == 9
    assert "认定金额（万元）" in admin_api.get(
        f"{API}/fundings.csv", {"header": "zh", "unit": "wan", "columns": "all"}
    ).getvalue().decode("utf-8-sig")


def test_what_cannot_be_recognised_is_refused(admin_api: APIClient) -> None:
    flows = f"{API}/projects/hub/fundings"
    body = {"kind": "paid_in", "month": "2026-04", "reported_cny": 10}
    late = {"recognised_cny": 1, "recognised_on": "2026-06-16"}
    assert mistakes(admin_api.post(flows, body | late)) == {"#/recognised_on": "in_the_future"}
    assert mistakes(admin_api.post(flows, body | {"kind": "foreign_agreed", "recognised_cny": 1}))
    assert mistakes(admin_api.post(flows, body | {"recognised_cny": -1})) == {
        "#/recognised_cny": "min_value"
    }
    dollars = {**body, "reported_cny": None, "reported_value": 1, "currency": "USD"}
    assert mistakes(admin_api.post(flows, dollars | {"recognised_cny": 1}))
    for edge in ({"recognised_on": "2026-06-15"}, {"kind": "foreign", "month": "2026-03"}):
        made(admin_api.post(flows, {**body, "recognised_cny": 0, **edge}))


@pytest.mark.both_databases
def test_much_more_than_was_reported_is_asked_about(admin_api: APIClient) -> None:
    flows = f"{API}/projects/hub/fundings"
    row = made(admin_api.post(flows, {"kind": "paid_in", "month": "2026-04", "reported_cny": 10}))
    own = f"{flows}/{row['id']}"
    found(admin_api.patch(own, {"recognised_cny": 100}))
    refused = error(admin_api.patch(own, {"recognised_cny": 101}), 409)
    assert (refused["pointer"], refused["confirm"]) == ("#/recognised_cny", "amounts")
    desk = sign_in(UserFactory.create(is_superuser=True, is_staff=True), Client)
    page = address(Funding, "change", row["id"])
    assert "confirm" in save(desk, page, recognised_cny="9000亿").content.decode()
    saved(save(desk, page, recognised_cny="102", confirm=["amounts"]))
    found(admin_api.patch(f"{own}?confirm=amounts", {"recognised_cny": 101}))
    found(admin_api.patch(own, {"note": "已核实"}))
    sheet = table(["项目编码", "月份", "认定金额（亿元）"], ["hub", "2026-04", "9000"])
    (warning,) = line(checked(admin_api, sheet, resource="fundings"), 2)["warnings"]
    assert (warning["name"], warning["code"]) == ("recognised_cny", "improbable_amount")


@pytest.mark.both_databases
def test_sums_choose_one_by_name_and_open_into_their_flows(api: APIClient) -> None:
    stored = Funding.objects.all()
    for way in WAYS:
        mine = [flow for flow in stored if find_way(flow) == way]
        assert {r["id"] for r in walk(api, "fundings", recognised=way)} == find_keys(mine)
    assert error(api.get(f"{API}/fundings", {"recognised": "differ"}))["suggestion"] == "differs"
    assert len(walk(api, "fundings", recognised_not="none")) == 4

    answer = summarise(api, group_by="funding_kind,park", recognised_not="same")
    assert answer["total"]["recognised_cny"] is None  # of two kinds
    answer = summarise(api, group_by="funding_month", funding_kind="paid_in")
    for row in (*answer["rows"], answer["total"]):
        month = row["funding_month"]["value"] if "funding_month" in row else ""
        mine = [
            f for f in stored if f.kind == "paid_in" and f"{f.month:%Y-%m}".startswith(month or "")
        ]
        known = [f for f in mine if f.recognised_cny is not None]
        assert row["amount_cny"] == sum(f.amount_cny or 0 for f in mine)
        assert row["recognised_cny"] == sum(f.recognised_cny or 0 for f in known)
        assert row["recognised_gap_cny"] == sum(
            (f.amount_cny or 0) - (f.recognised_cny or 0) for f in known
        )
        for way, told in row["recognised_counts"].items():
            keys = find_keys(f for f in mine if find_way(f) == way)
            assert (told["count"], follow(api, told["list_url"])) == (len(keys), keys)
    unknown = summarise(api, recognised="none", funding_kind="paid_in")["total"]
    assert (unknown["amount_cny"], unknown["recognised_cny"]) == (300, None)
    file = api.get(
        f"{API}/fundings/summary.csv",
        {"measures": "recognised_cny", "funding_kind": "paid_in", "group_by": "park"},
    )
    head, told = file.getvalue().decode("utf-8-sig").splitlines()
    cells = dict(zip(head.split(","), told.split(","), strict=True))
    assert [cells[f"recognised_{end}"] for end in ("cny", *WAYS)] == ["330", "1", "2", "2"]


def find_amounts(project: str, month: str) -> dict[str, tuple[int | None, int | None]]:
    rows = Funding.objects.filter(project__code=project, month=f"{month}-01")
    return {row.kind: (row.reported_cny, row.recognised_cny) for row in rows}


def test_a_header_or_the_only_report_says_of_which_kind_it_is(admin_api: APIClient) -> None:
    rows = ["fab", "2026-01", "4"]
    plain = table(["项目", "月份", "认定金额（元）"], rows, ["fab", "2026-05", "4"])
    answer = checked(admin_api, plain, resource="fundings")
    assert faults(answer)[2, "kind"] == "ambiguous_row"
    assert faults(answer)[3, "kind"] == "required"
    for heading, kind in (("认定到位资金", "paid_in"), ("认定完成投资", "completed")):
        applied(admin_api, table(["项目", "月份", f"{heading}（元）"], rows), resource="fundings")
        assert find_amounts("fab", "2026-01")[kind][1] == 4
    sheet = table(["项目名称", "园区", "认定到位资金（万元）"], ["新厂", "town", "5"])
    assert "认定" in str(checked(admin_api, sheet)["problems"])
