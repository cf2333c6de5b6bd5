"""The pages on writing and on a ledger of your own: each request is answered as they say."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from tests.answers import made
from tests.paths import DOCS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

REQUEST = re.compile(
    r"```http\n(?P<method>[A-Z]+) (?P<address>\S+)\n(?P<headers>(?:[\w-]+: [^\n]*\n)*)"
    r"(?P<body>\{.*?\n)?→ (?P<status>\d+) (?P<answer>\{.*?)\n```",
    re.DOTALL,
)


SHEET = re.compile(r"```csv\n(?P<sheet>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["write.md", "your-own-ledger.md"])
def test_every_request_is_answered_as_the_page_says(superuser: Any, page: str) -> None:
    client = APIClient()
    client.force_authenticate(superuser)
    text = (DOCS / "how-to" / page).read_text(encoding="utf-8")
    requests = [*REQUEST.finditer(text)]
    assert len(requests) == text.count("```http") > 4
    sheets = [*SHEET.finditer(text)]
    for asked in sorted([*requests, *sheets], key=lambda found: found.start()):
        if asked in sheets:
            file = SimpleUploadedFile("sheet.csv", asked["sheet"].encode())
            made(
                client.post(
                    "/api/v1/imports",
                    {"file": file, "park": "sip", "dry_run": "false"},
                    "multipart",
                )
            )
            continue
        headers = dict(line.split(": ", 1) for line in asked["headers"].splitlines())
        response: Any = client.generic(
            asked["method"],
            asked["address"],
            asked["body"] or "",
            content_type="application/json",
            headers=headers,
        )
        told = (asked["address"], response.content.decode())
        assert response.status_code == int(asked["status"]), told
        assert shows(response.json(), json.loads(asked["answer"])), told


def shows(answer: Any, said: Any) -> bool:
    """Tell whether an answer has all that the page prints of it."""
    if isinstance(said, dict):
        return all(name in answer and shows(answer[name], said[name]) for name in said)
    if isinstance(said, list):
        return len(answer) == len(said) and all(map(shows, answer, said))
    return bool(answer == said)
