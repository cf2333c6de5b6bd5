"""Pictures of summaries in a browser: marks are links. Apart, as it needs committed rows."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browsers import PATIENCE, by_turns
from tests.projects.charts.test_summary_pictures import ADDRESS, HOSTILE, make_ledger

TITLE = {"en-US": "Number of projects by park", "zh-CN": "按园区统计的项目数量"}
ZHEJIANG = {"en-US": "Zhejiang", "zh-CN": "浙江"}


@pytest.fixture
def site(live_server: Any) -> Any:
    """A server with rows, made before there is a browser, whose loop has its own connection."""
    make_ledger()
    return live_server


@pytest.mark.long("other tests send the same forms")
@by_turns(4)
@pytest.mark.django_db(transaction=True)
def test_a_click_on_a_bar_or_on_the_number_in_a_square_opens_its_list(
    site: Any, browser: Browser, locale: str
) -> None:
    language = "en" if locale == "en-US" else "zh"
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
    page.on("console", lambda message: complaints.append(f"{message.text} {message.location}"))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))

    page.goto(f"{site.url}{ADDRESS}?group_by=park&lang={language}")
    assert page.title() == TITLE[locale]
    page.get_by_label(f"{HOSTILE}: 1").click()
    page.wait_for_url("**/projects?park=port")

    page.goto(f"{site.url}{ADDRESS}?group_by=origin_province&lang={language}")
    box = page.get_by_text(ZHEJIANG[locale]).bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/projects?origin_province=330000")
    assert [text for text in complaints if "favicon" not in text] == []
