"""The basis that was filled in by itself is emptied once, in a recorded revision."""

from importlib import import_module

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from parks.models.records import Revision
from projects.models import Project
from tests.answers import API, found
from tests.factories import ProjectFactory, SourceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

MIGRATION = import_module("projects.migrations.0003_basis_may_be_unknown")


def test_only_what_nobody_said_is_emptied(admin_api: APIClient) -> None:
    stated = {"origin_id": "330300", "origin_basis": "stated"}
    ProjectFactory.create(code="filled-in", **stated)
    ProjectFactory.create(code="both", sector_id="C27", sector_basis="stated", **stated)
    ProjectFactory.create(code="with-text", origin_text="温州", **stated)
    ProjectFactory.create(code="with-source", source=SourceFactory.create(), **stated)
    ProjectFactory.create(code="other", origin_id="330300", origin_basis="registered")
    before = Revision.objects.count()
    MIGRATION.empty_bases(apps, None)
    assert Revision.objects.count() == before + 2  # one for origins, one for sectors
    bases = dict(Project.objects.values_list("code", "origin_basis"))
    assert bases == {
        "filled-in": "",
        "both": "",
        "with-text": "stated",
        "with-source": "stated",
        "other": "registered",
    }
    assert Project.objects.get(code="both").sector_basis == ""
    (newest, first) = found(admin_api.get(f"{API}/projects/filled-in/history"))["results"]
    assert (newest["version"], newest["reason"]) == (2, MIGRATION.REASON)
    assert [(each["field"], each["old"], each["new"]) for each in newest["changes"]] == [
        ("origin_basis", "stated", None)
    ]
    assert first["version"] == 1
    MIGRATION.empty_bases(apps, None)
    assert Revision.objects.count() == before + 2


def test_projects_of_unknown_basis_are_counted_as_such(admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab", origin_id="330300", sector_id="C27")
    row = found(admin_api.get(f"{API}/projects/fab"))
    assert (row["origin_basis"], row["sector_basis"]) == (None, None)
    found(admin_api.get(f"{API}/projects/summary", {"group_by": "origin_province"}))
    assert b"fab" in admin_api.get(f"{API}/projects.csv").getvalue()
