"""Metrics: each that the page names is there, and moves with what it counts."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from prometheus_client import REGISTRY

import config.metrics
from config.examinations import GAUGES
from config.metrics import wrap_application
from parks.backups.files import BACKUP_GAUGES
from parks.models import RecurringTask
from tests.answers import API, read_through, sign_in
from tests.factories import ParkFactory, UserFactory
from tests.paths import DOCS
from tests.projects.importing.imports import send, table

pytestmark = pytest.mark.django_db(transaction=True)  # to answer gives the connection back


class Socket:
    """Stands for the one on which gunicorn was asked."""

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 9464


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.METRICS_ADDRESS = "127.0.0.1:9464"
    settings.BACKUP_DIR = str(tmp_path / "backups")
    monkeypatch.setattr(config.metrics, "GAUGES", [*GAUGES, *BACKUP_GAUGES])
    settings.MIDDLEWARE = ["config.metrics.MetricsMiddleware", *settings.MIDDLEWARE]


def read_metrics() -> str:
    """What Prometheus is answered."""
    asked = {"gunicorn.socket": Socket(), "PATH_INFO": "/metrics"}
    application = wrap_application(lambda *_: pytest.fail("it is not for the site"))
    return b"".join(application(asked, lambda *_: None)).decode()


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"ledger_{name}", labels) or 0


def test_each_metric_of_the_page_is_there_and_moves() -> None:
    admin_api = sign_in(UserFactory.create(is_superuser=True))
    of_list = {"method": "GET", "route": "park-list"}
    of_file, sent = {"route": "park-csv"}, {"status": "400"}
    counted = [
        *(("requests_total", {**of_list, "status": "200"}), ("request_seconds_count", of_list)),
        *(("exports_total", of_file), ("exported_rows_total", of_file), ("imports_total", sent)),
    ]
    before = [count(name, **labels) for name, labels in counted]
    with transaction.atomic():
        ParkFactory.create_batch(3)
        connection.run_on_commit = []  # as if the process had ended before it settled
    RecurringTask.objects.create(name="verify_history", succeeded_at=datetime.now(UTC))
    told = read_metrics()
    assert re.search(r"^ledger_unsettled_changes [1-9]", told, re.MULTILINE)
    admin_api.get(f"{API}/parks")
    read_through(admin_api.get(f"{API}/parks.csv"))
    send(admin_api, table(["nothing"], ["known"]), dry_run="false")
    after = [count(name, **labels) for name, labels in counted]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1, 3, 1]
    page = (DOCS / "how-to" / "monitor.md").read_text(encoding="utf-8")
    named = {*re.findall(r"`(ledger_\w+)", page)}
    assert len(named) > 10
    there = {*re.findall(r"^(ledger_\w+?)(?:_bucket)?[{ ]", read_metrics(), re.MULTILINE)}
    not_here = {name for name in named if name.startswith("ledger_standby")}
    if connection.vendor == "sqlite":
        not_here |= {"ledger_synchronous_standby_away", "ledger_writes_waiting"}
    assert named - not_here <= there


def read_gauge(name: str) -> str:
    """The value of a metric as Prometheus reads it."""
    (value,) = re.findall(rf"^ledger_{name} (\S+)$", read_metrics(), re.MULTILINE)
    return str(value)


def test_the_age_of_the_newest_backup_and_the_last_failure_are_metrics(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    assert (read_gauge("backup_age_seconds"), read_gauge("backup_failed_timestamp_seconds")) == (
        *("inf", "0"),
    )
    folder.mkdir()
    for hours in (-1000, 5, 30):
        at = datetime.now(UTC) - timedelta(hours=hours)
        for ending in ("", ".json"):
            (folder / f"ledger-{at:%Y%m%dT%H%M%SZ}.dump{ending}").touch()
    assert 5 <= float(read_gauge("backup_age_seconds")) / 3600 < 5.1
    (folder / "failed").touch()
    os.utime(folder / "failed", (1000, 1000))
    assert float(read_gauge("backup_failed_timestamp_seconds")) == 1000
