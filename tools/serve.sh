#!/bin/sh
# Brings the database up to date and serves it on 127.0.0.1:$PORT; with --reload by Django's
# server for development. With $DEMO_PROJECTS that many synthetic projects are in it, no real ones.
set -eu

manage() { .venv/bin/python manage.py "$@"; }

manage migrate --verbosity 0
if [ -n "${DEMO_PROJECTS:-}" ]; then
    manage load_fixtures --vocabularies-only
    manage make_demo --projects "$DEMO_PROJECTS"
else
    manage load_fixtures
fi
manage ensure_admin

site=127.0.0.1:${PORT:-8000}
manage build_openapi & # beside the server, which can build them, too
cat <<END

Park Ledger

  page       http://$site/
  admin      http://$site/admin/         (the first password is in ${VAR_DIR:-var}/admin-password)
  API        http://$site/api/v1/docs
  as CSV     http://$site/api/v1/projects.csv

Try: the projects, the largest investment first

  curl '$site/api/v1/projects?ordering=-investment_cny'

Ctrl-C stops the server.

END
if [ "${1:-}" = --reload ]; then
    DEBUG=true exec .venv/bin/python manage.py runserver "$site"
fi
exec .venv/bin/python -m gunicorn --config config/gunicorn.py config.wsgi
