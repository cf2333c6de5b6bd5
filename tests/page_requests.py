"""Reading pages: what they show, and whether each number is that of the list that it opens."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict
from django.test import Client
from rest_framework.test import APIClient

from pages.addresses import find_page
from tests.answers import API, walk
from tests.samples import sample

CHINESE = {"accept-language": "zh-hans"}
ENGLISH = {"accept-language": "en"}
# Elements without an end
_EMPTY = {"meta", "link", "input", "br", "hr", "img", "base", "source"}
_OF_PROGRAMS = {"pre", "script"}  # elements whose text is in no language
# Three words in a row; those of the API, such as what a refusal lists, are in no language
_SENTENCE = re.compile(r"[A-Za-z’'-]{2,}(?:[ ,;]+[A-Za-z’'-]{2,}){2,}")
_OF_THE_API = re.compile(r"[a-z]+_[a-z_]+(?:, [a-z_]+)+|[A-Za-z_]+=\S*")
_READ_ALOUD = ("aria-label", "alt", "placeholder", "title", "data-done")


@dataclass
class PageNumber:
    """A number of a page: exactly, as it is written, what it opens, and what of it adds up."""

    value: float
    measure: str
    href: str
    text: str = ""


@dataclass
class ReadPage(HTMLParser):
    """Reads numbers, pictures, links, and words of a page."""

    numbers: list[PageNumber] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)  # addresses and heights
    links: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)  # texts in the language of the page

    def __post_init__(self) -> None:
        super().__init__()
        self.href = ""
        self.is_in_number = False
        self.languages: list[str] = []  # of the elements that are open, blank where it is none

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in _EMPTY:
            language = "code" if tag in _OF_PROGRAMS else values.get("lang") or ""
            self.languages.append(language if tag != "html" else "")
        if not any(self.languages) and not values.get("lang"):
            self.unmarked += [values[name] or "" for name in _READ_ALOUD if name in values]
        if tag == "a":
            self.href = values.get("href") or ""
            self.links.append(self.href)
        if tag == "img":
            self.pictures.append((values["src"] or "", values["height"] or ""))
        if tag == "data":
            value, measure = values["value"], values.get("data-measure")
            self.numbers.append(PageNumber(float(value or 0), measure or "", self.href))
            self.is_in_number = True

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            self.languages.pop()
        if tag == "a":
            self.href = ""
        if tag == "data":
            self.is_in_number = False

    def handle_data(self, data: str) -> None:
        if not any(self.languages):
            self.unmarked.append(data)
        if self.is_in_number:
            self.numbers[-1].text += data


def find_sentence(text: str) -> re.Match[str] | None:
    """Find English words in a row."""
    return _SENTENCE.search(_OF_THE_API.sub("", text))


def read_page(client: Client, address: str, **headers: str) -> ReadPage:
    """Ask for a page, which is there, and read it."""
    response = client.get(address, headers={"accept": "text/html", **headers})
    assert response.status_code == 200, (address, response.status_code)
    page = ReadPage()
    page.feed(response.content.decode())
    return page


def check_numbers(client: Any, address: str, **headers: str) -> int:
    """Ask for a page and compare each of its numbers; see `compare_numbers`."""
    return compare_numbers(client, address, read_page(client, address, **headers), {})


def compare_numbers(
    client: Any, address: str, page: ReadPage, lists: dict[str, list[dict[str, Any]]]
) -> int:
    """Compare the numbers of a page that open a list with the API's answer to it.

    One list in four is asked for, in a long run each. Give back how many numbers there were. A
    count is that of the list, any other measure the sum of its rows' field of that name. `lists`
    are those asked for before, of the same rows.
    """
    opening = [number for number in page.numbers if number.measure and number.href]
    asked = {*sample([*dict.fromkeys(number.href for number in opening)], 4)}
    for number in opening:
        assert number.text.strip()
        parts = urlsplit(number.href)
        shown = find_page(f"{API}{parts.path}?{parts.query}".rstrip("?"))
        assert shown == number.href
        if number.href not in asked:
            continue
        if number.href not in lists:
            lists[number.href] = walk_list(client, number.href)
        rows, measure = lists[number.href], number.measure
        expected = len(rows) if measure == "count" else sum(row[measure] or 0 for row in rows)
        assert number.value == round(expected, 2), (address, number)  # mu have hundredths
    return len({(number.href, number.measure) for number in opening})


def walk_list(client: Any, href: str) -> list[dict[str, Any]]:
    """All rows of the API's list that a page shows."""
    parts = urlsplit(href)
    # Each list by a client of its own, of which none asks too often
    asker = client if isinstance(client, APIClient) else APIClient()
    query = QueryDict(parts.query).dict()
    query.pop("view", None)  # how the page shows it
    return walk(asker, parts.path.removeprefix("/"), **query, limit=500)
