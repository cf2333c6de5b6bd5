"""System checks: what is wrong with an installation or its sign-in, and how to fix it.

Those of the database run with `manage.py migrate`, and with `check --database default`.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, run_checks
from django.core.mail import get_connection
from django.db import Error as DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from config.environment import COMPOSE_VARIABLES

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
_LIKE = 0.85  # similarity of names that are probably misspelt
# Prefixes that no other program's variables have
_FAMILIES = (
    *("BACKUP_", "CACHE_", "DATABASE_", "EMAIL_"),
    *("INVESTMENT_", "OPENID_", "RATE_LIMIT_", "SECURE_"),
)
_OF_POSTGRESQL = (
    *("DATABASE_IDLE_TIMEOUT", "DATABASE_LOCK_TIMEOUT", "DATABASE_PASSWORD", "DATABASE_POOL_"),
    *("DATABASE_REPLICA_URLS", "PGBOUNCER"),
)


def check_secret_key(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report E001: a signing key that can be guessed lets anyone forge a session."""
    key = settings.SECRET_KEY
    is_random = len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_CHARACTERS
    if not is_random or key.startswith("django-insecure-"):
        yield Error(
            "SECRET_KEY is short, repeats itself or is an example, so it can be guessed.",
            hint="Set 50 random characters, or leave it out on SQLite: a key is then made.",
            id="ledger.E001",
        )


