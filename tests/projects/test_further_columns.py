"""Further columns over REST, on pages and in the admin: texts by header, for the park's roles."""

from typing import Any

import pytest
from django.utils import timezone

from projects.models import Project
from tests.answers import API, CarefulClient, found, mistakes
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db
FAB = f"{API}/projects/fab"
KEPT = {"首谈单位": "市商务局", "线索来源": "a：b"}


@kept_rows(autouse=True)
def fab() -> Project:
    return ProjectFactory.create(code="fab", park=ParkFactory.create(code="town"))


def write(api: CarefulClient, columns: Any) -> Any:
    return api.patch(FAB, {"further_columns": columns})


def test_they_are_read_in_order_and_in_the_history(admin_api: CarefulClient) -> None:
    found(write(admin_api, KEPT))
    moment = timezone.now().isoformat()
    row = found(write(admin_api, {"线索来源": "a：b", "首谈单位": " 二处 "}))
    assert [*row["further_columns"].items()] == [("线索来源", "a：b"), ("首谈单位", "二处")]
    assert found(admin_api.get(FAB, {"as_of": moment}))["further_columns"] == KEPT
    (change,) = found(admin_api.get(f"{FAB}/history"))["results"][0]["changes"]
    assert (change["field"], change["old_text"]) == (
        "further_columns",
        "首谈单位：市商务局\n线索来源：a：b",
    )
    assert found(write(admin_api, {}))["further_columns"] == {}
    found(admin_api.post(f"{FAB}/history/2/restore", headers={"If-Match": "*"}))
    assert found(admin_api.get(FAB))["further_columns"] == KEPT


@together(
    ("columns", "code"),
    [
        ({str(number): "x" for number in range(39)}, ""),
        ({str(number): "x" for number in range(40)}, ""),
        ({str(number): "x" for number in range(41)}, "too_many_columns"),
        ({"长" * 99: "x"}, ""),
        ({"长" * 100: "x"}, ""),
        ({"长" * 101: "x"}, "max_length"),
        ({"a": "长" * 2_000}, ""),
        ({"a": "长" * 2_001}, "max_length"),
        ({str(number): "长" * 1_000 for number in range(33)}, "max_length"),
        ({"a：b": "x"}, "without_header"),
        ({" ": "x"}, "without_header"),
        ({"a": "x", "a ": "y"}, "without_header"),
        ({"a": "x\ny"}, "control_character"),
        ({"a\tb": "x"}, "control_character"),
        ({"a": " "}, "blank"),
        ({"a": None}, "null"),
        ({"a": {"b": "c"}}, "invalid"),
        (["a"], "not_a_dict"),
        ("a：b", "not_a_dict"),
        (None, "null"),
    ],
)
def test_what_they_may_be(admin_api: CarefulClient, columns: Any, code: str) -> None:
    answer = write(admin_api, columns)
    if not code:
        assert found(answer)["further_columns"] == columns
        return
    ((pointer, said),) = mistakes(answer).items()
    assert (pointer.startswith("#/further_columns"), said) == (True, code)
