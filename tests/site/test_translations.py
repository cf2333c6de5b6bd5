"""Every text of ours is there in Chinese: in the catalogue, in answers of the API, in the admin."""

import ast
import re
import struct
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django import conf
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Choices
from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.urls import get_resolver
from django.utils import translation
from rest_framework.test import APIClient

from parks.admin.wording import SAID_BETTER
from parks.models import Delivery
from tests.admin_pages import address
from tests.answers import API
from tests.factories import FigureFactory, FundingFactory, MilestoneFactory
from tests.paths import ROOT
from tests.samples import sample
from tests.site.test_house_rules import nodes
from tools.docs.docstrings import collect_docstrings

FOLDERS = ("config", "sheets", "api", "parks", "projects", "pages")
MESSAGES = Path("locale/zh_Hans/LC_MESSAGES")
AGAIN = "run `make messages`, translate what is new, and run it once more"
IN_CHINESE = {"headers": {"accept-language": "zh-hans"}}
# What joins a context to a text and a singular to a plural, as in a compiled catalogue
CONTEXT, PLURAL = "\x04", "\0"

# The functions that take a text to translate: where the context stands, and where the texts
TEXTS_OF = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, [0])),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, [0, 1])),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, [1])),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, [1, 2])),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|%%")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # punctuation, too


class Entry(NamedTuple):
    """One text of the catalogue and what it is called in Chinese."""

    text: str
    translation: str
    is_fuzzy: bool


# --- The catalogue -------------------------------------------------------------------------------


def entry_of(block: str) -> Entry:
    """A paragraph of a .po file."""
    fields: dict[str, str] = {}
    field = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        keyword, _space, quoted = (
            line.partition(" ") if not line.startswith('"') else ("", "", line)
        )
        field = keyword or field
        fields[field] = fields.get(field, "") + ast.literal_eval(quoted)
    text = PLURAL.join(fields[name] for name in ("msgid", "msgid_plural") if name in fields)
    if "msgctxt" in fields:
        text = fields["msgctxt"] + CONTEXT + text
    translations = [said for name, said in fields.items() if name.startswith("msgstr")]
    return Entry(text, PLURAL.join(translations), bool(re.search("^#,.*fuzzy", block, re.M)))


@cache  # to read it takes a fifth of a second
def catalogue() -> list[Entry]:
    """The texts of the .po file, without its header."""
    paragraphs = (ROOT / MESSAGES / "django.po").read_text(encoding="utf-8").strip().split("\n\n")
    return [entry_of(paragraph) for paragraph in paragraphs][1:]


def compiled(path: Path) -> dict[str, str]:
    """The texts of a .mo file and their translations, without its header.

    Layout: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
    """
    data = path.read_bytes()
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, *tables = struct.unpack_from(f"{order}3I", data, 8)

    def string(table: int, number: int) -> str:
        length, start = struct.unpack_from(f"{order}2I", data, table + 8 * number)
        return data[start : start + length].decode()

    originals, translations = tables
    pairs = {string(originals, each): string(translations, each) for each in range(count)}
    del pairs[""]
    return pairs


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def asked_for(call: ast.Call) -> str | None:
    """The text that a call translates, nothing for other calls; an error if it is no literal."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in TEXTS_OF:
        return None
    context, places = TEXTS_OF[name]
    text = PLURAL.join(ast.literal_eval(call.args[place]) for place in places)
    return text if context is None else ast.literal_eval(call.args[context]) + CONTEXT + text


def in_the_source() -> set[str]:
    return {
        text
        for path in sources()
        for node in nodes(path)
        if isinstance(node, ast.Call) and (text := asked_for(node)) is not None
    }


def in_the_templates() -> set[str]:
    texts = set()
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.html")):
        template: Any = engines["django"].from_string(path.read_text(encoding="utf-8"))
        nodes = template.template.nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            context = f"{node.message_context.var}{CONTEXT}" if node.message_context else ""
            texts.add(context + str(node.filter_expression.var.literal))
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            forms = [node.singular, node.plural] if node.plural else [node.singular]
            texts.add(PLURAL.join(node.render_token_list(form)[0] for form in forms))
    return texts


@pytest.mark.slow
def test_the_catalogue_has_the_texts_of_the_source_and_no_others() -> None:
    source, of_templates = in_the_source(), in_the_templates()
    assert len(source) > 400
    assert len(of_templates) > 20
    source |= of_templates | {*collect_docstrings()}
    known = {entry.text for entry in catalogue()}
    assert sorted(source - known) == [], AGAIN
    assert sorted(known - source) == [], AGAIN


def test_everything_is_translated_into_chinese() -> None:
    entries = catalogue()
    assert len({entry.text for entry in entries}) == len(entries)
    assert [entry for entry in entries if entry.is_fuzzy] == []
    assert [entry for entry in entries if not CHINESE.search(entry.translation)] == []


def list_choices(base: type[Choices]) -> Iterator[type[Choices]]:
    for choices in base.__subclasses__():
        yield choices
        yield from list_choices(choices)


def test_every_choice_has_a_label_of_its_own() -> None:
    get_resolver().url_patterns  # noqa: B018 loads the product
    every = [each for choices in list_choices(Choices) for each in choices]
    with translation.override("zh-hans"):
        assert len(every) > 200
        assert [each for each in every if not CHINESE.search(str(each.label))] == []


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    for entry in catalogue():
        text = entry.text.rpartition(PLURAL)[2]
        expected, got = (sorted(PLACEHOLDER.findall(each)) for each in (text, entry.translation))
        assert got == expected, entry
        assert PLURAL not in entry.translation, "Chinese has one form for all numbers"


def test_the_compiled_catalogue_is_up_to_date() -> None:
    written = {entry.text: entry.translation for entry in catalogue()}
    assert compiled(ROOT / MESSAGES / "django.mo") == written, AGAIN


def test_no_text_of_ours_changes_what_django_says() -> None:
    """One catalogue serves the whole site: our word for "group" must not rename Django's groups."""
    ours = compiled(ROOT / MESSAGES / "django.mo")
    theirs = [Path(conf.__file__).parent, *(Path(app.path) for app in apps.get_app_configs())]
    paths = [path / MESSAGES / "django.mo" for path in theirs if path.parent != ROOT]  # ours
    catalogues = [compiled(path) for path in paths if path.exists()]
    assert len(catalogues) > 3
    wrong = [
        (text, said[text], ours[text])
        for said in catalogues
        for text in said.keys() & ours.keys()
        if said[text] != ours[text] and text not in SAID_BETTER
    ]
    assert wrong == []


