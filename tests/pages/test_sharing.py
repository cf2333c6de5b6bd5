"""What pages are taken elsewhere by: days, citations, frames, oEmbed, and what a link shows."""

import html
import json
import re
from typing import Any
from urllib.parse import quote

import bibtexparser
import pytest
import rispy
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from config.database.history import recorded
from tests.answers import API, read_through
from tests.factories import ProjectFactory
from tests.page_requests import CHINESE, ENGLISH, check_numbers, read_page
from tests.pages.test_pages import PAGES
from tests.samples import sample
from tests.site.test_translations import left_in_english
from tests.together import together

HTML = {"accept": "text/html,*/*;q=0.8", **ENGLISH}
PARK = "/parks/baodi-zgc"
SITE = "http://testserver"
FRAMED: Any = re.compile(r'<img src="(/embed/[^"]*)"')
CHART = "/embed/projects/summary?group_by=origin_group&lang=en"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def text_of(client: Client, address: str, **headers: str) -> str:
    """Ask for a page as a browser does, and give back its text."""
    response = client.get(address, headers={**HTML, **headers})
    assert response.status_code == 200, response.content
    return response.content.decode()


def ask_oembed(client: Client, url: str, **query: str) -> dict[str, Any]:
    """Ask oEmbed for an address of this site."""
    response = client.get("/oembed", {"url": f"{SITE}{url}", **query}, headers=ENGLISH)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.slow
def test_a_page_of_a_day_is_what_the_ledger_said_then(client: Client) -> None:
    before = timezone.now().isoformat()
    with recorded():
        ProjectFactory.create(name_en="Written later", stage="signed")
    dated = quote(before)
    assert ">Written later</a>" in text_of(client, "/projects?q=Written later")
    assert ">Written later</a>" not in text_of(client, f"/projects?q=Written later&as_of={dated}")
    page = f"/?as_of={dated}"
    assert f"As the ledger stood at {html.escape(before)}." in text_of(client, page)
    assert check_numbers(client, page, **ENGLISH) > 20
    assert client.get("/?as_of=2999", headers=HTML).status_code == 400
    refused = client.get("/projects?as_of=2999", headers=HTML)
    assert (refused.status_code, b"As the ledger stood" in refused.content) == (400, False)
    unknown = {code: client.get(f"/regions/{code}") for code in ("999999", "nope")}
    assert {page.status_code for page in unknown.values()} == {404}
    assert "no region group" not in unknown["999999"].content.decode()
    assert "no region group" in unknown["nope"].content.decode()


@pytest.mark.slow
def test_files_and_calls_of_a_page_are_of_its_day(client: Client) -> None:
    day = timezone.localdate().isoformat()
    kinds = {}
    for address in ("/", PARK, "/regions/120115", "/sources/S114", "/projects"):
        links = read_page(client, f"{address}?as_of={day}", **ENGLISH).links
        files = [link for link in links if re.match(rf"{API}/.*\.(csv|xlsx|png|svg)\?", link)]
        assert files
        assert [link for link in files if f"as_of={day}" not in link] == []
        kinds |= {link.partition("?")[0]: link for link in files}
    for link in kinds.values():  # what several pages offer is asked for once
        response = client.get(link)
        assert response.status_code == 200
        assert "Memento-Datetime" in response.headers
        read_through(response)


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    ["/regions/yrd", "/regions/120000", "/sources/S114", PARK, "/projects/sany-wind", "/bulletin"],
)
def test_a_page_of_a_day_offers_no_call_that_is_refused(client: Client, address: str) -> None:
    day = timezone.localdate().isoformat()
    links = read_page(client, f"{address}?as_of={day}", **ENGLISH).links
    offered = {link.removeprefix(SITE) for link in links if f"{API}/" in link}
    calls = [link for link in offered if re.match(rf"{API}/[\w/-]+(\?|$)", link)]
    assert calls
    for link in calls:
        assert client.get(link).status_code < 400, link


