"""Messages of a page call its fields what its form calls them."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pages.lists.record_lists import RecordListView
from pages.urls import urlpatterns
from tests.answers import sign_in

pytestmark = pytest.mark.django_db
FORMS = {
    str(each.pattern): view
    for each in urlpatterns
    if issubclass(view := getattr(each.callback, "view_class", object), RecordListView)
}


def list_wrong_questions(view: Any) -> list[dict[str, str]]:
    """A value that no field takes in all of them, and bounds that contradict each other."""
    names = {field.name for field in view.fields}
    wrong: list[dict[str, str]] = [dict.fromkeys(names - {"q"}, "~")]
    for low, high, bounds in (("from", "to", ("2026-06", "2026-01")), ("min", "max", ("3", "2"))):
        for name in names:
            subject = name.removesuffix(low)
            if name.endswith(low) and subject + high in names:
                wrong.append(dict(zip((name, subject + high), bounds, strict=True)))
    return wrong


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_message_of_a_form_names_a_parameter(superuser: User, language: str) -> None:
    client, below = sign_in(superuser, Client), 0
    for path, view in FORMS.items():
        labels = {field.name for field in view.fields} - {str(f.label) for f in view.fields}
        for asked in list_wrong_questions(view):
            headers = {"accept": "text/html", "accept-language": language}
            answer = client.get(f"/{path}", asked, headers=headers)
            if answer.status_code == 200:  # words of names, which are found in nothing
                continue
            assert answer.status_code == 400, (path, asked)
            page = unescape(answer.content.decode())
            assert 'class="wrong"' in page, (path, asked)
            assert not {*re.findall("“([a-z_]+)”", page)} & labels, (path, asked)
            below += "~" not in asked.values()
    assert below >= 7


def test_a_condition_without_a_field_has_its_label_and_an_unknown_one_its_name() -> None:
    headers = {"accept": "text/html", "accept-language": "zh-hans"}
    for asked, told in (
        ("/projects?investment_min=3&investment_max=2", "“投资额不高于”小于“投资额不低于”"),
        ("/funnel?from=2026-06&to=2026-01", "“截止日期”小于“起始日期”"),
        ("/projects?prk=x", "“prk”"),
    ):
        assert told in Client().get(asked, headers=headers).content.decode(), asked
