"""Tags in the sheet of projects: one cell for all, by code or name, with the year of its list."""

import pytest
from rest_framework.test import APIClient

from projects.models import ProjectTag
from tests.answers import API, codes, found
from tests.factories import ParkFactory, TagFactory
from tests.projects.importing.imports import actions, applied, checked, faults, line, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


@kept_rows(autouse=True)
def tags(vocabularies: None) -> None:
    ParkFactory.create(code="town")
    TagFactory.create(code="city-key", name_zh="市重点项目", bearer="project", is_yearly=True)
    TagFactory.create(code="batch", name_zh="集中开工", bearer="project")
    TagFactory.create(code="china-500", name_zh="中国企业500强", is_yearly=True)


def sheet(cell: str) -> bytes:
    return table(["项目名称", "标签"], ["芯片厂", cell])


def stored() -> list[tuple[str, int | None]]:
    return list(ProjectTag.objects.order_by("tag_id", "year").values_list("tag_id", "year"))


@together(
    "cell", ["市重点项目2024；集中开工", "集中开工、2024年市重点项目", "batch; City-Key（2024）"]
)
def test_tags_come_in_by_code_or_name(admin_api: APIClient, cell: str) -> None:
    applied(admin_api, sheet(cell), park="town")
    assert stored() == [("batch", None), ("city-key", 2024)]
    assert actions(checked(admin_api, sheet(cell), park="town"))[2] == "same"
    assert len(codes(admin_api, "projects", tag="city-key")) == 1


def test_tags_are_added_and_never_taken_away(admin_api: APIClient) -> None:
    applied(admin_api, sheet("市重点项目2024"), park="town")
    more = sheet("市重点项目2025；集中开工")
    told = line(checked(admin_api, more, park="town"), 2)
    assert told["changes"] == {"tags": ["city-key 2024", "city-key 2024；city-key 2025；batch"]}
    applied(admin_api, more, park="town")
    applied(admin_api, sheet(""), park="town", blank="clear")
    assert stored() == [("batch", None), ("city-key", 2024), ("city-key", 2025)]
    (row,) = found(admin_api.get(f"{API}/projects?expand=tags"))["results"]
    assert [each["tag"] for each in row["tags"]] == ["batch", "city-key", "city-key"]


def test_what_is_no_tag_of_projects_is_refused(admin_api: APIClient) -> None:
    for cell, code in (
        ("市重点项目", "without_year"),
        ("中国企业500强2024", "other_bearer"),
        ("市重点工程2024", "unknown_value"),
    ):
        assert faults(checked(admin_api, sheet(cell), park="town")) == {(2, "tags"): code}