@pytest.mark.slow
def test_what_has_no_past_says_that_it_is_of_now(client: Client) -> None:
    day = timezone.localdate().isoformat()
    assert client.get(f"/timeline?as_of={day}", headers=HTML).status_code == 400
    assert ">Timeline</h2>" in text_of(client, PARK)
    page = text_of(client, f"{PARK}?as_of={day}")
    assert re.findall(r"<h2>([^<]*), as of ", page) == ["Timeline"]
    assert f"Timeline, as of {day}" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "is_of_moment"),
    [
        *((PARK, True), ("/projects", True), (f"{PARK}#timeline", True)),
        *(("/timeline", False), ("/people", False), ("/sectors", False), ("/about", False)),
    ],
)
def test_a_citation_promises_only_what_the_address_keeps(
    client: Client, address: str, is_of_moment: bool
) -> None:
    page = text_of(client, f"/cite?of={quote(address)}")
    assert ("answers the same later" in page) is is_of_moment
    assert ("keeps no earlier versions" in page) is not is_of_moment


def test_a_block_says_how_a_program_asks_and_a_site_shows_it(client: Client) -> None:
    text = html.unescape(text_of(client, PARK))
    assert f"curl '{SITE}{API}/projects/summary?park=baodi-zgc" in text
    called = re.search(r'pandas\.read_csv\("http://testserver([^"]*)"\)', text)
    assert called
    table = client.get(called[1])
    assert table.headers["Content-Type"].startswith("text/csv")
    read_through(table)
    frames = re.findall(r'<iframe src="http://testserver([^"]*)"', text)
    frames = [html.unescape(frame) for frame in frames]
    assert {frame.partition("?")[0] for frame in frames} == {"/embed/projects/summary"}
    assert [frame for frame in frames if client.get(frame).status_code != 200] == []


# Pages with blocks that no others have
WITH_TABLES = [
    "/projects?view=charts&counts_in_totals=true",
    "/compare?parks=baodi-zgc,tj-binhai-zgc",
    "/compare?regions=yrd,jjj,110000",
    "/compare?signed_year=2024,2023",
]
# What several pages offer of the same is asked for once
OFFERED: dict[str, int] = {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", sample([page for page in PAGES if "?" not in page], 4) + sample(WITH_TABLES, 2)
)
def test_all_that_a_block_offers_is_there(client: Client, address: str) -> None:
    """Files, pictures, calls, frames and citations: of each kind of answer one."""
    text = text_of(client, address)
    blocks = re.findall(r'<section class="block.*?</section>', text, re.DOTALL)
    with_tables = [block for block in blocks if "<table" in block]
    assert [block for block in with_tables if "Cite this" not in block] == []
    asked_at_once = [block for block in with_tables if "Excel – Regions" not in block]
    assert [block for block in asked_at_once if "As an API call" not in block] == []
    opened = {}
    for url in find_offered(text):
        path, _mark, query = url.partition("?")
        asked = QueryDict(query)
        kind = re.sub(r"/[a-z0-9-]*[0-9-][^/.]*", "/*", path) + asked.get("group_by", "")
        kind += re.split("[?#]", asked.get("of", ""))[0]
        if kind not in OFFERED:
            response = client.get(url)
            read_through(response)
            OFFERED[kind] = response.status_code
        opened[url] = OFFERED[kind]
    assert {url: status for url, status in opened.items() if status != 200} == {}


def find_offered(text: str) -> set[str]:
    """The addresses of this site that the tools of a page's blocks lead to."""
    tools = "".join(re.findall(r'<div class="tools">.*?</div>', text, re.DOTALL))
    plain = html.unescape(html.unescape(tools))  # what is to be copied is HTML as text
    urls = re.findall(r"""(?:href="|src="|read_csv\("|read_json\("|curl ')([^"'#]+)""", plain)
    return {url.removeprefix(SITE) for url in urls}


