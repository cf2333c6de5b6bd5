"""What crawlers, catalogues and language models are told, and that all of it leads somewhere."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from pages.discovery import PAGES
from parks.models import Park
from projects.models import Project
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db


@kept_rows(autouse=True)
def rows(vocabularies: None) -> None:
    park = ParkFactory.create(code="town", publication="published")
    ProjectFactory.create(code="shown", park=park, publication="published")
    ProjectFactory.create(code="hidden", park=park, publication="draft")


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def find_paths(text: str, pattern: str) -> list[str]:
    return [urlsplit(url).path for url in re.findall(pattern, text)]


def test_the_sitemap_names_pages_that_everybody_may_see(client: Client) -> None:
    assert "Sitemap: http://testserver/sitemap.xml" in read(client, "/robots.txt")
    sections = find_paths(read(client, "/sitemap.xml"), "<loc>(.*?)</loc>")
    pages = {page for each in sections for page in find_paths(read(client, each), "<loc>(.*?)<")}
    assert {"/", "/parks/town", "/projects/shown"} <= pages
    assert "/projects/hidden" not in pages
    for page in pages:
        assert f'rel="canonical" href="http://testserver{page}"' in read(client, page)


def test_each_list_of_a_ledger_without_rows_opens(client: Client) -> None:
    Project.objects.all().delete()
    Park.objects.all().delete()
    for page in (*PAGES, "about", "fundings", "targets", "results", "editions", "timeline"):
        read(client, f"/{page}")


def test_the_catalogue_and_the_page_about_the_data_name_the_files(client: Client) -> None:
    catalogue = json.loads(read(client, "/catalogue.jsonld"))
    told = re.search('ld.json">(.*?)</script>', read(client, "/about"))
    assert told
    dataset = json.loads(told[1])
    assert (dataset["@type"], catalogue["dct:title"][0]["@value"]) == ("Dataset", "园区项目台账")
    files = {each["contentUrl"] for each in dataset["distribution"]}
    sets = [each["dcat:distribution"] for each in catalogue["dcat:dataset"]]
    assert files == {each["dcat:accessURL"]["@id"] for each in sum(sets, [])}
    assert "http://testserver/api/v1/projects.csv" in files
    for file in files:
        assert client.get(urlsplit(file).path).status_code == 200, file


@pytest.mark.slow
def test_the_guide_for_language_models_leads_somewhere(client: Client) -> None:
    for path in find_paths(read(client, "/llms.txt"), r"\]\((.*?)\)"):
        assert client.get(path).status_code == 200, path


def test_crawlers_may_read_what_the_guide_and_the_catalogue_name(client: Client) -> None:
    named = re.findall(r"\]\(http://testserver(.*?)\)", read(client, "/llms.txt"))
    named += re.findall(r"http://testserver(/api.*?)\"", read(client, "/catalogue.jsonld"))
    assert {"/api/v1/projects/summary", "/api/v1/events.xlsx"} <= {*named}
    rules = re.findall("Disallow: (.*)", read(client, "/robots.txt"))
    closed = re.compile("|".join(re.escape(rule).replace(r"\*", ".*") for rule in rules))
    assert [path for path in named if closed.match(path)] == []
    assert closed.match("/api/v1/projects.csv?stage=planned")
    assert closed.match("/admin/")


def test_a_ledger_that_is_not_public_is_not_described(client: Client, settings: Any) -> None:
    settings.PUBLIC_READ = False
    assert read(client, "/robots.txt") == "User-agent: *\nDisallow: /\n"
    for address in ("/sitemap.xml", "/sitemap-projects.xml", "/catalogue.jsonld"):
        assert client.get(address).status_code == 404
