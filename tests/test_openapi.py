"""docs/openapi.yaml is what the API says of itself, and `make openapi` writes it."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

SNAPSHOT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def written_now() -> str:
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return out.getvalue()


def test_the_snapshot_is_up_to_date() -> None:
    assert SNAPSHOT.read_text(encoding="utf-8").strip() == written_now().strip(), (
        "The API has changed: run `make openapi`, and read what the change does to clients."
    )


@pytest.mark.django_db
def test_the_served_schema_is_the_snapshot(api: APIClient) -> None:
    served = yaml.safe_load(api.get("/api/v1/schema").content)
    assert served == yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8"))
    assert served["openapi"].startswith("3.1")


@pytest.mark.django_db
def test_the_page_for_people_asks_nobody_else(api: APIClient) -> None:
    page = api.get("/api/v1/docs", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "swagger-ui" in page.content.decode()
    assert "//cdn" not in page.content.decode()