@pytest.mark.slow
def test_a_citation_names_the_moment_and_answers_the_same_later(client: Client) -> None:
    with recorded():  # so that there is a moment in the feed
        ProjectFactory.create(park__code="cited-park")
    of = quote(f"{PARK}#origins")
    text = text_of(client, f"/cite?of={of}")
    feed = client.get(f"{API}/changes?after=latest").json()["after"]
    assert f"change feed at {feed}" in text
    (url,) = set(re.findall(r'href="http://testserver(/parks[^"]*)"', text))
    assert re.fullmatch(rf"{PARK}\?as_of=\d{{4}}-\d\d-\d\dT[\d:]{{8}}Z#origins", url)
    now = [number.value for number in read_page(client, PARK).numbers]
    cited = url.partition("#")[0]
    assert [number.value for number in read_page(client, cited).numbers] == now


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_citations_are_files_that_programs_read(client: Client, language: Any) -> None:
    of = quote("/projects?origin=yrd&investment_min=1亿")
    title = "Projects" if language == ENGLISH else "项目"
    bib = client.get(f"/cite.bib?of={of}", headers=language)
    assert bib.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
    library = bibtexparser.parse_string(bib.content.decode())
    assert library.failed_blocks == []
    fields = {field.key: field.value for field in library.entries[0].fields}
    assert fields["title"] == f"{{{title}}}"
    assert fields["urldate"] == timezone.localdate().isoformat()
    ris = client.get(f"/cite.ris?of={of}", headers=language)
    assert ris.headers["Content-Disposition"].endswith('.ris"')
    (entry,) = rispy.loads(ris.content.decode())
    assert (entry["type_of_reference"], entry["title"]) == ("DATA", title)
    (url,) = entry["urls"]  # each file is of the second in which it was asked for
    assert url.partition("&as_of=")[0] == fields["url"].partition("&as_of=")[0]
    page = client.get(fields["url"].removeprefix(SITE), headers=HTML)
    assert page.status_code == 200


def test_charts_alone_may_be_framed(client: Client) -> None:
    framed = client.get(CHART, headers=HTML)
    policy = framed.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in framed.headers
    for address in ("/", PARK, "/cite?of=/", "/oembed?url=", "/sign-in", "/nowhere", "/admin/"):
        answer = client.get(address, headers=HTML)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_frame_has_its_chart_table_source_and_nothing_of_ours_in_another_language(
    client: Client,
) -> None:
    chinese = client.get(CHART.replace("=en", "=zh"), headers=HTML)
    text = chinese.content.decode()
    assert 'lang="zh-hans"' in text
    assert left_in_english(chinese) == set()
    assert "<svg" in client.get(html.unescape(FRAMED.search(text)[1])).content.decode()
    assert "<form" not in text
    assert f'href="{SITE}/projects?view=charts"' in text
    assert check_numbers(client, CHART) > 3
    assert "group_by" in text_refused(client, "/embed/projects/summary?group_by=orgin")


def text_refused(client: Client, address: str) -> str:
    response = client.get(address, headers=HTML)
    assert response.status_code == 400
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    return response.content.decode()


def test_what_is_not_for_everybody_stands_in_no_frame(
    client: Client, superuser: User, settings: Any
) -> None:
    drawn = html.unescape(FRAMED.search(text_of(client, CHART))[1])
    public = [text_of(client, address) for address in (CHART, drawn)]
    with recorded():
        ProjectFactory.create_batch(3, publication="draft")
    client.force_login(superuser)
    assert [text_of(client, address) for address in (CHART, drawn)] == public
    settings.PUBLIC_READ = False
    answer = client.get(CHART, headers=HTML)
    assert answer.status_code == 401
    assert "<img" not in answer.content.decode()
    assert "<svg" not in client.get(drawn, headers=HTML).content.decode()
    assert client.get("/oembed", {"url": f"{SITE}{PARK}"}).status_code == 401
    client.logout()
    page = client.get(PARK, headers=HTML)
    assert page.headers["Location"].startswith("/sign-in")
    form = text_of(client, page.headers["Location"])
    assert "og:image" not in form
    assert "og:description" not in form


