"""Settings of the site, all read from the environment; `.env.example` lists every variable."""

import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy

from config import __version__, environment
from config.environment import (
    SQLITE,
    Environment,
    complete_postgresql,
    complete_sqlite,
    read_or_make,
)
from config.logs import build_formatter, build_syslog
from config.profile import load_profile

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
if (env_file := Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))).is_file():
    env.read_env(env_file)  # a variable that is already set wins over the file

# What the ledger writes: the SQLite database, the secret key, the first password.
VAR_DIR = BASE_DIR / env.str("VAR_DIR", default="var")
DEBUG = env.bool("DEBUG", default=False)
VARIABLES = env.names  # grows below
# What names the place of the ledger: a profile that is shipped, or the path of one
PROFILE = load_profile(env.str("PROFILE", default="china"))

# --- Databases ------------------------------------------------------------------------------
_database = (
    env.db_url_config(url)
    if (url := env.str("DATABASE_URL", default=""))
    else {"ENGINE": SQLITE, "NAME": VAR_DIR / "ledger.sqlite3"}
)
if password := env.str("DATABASE_PASSWORD", default=""):  # apart, so that it can be a file
    _database["PASSWORD"] = password.strip()
_on_sqlite = _database["ENGINE"] == SQLITE
PGBOUNCER = env.bool("PGBOUNCER", default=False)
# Seconds that a request may keep the database busy, then 503; see config/database/time_limits.py
DATABASE_STATEMENT_TIMEOUT = env.float("DATABASE_STATEMENT_TIMEOUT", default=2)
DATABASE_FILE_TIMEOUT = env.float("DATABASE_FILE_TIMEOUT", default=60)  # of files and imports
DATABASE_LOCK_TIMEOUT = env.float("DATABASE_LOCK_TIMEOUT", default=2)
# Seconds that a commit may wait for a synchronous standby, then 503: config/postgresql/base.py
DATABASE_COMMIT_TIMEOUT = env.float("DATABASE_COMMIT_TIMEOUT", default=5)
DATABASE_IDLE_TIMEOUT = env.float("DATABASE_IDLE_TIMEOUT", default=10)  # within a transaction
_pool = {
    "min_size": env.int("DATABASE_POOL_MIN", default=1),
    "max_size": env.int("DATABASE_POOL_MAX", default=8),
    "timeout": env.float("DATABASE_POOL_TIMEOUT", default=2),  # seconds, then 503
}
_replica_urls = env.list("DATABASE_REPLICA_URLS", default=[])
# No ATOMIC_REQUESTS: with IMMEDIATE transactions, reads would wait for writers
if _on_sqlite:
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    DATABASES = {"default": complete_sqlite(_database)}
else:
    DATABASES = {"default": complete_postgresql(_database, _pool, is_pooled=PGBOUNCER)}
    # Hot standbys with a short timeout: config/database/replicas.py
    for _number, _url in enumerate(_replica_urls, 1):
        _replica = {**env.db_url_config(_url), "TEST": {"MIRROR": "default"}}
        _replica["PASSWORD"] = _replica["PASSWORD"] or _database["PASSWORD"]
        _pool_there = {**_pool, "timeout": 0.5}
        DATABASES[f"replica_{_number}"] = complete_postgresql(
            _replica, _pool_there, is_pooled=PGBOUNCER
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Backups --------------------------------------------------------------------------------
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", default="")  # a public key of age
BACKUP_KEEP_DAYS = env.float("BACKUP_KEEP_DAYS", default=30)
BACKUP_KEEP_COUNT = env.int("BACKUP_KEEP_COUNT", default=7)  # so many stay, however old

# --- Kept responses -------------------------------------------------------------------------
# Bytes of responses that each process keeps; CACHE_URL keeps them for all processes. Sums are on
# disk, as they take long to compute after a restart.
CACHE_MAX_BYTES = env.int("CACHE_MAX_BYTES", default=32 * 2**20)
if CACHE_URL := env.str("CACHE_URL", default=""):
    try:
        _cache = env.cache_url_config(CACHE_URL)
    except ImproperlyConfigured as error:
        raise SystemExit(f"CACHE_URL: {error}. Set such as redis://10.0.0.5:6379/0.") from None
    if _cache["BACKEND"].endswith("RedisCache"):  # no request waits long for one that is away
        _seconds = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
        _cache["OPTIONS"] = _seconds | _cache.get("OPTIONS", {})
    CACHES = {"default": _cache, "sums": _cache}
else:
    CACHES = {
        "default": {
            "BACKEND": "api.caching.BoundedMemoryCache",
            "OPTIONS": {"MAX_BYTES": CACHE_MAX_BYTES},
        },
        "sums": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "sums",
            "OPTIONS": {"MAX_ENTRIES": 500},
        },
    }

