"""Read the environment: variables, secret files, databases, OpenID Connect, garbage collection."""

import gc
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environ

# Variables that docker-compose.yml reads itself, from the same `.env` as the settings
COMPOSE_VARIABLES = {"DATABASE_MEMORY", "LISTEN", "PROMETHEUS_PORT", "SPOOL_SIZE", "WEB_MEMORY"}


class Environment(environ.FileAwareEnv):
    """Reads variables, also NAME_FILE for every NAME: secrets can be mounted as files.

    An empty variable counts as unset. `names` collects the names of all settings.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get_value(
        self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False
    ) -> Any:
        """Return the value of a variable, or the default if it is unset or empty.

        Unlike in django-environ, a value may begin with `$`, as passwords do.
        """
        self.names.add(var)
        value = self.ENVIRON.get(var, "")
        return self.parse_value(value, cast) if value.strip() else default


def read_or_make(path: Path, length: int) -> str:
    """Read the secret in `path`, or create one of `length` random bytes (mode 0600)."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Processes that start together read the same secret: the link publishes a finished file,
        # unless another process was faster
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length) + "\n")
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise ValueError(f"{path} is empty: remove it, and a new secret is made")
    return secret


SQLITE = "django.db.backends.sqlite3"


def complete_sqlite(given: dict[str, Any]) -> dict[str, Any]:
    """Complete the settings of an SQLite file: readers and a writer never wait long."""
    options = {
        # Locks at BEGIN: a transaction that reads and then writes is not refused half-way
        "transaction_mode": "IMMEDIATE",
        # A request may run thirty; preparing one takes half as long as running it
        "cached_statements": 500,
        "timeout": 2,  # seconds to wait for the lock; then 503 with Retry-After
        "init_command": (
            "PRAGMA journal_mode=WAL;"  # readers and a writer do not wait for each other
            "PRAGMA synchronous=NORMAL;"  # with WAL safe against a crash of the process
            "PRAGMA mmap_size=268435456;"
            "PRAGMA cache_size=-16384"  # 16 MiB for each connection
        ),
    }
    return {
        **given,
        "ENGINE": "config.sqlite",
        "CONN_MAX_AGE": None,  # each thread keeps its connection
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **given.get("OPTIONS", {})},
    }


def complete_postgresql(
    given: dict[str, Any], pool: dict[str, Any], *, is_pooled: bool
) -> dict[str, Any]:
    """Complete the settings of a PostgreSQL server; `is_pooled`: behind PgBouncer."""
    options = {
        "connect_timeout": 3,
        # Retries wait longer each time: with a short timeout, the next request tries again, and
        # finds a database that is back at once. Idle connections close soon, as the pool rotates:
        # the others have prepared the statements.
        "pool": {**pool, "reconnect_timeout": 1, "max_idle": 30},
        # From the third time on, the server keeps statements parsed, and plans of those by keys
        "server_side_binding": True,
        "prepare_threshold": None if is_pooled else 2,
    }
    return {
        **given,
        "ENGINE": "config.postgresql",
        # PgBouncer in transaction mode keeps neither prepared statements nor cursors
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        "CONN_HEALTH_CHECKS": True,  # no request fails after a restart of the database
        "OPTIONS": {**options, **given.get("OPTIONS", {})},
    }


OPENID_APPS = (
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
)
LABELS = ("account", "socialaccount")  # of their models
OPENID_MIDDLEWARE = "allauth.account.middleware.AccountMiddleware"
PROVIDER = "openid"  # in URLs


def build_openid_settings(
    issuer: str, client: str, secret: str, name: str, scopes: Sequence[str]
) -> dict[str, Any]:
    """Build the settings of django-allauth for one provider; passwords stay as they are."""
    app = {
        "provider_id": PROVIDER,
        "name": name,
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    provider = {"OAUTH_PKCE_ENABLED": True, "SCOPE": [*scopes], "APPS": [app]}
    return {
        "ACCOUNT_ADAPTER": "parks.accounts.openid.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_ADAPTER": "parks.accounts.openid.OpenIDAdapter",
        "SOCIALACCOUNT_ONLY": True,
        # A link: a form would need other sites in form-action. The session verifies the response.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": provider},
    }


def collect_seldom() -> None:
    """Freeze loaded objects and collect garbage a tenth as often.

    Otherwise a page of a hundred rows triggers a dozen collections, a sixth of its time. Reference
    cycles live a little longer, some megabytes at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
