"""What is long, wide or deep is refused soon: for what an answer costs, its body has no say."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, problem
from tests.costs import costs_less
from tests.factories import ParkFactory
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

SECONDS = 1  # of the processor
SIZE = 2 * 2**20 - 100


def filled(head: str, piece: str, tail: str, between: str = ",") -> str:
    """As many pieces as a body may have."""
    count = (SIZE - len(head) - len(tail)) // (len(piece) + len(between))
    return head + between.join([piece] * count) + tail


def keys(count: int) -> str:
    return json.dumps({f"{number:x}": 1 for number in range(count)}, separators=(",", ":"))


LONG = "a" * SIZE
BODIES: dict[str, tuple[str, str, str]] = {
    "lists in lists": ("sources", "[" * (SIZE // 2) + "]" * (SIZE // 2), "parse_error"),
    "objects in objects": (
        "sources",
        '{"a":' * (SIZE // 6) + "1" + "}" * (SIZE // 6),
        "parse_error",
    ),
    "many names": ("sources", keys(190_000), "parse_error"),
    "a name twice": ("sources", '{"a":1,' + keys(500)[1:-1] + ',"a":1}', "parse_error"),
    "a long name": ("sources", f'{{"{LONG}":1}}', "parse_error"),
    "a long number": ("sources", f'{{"title":{"1" * SIZE}}}', "parse_error"),
    "a long exponent": ("sources", f'{{"title":1e{"1" * SIZE}}}', "parse_error"),
    "a long list": ("sources", filled('{"title":[', "1", "]}"), "too_many_elements"),
    "a list as body": ("sources", filled("[", "{}", "]"), "invalid"),
    "a long title": ("sources", f'{{"title":"{LONG}"}}', "max_length"),
    "a long word": ("projects", f'{{"kind":"{LONG}"}}', "max_length"),
    "a long code": ("projects", f'{{"park":"{LONG}"}}', "max_length"),
    "a long Chinese code": ("projects", json.dumps({"park": "甲" * 32_000}), "unknown_value"),
    "a long place": ("projects", f'{{"origin":"{"a" * 32_000}"}}', "unknown_value"),
    "control characters": (
        "sources",
        filled('{"title":"', "\\u0000", '"}', ""),
        "control_character",
    ),
    "many investors": ("projects", filled('{"investors":[', "{}", "]}"), "too_many_elements"),
    "investors of names": (
        "projects",
        f'{{"investors":[{",".join([keys(300)] * 800)}]}}',
        "unknown_field",
    ),
    "lists of numbers": (
        "parks",
        f'{{"leading_sectors":[{",".join([json.dumps([1] * 990, separators=(",", ":"))] * 990)}]}}',
        "unknown_value",
    ),
    "many rows": ("projects/bulk", filled('{"projects":[', "{}", "]}"), "too_many_rows"),
    "empty rows": ("projects/bulk", f'{{"projects":[{",".join(["{}"] * 1000)}]}}', "required"),
    "rows of names": (
        "projects/bulk",
        f'{{"projects":[{",".join([keys(240)] * 1000)}]}}',
        "unknown_field",
    ),
    "rows of long codes": (
        "projects/bulk",
        f'{{"projects":[{",".join([json.dumps({"park": "a" * 2000})] * 1000)}]}}',
        "unknown_value",
    ),
}


def post(client: APIClient, resource: str, body: Any) -> Any:
    return client.post(f"{API}/{resource}", body, content_type="application/json")


@pytest.mark.slow
@together("name", sample([*BODIES], 4))
def test_two_megabytes_of_nonsense_are_answered_in_a_second(
    admin_api: APIClient, name: str
) -> None:
    resource, body, code = BODIES[name]
    assert len(body) <= 2 * 2**20
    post(admin_api, resource, "{}")  # what is done once is not measured
    assert costs_less(SECONDS, lambda: post(admin_api, resource, body))
    response = post(admin_api, resource, body)
    answer = problem(response)
    assert code in {each["code"] for each in answer["errors"]}
    assert len(answer["errors"]) <= 100
    assert len(response.content) < 100_000


# --- How much is listed ---------------------------------------------------------------------------


def test_a_hundred_errors_are_listed_and_the_others_counted(admin_api: APIClient) -> None:
    ParkFactory.create(code="town")
    investors = [{"organisation": f"nobody-{number}"} for number in range(150)]
    body = {"park": "town", "name_en": "A", "investors": investors}
    answer = problem(post(admin_api, "projects", json.dumps(body)))
    assert len(answer["errors"]) == 100
    assert answer["errors_left_out"] == 50
    assert "150" in answer["detail"]


def test_unknown_fields_beyond_a_hundred_are_counted(admin_api: APIClient) -> None:
    body = {"title": "A", **{f"f{number}": 1 for number in range(99)}}
    answer = problem(post(admin_api, "sources", json.dumps(body)))
    assert len(answer["errors"]) == 99
    assert "errors_left_out" not in answer
    body |= {f"g{number}": 1 for number in range(21)}
    answer = problem(post(admin_api, "sources", json.dumps(body)))
    assert answer["errors_left_out"] == 1
    rest = [each for each in answer["errors"] if each["pointer"] == "#"]
    assert not rest or "20" in rest[0]["detail"]
