"""The dispatch sheet: what is printed, its sums as a spreadsheet computes them, who sees what."""

import io
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from rest_framework.test import APIClient

from projects.summaries import dispatch
from tests.answers import API, found, problem, sign_in
from tests.factories import (
    FundingFactory,
    MembershipFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
)
from tests.libreoffice import convert_all
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db


@kept_rows
def park() -> Any:
    """A park with contracts and intents, exact and about, one unknown, one a draft."""
    park = ParkFactory.create(code="south", name_zh="南园", name_en="South")
    other = ParkFactory.create(code="north", name_zh="北园", name_en="North")
    more: dict[str, Any] = {"land_mu": "30.25", "investment__basis": "agreed"}
    fab = ProjectFactory.create(
        **{"code": "fab", "name_zh": "晶圆厂", "park": park, "investment": 1_234_567_891, **more},
        **{"met": {"signed": "2024-05-06"}, "responsible_unit": "经发局"},
    )
    ProgressNoteFactory.create(project=fab, text="主体封顶", next_step="试生产")
    FundingFactory.create(project=fab, on="2025-01", reported_cny=5_000_001)
    about = {"investment__qualifier": "about", "investment__basis": "intended"}
    ProjectFactory.create(code="plan", park=park, investment=10**9, **about)
    ProjectFactory.create(code="draft", park=park, investment=10**8, publication="draft", **more)
    ProjectFactory.create(code="open", park=other)
    return park


def ask(client: APIClient, **asked: str) -> Any:
    answer = client.get(f"{API}/projects/dispatch.xlsx", asked)
    assert answer.status_code == 200, answer.content
    return answer


