"""What is shipped for deployment: of one mind with itself, with the settings and with the docs."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.paths import DOCS, ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))


def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_by_the_shell_that_it_names(script: Any) -> None:
    assert script.read_text().startswith("#!/bin/sh\n")
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True)
    assert done.stderr == ""


def test_every_service_is_bounded_and_can_write_nothing_but_what_it_is_given() -> None:
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert "privileged" not in service, name


def test_only_nginx_has_a_port_and_it_does_not_reach_the_database() -> None:
    with_ports = {name: each["ports"] for name, each in services().items() if "ports" in each}
    assert list(with_ports) == ["nginx"]
    assert with_ports["nginx"] == ["${LISTEN:-127.0.0.1}:${PORT:-8000}:8080"]
    assert services()["nginx"]["networks"] == ["front"]
    assert services()["database"]["networks"] == ["inside"]
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["inside"] == {"internal": True}


def test_images_have_exact_tags_or_are_built_here() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text(), re.M))
    for name, service in services().items():
        if "build" in service:
            assert service["build"]["target"] in stages, name
        else:
            assert re.search(r":\d+\.\d+", service["image"]), name
    built_on = re.findall(r"^FROM (\S+) AS", (ROOT / "Dockerfile").read_text(), re.M)
    assert {each for each in built_on if ":" in each} == {
        "python:3.13-slim-trixie",
        "debian:trixie-slim",
    }


def test_secrets_are_made_by_the_script_and_read_by_nobody_else() -> None:
    made = set(
        re.search(r"for name in ([\w -]+);", (DEPLOY / "make-secrets.sh").read_text())[1].split()
    )
    assert made == set(yaml.safe_load(COMPOSE.read_text())["secrets"])
    # The application never sees what could migrate or rule the cluster
    assert "database-password" not in services()["web"]["secrets"]
    assert "superuser-password" not in services()["prepare"]["secrets"]


def test_it_migrates_before_it_serves_and_no_secret_stands_in_the_environment() -> None:
    known = services()
    assert known["web"]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert known["prepare"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "database:/var/lib/postgresql/data" in known["database"]["volumes"]
    for service in known.values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("PASSWORD", "KEY", "PASSWORD_FILE", "KEY_FILE")):
                assert value.startswith("/run/secrets/"), name


def test_make_secrets_keeps_what_is_there(tmp_path: Any) -> None:
    for _time in range(2):
        subprocess.run(["sh", DEPLOY / "make-secrets.sh"], cwd=tmp_path, check=True)
        found = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert len(set(found.values())) == 4
        assert all(len(text.strip()) == 64 for text in found.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_every_variable_that_services_are_given_is_a_setting() -> None:
    settings = (DOCS / "reference" / "settings.md").read_text()
    for name in ("web", "prepare", "backup"):
        for variable in services()[name]["environment"]:
            plain = variable.removesuffix("_FILE")
            assert f"`{plain}`" in settings, variable


def test_a_proxy_in_front_speaks_http_1_1_and_takes_what_an_import_may_have() -> None:
    nginx = (DEPLOY / "nginx" / "nginx.conf").read_text()
    for said in (
        "proxy_http_version 1.1;",
        "client_max_body_size 21m;",
        "proxy_buffering on;",
        "proxy_request_buffering on;",
        "proxy_next_upstream off;",
        "error_page 502 = @again;",
        "$proxy_add_x_forwarded_for;",
    ):
        assert said in nginx
    (line,) = re.findall(r"log_format ledger (.*?);", nginx, re.DOTALL)
    assert "$request_uri" not in line  # the query has names that people search for
    assert '"$request "' not in line


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_a_unit_is_one(unit: Any) -> None:
    sections = re.findall(r"^\[(\w+)\]$", unit.read_text(), re.M)
    assert sections[0] == "Unit"
    assert all(
        re.match(r"^(\[\w+\]|[A-Za-z]+=.*|#.*|)$", line) for line in unit.read_text().splitlines()
    )
    if analyze := shutil.which("systemd-analyze"):
        done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
        wrong = [line for line in done.stderr.splitlines() if "is not executable" not in line]
        assert [line for line in wrong if unit.name in line] == []


def test_what_images_run_and_copy_is_not_left_out_of_them() -> None:
    kept = (ROOT / ".dockerignore").read_text().split("\n")
    named = set(re.findall(r"deploy/[\w.-]+", (ROOT / "Dockerfile").read_text()))
    assert named == {"deploy/back-up-daily.sh", "deploy/pgbouncer.sh"}
    assert "!deploy" in kept
    assert all((ROOT / path).exists() for path in named)