# --- What people see -----------------------------------------------------------------------------


TITLES = {"zh-hans": "校验未通过", "en": "Validation failed"}
OF_A_NEGATIVE_AMOUNT = {"zh-hans": "“-1”小于零。", "en": "“-1” is below zero."}


def refused(api: APIClient, language: str, method: str, path: str, body: Any = None) -> Any:
    """The problem in a language; without the header it is in English."""
    headers = {} if language == "en" else {"accept-language": language}
    response = getattr(api, method)(f"{API}{path}", body, format="json", headers=headers)
    assert response.status_code == 400
    assert response.headers["content-language"] == language
    return response.json()


@pytest.mark.django_db
@pytest.mark.parametrize("language", TITLES)
def test_a_negative_amount_is_refused_in_the_language_of_the_reader(
    api: APIClient, language: str
) -> None:
    problem = refused(api, language, "get", "/projects?investment_min=-1")
    assert problem["title"] == TITLES[language]
    assert problem["detail"].startswith(OF_A_NEGATIVE_AMOUNT[language])
    assert problem["errors"][0]["detail"] == problem["detail"]


class Words(HTMLParser):
    """Collects what a page shows: its text, and the words on buttons and in empty fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        values = dict(attrs)
        shown = ["title", "placeholder", "aria-label"]
        if values.get("type") == "submit":
            shown.append("value")
        self.found += [value for name in shown if (value := values.get(name))]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def left_in_english(page: Any) -> set[str]:
    """The texts of ours that a Chinese page shows in English.

    Also finds what was never marked for translation, as far as a label is made of small words:
    Django makes "signed year" of a field without a name.
    """
    assert page.status_code == 200
    words = Words()
    words.feed(page.content.decode())
    shown = {" ".join(text.split()).rstrip(":：").lower() for text in words.found}
    return {text for text in shown if text.removeprefix("按") in texts_of_ours()}


@cache
def texts_of_ours() -> set[str]:
    """The texts of the catalogue, and what Django makes of fields without a name; lower case."""
    ours = {text.lower() for entry in catalogue() for text in entry.text.split(PLURAL)}
    unnamed = {
        field.name.replace("_", " ")
        for model in our_models()
        for field in model._meta.get_fields()
        if "_" in field.name
    }
    return ours | unnamed


def our_models() -> list[Any]:
    return [
        model for app in ("parks", "projects") for model in apps.get_app_config(app).get_models()
    ]


def test_english_on_a_page_is_found(superuser: User, client: Client) -> None:
    client.force_login(superuser)
    left = left_in_english(client.get("/admin/projects/project/add/"))
    assert {"origin", "responsible unit", "origin and sector", "letter of intent"} <= left


@pytest.mark.django_db
def test_the_sign_in_to_the_admin_is_in_chinese(client: Client) -> None:
    page = client.get("/admin/login/", **IN_CHINESE)
    assert "园区项目台账" in page.content.decode()
    assert left_in_english(page) == set()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_no_page_of_the_admin_is_left_in_english(
    superuser: User, client: Client, page: str
) -> None:
    client.force_login(superuser)
    for factory in (MilestoneFactory, FundingFactory):
        factory.create(project__met={"signed": "2024"})
    FigureFactory.create(indicator__name_zh="用地", indicator__name_en="", indicator__code="plots")
    ours = [model for model in our_models() if admin.site.is_registered(model)]
    ours.remove(Delivery)  # which nobody adds
    assert len(ours) > 15
    asked = sample(ours, 2, turn=page == "add")  # of each either page; in a long run both
    left = {
        model.__name__: found
        for model in asked
        if (found := left_in_english(client.get(address(model, page), **IN_CHINESE)))
    }
    assert left == {}