def read(data: bytes, **options: Any) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), **options).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def find_sums(rows: list[list[Any]], labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of sums, by the headers of their columns."""
    return [dict(zip(rows[2], row, strict=True)) for row in rows if row[0] in labels]


# By language the names of sums, and the headers of the columns that are summed up
LABELS = {
    "zh": (("小计", "合计"), ["投资额", "到位资金", "用地面积（亩）"]),
    "en": (("Subtotal", "Total"), ["Investment", "Paid in", "Land (mu)"]),
}


@pytest.mark.slow
@pytest.mark.both_databases
def test_what_a_spreadsheet_computes_is_what_the_api_sums(
    park: Any, admin_api: APIClient, tmp_path: Path
) -> None:
    measures = {"investment_cny": 10_000, "paid_in_cny": 10_000, "land_mu": 1}
    asked = {"group_by": "park", "measures": ",".join(measures)}
    answer = found(admin_api.get(f"{API}/projects/summary", asked))
    expected = [*answer["rows"], answer["total"]]
    paths = [tmp_path / f"{header}.xlsx" for header in LABELS]
    for path in paths:
        path.write_bytes(ask(admin_api, group_by="park", header=path.stem).getvalue())
    # LibreOffice recalculates what has no value of its own
    computed = convert_all(convert_all(paths, "ods", tmp_path), "xlsx", tmp_path)
    parts: dict[str, list[list[str]]] = {header: [] for header in LABELS}
    for path in (*paths, *computed):
        labels, columns = LABELS[path.stem]
        sums = find_sums(read(path.read_bytes(), data_only=True), labels)
        assert len(sums) == len(expected) == 3
        for row, facts in zip(sums, expected, strict=True):
            wanted = [facts[name] and facts[name] / unit for name, unit in measures.items()]
            cells = [row[column] for column in columns]
            assert cells == [value and pytest.approx(value, abs=1e-6) for value in wanted]
            parts[path.stem].append([text for text in row.values() if "\n" in str(text)])
    assert all(texts[:3] == texts[3:] != [[]] * 3 for texts in parts.values())
    for path in paths:
        labels, columns = LABELS[path.stem]
        formulas = [row[columns[0]] for row in find_sums(read(path.read_bytes()), labels)]
        assert all(str(cell).startswith("=SUBTOTAL(9,") for cell in formulas if cell)


def test_hedges_and_bases_stand_beside_amounts_and_sums_say_their_parts(
    park: Any, admin_api: APIClient
) -> None:
    sheet = ask(admin_api, header="zh", columns="investment_cny", park="south").getvalue()
    rows = read(sheet, data_only=True)
    assert rows[0][0] == "重点项目调度表"
    assert rows[1][0].startswith("数据截至：")
    assert rows[1][-1] == "单位：万元、亩"
    assert rows[2] == ["序号", "项目名称", "投资额", "投资额限定词", "投资额依据", "编码"]
    assert ["约", "意向"] in [row[3:5] for row in rows]
    (total,) = find_sums(rows, ("合计",))
    assert total["投资额依据"].splitlines() == ["合同约定 133,456.7891", "意向 100,000"]
    widths = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].column_dimensions
    assert widths["E"].width > len("合同约定 133,456.7891") + len("合同约定")
    notes = [row[0] for row in rows if str(row[0]).startswith("注：")]
    assert notes == ["注：投资额：非确数1个，无人民币金额0个。", "注：其中未公开项目1个。"]
    assert [row[0] for row in rows[3:6]] == [1, 2, 3]


def test_what_is_not_known_is_no_zero(park: Any, api: APIClient) -> None:
    rows = read(ask(api, header="zh", columns="investment_cny", park="north").getvalue())
    (total,) = find_sums(rows, ("合计",))
    assert total["投资额"] is None


def test_drafts_and_work_information_are_for_roles(park: Any, api: APIClient) -> None:
    columns = "latest_progress,next_step,open_issues,responsible_unit"
    reader = sign_in(MembershipFactory.create(park=park, role="viewer").user)
    for client, sees in ((api, False), (reader, True)):
        texts = str(read(ask(client, header="zh", columns=columns).getvalue()))
        for secret in ("draft", "主体封顶", "试生产", "经发局"):
            assert (secret in texts) == sees, secret
    ask(api, group_by="responsible_unit")


def test_it_is_printed_on_one_page_in_width_with_its_header_on_each(
    park: Any, api: APIClient
) -> None:
    for paper, size in (("a3", "8"), ("a4", "9")):
        book = openpyxl.load_workbook(io.BytesIO(ask(api, header="zh", paper=paper).getvalue()))
        sheet = book.worksheets[0]
        setup = sheet.page_setup
        assert (setup.orientation, str(setup.paperSize)) == ("landscape", size)
        assert (setup.fitToWidth, setup.fitToHeight) in ((None, 0), (1, 0))
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.oddFooter.center.text == "第&P页，共&N页"


def test_mistakes_are_named_with_what_is_allowed(
    park: Any, api: APIClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CACHE_MAX_BYTES = 0

    def refuse(**asked: str) -> list[tuple[str, str | None]]:
        wrong = problem(api.get(f"{API}/projects/dispatch.xlsx", asked))["errors"]
        return [(each["code"], each.get("suggestion")) for each in wrong]

    assert refuse(columns="investmnt_cny") == [("unknown_value", "investment_cny")]
    assert refuse(group_by="stag") == [("unknown_value", "stage")]
    assert refuse(paper="a5") == [("unknown_value", None)]
    assert refuse(header="code") == [("unknown_value", None)]
    assert refuse(title="x" * 101) == [("too_long", None)]
    for length in (99, 100):
        assert read(ask(api, title="x" * length).getvalue())[0][0] == "x" * length
    assert dispatch.MOST_DISPATCH_ROWS == 10_000
    monkeypatch.setattr(dispatch, "MOST_DISPATCH_ROWS", 2)
    assert ask(api, park="south").headers["X-Row-Count"] == "2"
    monkeypatch.setattr(dispatch, "MOST_DISPATCH_ROWS", 3)
    assert ask(api).headers["X-Row-Count"] == "3"
    monkeypatch.setattr(dispatch, "MOST_DISPATCH_ROWS", 2)
    assert refuse() == [("too_many_rows", None)]


def test_columns_groups_and_title_are_chosen_on_a_page_and_saved_for_the_park(park: Any) -> None:
    member, colleague = (MembershipFactory.create(park=park, role="editor").user for _n in "ab")
    desk = sign_in(member, Client)
    html = {"Accept": "text/html", "Accept-Language": "zh-hans"}
    listed = desk.get("/projects?park=south", headers=html).content.decode()
    assert 'href="/dispatch?park=south"' in listed
    address = "/dispatch?park=south&group_by=stage&title=重点&columns=investment_cny&columns=stage"
    page = desk.get(address, headers=html).content.decode()
    (file,) = re.findall(r'href="(/api/v1/projects/dispatch[^"]+)"', page)
    rows = read(desk.get(unescape(file)).getvalue())
    assert rows[0][0] == "重点"
    assert rows[2][2:-1] == ["投资额", "投资额限定词", "投资额依据", "阶段"]
    assert 'value="stage" checked' in page
    saved = desk.post("/saved", {"name": "调度", "query": address, "park": park.pk})
    assert saved.status_code == 302
    views = sign_in(colleague, Client).get("/saved", headers=html).content.decode()
    assert escape(address) in views
    for wrong in ("prk=south", "columns=stag", "group_by=stag", "paper=a5", f"title={'x' * 101}"):
        assert desk.get(f"/dispatch?{wrong}", headers=html).status_code == 400, wrong


def test_a_note_counts_umbrella_agreements_among_the_rows(park: Any, admin_api: APIClient) -> None:
    ProjectFactory.create(code="whole", park=park, is_umbrella=True)
    rows = read(ask(admin_api, header="zh", park="south").getvalue())
    assert "注：其中总协议、重复项目和子项目1个。" in [row[0] for row in rows]
