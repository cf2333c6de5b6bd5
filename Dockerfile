# The ledger's images. `docker build -t park-ledger .` makes the one that serves; docker-compose.yml
# runs it with nginx, PgBouncer and PostgreSQL, and builds two more: --target backup, --target pooler.

# Exact; deploy/pin-images.sh pins what they stand for as well.
ARG PYTHON=python:3.13.9-slim-trixie
ARG DEBIAN=debian:trixie-20251117-slim

# --- What is built, with what only building needs ---------------------------------------------
FROM ${PYTHON} AS build
ENV PYTHONDONTWRITEBYTECODE=1
# What seldom changes comes first: an upgrade then takes it as it is. Compiled here, as the program's
# own user may not write.
RUN python -m venv /srv/venv
COPY requirements.txt /srv/
RUN /srv/venv/bin/pip install --no-cache-dir -r /srv/requirements.txt \
    && python -m compileall -q /srv/venv/lib
COPY . /srv/park-ledger
WORKDIR /srv/park-ledger
# The key only lets settings load.
RUN python -m compileall -q . \
    && export SECRET_KEY=a-key-only-while-the-image-is-built STATIC_ROOT=/srv/static VAR_DIR=/tmp/var \
    && /srv/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /srv/venv/bin/python manage.py build_openapi

# --- What it runs on --------------------------------------------------------------------------
FROM ${PYTHON} AS base
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    STATIC_ROOT=/srv/static \
    VAR_DIR=/var/lib/park-ledger
# Chinese letters for charts as PNG; this font is small.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home ledger \
    && install -d -m 700 -o ledger -g ledger /var/lib/park-ledger /var/backups/park-ledger
COPY --from=build /srv/venv /srv/venv
WORKDIR /srv/park-ledger

# Does recurring work, as backups and drills: pg_dump, and a server to restore into.
FROM base AS backup
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-17 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/park-ledger /srv/park-ledger
USER 10001
VOLUME /var/backups/park-ledger
CMD ["python", "manage.py", "work"]

# Few connections to the database for many of the program.
FROM ${DEBIAN} AS pooler
RUN apt-get update \
    && apt-get install -y --no-install-recommends pgbouncer postgresql-client \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/pgbouncer.sh /usr/local/bin/pgbouncer.sh
USER postgres
EXPOSE 6432
CMD ["sh", "/usr/local/bin/pgbouncer.sh"]

# Serves; the last one is what is built unless another is asked for.
FROM base AS web
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/park-ledger /srv/park-ledger
USER 10001
# With SQLite, keep this folder: it holds the database. With PostgreSQL it stays empty.
VOLUME /var/lib/park-ledger
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", \"8000\")}/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
