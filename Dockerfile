# The ledger's image: `docker build -t park-ledger .`; docker-compose.yml runs it with PostgreSQL.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    STATIC_ROOT=/srv/static \
    VAR_DIR=/var/lib/park-ledger

# Chinese letters for charts as PNG; this font is small.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --no-create-home ledger \
    && install -d -o ledger -g ledger /var/lib/park-ledger

WORKDIR /srv/park-ledger
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
# Compiled once here, as the program's own user may not write. The key only lets settings load.
RUN python -m compileall -q . \
    && SECRET_KEY=only-while-building-the-image python manage.py collectstatic --no-input --verbosity 0

USER ledger
# With SQLite, keep this folder: it holds the database. With PostgreSQL it stays empty.
VOLUME /var/lib/park-ledger
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", \"8000\")}/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
