"""The pages for people: each number is the API's, in two languages, for everybody or nobody."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from pages.addresses import find_page
from pages.home.home import list_questions
from parks.models import Park
from parks.models.spellings import spell
from projects.models import Project
from tests.answers import API, read_through
from tests.factories import (
    PASSWORD,
    AssignmentFactory,
    FundingFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectTagFactory,
    UserFactory,
)
from tests.page_requests import (
    CHINESE,
    ENGLISH,
    ReadPage,
    check_numbers,
    compare_numbers,
    find_sentence,
    read_page,
    walk_list,
)
from tests.samples import sample
from tests.site.test_translations import CHINESE as CHINESE_LETTERS, left_in_english

HTML = {"accept": "text/html,*/*;q=0.8"}
# Each page once, and with what changes what it shows
PAGES = [
    "/",
    "/projects",
    "/projects?origin=jjj&reached=signed&ordering=-investment_cny",
    "/projects?view=charts&counts_in_totals=true",
    "/projects?view=charts&origin=yrd",
    "/projects/sany-wind",
    "/funnel?from=2023&to=2026",
    "/parks",
    "/parks/baodi-zgc",
    "/about",
    "/figures?park=tj-binhai-zgc",
    "/figures?region=130000,120000&superseded=false",
    "/events?region=130000",
    "/events/caofeidian-2020",
    "/compare?parks=baodi-zgc,tj-binhai-zgc",
    "/compare?regions=yrd,jjj,110000",
    "/compare?signed_year=2024,2023",
    "/bulletin?region=120000&period=2023",
    "/sources/S114",
    "/organisations/amer",
    "/regions/120115",
    "/regions/jjj",
    "/sources?kind=official",
    "/organisations?region=110000",
    "/regions?level=province",
    "/sectors?level=section",
    "/people",
    "/timeline?kind=agreement",
    *("/fundings", "/targets", "/results", "/editions", "/search?q=152"),
    "/dispatch?group_by=stage",
]
# Pages whose numbers are of one row, or that have none
WITHOUT_LISTS = {"/projects/sany-wind", "/about", *PAGES[-12:]}


# Pages with pictures
CHARTED = [
    *("/", "/projects?view=charts&counts_in_totals=true", "/parks/baodi-zgc", "/regions/jjj"),
    *("/funnel?from=2023&to=2026", "/funnel?park=baodi-zgc"),
]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

# Of the shipped ledger, as everybody sees it: the pages in English, the lists that their numbers
# open, and the statuses of pages that they open. Several tests look at what was asked for once.
READ: dict[str, ReadPage] = {}
LISTS: dict[str, list[dict[str, Any]]] = {}
OPENED: dict[str, int] = {}


def read_once(client: Client, address: str) -> ReadPage:
    """A page of `PAGES` in English."""
    if address not in READ:
        READ[address] = read_page(client, address, **ENGLISH)
    return READ[address]


@pytest.mark.slow
@pytest.mark.parametrize("address", sample(PAGES, 3))
def test_every_number_is_that_of_the_list_which_it_opens(client: Client, address: str) -> None:
    found = compare_numbers(client, address, read_once(client, address), LISTS)
    assert (found > 3) is (address not in WITHOUT_LISTS)


def test_lists_and_sums_are_offered_as_files_of_all_their_rows(client: Client) -> None:
    tables = {"Excel": "xlsx", "CSV": "csv"}
    for address, files in (
        ("/parks?ordering=code&limit=2", {**tables, "GeoJSON": "geojson"}),
        ("/", {**tables, "PNG": "png"}),
        ("/bulletin", {**tables, "PNG": "png", "Word": "docx", "PDF": "pdf"}),
    ):
        text = unescape(client.get(address, headers={**HTML, **ENGLISH}).content.decode())
        links = re.findall(r'<a[^>]* href="/api/v1/[a-z/]+\.(\w+)\?([^"]*)"[^>]*>(\w+)<', text)
        assert {(name, ending) for ending, _query, name in links} == {*files.items()}
        for ending, query, _name in links:
            assert "limit" not in query
            assert ("header=en" in query) is (ending in ("xlsx", "csv"))
            assert ("lang=en" in query) is (ending in ("png", "docx", "pdf"))


@pytest.mark.slow
@pytest.mark.parametrize("address", sample(CHARTED, 2))
def test_each_mark_of_a_picture_opens_the_page_of_what_it_counts(
    client: Client, address: str
) -> None:
    pictures = [each for each in read_once(client, address).pictures if "/projects/" in each[0]]
    assert pictures
    for picture, height in sample(pictures, 2):
        svg = client.get(picture).content.decode()
        assert f'width="640" height="{height}"' in svg
        marks = re.findall(r'<a xlink:href="([^"]*)".*?aria-label="[^"]*: ([\d,]+)', svg)
        assert marks
        for href, said in sample(marks, 4):
            rows = walk_list(client, unescape(href))
            assert len(rows) == int(said.replace(",", "")), (picture, href)


def test_the_picture_of_the_funnel_shows_the_flow_that_is_chosen(client: Client) -> None:
    ((picture, _height),) = read_once(client, "/funnel?from=2023&to=2026").pictures
    rows = client.get(f"{API}/projects/funnel?from=2023&to=2026").json()["rows"]
    for flow, said in (("closing", "Closing stock"), ("entered", "Entered")):
        svg = client.get(f"{picture}&measures={flow}").content.decode()
        assert f"{said} · 2022-12-31 – 2026-12-31" in svg
        marks = re.findall(r'aria-label="[^"]*: (\d+)"', svg)
        assert [int(mark) for mark in marks] == [row[flow]["count"] for row in rows]
    assert client.get(f"{picture}&measures=count").status_code == 404


def test_one_bar_is_not_drawn(client: Client) -> None:
    for address, drawn in (("signed_year=2024", 0), ("signed_year=2024,2023", 1)):
        assert len(read_page(client, f"/compare?{address}", **ENGLISH).pictures) == drawn


@pytest.mark.parametrize("address", ["/figures", "/targets", "/compare", "/funnel"])
def test_a_form_suggests_parks_by_name_whatever_they_are_called(
    client: Client, address: str
) -> None:
    """In the order of the names, each found by its code, pinyin and other name, and accepted."""
    page = client.get(address, headers={**HTML, **CHINESE}).content.decode()
    named = page[page.index('<datalist id="named-park') :].partition("</datalist>")[0]
    found = dict(re.findall('<option value="([^"]*)" label="([^"]*)"', unescape(named)))
    names = [*found]
    assert names == sorted(names, key=spell)
    called = found["天津滨海—中关村科技园"]
    for way in ("tj-binhai-zgc", "tianjinbinhai", "tjbh", "Binhai-Zhongguancun"):
        assert way in called
    names = ["天津滨海—中关村科技园", "京津中关村科技城"]
    given = {"/compare": {"parks": names}, "/figures": {"park": names[0], "indicator": "面积"}}
    asked = given.get(address, {"park": names[0]})
    chosen: Any = client.get(address, asked, headers={**HTML, **CHINESE})
    assert chosen.status_code == 200
    assert 'value="天津滨海—中关村科技园" ' in chosen.content.decode()


def test_the_claims_of_a_figure_are_drawn_over_time(client: Client) -> None:
    page = read_page(client, "/figures?park=tj-binhai-zgc&indicator=market_entities", **CHINESE)
    ((picture, height),) = page.pictures
    svg = client.get(picture).content.decode()
    assert f'width="640" height="{height}"' in svg
    marks = re.findall(r'<a xlink:href="(/figures[^"]*)".*?aria-label="([^"]*)"', svg)
    asked = {"park": "tj-binhai-zgc", "indicator": "market_entities", "is_narrowed": "false"}
    claims = client.get(f"{API}/figures", asked).json()["results"]
    dated = {f"/figures?code={claim['code']}" for claim in claims if claim["as_of"]}
    assert {href for href, _said in marks} == dated
    assert "超6,000家企业: 实际 · 2025-08-29" in marks[-1][1]
    assert client.get("/charts/figures.svg?park=tj-binhai-zgc").status_code == 404


def test_a_chosen_word_of_a_list_is_said_as_its_form_says_it(client: Client) -> None:
    for address, said in (
        ("/regions?level=province", "省级行政区"),
        ("/sources?kind=official", "官方"),
    ):
        page = client.get(address, headers={**HTML, **CHINESE}).content.decode()
        (chip,) = re.findall('class="chosen"[^>]*>([^<]*)<', page)
        assert chip.endswith(said)


@pytest.mark.slow
@pytest.mark.parametrize("address", sample(PAGES, 3, 1))
def test_no_chinese_page_has_an_english_text_of_ours(client: Client, address: str) -> None:
    response: Any = client.get(address, headers={**HTML, **CHINESE})
    text, page = response.content.decode(), ReadPage()
    assert 'lang="zh-hans"' in text
    assert left_in_english(response) - {"api", "english", "word"} == set()
    page.feed(text)
    assert [said for said in page.unmarked if find_sentence(said)] == []


@pytest.mark.slow
def test_no_english_page_has_a_chinese_text_of_ours(client: Client) -> None:
    """Names that have no other language are marked."""
    for address in PAGES:
        page = read_once(client, address)
        assert [text for text in page.unmarked if CHINESE_LETTERS.search(text)] == [], address


@pytest.mark.long("walks through every page again")
@pytest.mark.parametrize("address", PAGES)
def test_every_page_that_a_page_opens_is_there(client: Client, address: str) -> None:
    links = read_once(client, address).links
    # Of each kind of page one: what lists add up to is tested above
    kinds = {re.sub(r"(?<=/)[^/?]*[0-9-][^/?]*|[?].*", "*", link): link for link in links}
    opened = [link for link in kinds.values() if link.startswith("/")]
    for link in opened:
        if link not in OPENED:
            response = client.get(link, headers=HTML)
            read_through(response)
            OPENED[link] = response.status_code
    assert {link: OPENED[link] for link in opened if OPENED[link] >= 400} == {}


def test_who_is_signed_in_keeps_the_header_on_an_error(client: Client, superuser: User) -> None:
    client.force_login(superuser)
    for address in ("/nowhere", "/parks/nowhere"):
        text = client.get(address, headers=HTML).content.decode()
        assert 'action="/sign-out"' in text
        assert "/attention" in text


def test_a_refusal_is_a_sentence_with_the_nearest_spelling_as_a_link(client: Client) -> None:
    response = client.get("/projects?origin=zhejang&q=factory&park=", headers=HTML)
    assert response.status_code == 400
    text = response.content.decode()
    assert "zhejang" in text
    assert 'href="/projects?origin=zhejiang&amp;q=factory"' in text
    assert 'name="q" value="factory"' in text
    assert 'name="origin" value="zhejang"' in text


def test_one_claim_is_shown_with_all_that_is_said_of_the_same(client: Client) -> None:
    address = "/figures?code=120114-capital-attracted-2020-09"
    text = client.get(address, headers=HTML).content.decode()
    assert "actual value of 5.76 billion yuan" in text
    assert text.count("5.76 billion yuan</data>") == 2  # as a fact, and among the others


def test_a_claim_that_was_withdrawn_is_struck(client: Client) -> None:
    page = client.get("/figures?superseded=true", headers=HTML).content.decode()
    assert "<del><data" in page
    assert "<small>withdrawn</small>" in page
    assert "<del>" not in client.get("/figures?superseded=false", headers=HTML).content.decode()


def test_an_event_shows_what_it_declared_beside_what_is_known(client: Client) -> None:
    page = read_page(client, "/events/caofeidian-2020")
    shown = {number.text: number.href for number in page.numbers}
    assert shown["61.6 billion yuan"] == "/figures?code=caofeidian-2020-investment"
    assert shown["30 bn yuan"].startswith("/projects?event=caofeidian-2020&")
    assert "17.6" in page.unmarked  # percent of the projects: 3 of 17


def test_an_event_says_in_a_sentence_what_became_of_its_projects(client: Client) -> None:
    known = client.get("/events/caofeidian-2020", headers=HTML).content.decode()
    assert "17 projects were declared (actual)." in known
    assert "3 are known by name: 3 of them signed" in known
    assert "projects signed here for the first time, a contract or an intent." in known
    rates = known[known.index('id="follow-through"') :]
    assert "conversion rate" not in rates.split("</section>")[0]  # a rate of nothing
    unknown = client.get("/events/jjj-chain-2023", headers={**HTML, **CHINESE}).content.decode()
    assert "活动公布了152个项目（意向）。 台账中没有其中任何一个项目的名称" in unknown
    assert 'id="follow-through"' not in unknown


def test_claims_begin_with_what_is_asked_most(client: Client) -> None:
    text = client.get("/figures", headers=HTML).content.decode()
    first = text[text.index('id="headlines"') :].split("<tr>")[2]
    assert "/parks/baodi-zgc" in first
    assert "Area" in first
    assert 'id="headlines"' not in client.get("/figures?park=teda", headers=HTML).content.decode()


def test_only_questions_about_what_the_ledger_has_are_asked(client: Client) -> None:
    page = read_page(client, "/")
    everything = {
        question.href
        for question in list_questions(
            lambda resource, asked: client.get(f"{API}/{resource}", asked).json()
        )
    }
    assert everything <= {*page.links}
    elsewhere = {question.href for question in list_questions(lambda *asked: {"results": []})}
    assert everything - elsewhere == {
        "/figures?park=baodi-zgc&indicator=invested",
        *("/events/jjj-chain-2023", "/compare?parks=baodi-zgc,tj-binhai-zgc"),
        *("/parks?brand=中关村", "/figures?park=baodi-zgc&indicator=entities,market_entities"),
    }


def test_parks_side_by_side_are_chosen_from_lists_and_never_ranked_silently(client: Client) -> None:
    address = "/compare?parks=baodi-zgc&parks=xiongan-zgc&parks=tj-binhai-zgc&parks="
    page = client.get(address, headers=HTML).content.decode()
    assert len(re.findall('<input name="parks" value="[^"]+"', page)) == 3
    assert "nothing reported" in page
    assert "of different days" in page
    text = client.get("/compare?parks=baodi-zgc,caofeidian", headers=HTML).content.decode()
    for link in re.findall(r'<a href="([^"]+)">only about parts', text):
        assert 'data-measure="value"' in client.get(unescape(link)).content.decode()
    assert "indicator=projects_signed" in link
    assert client.get("/compare", headers=HTML).status_code == 200
    refused = client.get("/compare?parks=baodi-zgc", headers=HTML)
    assert refused.status_code == 400
    assert "two or more parks" in refused.content.decode()
    assert len(re.findall('<input name="parks" value="[^"]+"', refused.content.decode())) == 1


def test_regions_side_by_side_have_a_grid_of_what_is_said_of_them(client: Client) -> None:
    text = client.get("/compare?regions=jjj,110000,yrd", headers=HTML).content.decode()
    grid = text[text.index('class="compared"') : text.index("</table>")]
    assert 'href="/regions/110000"' in grid
    assert 'href="/regions/jjj"' in grid
    assert "10.4 trillion yuan" in grid
    assert grid.count("<tr>") == 1 + 6  # what is said of districts in them is not of them
    assert "nothing reported" in grid
    named = client.get("/compare?regions=jjj,京津冀,北京", headers=HTML).content.decode()
    assert "10.4 trillion yuan" in named
    assert 'href="/regions/110000"' in named
    refused = client.get("/compare?regions=yrd,zhejang", headers=HTML)
    assert 'href="/compare?regions=yrd,zhejiang"' in refused.content.decode()


@pytest.mark.parametrize(
    "address",
    sample(
        [
            *("/?", "/figures?", "/projects?origin=jjj&"),
            *("/parks/baodi-zgc?", "/projects/sany-wind?", "/events?"),
        ],
        2,
    ),
)
def test_a_page_of_a_moment_opens_pages_of_that_moment(client: Client, address: str) -> None:
    today = timezone.localdate().isoformat()
    page = client.get(f"{address}as_of={today}", headers=HTML).content.decode()
    shown = page[page.index("<table") : page.index('class="filters as-of"')]
    opened = re.findall(r'href="(/(?:projects|parks|figures|events)[^"]*)"', shown)
    assert len(opened) > 1
    assert {link for link in opened if f"as_of={today}" not in link} == set()
    sources = re.findall(r'href="(/sources[/?][^"]*)"', shown)
    assert {link.partition("?")[0] for link in sources if "as_of" not in link} == set()


def test_contracts_stand_before_what_is_only_reported(client: Client) -> None:
    for address in ("/", "/parks/baodi-zgc"):
        text = client.get(address, headers=HTML).content.decode()
        tile = text[text.index('id="totals"') :].split("</li>")[0]
        agreed, *_rest = re.findall(r'investment_basis=(\w+)"><data value="\d+"', tile)
        assert agreed == "agreed"
        assert "investment_cny=" not in tile  # no sum of several bases


@pytest.mark.slow
def test_a_park_shows_what_came_in_of_what_was_agreed_and_what_is_to_be_reached(
    client: Client,
) -> None:
    project, address = Project.objects.get(code="sany-wind"), "/parks/baodi-zgc"
    for kind, on, amount in (
        ("paid_in", "2024-02", 76_000_000),
        ("paid_in", "2024-05", 200_000_000),
        ("completed", "2024-05", 100_000_000),
    ):
        FundingFactory.create(project=project, kind=kind, on=on, reported_cny=amount)
    assert check_numbers(client, address) > 20
    text = client.get(address, headers=HTML).content.decode()
    flows = text[text.index('id="flows"') : text.index('id="at-capacity"')]
    assert re.findall(r'<data value="(\d+)"', flows) == ["76000000", "200000000", "100000000"]
    capacity = text[text.index('id="at-capacity"') :].split("</section>")[0]
    assert '<data value="300000000">' in capacity  # tax a year
    text = client.get(address, headers={**HTML, **CHINESE}).content.decode()
    rates = text[text.index('id="follow-through"') :].split("</section>")[0]
    row = next(row for row in rates.split("<tr>") if ">已报项目到位率" in row)
    assert re.findall(r'value="(\d+)"', row)[:2] == ["276000000", "1380000000"]
    assert "20.0" in row
    assert "到位率：" in rates  # why it is withheld


def test_a_project_says_where_it_is_whose_capital_and_how_it_is_tagged(
    client: Client, superuser: User
) -> None:
    project = Project.objects.get(code="sany-wind")
    place = {"address": "宝坻区西环路1号", "site": "3号地块", "latitude": 39.7, "longitude": 117.3}
    words = {"point_accuracy": "area", "point_datum": "wgs84", "capital_type_stated": "foreign"}
    Project.objects.filter(pk=project.pk).update(**place, **words, capital_type="foreign")
    ProjectTagFactory.create(project=project, tag__name_zh="市级重点项目", year=2024)
    AssignmentFactory.create(project=project, name="李副市长", role="sponsor", office="市政府")
    MilestoneFactory.create(project=project, type="approved", on="2024-09", document_no="津审12号")
    FundingFactory.create(project=project, currency="USD", reported_value=3_450_001)
    text = client.get("/projects/sany-wind", headers={**HTML, **CHINESE}).content.decode()
    for said in ("外资", "宝坻区西环路1号", "3号地块", "39.7, 117.3", "市级重点项目", "津审12号"):
        assert said in text
    assert "未计入的币种：USD" in text  # a warning
    assert 'href="/regions/120115"' in text
    assert "李副市长" not in text
    client.force_login(superuser)
    page = client.get("/projects/sany-wind", headers={**HTML, **CHINESE}).content.decode()
    assert "李副市长" in page
    client.force_login(UserFactory.create())
    assert "李副市长" not in client.get("/projects/sany-wind", headers=HTML).content.decode()


@pytest.mark.parametrize("address", ["/people", "/regions", "/sectors", "/sources", "/timeline"])
def test_a_list_without_a_past_is_not_said_to_be_of_a_day(client: Client, address: str) -> None:
    refused = client.get(f"{address}?as_of={timezone.localdate()}", headers=HTML)
    assert refused.status_code == 400
    assert "As the ledger stood" not in refused.content.decode()
    assert 'type="date"' not in client.get(address, headers=HTML).content.decode()


def test_what_is_empty_takes_no_place_and_is_named(client: Client) -> None:
    ParkFactory.create(code="bare", name_en="Bare")
    meant = ParkFactory.create(code="meant", name_en="Meant")
    MilestoneFactory.create(project=ProjectFactory.create(park=meant), type="intended")
    park = client.get("/parks/bare", headers=HTML).content.decode()
    assert 'id="follow-through"' not in park
    assert "All of these projects" not in park
    assert "facets" not in client.get("/projects?park=bare", headers=HTML).content.decode()
    shown = client.get("/compare?parks=baodi-zgc,bare,meant", headers=HTML).content.decode()
    assert "No project that counts in totals: Bare, Meant." in shown


def test_two_moments_are_set_side_by_side(client: Client) -> None:
    today = timezone.localdate()
    assert check_numbers(client, f"/compare?as_of={today},{today}") > 3
    older, newer = (f"{timezone.now():%FT%T.%fZ}" for _moment in range(2))
    shown = client.get(f"/compare?as_of={older},{newer}", headers=HTML).content.decode()
    assert shown.index(f">{newer}</th>") < shown.index(f">{older}</th>")
    shown = client.get(f"/compare?as_of={today},{older}", headers=HTML).content.decode()
    assert shown.index(f">{today}</th>") < shown.index(f">{older}</th>")  # its end, by now
    early = client.get(f"/compare?as_of={today},2001-01-01", headers=HTML)
    assert early.status_code == 400
    assert "first record" in early.content.decode()


def test_what_needs_attention_is_for_those_with_a_role_alone(
    client: Client, api: APIClient, superuser: User
) -> None:
    answer = client.get("/attention", headers=HTML)
    assert answer.headers["Location"] == "/sign-in?next=/attention"
    client.force_login(UserFactory.create())
    assert client.get("/attention", headers=HTML).status_code == 403
    api.force_login(superuser)
    assert check_numbers(api, "/attention") > 3
    page = api.get("/attention", headers={**HTML, **CHINESE})
    assert page.headers["Cache-Control"] == "no-store"  # late projects stay on no disk
    assert left_in_english(page) - {"api", "english"} == set()
    files = re.findall(r'href="(/api/v1/projects\.csv\?[^"]+)"', page.content.decode())
    assert len(files) > 1
    assert {api.get(unescape(file)).status_code for file in files} == {200}


def test_the_language_is_that_of_the_browser_until_one_is_chosen(client: Client) -> None:
    assert "Where the signed projects" in client.get("/", headers=HTML).content.decode()
    answer = client.post("/language", {"language": "zh-hans", "next": "/projects?origin=jjj"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/projects?origin=jjj")
    page = client.get("/", headers={**HTML, **ENGLISH})
    assert "签约项目来源地" in page.content.decode()


def test_a_page_shows_what_whoever_asks_may_see(client: Client, superuser: User) -> None:
    draft = ProjectFactory.create(name_en="A draft of ours", publication="draft")
    shown = f">{draft.name_en}</a>"
    pages = [f"{path}?q=A draft of ours" for path in ("/projects", "/search")]
    assert not any(shown in client.get(page, headers=HTML).content.decode() for page in pages)
    client.force_login(superuser)
    assert all(shown in client.get(page, headers=HTML).content.decode() for page in pages)


def test_who_sees_drafts_sees_how_many_and_what_everybody_sees(client: Client) -> None:
    editor = MembershipFactory.create(park=Park.objects.get(code="baodi-zgc")).user
    draft = ProjectFactory.create(name_en="Ours", park_id=editor.memberships.get().park_id)
    draft.publication = "draft"
    draft.save()
    client.force_login(editor)
    address = "/projects?q=Ours"
    shown = client.get(address, headers=HTML).content.decode()
    assert "with 1 unpublished project" in shown
    assert "<mark>draft</mark>" in shown
    file = unescape(re.findall(r'href="(/api/v1/projects\.csv[^"]*)"', shown)[0])
    assert b"Ours" in read_through(client.get(file))
    back = client.post("/public-view", {"public": "1", "next": address})
    assert back.headers["Location"] == address
    shown = client.get(address, headers=HTML).content.decode()
    assert "You see what everybody sees" in shown
    assert "unpublished project" not in shown
    assert b"Ours" not in read_through(client.get(file))
    elsewhere = client.post("/public-view", {"next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"
    assert "<mark>draft</mark>" in client.get(address, headers=HTML).content.decode()


def test_where_reading_asks_for_a_sign_in_it_comes_back(client: Client, settings: Any) -> None:
    settings.PUBLIC_READ = False
    UserFactory.create(username="reader")  # no staff
    answer = client.get("/projects?origin=jjj", headers=HTML)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/projects%3Forigin%3Djjj"
    form = client.get(answer.headers["Location"], headers=HTML).content.decode()
    assert 'name="next" value="/projects?origin=jjj"' in form
    sent = {"username": "reader", "password": PASSWORD, "next": "/projects?origin=jjj"}
    back = client.post("/sign-in", sent, headers=HTML)
    assert (back.status_code, back.headers["Location"]) == (302, "/projects?origin=jjj")
    assert client.get("/projects?origin=jjj", headers=HTML).status_code == 200
    assert client.post("/sign-out", headers=HTML).headers["Location"] == "/"
    assert client.get("/projects", headers=HTML).status_code == 302


def test_wrong_passwords_are_counted_at_every_form(client: Client) -> None:
    UserFactory.create(username="wang", is_staff=True)
    for number in range(3):
        client.post("/sign-in", {"username": "wang", "password": f"wrong {number}"})
        client.post("/admin/login/", {"username": "wang", "password": f"wrong {number}"})
    page = client.post("/sign-in", {"username": "wang", "password": PASSWORD}, headers=ENGLISH)
    assert "Too many wrong passwords" in page.content.decode()


def test_a_page_is_counted_once_however_much_it_asks(client: Client, settings: Any) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 2
    asked = {"REMOTE_ADDR": "203.0.113.7", "headers": HTML}
    statuses = [client.get("/projects?view=charts", **asked).status_code for _time in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("api", "page"),
    [
        ("http://here/api/v1/projects?origin=a,b&limit=5", "/projects?origin=a,b"),
        ("/api/v1/changes", "/api/v1/changes"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
    ],
)
def test_addresses_of_the_api_have_their_pages(api: str, page: str) -> None:
    assert find_page(api) == page


ANSWERED = [
    *("/projects?no=such", "/", "/nowhere", "/sign-in", "/api/v1/docs", "/api/v1/projects"),
    *("/api/v1/nowhere", "/api/v1/projects.csv", "/api/v1/projects/summary.svg?group_by=park"),
    *("/admin/login/", "/admin/nowhere", "/healthz", "/api", "/static/pages/pages.css"),
]


@pytest.mark.parametrize("address", ANSWERED)
def test_nothing_is_answered_without_a_policy(client: Client, address: str) -> None:
    for accept in sample([{}, HTML], 2, ANSWERED.index(address)):
        response = client.get(address, headers=accept)
        read_through(response)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("status", [400, 404])
def test_errors_are_pages_for_browsers(client: Client, status: int) -> None:
    headers = {**HTML, **CHINESE, **({"host": "evil.example"} if status == 400 else {})}
    response = client.get("/nowhere", headers=headers)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert 'class="bar"' in response.content.decode()
    assert "skip" in response.content.decode()


def test_a_database_that_is_away_is_a_page_with_503(client: Client, settings: Any) -> None:
    settings.DATABASE_STATEMENT_TIMEOUT = 1e-9  # seconds
    response = client.get("/projects", headers={**HTML, **CHINESE})
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "请稍后再试" in response.content.decode()
