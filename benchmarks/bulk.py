"""Processor time of `POST /projects/bulk` a row: new rows, the same again, and rows that change.

    DATABASE_URL=sqlite://:memory: python -m benchmarks.bulk [ROWS]

It writes rows of 25 fields with an amount, an investor and two milestones into an SQLite database
of its own, by the API as a client would, and prints milliseconds of processor a row.
"""

import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from tests import factories  # noqa: E402

ROUNDS = 3


def build_row(number: int, **more: Any) -> dict[str, Any]:
    """Build a row of 25 fields, of which two are lists."""
    return {
        "code": f"bulk-{number}",
        "name_zh": f"第{number}号晶圆制造项目",
        "name_en": f"Wafer fab {number}",
        "park": "town",
        "kind": "new",
        "function": "manufacturing",
        "site_mode": "land",
        "land_mu": 42.5,
        "origin": "110108",
        "origin_basis": "stated",
        "origin_text": "北京市海淀区",
        "sector": "C3973",
        "sector_basis": "stated",
        "sector_text": "集成电路",
        "investment_cny": "1.5亿元",
        "investment_basis": "agreed",
        "standing": "active",
        "is_umbrella": False,
        "reported_on": "2024-03",
        "source": "report",
        "note": "由区招商局报送。",
        "open_issues": "用地指标待落实。",
        "responsible_unit": "区招商局",
        "milestones": [
            {"type": "signed", "actual_on": "2023-11", "agreement_type": "contract"},
            {"type": "started", "status": "scheduled", "planned_on": "2026"},
        ],
        "investors": [{"organisation": f"org-{number % 300}", "share_bp": 6000}],
        **more,
    }


def prepare() -> Any:
    """Make the database and what the rows refer to; give a client that may write."""
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    factories.ParkFactory.create(code="town", default_publication="published")
    factories.RegionFactory.create(code="110108")
    factories.SectorFactory.create(code="C3973")
    factories.SourceFactory.create(code="report")
    factories.IndicatorFactory.create(code="investment", kind="money")
    for number in range(300):
        factories.OrganisationFactory.create(code=f"org-{number}")
    client = APIClient()
    client.force_login(get_user_model().objects.create_superuser("bench"))
    return client


def measure(client: Any, rows: list[dict[str, Any]], query: str) -> tuple[float, dict[str, int]]:
    """Send rows; give the processor time in ms a row, and what became of them."""
    body = json.dumps({"projects": rows})
    begin = time.process_time()
    answer = client.post(
        f"/api/v1/projects/bulk?confirm=amounts,duplicates{query}",
        body,
        content_type="application/json",
    )
    spent = time.process_time() - begin
    if answer.status_code != 200:
        raise SystemExit(answer.content.decode()[:2000])
    said = answer.json()
    return spent / len(rows) * 1000, {k: said[k] for k in said if k != "projects"}


def main(count: int) -> None:
    client = prepare()
    measure(client, [build_row(10**6 + number) for number in range(20)], "")  # compiles
    for turn in range(ROUNDS):
        numbers = range(turn * count, (turn + 1) * count)
        rows = [build_row(number) for number in numbers]
        update = "&on_existing=update"
        for name, sent, query in (
            ("new", rows, ""),
            ("same again", rows, update),
            ("one field changes", [build_row(n, note="改期") for n in numbers], update),
        ):
            spent, became = measure(client, sent, query)
            print(f"{name:18} {spent:6.2f} ms a row  {became}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
