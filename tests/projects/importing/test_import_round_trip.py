"""A file of ours that somebody worked on: what changed since, and what a spreadsheet changed."""

from typing import Any

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API
from tests.factories import ProjectFactory
from tests.projects.importing.imports import actions, checked, faults, line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "whole")]


@pytest.fixture
def whole(town: Any) -> Project:
    return ProjectFactory.create(
        code="whole",
        park=town,
        standing="suspended",
        standing_reason="停工",
        met={"signed": "2015-06"},
    )


def test_a_row_that_changed_since_is_a_conflict_until_overwriting_is_asked_for(
    admin_api: APIClient,
) -> None:
    file = admin_api.get(f"{API}/projects.csv").getvalue()
    data = file.decode("utf-8-sig").replace("停工", "资金不足").encode()
    Project.objects.filter(code="whole").update(note="又改了", version=F("version") + 1)
    answer = checked(admin_api, data)
    (conflict,) = [row for row in answer["rows"] if row["action"] == "conflict"]
    assert conflict["code"] == "whole"
    assert answer["state"] == "refused"
    assert "update" in actions(checked(admin_api, data, overwrite="true")).values()


def test_what_a_spreadsheet_made_of_a_month_is_an_error_and_no_change(admin_api: APIClient) -> None:
    data = b"code,signed_on,version\r\nwhole,2015-06-01,\r\n"
    answer = checked(admin_api, data)
    assert faults(answer) == {(2, "signed_on"): "changed_by_spreadsheet"}
    assert line(answer, 2)["errors"][0]["suggestion"] == "2015-06"
