"""Directus over the same tables: a platform that people would pick instead.

From npm, if that is there. Version 10.13 is the last line that runs on Node 20.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from benchmarks.clients import Client
from benchmarks.questions import DIMENSIONS
from benchmarks.servers import find_free_port, running, wait_for

PACKAGE = "directus@10.13.4"
INSTALL_SECONDS = 3600
FIELDS = (
    "code,name_zh,name_en,national_code,kind,function,site_mode,land_mu,origin_id,origin_basis,"
    "origin_text,sector_id,sector_basis,sector_text,stage,stage_on,intended_on,signed_on,started_on,"
    "completed_on,operating_on,agreement_type,hitech,investment_cny,investment_qualifier,"
    "investment_basis,paid_in_cny,totals_exclusion,news_on,next_planned_on,standing,standing_on,"
    "standing_reason,is_umbrella,reported_on,publication,note,version,created_at,updated_at"
)
PROJECTS = f"/items/projects_project?limit=100&fields={FIELDS}"
PUBLISHED = {"publication": {"_eq": "published"}}
AMOUNTS = {"investment_cny": {"_between": [10_000_000, 1_000_000_000]}}


def write_filter(*conditions: object) -> str:
    return f"filter={json.dumps({'_and': [PUBLISHED, *conditions]}, separators=(',', ':'))}"


_YRD = {"_or": [{"origin_id": {"_starts_with": code}} for code in ("31", "32", "33", "34")]}
DIRECTUS_LISTS = {
    "all": f"{PROJECTS}&sort=code&{write_filter()}",
    "selective": f"{PROJECTS}&sort=-investment_cny&"
    + write_filter(_YRD, {"sector_id": {"_starts_with": "C39"}}, AMOUNTS),
    "broad": f"{PROJECTS}&sort=-investment_cny&"
    + write_filter({"sector_id": {"_starts_with": "C"}}, AMOUNTS),
}
DIRECTUS_SUMMARY = (
    "/items/projects_project?limit=-1&aggregate[count]=id&aggregate[sum]=investment_cny&"
    + "&".join(f"groupBy[]={name}" for name in DIMENSIONS)
    + f"&{write_filter()}"
)


def install(folder: Path) -> Path | None:
    """Install it into a folder, once; None where that cannot be, with the reason printed."""
    program = folder / "node_modules" / ".bin" / "directus"
    if program.exists():
        return program
    if not shutil.which("npm"):
        print("Directus is left out: there is no npm.", flush=True)
        return None
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-fund", "--no-audit", "--omit=dev", PACKAGE]
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        print(f"Directus is left out: npm could not install it ({error}).", flush=True)
        return None
    return program if program.exists() else None


@contextmanager
def serving_directus(program: Path, url: str) -> Iterator[tuple[int, str]]:
    """A server of Directus over a database of PostgreSQL; its port, and a token for it."""
    place, port, password = urlsplit(url), find_free_port(), token_hex(16)
    environment = {
        "ACCESS_TOKEN_TTL": "1d",
        "ADMIN_EMAIL": "bench@example.org",
        "ADMIN_PASSWORD": password,
        "CACHE_ENABLED": "false",
        "DB_CLIENT": "pg",
        "DB_DATABASE": place.path.lstrip("/"),
        "DB_HOST": place.hostname or "",
        "DB_PASSWORD": unquote(place.password or ""),
        "DB_PORT": str(place.port),
        "DB_USER": unquote(place.username or ""),
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "error",
        "PORT": str(port),
        "QUERY_LIMIT_DEFAULT": "100",
        "RATE_LIMITER_ENABLED": "false",
        "SECRET": token_hex(32),
        "KEY": token_hex(16),
        "TELEMETRY": "false",
    }
    subprocess.run(
        [program, "bootstrap"],
        cwd=program.parents[2],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        timeout=300,
    )
    with running([str(program), "start"], environment, program.parents[2]) as server:
        wait_for(port, server, "/server/ping")
        yield port, sign_in(port, "bench@example.org", password)


def sign_in(port: int, email: str, password: str) -> str:
    body = json.dumps({"email": email, "password": password}).encode()
    _status, _headers, told = Client(port).send(
        "POST", "/auth/login", body, Content_Type="application/json"
    )
    token: str = json.loads(told)["data"]["access_token"]
    return token
