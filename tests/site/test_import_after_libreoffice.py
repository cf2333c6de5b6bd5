"""A file of ours that LibreOffice opened and saved: it comes back the same, or is refused."""

from pathlib import Path

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API
from tests.factories import InvestorFactory, OrganisationFactory, ParkFactory, ProjectFactory
from tests.libreoffice import convert
from tests.projects.importing.imports import actions, checked
from tests.seeded import kept_rows
from tests.site.test_files_in_libreoffice import OPENED_AS_PEOPLE_DO

pytestmark = pytest.mark.django_db

TEXTS = ["007", "2015-06", "91120116700000001X", "911201167000000018", "1E5", "=1+1", "甲", "1/2"]

SAVED_AS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76,1", "xlsx": "xlsx"}


@kept_rows
def ledger(vocabularies: None) -> None:
    park = ParkFactory.create(code="007")
    for number, text in enumerate(TEXTS):
        project = ProjectFactory.create(
            code=f"00{number}",
            park=park,
            name_zh=text,
            note=text,
            responsible_unit=text,
            land_mu="81.02",
            investment=12_345_678_901,
            met={"signed": "2015-06", "started": "2015-06-30", "operating": "2016"},
        )
        InvestorFactory.create(
            project=project, organisation=OrganisationFactory.create(name_zh=text)
        )


@pytest.mark.long("starts LibreOffice; others read the same cells")
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_is_changed_silently(admin_api: APIClient, tmp_path: Path, kind: str) -> None:
    data = admin_api.get(f"{API}/projects.{kind}", {"columns": "all"}).getvalue()
    path = tmp_path / f"projects.{kind}"
    path.write_bytes(data)
    saved = convert(path, SAVED_AS[kind], tmp_path, OPENED_AS_PEOPLE_DO if kind == "csv" else "")
    answer = checked(admin_api, saved.read_bytes(), f"saved.{kind}")
    fates = {*actions(answer).values()} - {"skip"}
    assert fates <= {"same", "error"}, [
        row for row in answer["rows"] if row["action"] not in ("skip", "same", "error")
    ]
    if kind == "xlsx":
        assert answer["counts"]["same"] == Project.objects.count()