def test_oembed_tells_of_the_chart_of_a_page(client: Client) -> None:
    page = text_of(client, f"{PARK}#origins")
    found = re.search(r'type="application/json\+oembed" href="http://testserver([^"]*)"', page)
    assert found
    said = json.loads(client.get(html.unescape(found[1])).content)
    assert said == ask_oembed(client, PARK, format="json")
    assert (said["version"], said["type"]) == ("1.0", "rich")
    assert (said["width"], said["height"]) == (720, 460)
    assert f'width="{said["width"]}"' in said["html"]
    frame = re.search(r'src="http://testserver([^"]*)"', said["html"])
    assert frame
    assert client.get(html.unescape(frame[1])).status_code == 200
    thumbnail = client.get(said["thumbnail_url"].removeprefix(SITE))
    assert thumbnail.headers["Content-Type"] == "image/png"
    at_anchor = ask_oembed(client, f"{PARK}#origins", maxwidth="400", maxheight="9999")
    assert "group_by=origin_group" in at_anchor["html"]
    assert (at_anchor["width"], at_anchor["height"]) == (400, 460)
    assert ask_oembed(client, CHART)["type"] == "rich"
    assert ask_oembed(client, "/projects/sany-wind")["type"] == "link"


@together(
    ("width", "height", "given"),
    [
        *((239, 159, (240, 160)), (240, 160, (240, 160)), (241, 161, (241, 161))),
        *((719, 459, (719, 459)), (720, 460, (720, 460)), (721, 461, (720, 460))),
    ],
)
def test_a_frame_is_neither_too_small_to_be_read_nor_larger_than_usual(
    client: Client, width: int, height: int, given: tuple[int, int]
) -> None:
    said = ask_oembed(client, CHART, maxwidth=str(width), maxheight=str(height))
    assert (said["width"], said["height"]) == given


@together(
    ("query", "status"),
    [
        ({"url": "http://evil.example/"}, 404),
        ({"url": f"{SITE}/admin/"}, 404),
        ({"url": f"{SITE}{PARK}x"}, 404),
        ({"url": f"{SITE}/attention"}, 404),
        ({"url": f"{SITE}/projects?originn=yrd"}, 400),
        ({"url": f"{SITE}/", "format": "xml"}, 501),
    ],
)
def test_oembed_refuses_what_it_cannot_tell_of(client: Client, query: Any, status: int) -> None:
    assert client.get("/oembed", query).status_code == status


@pytest.mark.slow
@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_a_link_that_is_sent_shows_title_numbers_and_chart(client: Client, language: Any) -> None:
    page = text_of(client, PARK, **language)
    said = {
        name: html.unescape(value)
        for name, value in re.findall(r'<meta property="og:(.*?)" content="(.*?)">', page)
    }
    is_chinese = language == CHINESE
    name = "京津中关村科技城" if is_chinese else "Baodi Beijing-Tianjin Zhongguancun Science Town"
    assert said["title"] == name
    assert said["locale"] == ("zh_CN" if is_chinese else "en_US")
    assert said["url"] == f"{SITE}{PARK}"
    assert ("约176亿元" if is_chinese else "about 17.6 billion yuan") in said["description"]
    image = client.get(said["image"].removeprefix(SITE))
    assert image.headers["Content-Type"] == "image/png"


def test_drafts_are_in_no_preview(client: Client, api: APIClient, superuser: User) -> None:
    draft = ProjectFactory.create(name_en="A draft of ours", publication="draft")
    url = f"/projects/{draft.code}"
    assert client.get(url, headers=HTML).status_code == 404
    api.force_login(superuser)
    assert client.get("/oembed", {"url": f"{SITE}{url}"}).status_code == 404
    assert api.get("/oembed", {"url": f"{SITE}{url}"}).status_code == 404