# --- Security -------------------------------------------------------------------------------
# On SQLite the key is created beside the database. On PostgreSQL it must be set, as several
# machines may serve the ledger.
SECRET_KEY = env.str("SECRET_KEY", default="").strip()
if not SECRET_KEY:
    if not _on_sqlite and not (VAR_DIR / "secret-key").exists():
        raise SystemExit("No secret key: set SECRET_KEY or SECRET_KEY_FILE, or run `make setup`.")
    SECRET_KEY = read_or_make(VAR_DIR / "secret-key", length=64)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# This machine is always allowed, for health checks
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "api.problems.handlers.csrf_failure"

# Number of our own proxies, whose entries in X-Forwarded-For are trusted
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Requests a minute for each address, and for each signed-in person or token; 0 for no limit.
RATE_LIMIT_ANONYMOUS = env.int("RATE_LIMIT_ANONYMOUS", default=120)
RATE_LIMIT_ACCOUNT = env.int("RATE_LIMIT_ACCOUNT", default=600)

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20  # of a body without files
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 2**20)
# Limits of the process that reads an uploaded file: processor time, and memory beside the program
READING_MAX_SECONDS = env.int("READING_MAX_SECONDS", default=60)
READING_MAX_BYTES = env.int("READING_MAX_BYTES", default=768 * 2**20)

# Sites whose pages may use the API, such as https://dashboard.example.org; * lets every page read
# public data. Without cookies, they get no rights of users who are signed in here.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS == ["*"]
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "if-none-match"]
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
else:
    CORS_ALLOW_METHODS += ["POST", "PUT", "PATCH", "DELETE"]
    CORS_ALLOW_HEADERS += ["authorization", "change-reason", "content-type", "if-match"]
