"""What no text may be is refused at every entry point, and so is what no cell can hold."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from config.texts import MAX_LENGTH
from parks.models import ApiToken, ImportMapping, Park, Source
from projects.models import Project
from tests.admin_pages import address, mistakes
from tests.answers import API, error, found, made
from tests.factories import InvestorFactory, ParkFactory, ProjectFactory, SourceFactory
from tests.projects.importing.imports import checked, faults, send, table, workbook
from tests.together import together

pytestmark = pytest.mark.django_db

REFUSED = [
    "\x07",
    "\x7f",
    "\x85",
    "\ufffe",
    "\uffff",
    "\ufdd0",
    "\ufdef",
    "\U0001fffe",
    "\U0010ffff",
]
LIKE_THEM = "\ufdcf\ufdf0\ufffd\U0001fffd𠀀"
RARE = "𠀀"  # two units of UTF-16


def said_of(page: Any) -> str:
    """All messages of a form that was sent back."""
    return " ".join(message for messages in mistakes(page).values() for message in messages)


def test_the_characters_beside_them_are_taken(admin_api: APIClient) -> None:
    row = made(admin_api.post(f"{API}/sources", {"title": LIKE_THEM}, format="json"))
    assert row["title"] == LIKE_THEM


@together("sign", REFUSED)
def test_a_parameter_with_what_is_no_character_is_refused(api: APIClient, sign: str) -> None:
    answer = error(api.get(f"{API}/sources", {"q": f"a{sign}"}))
    assert (answer["parameter"], answer["code"]) == ("q", "control_character")


@together("sign", REFUSED)
def test_a_form_with_what_is_no_character_is_refused(desk: Client, sign: str) -> None:
    page = desk.post(address(Source, "add"), {"title": f"a{sign}b", "kind": "article"})
    assert f"U+{ord(sign):04X}" in said_of(page)
    assert not Source.objects.exists()


def test_accounts_and_mappings_take_no_such_character(desk: Client, superuser: User) -> None:
    account = desk.post(
        address(User, "change", superuser.pk), {"username": "x", "first_name": "a\ufffe"}
    )
    assert "U+FFFE" in said_of(account)
    content = r'{"values": {"状态": {"\uffff": "met"}}}'
    page = desk.post(address(ImportMapping, "add"), {"name": "a", "content": content})
    assert "U+FFFF" in said_of(page)


def test_a_command_takes_no_such_character(superuser: User) -> None:
    with pytest.raises(CommandError, match=r"U\+FFFE"):
        call_command("create_token", superuser.username, "--name", "a\ufffe")
    assert not ApiToken.objects.exists()


@pytest.mark.usefixtures("vocabularies")
@together("sign", ["\ufffe", "\ufdd0", "\U0001ffff"])
def test_a_cell_with_what_is_no_character_is_refused(admin_api: APIClient, sign: str) -> None:
    ParkFactory.create(code="town")
    rows = (["code", "park", "name_zh", "note"], ["a", "town", f"甲{sign}", f"乙{sign}"])
    files = [(workbook(*rows), "a.xlsx")]
    if sign == "\ufffe":  # the mark of another order of bytes: such a file is no text at all
        assert error(send(admin_api, table(*rows)))["code"] == "not_text"
    else:
        files.append((table(*rows), "a.csv"))
    for data, name in files:
        report = checked(admin_api, data, name)
        assert faults(report) == dict.fromkeys([(2, "name_zh"), (2, "note")], "control_character")
    parks = workbook(["code", "name_zh", "region", "note"], ["p", "园", "120115", f"乙{sign}"])
    report = checked(admin_api, parks, "parks.xlsx", resource="parks")
    assert faults(report) == {(2, "note"): "control_character"}
    mapping = json.dumps({"values": {"状态": {sign: "met"}}}, ensure_ascii=False)
    answer = error(send(admin_api, workbook(*rows), "a.xlsx", mapping=mapping))
    assert answer["code"] == "control_character"


# --- One limit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["a" * (MAX_LENGTH + 1), RARE * (MAX_LENGTH // 2 + 1)])
def test_a_longer_text_is_refused_wherever_it_comes_in(
    admin_api: APIClient, desk: Client, note: str
) -> None:
    answer = error(admin_api.post(f"{API}/sources", {"title": "a", "note": note}, format="json"))
    assert (answer["pointer"], answer["code"]) == ("#/note", "max_length")
    assert "32,767" in answer["detail"] or "32767" in answer["detail"]
    page = desk.post(address(Source, "add"), {"title": "a", "kind": "article", "note": note})
    assert "32768" in said_of(page)
    assert not Source.objects.exists()


@pytest.mark.usefixtures("vocabularies")
def test_a_longer_cell_is_refused_where_it_stands(admin_api: APIClient) -> None:
    ParkFactory.create(code="town")
    note = RARE * (MAX_LENGTH // 2 + 1)
    data = table(["code", "park", "name_zh", "note"], ["a", "town", "甲", note])
    assert faults(checked(admin_api, data)) == {(2, "note"): "too_long"}
    parks = table(["code", "name_zh", "region", "note"], ["p", "园", "120115", note])
    report = checked(admin_api, parks, "parks.csv", resource="parks")
    assert faults(report) == {(2, "note"): "max_length"}
    assert Park.objects.count() == 1


def test_an_older_longer_text_is_not_changed_by_another_edit(admin_api: APIClient) -> None:
    """A row from before there was a limit says what is wrong with it when it is edited."""
    SourceFactory.create(code="s", note="a" * (MAX_LENGTH + 1))
    answer: Any = admin_api.patch(f"{API}/sources/s", {"title": "b"}, format="json")
    assert error(answer)["pointer"] == "#/note"
    row = found(admin_api.patch(f"{API}/sources/s", {"note": "short"}, format="json"))
    assert row["note"] == "short"


MARKUP = '"><script>alert(1)</script>'


@pytest.fixture
def everywhere(db: None) -> Project:
    """A project in whose every text there is a script; its park, source and investor have one."""
    named = {"name_zh": MARKUP, "name_en": f"{MARKUP}2"}
    source = SourceFactory.create(code="page", title=MARKUP, note=MARKUP, publisher=MARKUP)
    park = ParkFactory.create(code="town", **named, note=MARKUP)
    texts = {"origin_text": MARKUP, "sector_text": MARKUP, "note": MARKUP, "open_issues": MARKUP}
    project = ProjectFactory.create(
        code="fab", park=park, source=source, met=["signed"], investment=1, **named, **texts
    )
    of_firm = {f"organisation__{name}": text for name, text in named.items()}
    InvestorFactory.create(project=project, organisation__code="firm", **of_firm)
    return project


PAGES = (
    *("/projects", "/projects/fab", "/parks/town", "/parks", "/organisations", "/sources"),
    *("/organisations/firm", "/sources/page", "/compare", f"/projects?q={MARKUP}", "/attention"),
    *(f"/projects?orgin={MARKUP}", f"/{MARKUP}", f"/admin/projects/project/?q={MARKUP}"),
    *("/admin/projects/project/", "/admin/projects/project/{pk}/change/"),
    *("/admin/projects/project/{pk}/history/", "/admin/parks/park/", "/admin/parks/source/"),
)


@pytest.mark.slow
def test_what_somebody_typed_runs_on_no_page(desk: Client, everywhere: Project) -> None:
    shown = set()
    for page in PAGES:
        answer = desk.get(page.format(pk=everywhere.pk), headers={"Accept": "text/html"})
        text = answer.content.decode()
        assert answer.headers["Content-Type"].startswith("text/html"), page
        assert "<script>alert" not in text, page
        if "&lt;script&gt;alert" in text:
            shown.add(page)
    assert {*PAGES} - shown <= {"/attention", "/compare", f"/{MARKUP}"}
