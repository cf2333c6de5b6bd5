"""A day of a clerk in a browser: a sheet corrected and applied, a conflict solved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from parks.models import Park
from projects.models import Project
from tests import factories
from tests.browsers import by_turns, find_barriers, open_admin, opened
from tests.projects.importing.imports import workbook

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = "#content"  # without the frame of the admin
# What stands on the pages
CHECK = {"en-US": "Check the file", "zh-CN": "检查文件"}
READ_AGAIN = {"en-US": "Read the file again", "zh-CN": "重新读取文件"}
ANOTHER = {"en-US": "Another file", "zh-CN": "换一个文件"}
IMPORT = {"en-US": "Import it", "zh-CN": "导入"}
UNDO = {"en-US": "Undo the import", "zh-CN": "撤回"}
SURE = {"en-US": "Yes, undo the import", "zh-CN": "确认撤回"}
WRONG = {"en-US": "wrong 1", "zh-CN": "有误 1"}
SAVED_SINCE = {"en-US": "since you opened it", "zh-CN": "打开之后"}

HEADER = ["项目名称", "总投（亿元）", "签约日期", "跟进人"]
SHEET = [
    HEADER,
    ["晶圆厂", "1.5", "2024-06", "李"],
    ["电池厂", "138000", "2024-07", "李"],
    ["药厂", "3", "2024-13", "王"],
    ["风电产业园", "6", "2024-05", "王"],
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as chromium:
        yield chromium


@pytest.fixture
def park(transactional_db: None) -> Park:
    factories.IndicatorFactory.create()
    park = factories.ParkFactory.create(name_en="Science Town", name_zh="科技城")
    clerk = factories.UserFactory.create(username="clerk", is_staff=True)
    factories.MembershipFactory.create(user=clerk, park=park, role="editor")
    return park


@by_turns(1)
def test_a_sheet_is_corrected_and_applied(
    browser: Browser, live_server: Any, park: Park, locale: str, tmp_path: Path
) -> None:
    factories.ProjectFactory.create(name_zh="风电产业园项目", park=park)
    sheet = tmp_path / "月报.xlsx"
    sheet.write_bytes(workbook(*SHEET))
    page = open_admin(browser, live_server, locale, "/admin/parks/importbatch/add/")
    assert find_barriers(page, CONTENT) == []
    page.set_input_files("#id_file", sheet)  # the park is chosen already
    page.get_by_role("button", name=CHECK[locale]).click()

    # Two columns are not understood: one is the amount, the other is left out
    amount, person = (page.locator(f"[name=column-{number}]") for number in range(2))
    amount.select_option("investment_cny")
    person.select_option("-")
    assert find_barriers(page, CONTENT) == []
    page.get_by_role("button", name=READ_AGAIN[locale]).click()
    expect(page.locator(".import-tabs [href='?show=wrong']")).to_have_text(WRONG[locale])
    expect(page.locator(".import-report tbody tr").first).to_contain_text("2024-13")

    # She mends the wrong cell in her sheet, and chooses it again: all else is as she said
    sheet.write_bytes(workbook(*[[cell.replace("-13", "-12") for cell in row] for row in SHEET]))
    page.get_by_role("link", name=ANOTHER[locale]).click()
    page.set_input_files("#id_file", sheet)
    page.get_by_role("button", name=CHECK[locale]).click()
    page.locator("[name=amount-3]").select_option("suggested")
    page.locator("[name=choice-5]").select_option("new")
    assert find_barriers(page, CONTENT) == []
    page.get_by_role("button", name=IMPORT[locale], exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    amounts = dict(Project.objects.values_list("name_zh", "investment_cny"))
    assert (amounts["晶圆厂"], amounts["电池厂"]) == (150_000_000, 1_380_000_000)
    page.get_by_role("link", name="电池厂").click()
    expect(page.locator("#id_name_zh")).to_have_value("电池厂")

    # It was the sheet of last month: all of it is taken back
    page.go_back()
    page.get_by_role("button", name=UNDO[locale]).click()
    assert find_barriers(page, CONTENT) == []
    page.get_by_role("button", name=SURE[locale]).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert [*Project.objects.values_list("name_zh", flat=True)] == ["风电产业园项目"]


@by_turns(2)
def test_a_conflict_is_solved(browser: Browser, live_server: Any, park: Park, locale: str) -> None:
    project = factories.ProjectFactory.create(name_zh="电池厂", park=park)
    address = f"/admin/projects/project/{project.pk}/change/"
    page = open_admin(browser, live_server, locale, address)
    Project.objects.filter(pk=project.pk).get().save()
    theirs = Project.objects.get(pk=project.pk)
    theirs.note = "一期已开工"
    theirs.save()
    # The fields may be folded: what is typed is what counts
    page.locator("#id_note").evaluate("field => { field.value = '二期待定' }")
    page.locator("[name=_save]").first.click()
    expect(page.locator("#content")).to_contain_text(SAVED_SINCE[locale])
    expect(page.locator("#content")).to_contain_text("一期已开工")
    assert page.locator("#id_note").input_value() == "二期待定"
    assert Project.objects.get(pk=project.pk).note == "一期已开工"
    # Both are to stand
    page.locator("#id_note").evaluate("field => { field.value = '一期已开工；二期待定' }")
    page.locator("[name=_save]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Project.objects.get(pk=project.pk).note == "一期已开工；二期待定"