CORS_EXPOSE_HEADERS = [
    *("Allow", "Content-Disposition", "Deprecation", "ETag", "Link", "Location"),
    *("Memento-Datetime", "Preference-Applied", "RateLimit", "RateLimit-Policy"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    *("Repr-Digest", "Retry-After", "Sunset", "WWW-Authenticate"),
    *("X-Request-Id", "X-Row-Count", "X-Left-Out"),
]

# On SQLite CoveringIndex has such columns among its keys
SILENCED_SYSTEM_CHECKS = ["models.W040"]

# Which records `load_fixtures` brings: all that are shipped, or none
RECORDS = env.str("RECORDS", default="all")

# Whether everyone may read what is published
PUBLIC_READ = env.bool("PUBLIC_READ", default=True)

# Months without news until a project before operation is stale (GEM's rule)
STALE_MONTHS = env.int("STALE_MONTHS", default=24)

# A total investment (yuan) of 0 or outside of these needs a confirmation
INVESTMENT_PROBABLE_FROM = env.int("INVESTMENT_PROBABLE_FROM", default=1_000_000)
INVESTMENT_PROBABLE_TO = env.int("INVESTMENT_PROBABLE_TO", default=100_000_000_000)
# So does a column of an import whose median is above this or below the first one
INVESTMENT_MEDIAN_TO = env.int("INVESTMENT_MEDIAN_TO", default=10_000_000_000)

# Minutes without a request until a person who signed in here has to do so again; 0 for no limit
SESSION_IDLE_MINUTES = env.float("SESSION_IDLE_MINUTES", default=120)
# Whether every account with a password must set a second factor up
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
OTP_TOTP_ISSUER = gettext_lazy("Park Ledger")
ACCESS_LOG_DAYS = env.int("ACCESS_LOG_DAYS", default=180)

LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

# --- Sign-in by OpenID Connect, and mail --------------------------------------------------------
# A provider such as https://login.example.org/realms/city
OPENID_ISSUER = env.str("OPENID_ISSUER", default="").rstrip("/")
OPENID_CLIENT_ID = env.str("OPENID_CLIENT_ID", default="")
OPENID_CLIENT_SECRET = env.str("OPENID_CLIENT_SECRET", default="").strip()
OPENID_NAME = env.str("OPENID_NAME", default="OpenID Connect")  # what its button says
OPENID_SCOPES = env.list("OPENID_SCOPES", default=["openid", "profile", "email"])
OPENID_GROUPS_CLAIM = env.str("OPENID_GROUPS_CLAIM", default="groups")
OPENID_ROLES = env.list("OPENID_ROLES", default=[])  # GROUP=editor:PARK, GROUP=superuser ...
OPENID_JOIN_BY_EMAIL = env.bool("OPENID_JOIN_BY_EMAIL", default=False)
OPENID_SESSION_HOURS = env.float("OPENID_SESSION_HOURS", default=10)
SITE_URL = env.str("SITE_URL", default="").rstrip("/")  # for links in mail
# Sends new passwords and reminders; without it, reminders become files
EMAIL_URL = env.str("EMAIL_URL", default="")
# Hosts, or HOST:PORT, to which messages may go by http and in private networks, too
PUSH_ALLOWED_HOSTS = env.list("PUSH_ALLOWED_HOSTS", default=[])
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="park-ledger@localhost")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))

# --- Recurring work, by `manage.py work`: when each task is due ---------------------------------
WORK_SCHEDULE = {"backup": "02:00"} if BACKUP_DIR else {}
if BACKUP_DIR and not BACKUP_RECIPIENT:  # the key of encrypted ones is kept elsewhere
    WORK_SCHEDULE["drill"] = "Sun 04:00"
WORK_SCHEDULE |= {"clearsessions": "03:10", "prune_changes": "03:20", "verify_history": "03:30"}
if SITE_URL:
    WORK_SCHEDULE["write_messages"] = "08:00"
    ALLOWED_HOSTS.append(urlsplit(SITE_URL).hostname or "")  # of which messages are written
WORK_SCHEDULE |= env.dict("WORK_SCHEDULE", default={})