def check_hosts(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report E007: with any host allowed, clients decide where links and cookies lead."""
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS has *, so the site answers under any name that a client sends.",
            hint="Name the hosts: ALLOWED_HOSTS=ledger.example.org",
            id="ledger.E007",
        )


def check_names(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report W008: variables that are set and do nothing."""
    known = {name + end for name in settings.VARIABLES for end in ("", "_FILE")}
    known |= {"ENV_FILE", *COMPOSE_VARIABLES}
    for name in sorted(name for name, value in os.environ.items() if value.strip()):
        said = f"There is no setting {name}, so it does nothing."
        if name in known:
            said, hint = _find_overridden(name)
        elif near := get_close_matches(name.upper(), known, 1, _LIKE):
            hint = f"Is {near[0]} meant? All are in docs/reference/settings.md."
        elif family := [each for each in _FAMILIES if name.startswith(each)]:
            others = sorted(each for each in settings.VARIABLES if each.startswith(family[0]))
            hint = f"The settings that begin like this are {', '.join(others)}."
        else:
            continue  # it belongs to another program
        if hint:
            yield Warning(said, hint=hint, id="ledger.W008")


def _find_overridden(name: str) -> tuple[str, str]:
    """Return why a setting has no effect and what to do; two empty strings if it has one."""
    if os.environ.get(f"{name}_FILE"):
        return f"{name} does nothing, as {name}_FILE is set.", "Remove one of them."
    if name.startswith("OPENID_") and not settings.OPENID_ISSUER:
        said = f"{name} does nothing without OPENID_ISSUER."
        return said, "Set OPENID_ISSUER as well: docs/how-to/sign-in.md."
    on_sqlite = connections["default"].vendor == "sqlite"
    if on_sqlite and name.startswith(_OF_POSTGRESQL):
        return f"{name} does nothing on SQLite.", "Remove it, or set DATABASE_URL."
    return "", ""


def refuse_unsafe() -> None:
    """Exit if a setting is unsafe, and log the other warnings about security."""
    for message in run_checks(tags=[Tags.security]):
        if message.is_serious():
            raise SystemExit(f"Not started: {message.msg} {message.hint or ''}".strip())
        logging.getLogger("config").warning("%s %s", message.msg, message.hint or "")


def check_debug(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report E002: the debug pages show settings and data to everyone who can reach the site."""
    public = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    if settings.DEBUG and public:
        yield Error(
            f"DEBUG is on while the site answers to other machines: {', '.join(public)}.",
            hint="Leave DEBUG out, or ALLOWED_HOSTS: without it only this machine is answered.",
            id="ledger.E002",
        )


def check_proxies(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report W006: without TRUSTED_PROXIES, all clients share the proxy's address and limit."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        yield Warning(
            "SECURE_SSL says that a proxy stands in front, and TRUSTED_PROXIES that none does: "
            "all clients count as one address.",
            hint="Set TRUSTED_PROXIES to the number of proxies that append to X-Forwarded-For.",
            id="ledger.W006",
        )


def check_databases(
    app_configs: Any, databases: Iterable[str] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """Report E003: no answer; E004: text would be lost; W005: readers would wait for writers."""
    for alias in databases or ():
        connection = connections[alias]
        try:
            yield from _check_database(connection)
        except DatabaseError as error:
            yield Error(
                f"The database “{alias}” does not answer: {_find_reason(connection, error)}",
                hint="Is DATABASE_URL right, and is the server running?",
                id="ledger.E003",
            )


def has_roles() -> bool:
    """Return whether the database has roles, which may lack the right to rewrite the history."""
    return connections["default"].vendor == "postgresql"


def _find_reason(connection: BaseDatabaseWrapper, error: DatabaseError) -> str:
    found: Exception = error
    if connection.vendor == "postgresql":  # whose pool only reports a timeout
        try:
            psycopg.connect(**connection.get_connection_params()).close()
        except psycopg.Error as reason:
            found = reason
    return " ".join(str(found).split())


def read_value(connection: BaseDatabaseWrapper, sql: str) -> str:
    """Return the first value of the first row as text; "" for null."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0] or "")


def _check_database(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    is_sqlite = connection.vendor == "sqlite"
    value = read_value(connection, "PRAGMA journal_mode" if is_sqlite else "SHOW server_encoding")
    if is_sqlite and value not in ("wal", "memory"):
        yield Warning(
            f"SQLite could not turn on its write-ahead log (the mode is {value}): readers and "
            "writers will wait for each other.",
            hint="Keep the database on a local disk: WAL does not work on network file systems.",
            id="ledger.W005",
        )
    if not is_sqlite and value != "UTF8":
        yield Error(
            f"The PostgreSQL database has the encoding {value}, which cannot hold Chinese text.",
            hint="Make it again: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0.",
            id="ledger.E004",
        )


_PATIENCE = 5  # seconds
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_openid(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report E023: the settings of the provider are incomplete, or its address is not encrypted."""
    given = {
        "OPENID_ISSUER": settings.OPENID_ISSUER,
        "OPENID_CLIENT_ID": settings.OPENID_CLIENT_ID,
        "OPENID_CLIENT_SECRET": settings.OPENID_CLIENT_SECRET,
    }
    missing = [name for name, value in given.items() if not value]
    if missing and missing != [*given]:
        said = f"For signing in by OpenID Connect {', '.join(missing)} is missing."
        hint = "All three come from the provider: docs/how-to/sign-in.md."
        yield Error(said, hint=hint, id="ledger.E023")
    issuer = urlsplit(settings.OPENID_ISSUER)
    if settings.OPENID_ISSUER and issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        said = "OPENID_ISSUER is no https address: whoever listens could sign in as anybody."
        hint = "Write the https address at which the provider is reached."
        yield Error(said, hint=hint, id="ledger.E023")


SECURITY_CHECKS = (
    *(check_secret_key, check_debug, check_hosts, check_names, check_proxies, check_openid),
)


def read_provider() -> dict[str, Any]:
    """Return the OpenID configuration of the provider; raise OSError or ValueError."""
    address = f"{settings.OPENID_ISSUER}/.well-known/openid-configuration"
    with urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 as the operator set it
        return dict(json.load(answer))


def find_end_of_session() -> str:
    """Return the address that ends a session at the provider; "" if it has none, or is away."""
    with suppress(OSError, ValueError):
        if settings.OPENID_ISSUER:
            return str(read_provider().get("end_session_endpoint", ""))
    return ""


def examine_provider() -> Iterator[CheckMessage]:
    """Report E026: the provider has no OpenID configuration, or another issuer."""
    if not settings.OPENID_ISSUER:
        return
    address = f"{settings.OPENID_ISSUER}/.well-known/openid-configuration"
    try:
        said = read_provider()
    except (OSError, ValueError) as error:
        reason = str(error)
    else:
        if str(said.get("issuer", "")).rstrip("/") == settings.OPENID_ISSUER:
            return
        reason = f"it calls itself {said.get('issuer')}"
    yield Error(
        f"The provider of OPENID_ISSUER cannot be used: {reason}.",
        hint=f"Is {address} right, and can this machine reach it?",
        id="ledger.E026",
    )


def examine_mail() -> Iterator[CheckMessage]:
    """Report E027: new passwords cannot be sent."""
    if not settings.EMAIL_URL:
        return
    try:
        connection = get_connection(timeout=_PATIENCE)
        connection.open()
        connection.close()
    except OSError as error:  # of smtplib, too
        yield Error(
            f"The mail server of EMAIL_URL cannot be used: {error}.",
            hint="smtp+tls://user:password@mail.example.org:587, percent-encoded.",
            id="ledger.E027",
        )
