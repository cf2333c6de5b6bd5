"""Errors and forms: what is in the other language than the page's is marked so; the search box."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from parks.models import Indicator, RegionGroup, Tag
from tests.page_requests import CHINESE, ENGLISH, ReadPage, find_sentence
from tests.pages.test_pages import HTML
from tests.site.test_translations import CHINESE as CHINESE_LETTERS

# Pages beside those of `test_pages.py`, and what they say of mistakes
OTHERS = [
    "/cite?of=/parks/baodi-zgc%23origins",
    "/embed/projects/summary?group_by=origin_group,signed_year",
    "/embed/projects/summary?group_by=origin_grup",
    "/nowhere",
    "/sign-in",
    "/projects?origin=zhejang",
    "/projects/nope",
    "/parks/baodi-zgx",
    "/compare?parks=a",
    "/?as_of=2026",
    "/?as_of=1999",
    "/attention",
    "/attention?parc=x",
]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def read_unmarked(client: Client, address: str, language: dict[str, str]) -> list[str]:
    """Read the texts of a page, whatever its status, that are not marked as another language."""
    asker = Client() if address == "/sign-in" else client
    response = asker.get(address, headers={**HTML, **language})
    text = response.content.decode()
    assert f'lang="{language["accept-language"]}"' in text, address
    page = ReadPage()
    page.feed(text)
    return page.unmarked


@pytest.mark.slow
def test_no_page_has_an_unmarked_text_of_the_other_language(
    client: Client, superuser: User
) -> None:
    client.force_login(superuser)
    for address in OTHERS:
        chinese = read_unmarked(client, address, CHINESE)
        assert [text for text in chinese if find_sentence(text)] == [], address
        english = read_unmarked(client, address, ENGLISH)
        assert [text for text in english if CHINESE_LETTERS.search(text)] == [], address


def test_each_term_is_defined_in_the_language_of_the_page(client: Client) -> None:
    terms = {"indicators": Indicator, "region-groups": RegionGroup, "tags": Tag}
    for language, other in ((CHINESE, 'lang="en"'), (ENGLISH, 'lang="zh-Hans"')):
        text = client.get("/about", headers={**HTML, **language}).content.decode()
        for anchor, model in terms.items():
            block = text.split(f'id="{anchor}"')[1].split("</section>")[0]
            rows = block.split("<tr>")[2:]
            assert len(rows) == model.objects.count()
            meanings = [row.split("<td")[1] for row in rows]
            assert [meaning for meaning in meanings if other in meaning] == [], language


# Names, other names, pinyin, initials, codes and numbers that somebody types, and what they lead to
LEADS = {
    **{"长三角": "regions/yrd", "集成电路": "projects?sector=ic", "浙江": "regions/330000"},
    **{"ye tanglin": "figures?said_by=ye-tanglin", "wzd": "figures?said_by=wang-zhidong"},
    **{"152": "events/jjj-chain-2023", "bdjjzgc": "parks/baodi-zgc", "s114": "sources/S114"},
    **{"amer": "organisations/amer", "c3973": "projects?sector=C3973", "bdq": "regions/120115"},
}


@pytest.mark.slow
@pytest.mark.parametrize("words", LEADS)
def test_what_is_typed_leads_somewhere(client: Client, words: str) -> None:
    page = client.get("/search", {"q": words}, headers=HTML).content.decode()
    assert f'<a href="/{LEADS[words]}"' in page
