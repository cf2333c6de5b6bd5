"""What the environment says becomes what the site does, or keeps a process from starting."""

import json
import os
import re
import runpy
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from django.core.checks import Tags, run_checks
from django.db import connections

from config.checks import check_names, refuse_unsafe
from tests.paths import ROOT

KEY = secrets.token_urlsafe(50)
POSTGRESQL = "postgres://ledger@127.0.0.1:1/ledger"


@pytest.fixture
def basis(tmp_path: Path) -> dict[str, str]:
    """An environment that says nothing but where files are."""
    return {
        "ENV_FILE": os.devnull,
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "VAR_DIR": str(tmp_path / "var"),
    }


@pytest.fixture
def run(basis: dict[str, str]) -> Any:
    """Runs Python in the project's folder with an environment that holds nothing but these."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=basis | environment,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def read(basis: dict[str, str]) -> Any:
    """Every setting, with these variables set: read anew, in this process."""

    def read(**environment: str) -> dict[str, Any]:
        with patch.dict(os.environ, basis | environment, clear=True):
            found = runpy.run_path(str(ROOT / "config" / "settings.py"))
        shown = {name: value for name, value in found.items() if name.isupper()}
        return dict(json.loads(json.dumps(shown, default=str)))

    return read


def test_without_any_variable_it_is_sqlite_for_this_machine_alone(
    read: Any, tmp_path: Path
) -> None:
    found = read()
    database = found["DATABASES"]["default"]
    assert database["ENGINE"] == "config.sqlite"
    assert database["NAME"] == str(tmp_path / "var" / "ledger.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (found["DEBUG"], found["PUBLIC_READ"]) == (False, True)
    assert found["SECURE_SSL_REDIRECT"] is False
    # The key was made on the way, and the next process reads the same.
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert read()["SECRET_KEY"] == found["SECRET_KEY"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"DATABASE_URL": POSTGRESQL}, "SECRET_KEY"),
        ({"CACHE_URL": "reddis://10.0.0.5"}, "CACHE_URL: Invalid cache schema reddis. Set such as"),
        ({"SYSLOG_ADDRESS": "10.0.0.9"}, "SYSLOG_ADDRESS is 10.0.0.9: set /dev/log, or such as"),
        ({"SYSLOG_ADDRESS": "log.invalid:514"}, "SYSLOG_ADDRESS is log.invalid:514, which is not"),
        ({"SYSLOG_ADDRESS": "/nowhere/log"}, "SYSLOG_ADDRESS is /nowhere/log, which is not found"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_in_one_line(
    run: Any, given: dict[str, str], told: str
) -> None:
    done = run("-c", "from config import settings", **given)
    assert (done.returncode, done.stderr.count("\n"), told in done.stderr) == (1, 1, True)


def test_postgresql_is_read_through_a_pool(read: Any) -> None:
    url = POSTGRESQL + "?sslmode=require"
    database = read(DATABASE_URL=url, SECRET_KEY=KEY, DATABASE_POOL_MAX="20")["DATABASES"]
    options = database["default"]["OPTIONS"]
    assert options["pool"] == {
        **{"min_size": 1, "max_size": 20, "timeout": 2},
        **{"reconnect_timeout": 1, "max_idle": 30},
    }
    assert options["prepare_threshold"] == 2
    assert options["sslmode"] == "require"
    assert "ATOMIC_REQUESTS" not in database["default"]


def test_behind_pgbouncer_nothing_is_kept_between_transactions(read: Any) -> None:
    database = read(DATABASE_URL=POSTGRESQL, SECRET_KEY=KEY, PGBOUNCER="true")["DATABASES"]
    assert database["default"]["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert database["default"]["OPTIONS"]["prepare_threshold"] is None


def test_standbys_are_databases_beside_the_primary_with_its_password(read: Any) -> None:
    urls = "postgres://ledger@one:5432/ledger,postgres://ledger@two:6432/ledger"
    given = {"SECRET_KEY": KEY, "DATABASE_PASSWORD": "word"}
    found = read(DATABASE_URL=POSTGRESQL, DATABASE_REPLICA_URLS=urls, **given)["DATABASES"]
    assert [*found] == ["default", "replica_1", "replica_2"]
    assert [found[name]["HOST"] for name in found] == ["127.0.0.1", "one", "two"]
    assert {database["PASSWORD"] for database in found.values()} == {"word"}
    assert found["replica_2"]["OPTIONS"]["pool"]["timeout"] == 0.5
    assert [*read(DATABASE_URL=POSTGRESQL, SECRET_KEY=KEY)["DATABASES"]] == ["default"]


def test_several_hosts_are_passed_on_to_find_the_one_that_can_be_written(read: Any) -> None:
    url = "postgres://ledger@one:5432,two:5433/ledger?target_session_attrs=read-write"
    found = read(DATABASE_URL=url, SECRET_KEY=KEY)["DATABASES"]["default"]
    assert (found["HOST"], found["PORT"]) == ("one,two", "5432,5433")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_cookies_are_of_this_host_alone_where_it_is_served_by_https(read: Any) -> None:
    assert read()["SESSION_COOKIE_SECURE"] is False
    found = read(SECURE_SSL="true")
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == (
        "__Host-sessionid",
        "__Host-csrftoken",
    )
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 60 * 60
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert read()["SECURE_HSTS_SECONDS"] == 0


@pytest.mark.slow
def test_what_sqlite_writes_is_for_its_owner_alone_and_misspelt_variables_are_named(
    run: Any, tmp_path: Path
) -> None:
    misspelt = {"ALLOWED_HOST": "ledger.example.org", "DATABASE_URI": "x"}
    done = run("manage.py", "migrate", "contenttypes", "--verbosity", "0", **misspelt)
    assert done.returncode == 0, done.stderr
    assert "There is no setting ALLOWED_HOST," in done.stderr
    assert "Is ALLOWED_HOSTS meant?" in done.stderr
    assert "Is DATABASE_URL meant?" in done.stderr
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    assert modes == {"ledger.sqlite3": 0o600, "secret-key": 0o600, "sums": 0o700}
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is short"),
        ({"SECRET_KEY": f"django-insecure-{KEY}"}, "an example"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS has *"),
        ({"DEBUG": "true", "ALLOWED_HOSTS": "ledger.example.org"}, "DEBUG is on"),
    ],
)
def test_what_anybody_could_break_into_is_refused(
    read: Any, settings: Any, variables: dict[str, str], said: str
) -> None:
    found = read(**variables)
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DEBUG"):
        setattr(settings, name, found[name])
    with pytest.raises(SystemExit, match=re.escape(said)):
        refuse_unsafe()


def test_no_server_starts_of_which_this_is_said(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr("django.setup", lambda **_: None)  # this process is set up
    with pytest.raises(SystemExit, match=r"^Not started: ALLOWED_HOSTS has \*[^\n]*$"):
        runpy.run_path(str(ROOT / "config" / "wsgi.py"))


@pytest.mark.long("starts a server of its own")
def test_gunicorn_does_not_start_with_debug_even_for_this_machine(run: Any) -> None:
    done = run(*"-m gunicorn --config config/gunicorn.py config.wsgi".split(), DEBUG="1", PORT="0")
    assert done.returncode == 1
    assert "DEBUG is on" in done.stderr


OF_OTHERS = (
    *("HOSTNAME", "LANG", "TZ", "HOME", "PATH", "TERM", "GPG_KEY", "SSL_CERT_FILE", "EMAIL"),
    *("HTTP_PROXY", "http_proxy", "NO_PROXY", "PYTHONUNBUFFERED", "PYTHON_VERSION", "CACHE"),
    *("GUNICORN_CMD_ARGS", "DJANGO_SETTINGS_MODULE", "PGHOST", "LOGNAME", "MAIL", "SHELL", "USER"),
    *("container", "NOTIFY_SOCKET", "INVOCATION_ID", "KEY_FILE", "COMPOSE_FILE", "DEBIAN_FRONTEND"),
)


def name_idle(basis: dict[str, str], **variables: str) -> dict[str, str]:
    """What is said of each variable that does nothing, with the remedy."""
    with patch.dict(os.environ, basis | variables, clear=True):
        found = [*check_names(None)]
    assert {each.id for each in found} <= {"ledger.W008"}
    return {f"{each.msg}": f"{each.hint}" for each in found}


def test_a_variable_of_others_is_not_taken_for_a_misspelt_one(basis: dict[str, str]) -> None:
    assert name_idle(basis, **dict.fromkeys(OF_OTHERS, "1")) == {}


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("SITEURL", "Is SITE_URL meant?"),
        ("site_url", "Is SITE_URL meant?"),
        ("WEB_CONCURENCY", "Is WEB_CONCURRENCY meant?"),
        ("OPENID_CLIENT_SECRET_FIL", "Is OPENID_CLIENT_SECRET_FILE meant?"),
        ("WEB_MEMORI", "Is WEB_MEMORY meant?"),  # one of Compose
        ("EMAIL_HOST", "begin like this are EMAIL_FROM, EMAIL_URL."),
        ("OPENID_DISCOVERY", "OPENID_ISSUER, OPENID_JOIN_BY_EMAIL"),
        ("DATABASE_HOST", "DATABASE_URL"),
    ],
)
def test_a_name_that_is_no_setting_is_told_with_the_nearest(
    basis: dict[str, str], misspelt: str, meant: str
) -> None:
    ((said, hint),) = name_idle(basis, **{misspelt: "x"}).items()
    assert said == f"There is no setting {misspelt}, so it does nothing."
    assert meant in hint
    assert name_idle(basis, **{misspelt: ""}) == {}  # an empty line


def test_a_setting_that_another_one_puts_out_of_use_is_told(
    basis: dict[str, str], settings: Any
) -> None:
    given = {"SECRET_KEY": KEY, "SECRET_KEY_FILE": "/key"}
    assert [*name_idle(basis, **given)] == ["SECRET_KEY does nothing, as SECRET_KEY_FILE is set."]
    assert name_idle(basis, SECRET_KEY=KEY, SECRET_KEY_FILE="") == {}
    settings.OPENID_ISSUER = ""
    (said,) = name_idle(basis, OPENID_ROLES="it=superuser")
    assert said == "OPENID_ROLES does nothing without OPENID_ISSUER."
    settings.OPENID_ISSUER = "https://login.example.org"
    assert name_idle(basis, OPENID_ROLES="it=superuser") == {}


def test_what_only_postgresql_has_is_told_on_sqlite(
    basis: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for vendor, told in (("sqlite", 2), ("postgresql", 0)):
        monkeypatch.setattr(connections["default"], "vendor", vendor)
        found = name_idle(basis, DATABASE_POOL_MAX="9", PGBOUNCER="true", DATABASE_FILE_TIMEOUT="9")
        assert len(found) == told
        assert all("does nothing on SQLite" in said for said in found)


# What `django.setup` begins with, without all that it imports then
SAY = """
import logging
from django.conf import settings
from django.utils.log import configure_logging
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
logging.getLogger("x").warning("a %s\\nb", 1)
"""


def test_a_message_of_several_lines_is_one_line_of_the_log(run: Any) -> None:
    done = run("-c", SAY, DJANGO_SETTINGS_MODULE="config.settings")
    (line,) = done.stderr.splitlines()
    assert line.endswith(" WARNING x - a 1 b")


def test_logs_can_be_lines_of_json(run: Any) -> None:
    done = run("-c", SAY, LOG_FORMAT="json", DJANGO_SETTINGS_MODULE="config.settings")
    (line,) = done.stderr.splitlines()
    said = json.loads(line)
    assert re.fullmatch(r"[\d-]{10}T[\d:.]{12}[+-]\d\d:\d\d", said.pop("at"))
    assert said == {"level": "WARNING", "logger": "x", "request_id": "-", "message": "a 1\nb"}


def test_other_sites_may_ask_only_if_they_are_named(read: Any) -> None:
    assert not [name for name in read()["MIDDLEWARE"] if "cors" in name]
    found = read(CORS_ALLOWED_ORIGINS="https://a.example.org,https://b.example.org")
    assert found["CORS_ALLOWED_ORIGINS"] == ["https://a.example.org", "https://b.example.org"]
    assert "corsheaders" in found["INSTALLED_APPS"]
    assert "corsheaders.middleware.CorsMiddleware" in found["MIDDLEWARE"]
    assert found["CORS_URLS_REGEX"] == "^/api/"


def test_secrets_can_be_files(read: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / "password").write_text("p@ss/word\n")
    found = read(
        DATABASE_URL=POSTGRESQL,
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
    )
    assert found["SECRET_KEY"] == KEY
    assert found["DATABASES"]["default"]["PASSWORD"] == "p@ss/word"


def test_a_password_may_begin_with_a_dollar_sign(read: Any, tmp_path: Path) -> None:
    assert read(OPENID_CLIENT_SECRET="$HOME")["OPENID_CLIENT_SECRET"] == "$HOME"
    (tmp_path / "env").write_text("OPENID_CLIENT_SECRET=$PATH$\n")
    found = read(ENV_FILE=str(tmp_path / "env"))
    assert found["OPENID_CLIENT_SECRET"] == "$PATH$"
    assert "PATH" not in found["VARIABLES"]


def test_a_file_holds_what_is_not_set_otherwise(read: Any, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("PUBLIC_READ=false\nLOG_LEVEL=DEBUG\n")
    found = read(ENV_FILE=str(tmp_path / "env"), LOG_LEVEL="ERROR")
    assert (found["PUBLIC_READ"], found["LOG_LEVEL"]) == (False, "ERROR")


def test_djangos_security_checks_find_nothing_in_a_deployment(read: Any, settings: Any) -> None:
    found = read(
        DATABASE_URL=POSTGRESQL,
        SECRET_KEY=KEY,
        SECURE_SSL="true",
        TRUSTED_PROXIES="1",
        ALLOWED_HOSTS="ledger.example.org",
    )
    looked_at = ("ALLOWED_", "CSRF_", "DEBUG", "MIDDLEWARE", "SECRET_", "SECURE_", "SESSION_")
    for name in found:
        if name.startswith((*looked_at, "TRUSTED_", "X_FRAME_")):
            setattr(settings, name, found[name])
    deployed = {"tags": [Tags.security], "include_deployment_checks": True}
    assert run_checks(**deployed) == []
    settings.SECURE_HSTS_SECONDS = 0
    assert [each.id for each in run_checks(**deployed)] == ["security.W004"]


def name_examples() -> dict[str, str]:
    """Every variable of the example file, with the value that stands there."""
    example = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE))


def test_an_empty_line_of_the_file_is_no_setting(read: Any, tmp_path: Path) -> None:
    """Of any setting: none becomes an empty one, which would not be a number or an address."""
    names = name_examples().keys() - {"VAR_DIR"}
    plain = read()
    assert read(**dict.fromkeys(names, "")) == plain
    assert read(**dict.fromkeys((f"{name}_FILE" for name in names), "")) == plain
    (tmp_path / "env").write_text("".join(f"{name}=\n" for name in names))
    assert read(ENV_FILE=str(tmp_path / "env")) == plain
    (tmp_path / "empty").write_text("\n")
    assert read(WEB_THREADS_FILE=str(tmp_path / "empty")) == plain


def test_the_example_file_can_be_used_as_it_stands_without_its_marks(
    read: Any, tmp_path: Path
) -> None:
    lines = [f"{name}={value}\n" for name, value in name_examples().items() if name != "VAR_DIR"]
    (tmp_path / "env").write_text("".join(lines))
    found = read(ENV_FILE=str(tmp_path / "env"), SECRET_KEY=KEY)
    assert found["SITE_URL"] == "https://ledger.example.org"


def test_the_example_file_names_every_variable_and_no_other() -> None:
    code = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "gunicorn.py"))
    read = set(re.findall(r"""(?:env\.\w+|environ\.get)\(\s*["']([A-Z_]+)["']""", code))
    assert read - {"ENV_FILE"} == {*name_examples()} == django_settings.VARIABLES


def test_numbers_are_those_of_the_example_file(read: Any) -> None:
    found = read(SECURE_SSL="true", DATABASE_URL=POSTGRESQL, SECRET_KEY=KEY)
    pool = found["DATABASES"]["default"]["OPTIONS"]["pool"]
    found |= {f"DATABASE_POOL_{name[:3].upper()}": pool[name] for name in ("min_size", "max_size")}
    found["DATABASE_POOL_TIMEOUT"] = pool["timeout"]
    numbers = {name: text for name, text in name_examples().items() if text.isdecimal()}
    assert numbers
    assert {name: found[name] for name in numbers} == {
        name: float(text) for name, text in numbers.items()
    }
