"""Messages repeat at most the beginning of what was sent, whichever door it came through."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.test import Client
from rest_framework.test import APIClient

from config.texts import LONGEST_MESSAGE, LONGEST_QUOTE
from projects.importing.cells.columns import COLUMNS
from tests.admin_pages import address, shown, undrawn
from tests.answers import problem
from tests.contract.declared import operations
from tests.projects.importing.imports import checked, send, table
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

LENGTH = 6_000
# No message has this text for another reason; a quoted one shows 80 characters of it
TEXTS = {"letters": "Zx", "Chinese": "龘龖", "quotation marks": "”“", "straight ones": 'Z"'}
AT_ONCE = 5  # parameters of a request, which has at most 8,190 bytes
IN_AN_ADDRESS = 160
# What messages are called
MESSAGES = {"detail", "message", "title", "reason"}


def build(text: str, length: int = LENGTH) -> str:
    return text * (length // len(text))


def list_messages(answer: Any, name: str = "") -> Iterator[str]:
    """List the messages in an answer, however nested."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from list_messages(value, key)
    elif isinstance(answer, list):
        for value in answer:
            yield from list_messages(value, name)
    elif isinstance(answer, str) and name in MESSAGES:
        yield answer


def list_long(messages: Sequence[str], text: str) -> list[str]:
    """List the beginnings of messages that repeat too much of a text."""
    most = build(text, LONGEST_QUOTE + 20)
    is_quoted = text[0] in "”“" or text[-1] == '"'
    return [
        message[:200]
        for message in messages
        if len(message) > LONGEST_MESSAGE + 1 or (most in message and not is_quoted)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_messages_about_parameters(
    admin_api: APIClient, addresses: dict[str, str], text: str
) -> None:
    walked = 0
    turn = [*TEXTS.values()].index(text)
    for operation in sample(operations("get"), 40, turn):
        names = operation.parameters
        for start in range(0, len(names), AT_ONCE):
            query = dict.fromkeys(names[start : start + AT_ONCE], build(text, IN_AN_ADDRESS))
            answer = admin_api.get(f"{addresses[operation.route]}?{urlencode(query)}")
            if answer.status_code == 400:
                walked += 1
                assert not list_long([*list_messages(problem(answer))], text), operation
    assert walked


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_messages_about_bodies(admin_api: APIClient, addresses: dict[str, str], text: str) -> None:
    turn = [*TEXTS.values()].index(text)
    for operation in sample(operations("post", "put", "patch"), 6, turn):
        if not operation.fields:
            continue
        headers = {"If-Match": "*"} if operation.method != "post" else {}
        long = build(text, LENGTH // len(text[0].encode()))  # a body has at most 2 MiB
        body = {**dict.fromkeys(operation.fields, long), long: 1}
        answer = admin_api.generic(
            operation.method.upper(),
            addresses[operation.route],
            json.dumps(body, ensure_ascii=False),
            "application/json",
            headers=headers,
        )
        assert not list_long([*list_messages(problem(answer))], text), operation


@pytest.mark.slow
@pytest.mark.usefixtures("vocabularies")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_messages_about_cells(admin_api: APIClient, text: str) -> None:
    names = [name for name in COLUMNS if name != "code"]
    cells = [build(text) for _name in names]
    answer = checked(admin_api, table(names, cells))
    messages = [*list_messages(answer)]
    assert len(messages) > 10
    assert not list_long(messages, text)
    errors = [error for row in answer["rows"] for error in row.get("errors", ())]
    assert all(len(error["value"]) <= LONGEST_QUOTE + 1 for error in errors)


@pytest.mark.usefixtures("vocabularies")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_messages_about_headers_and_options(admin_api: APIClient, text: str) -> None:
    long = build(text)
    answers = [
        checked(admin_api, table(["name_zh", long], ["甲", long])),
        *(
            send(admin_api, table(["name_zh"], ["甲"]), **{option: long}).json()
            for option in ("mapping", "month", "unit", "column", "sheet", "encoding", "choices")
        ),
    ]
    for answer in answers:
        assert not list_long([*list_messages(answer)], text)


OURS = [model for model in admin.site._registry if model._meta.app_label != "auth"]


@pytest.mark.slow
@together("model", sample(OURS, 3))
def test_messages_of_forms(desk: Client, model: Any) -> None:
    url = address(model, "add")
    with undrawn():
        form = desk.get(url)
        if form.status_code != 200 or "adminform" not in form.context_data:
            return
        text = TEXTS["letters"]
        named = [field.html_name for field in form.context_data["adminform"].form]
        answer = desk.post(url, {**shown(desk, url), **dict.fromkeys(named, build(text))})
    messages = [str(each) for each in answer.context_data["errors"]]
    assert messages
    assert not list_long(messages, text)
