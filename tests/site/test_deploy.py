"""What is shipped for deployment: of one mind with itself, with the settings and with the docs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from config.environment import COMPOSE_VARIABLES
from tests.paths import DOCS, ROOT
from tests.together import together

DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
TOOLS = Path(sys.executable).parent
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))


def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@together("script", SCRIPTS)
def test_a_script_can_be_read_by_the_shell_that_it_names(script: Any) -> None:
    assert script.read_text().startswith("#!/bin/sh\n")
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        # Which Debian package of which day is no part of a recipe; digests pin the base they are of
        ["hadolint", "--ignore", "DL3008", "--failure-threshold", "warning", "Dockerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        ["shellcheck", "--external-sources", "--severity", "warning", *SCRIPTS],
    ],
    ids=lambda command: command[0],
)
def test_linters_find_nothing(command: list[Any]) -> None:
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_is_bounded_and_can_write_nothing_but_what_it_is_given() -> None:
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert "privileged" not in service, name


def test_only_nginx_can_be_reached_from_elsewhere_and_it_does_not_reach_the_database() -> None:
    ports = {name: each["ports"] for name, each in services().items() if "ports" in each}
    assert ports == {
        "nginx": ["${LISTEN:-127.0.0.1}:${PORT:-8000}:8080"],
        "prometheus": ["127.0.0.1:${PROMETHEUS_PORT:-9090}:9090"],
    }
    assert services()["nginx"]["networks"] == services()["prometheus"]["networks"] == ["front"]
    assert services()["database"]["networks"] == services()["standby"]["networks"] == ["inside"]
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["inside"] == {"internal": True}


def test_images_have_exact_tags_or_are_built_here() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.M))
    for name, service in services().items():
        if "build" in service:
            assert service["build"]["target"] in stages, name
        else:
            assert re.search(r":v?\d+\.\d+", service["image"]), name
    bases = dict(re.findall(r"^ARG (\w+)=(\S+)$", dockerfile, re.M))
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-trixie", bases["PYTHON"])
    assert re.fullmatch(r"debian:trixie-\d{8}-slim", bases["DEBIAN"])
    built_on = set(re.findall(r"^FROM (\S+) AS", dockerfile, re.M)) - stages
    assert built_on == {"${PYTHON}", "${DEBIAN}"}
    assert services()["standby"]["image"] == services()["database"]["image"]


def test_what_is_not_always_there_is_of_a_profile() -> None:
    profiles = {name: each["profiles"] for name, each in services().items() if "profiles" in each}
    assert profiles == {
        "standby": ["standby"],
        "web-2": ["two"],
        "prometheus": ["metrics"],
        "restore": ["restore"],
    }
    # Whoever owns the database works on it past the pooler, and reads from no standby
    for name in ("prepare", "restore"):
        given = services()[name]["environment"]
        assert given["DATABASE_URL"] == "postgres://ledger@database:5432/ledger"
        assert given["DATABASE_REPLICA_URLS"] == ""


def test_pins_name_every_image_and_every_base(tmp_path: Any) -> None:
    """With a Docker whose digests are all alike; deploy/try-compose.sh has a real one."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\n[ "$3" != --format ] || echo "of/${5%%:*}@sha256:0"\n')
    docker.chmod(0o755)
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    for path in (COMPOSE, ROOT / "Dockerfile"):
        shutil.copy(path, tmp_path)
    script = ["sh", tmp_path / "deploy" / "pin-images.sh"]
    subprocess.run(script, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    pins = yaml.safe_load((tmp_path / "docker-compose.pins.yml").read_text())["services"]
    assert pins.keys() == services().keys()
    for name, service in services().items():
        if "build" not in service:
            assert pins[name] == {"image": f"of/{service['image'].split(':')[0]}@sha256:0"}
        elif name == "pooler":
            assert pins[name]["build"]["args"] == {"DEBIAN": "of/debian@sha256:0"}
        else:
            assert pins[name]["build"]["args"] == {"PYTHON": "of/python@sha256:0"}


def test_alarms_are_of_metrics_that_there_are() -> None:
    text = (DEPLOY / "prometheus" / "alarms.yml").read_text()
    named = set(re.findall(r"\b(ledger_[a-z_]+)", text))
    said = (DOCS / "how-to" / "monitor.md").read_text()
    assert len(named) == 11
    assert all(f"`{name}" in said for name in named)
    read = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (target,) = read["scrape_configs"][0]["static_configs"][0]["targets"]
    name, port = target.split(":")
    web = services()["web"]
    assert web["networks"]["front"]["aliases"] == [name]  # not of web-2, too
    assert web["environment"]["METRICS_ADDRESS"] == f"0.0.0.0:{port}"


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
        assert len(set(found.values())) == 5
        assert all(len(text.strip()) == 64 for text in found.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_every_setting_reaches_every_service_of_ours() -> None:
    """Of one mind: what is read of the environment, the reference, Compose."""
    known = settings.VARIABLES
    reference = (DOCS / "reference" / "settings.md").read_text()
    assert {name for name in known if f"`{name}`" not in reference} == set()
    whole_file = [{"path": ".env", "required": False}]  # a name without a value stays unset
    given = {
        name: each["environment"]
        for name, each in services().items()
        if each.get("env_file") == whole_file
    }
    assert given.keys() == {"web", "web-2", "prepare", "work", "restore"}
    # What Compose decides wins over the file, in each of them, and the page says so
    decided = given["web"].keys()
    plain = {name.removesuffix("_FILE") for name in decided}
    assert plain <= known
    page = (DOCS / "how-to" / "deploy.md").read_text()
    assert {name for name in plain if f"`{name}`" not in page} == set()
    for name, environment in given.items():
        assert decided <= environment.keys() <= decided | {"DATABASE_REPLICA_URLS"}, name
    read_by_compose = {*re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text())}
    assert read_by_compose - known == COMPOSE_VARIABLES


def test_the_try_of_compose_sets_every_setting() -> None:
    tried = (DEPLOY / "try" / "every-setting.env").read_text()
    decided, _mark, reaching = tried.partition("# The ledger reads")
    names = [re.findall(r"^([A-Z_]+)=.", part, re.M) for part in (decided, reaching)]
    assert sorted(names[0] + names[1]) == sorted(settings.VARIABLES)
    by_compose = services()["web"]["environment"]
    chosen = {name for name, value in by_compose.items() if "${" in value}
    assert {*names[0]} == {name for name in by_compose if "_FILE" not in name} - chosen


def test_web_knows_how_old_backups_are_and_cannot_touch_them() -> None:
    assert services()["web"]["volumes"] == ["backups:/var/backups/park-ledger:ro"]
    assert services()["work"]["volumes"] == ["backups:/var/backups/park-ledger"]
    assert services()["web"]["environment"]["BACKUP_DIR"] == "/var/backups/park-ledger"


def test_a_proxy_in_front_speaks_http_1_1_and_takes_what_an_import_may_have() -> None:
    nginx = (DEPLOY / "nginx" / "nginx.conf").read_text()
    for said in (
        "proxy_http_version 1.1;",
        "client_max_body_size 21m;",
        "proxy_buffering on;",
        "proxy_request_buffering on;",
        "proxy_next_upstream off;",
        "error_page 502 504 = @again;",
        "$proxy_add_x_forwarded_for;",
    ):
        assert said in nginx
    (line,) = re.findall(r"log_format ledger (.*?);", nginx, re.DOTALL)
    assert "$request_uri" not in line  # the query has names that people search for
    assert '"$request "' not in line


@together("unit", sorted((DEPLOY / "systemd").iterdir()))
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
    named = set(re.findall(r"^[A-Z]+ .*?(deploy/[\w.-]+)", (ROOT / "Dockerfile").read_text(), re.M))
    assert named == {"deploy/pgbouncer.sh"}
    assert {line[1:] for line in kept if line.startswith("!deploy")} == named
    assert all((ROOT / path).exists() for path in named)
