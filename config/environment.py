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

    An empty variable counts as unset. `asked` collects the names of all settings.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get_value(
        self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False
    ) -> Any:
        """Return the value of a variable, or the default where it is unset or empty.

        Unlike django-environ, take a value that begins with `$` as it is: a password may.
        """
        self.asked.add(var)
        value = self.ENVIRON.get(var, "")
        return self.parse_value(value, cast) if value.strip() else default


def read_or_make(path: Path, length: int) -> str:
    """Read the secret in `path`, or make one there of `length` random bytes (mode 0600).

    The file is made whole or not at all, so processes that start together read the same secret.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp's file is for its owner alone from the first moment; the link gives it its name
        # with the text already inside, unless another process was faster.
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
    """Complete what is said of an SQLite file: readers and a writer that never wait long."""
    options = {
        # Take the write lock at BEGIN: a transaction that reads and then writes cannot be
        # refused half-way by another writer.
        "transaction_mode": "IMMEDIATE",
        # That a connection keeps prepared: a request may take thirty, and to prepare one takes
        # half as long as to run it.
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
    """Complete what is said of a PostgreSQL server; `is_pooled` tells that PgBouncer is between."""
    options = {
        "connect_timeout": 3,
        # Attempts to connect wait longer each time: given up so soon, the next request makes a new
        # one, and a database that comes back is found at once.
        # A pool gives its connections in turn. So one that nobody needs is closed soon: those that
        # are left have prepared what is asked.
        "pool": {**pool, "reconnect_timeout": 1, "max_idle": 30},
        # Statements prepared on the server, from the third time on, spare it reading the same ones
        # again and again, and planning those that find rows by their keys.
        "server_side_binding": True,
        "prepare_threshold": None if is_pooled else 2,
    }
    return {
        **given,
        # A pooler in transaction mode keeps neither prepared statements nor cursors between them.
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        # A database that was restarted or replaced costs no failed request.
        "CONN_HEALTH_CHECKS": True,
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
PROVIDER = "openid"  # our name of it, in addresses


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
        # A link and no form, for which other sites would have to stand in form-action. What comes
        # back is held against what the session asked for.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": provider},
    }


def collect_seldom() -> None:
    """Spare the garbage collector what is loaded already, and let it look a tenth as often.

    Otherwise each full collection would walk through all that is loaded, and a page of a hundred
    rows would set off a dozen small ones, for rows that are freed without them: a sixth of its
    time. What lies in circles is kept a little longer, some megabytes at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
