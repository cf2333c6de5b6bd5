"""An import of N projects is one batch with one version of each, and history does not double it."""

from time import process_time
from typing import Any

import pytest
from django.db import transaction

from parks.models.records import Change, Revision
from parks.recording import recording
from projects.importing.batches import Upload, run_import
from projects.models import Milestone, Project
from tests.factories import ParkFactory
from tests.projects.importing.imports import table
from tests.samples import IS_LONG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ROWS = 10_000 if IS_LONG else 300
HEADER = [
    "项目名称",
    "园区",
    "投资方",
    "来源地",
    "总投资额（亿元）",
    "签约日期",
    "项目阶段",
    "备注",
]


def sheet() -> bytes:
    rows = [
        [
            *(f"第{n}号项目", "town", f"第{n % 997}公司", "浙江省", f"约{1 + n % 50}.5"),
            *(f"{2010 + n % 12}年{1 + n % 12}月", "在建" if n % 2 else "已签约", f"第{n}行"),
        ]
        for n in range(ROWS)
    ]
    return table(HEADER, *rows)


def seconds(data: bytes) -> float:
    """Of the processor, for an import that is taken back."""
    started = process_time()
    with transaction.atomic():
        run_import(Upload(data, "a.csv"), None, apply=True)
        used = process_time() - started
        transaction.set_rollback(True)
    return used


def test_an_import_has_one_batch_and_a_version_of_each_project() -> None:
    ParkFactory.create(code="town")
    data = sheet()
    batch = run_import(Upload(data, "a.csv"), None, apply=True)
    assert batch.counts["create"] == Project.objects.count() == ROWS
    revision = Revision.objects.get(batch=batch.code)
    for model in (Project, Milestone):
        versions = model.history.all()
        assert versions.count() == model.objects.count()
        assert set(versions.values_list("revision_id", "version")) == {(revision.pk, 1)}
    changes = Change.objects.filter(revision=revision, resource="projects.project")
    assert changes.count() == ROWS
    again = run_import(Upload(data, "a.csv"), None, apply=True)
    assert again.counts["same"] == ROWS
    assert not Revision.objects.filter(batch=again.code).exists()


def test_keeping_history_does_not_double_what_an_import_costs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ParkFactory.create(code="town")
    data = sheet()
    with_history = seconds(data)
    assert not Project.objects.exists()
    written: list[Any] = []
    monkeypatch.setattr(recording.Unit, "record", lambda unit: written.append(unit.derive()))
    without = seconds(data)
    assert written  # the same path, but for its versions and changes
    if IS_LONG:  # of fewer rows the time says nothing
        assert with_history <= 2 * without