# Whether a proxy serves https and sets X-Forwarded-Proto; without one, this redirects forever
_https = env.bool("SECURE_SSL", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_ENGINE = "config.sessions"
AUTHENTICATION_BACKENDS = ["config.sessions.AccountBackend"]
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
if _https:  # browsers refuse such cookies from subdomains and http
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https

# No resources of other sites, no inline scripts or styles; pictures have their own policy
_style = b64encode(sha256(PROFILE.style.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", *([f"'sha256-{_style}'"] if PROFILE.style else [])],
        "img-src": ["'self'", "data:"],  # icons within style sheets
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
] + [{"NAME": "config.sessions.DistinctCharactersValidator", "OPTIONS": {"least": 6}}]

# --- The site -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",  # first: its templates go before Django's own
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "parks",
    "projects",
    "pages",
]
MIDDLEWARE = [
    "api.requests.RequestIdMiddleware",  # first: every answer and log line has the id
    "csp.middleware.CSPMiddleware",
    "api.caching.CompressionMiddleware",
    "api.problems.handlers.ProblemMiddleware",
    "config.database.time_limits.TimeLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "api.problems.handlers.CautiousMiddleware",  # in the language of who asks
    "api.problems.handlers.AddressLengthMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "api.problems.handlers.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "parks.accounts.authentication.AccessMiddleware",
    "api.load.RateLimitMiddleware",  # after it is known whose session it is
    "parks.access.PublicViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "parks.recording.recording.RecordingMiddleware",
]
if OPENID_ISSUER:
    INSTALLED_APPS[-4:-4] = environment.OPENID_APPS
    MIDDLEWARE.insert(-1, environment.OPENID_MIDDLEWARE)
    _client = (OPENID_CLIENT_ID, OPENID_CLIENT_SECRET, OPENID_NAME, OPENID_SCOPES)
    vars().update(environment.build_openid_settings(OPENID_ISSUER, *_client))
if CORS_ALLOWED_ORIGINS or CORS_ALLOW_ALL_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    # Before the middleware that may refuse requests: the page must be able to read errors
    MIDDLEWARE.insert(3, "corsheaders.middleware.CorsMiddleware")
# Host and port for Prometheus, such as 127.0.0.1:9464
if METRICS_ADDRESS := env.str("METRICS_ADDRESS", default=""):
    MIDDLEWARE.insert(0, "config.metrics.MetricsMiddleware")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.profile.describe_site",
            ]
        },
    }
]

# --- History --------------------------------------------------------------------------------
# Versions are written when a revision ends; signals would miss bulk writes
SIMPLE_HISTORY_ENABLED = False
SIMPLE_HISTORY_DATE_INDEX = "composite"

# --- The server: read here, so that `check` knows them ----------------------------------------
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=2)  # processes
WEB_THREADS = env.int("WEB_THREADS", default=4)  # of each process; half of them may wait
# A process that holds more memory after a request is replaced; 0 for no limit
WORKER_MAX_BYTES = env.int("WORKER_MAX_BYTES", default=512 * 2**20)

# --- Languages and time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _https
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = PROFILE.time_zone
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------
# From STATIC_ROOT (the container image), collected and cached forever; without it (`make run`)
# directly from the packages
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- The API --------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "parks.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["parks.access.LedgerPermission"],
    "DEFAULT_FILTER_BACKENDS": ["api.lists.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "api.openapi.schema.LedgerSchema",
    "EXCEPTION_HANDLER": "api.problems.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # another format is another URL: projects.csv
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": gettext_lazy("Park Ledger API"),
    "DESCRIPTION": gettext_lazy("Science parks, and the projects signed or intended there."),
    "VERSION": __version__,
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "CONTACT": {"name": "The Park Ledger authors"},
    "SERVERS": [{"url": "/", "description": gettext_lazy("This ledger")}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # it builds the document, which releases check
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    # Without drf-spectacular's enums under generated names
    "POSTPROCESSING_HOOKS": [
        "api.openapi.extensions.translate_docstrings",
        "api.openapi.extensions.complete_schemas",
        "api.openapi.examples.add_examples",
        "api.openapi.schema.name_repeated",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",  # two hundred operations take seconds to draw
        "filter": True,
        "defaultModelsExpandDepth": 0,
        "validatorUrl": None,  # its badge would send the URL of the document to another server
    },
}

# --- Logs, to stderr ------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="line")  # or json
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "api.requests.RequestIdFilter"}},
    "formatters": {
        "chosen": build_formatter(LOG_FORMAT, "%(request_id)s "),
        "syslog": {"format": "park-ledger: %(message)s"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "chosen",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handlers would mail its errors to nobody.
    "loggers": {"django": {"handlers": [], "level": LOG_LEVEL}},
}
# Where sign-ins and exports are told, too: /dev/log, or HOST:PORT by UDP
if SYSLOG_ADDRESS := env.str("SYSLOG_ADDRESS", default=""):
    LOGGING["handlers"]["syslog"] = build_syslog(SYSLOG_ADDRESS)
    LOGGING["loggers"]["access"] = {"handlers": ["syslog"], "level": "INFO"}
